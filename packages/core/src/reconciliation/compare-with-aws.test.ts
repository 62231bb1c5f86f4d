import { describe, expect, it } from 'vitest';
import { parseAttemptId, parseBackupId, parseSnapshotId } from '../ids.ts';
import { instant } from '../time.ts';
import { attemptsOf, compareWithAws, isConfirmed, SECOND_LOOK_MS } from './compare-with-aws.ts';
import type { KnownAttempt, SeenSnapshot, SnapshotRecord, ToCompare } from './compare-with-aws.ts';

const id = (digit: number) => `0000000${digit}-0000-4000-8000-000000000000`;
const BACKUP = parseBackupId(id(1));
const ATTEMPT = parseAttemptId(id(2));

const seen = (awsSnapshotId: string, parts: Partial<SeenSnapshot> = {}): SeenSnapshot => ({
  service: 'ebs',
  awsSnapshotId,
  tags: { 'cpm:attempt': ATTEMPT },
  isComplete: true,
  ...parts,
});
const record = (awsSnapshotId: string, parts: Partial<SnapshotRecord> = {}): SnapshotRecord => ({
  snapshotId: parseSnapshotId(id(3)),
  service: 'ebs',
  awsSnapshotId,
  backupId: BACKUP,
  isOwn: true,
  state: 'completed',
  isBackupRunning: false,
  isMarked: false,
  ...parts,
});
const attempt = (parts: Partial<KnownAttempt> = {}): KnownAttempt => ({
  attemptId: ATTEMPT,
  backupId: BACKUP,
  open: false,
  ...parts,
});

/** The differences in short: `vanished snap-a`. */
function differences(input: Partial<ToCompare>): string {
  return compareWithAws({ seen: [], records: [], attempts: [], ...input })
    .differences.map(({ kind, awsSnapshotId }) => `${kind} ${awsSnapshotId}`)
    .join(', ');
}

describe('what AWS and the records say of a snapshot', () => {
  it.each<[title: string, input: Partial<ToCompare>, expected: string]>([
    ['both know it', { seen: [seen('snap-a')], records: [record('snap-a')] }, ''],
    ['a completed one is gone', { records: [record('snap-a')] }, 'vanished snap-a'],
    ['one that never ended is gone', { records: [record('snap-a', { state: 'pending' })] }, 'vanished snap-a'],
    ['one that failed is gone', { records: [record('snap-a', { state: 'error' })] }, ''],
    ['one that was deleted is gone', { records: [record('snap-a', { state: 'deleted' })] }, ''],
    ['one of a running backup is not shown yet', { records: [record('snap-a', { isBackupRunning: true })] }, ''],
    ['one that is being deleted is gone', { records: [record('snap-a', { isMarked: true })] }, ''],
    [
      'a database snapshot of the same name is another',
      { seen: [seen('a', { service: 'rds' })], records: [record('a', { service: 'redshift' })], attempts: [attempt()] },
      'vanished a, leftover a',
    ],
    ['one of another account is gone', { records: [record('snap-a', { isOwn: false })] }, ''],
    [
      'one of another account that reaches the same AWS account',
      { seen: [seen('snap-a')], records: [record('snap-a', { isOwn: false })], attempts: [attempt()] },
      '',
    ],
    [
      'deleted in another account that reaches the same AWS account, and shown late',
      { seen: [seen('snap-a')], records: [record('snap-a', { isOwn: false, state: 'deleted' })] },
      '',
    ],
    ['made by an attempt of an ended backup', { seen: [seen('snap-a')], attempts: [attempt()] }, 'leftover snap-a'],
    ['made by an attempt that is under way', { seen: [seen('snap-a')], attempts: [attempt({ open: true })] }, ''],
    [
      'made by an attempt whose backup is forgotten',
      { seen: [seen('snap-a')], attempts: [attempt({ backupId: null })] },
      'unknown snap-a',
    ],
    ['made by an attempt that nobody knows', { seen: [seen('snap-a')] }, 'unknown snap-a'],
    [
      'without the tag of an attempt',
      { seen: [seen('snap-a', { tags: {} })], attempts: [attempt()] },
      'unknown snap-a',
    ],
    [
      'deleted by CPM and there again',
      { seen: [seen('snap-a')], records: [record('snap-a', { state: 'deleted' })], attempts: [attempt()] },
      'unknown snap-a',
    ],
  ])('%s', (_, input, expected) => {
    expect(differences(input)).toBe(expected);
  });

  it('one that was missing and is there again counts again, unless it is being deleted', () => {
    const back = record('snap-a', { state: 'missing' });
    const others = record('snap-c', { state: 'missing', isOwn: false });
    const going = record('snap-b', { state: 'missing', isMarked: true });
    const compared = compareWithAws({
      seen: [seen('snap-a'), seen('snap-b'), seen('snap-c')],
      records: [back, going, others],
      attempts: [],
    });
    expect(compared).toEqual({ differences: [], reappeared: [back] });
  });

  it('one that was missing does not count again while AWS still makes it, or deletes it', () => {
    const missing = record('snap-a', { state: 'missing' });
    const compared = compareWithAws({
      seen: [seen('snap-a', { isComplete: false })],
      records: [missing],
      attempts: [],
    });
    expect(compared).toEqual({ differences: [], reappeared: [] });
  });
});

it('only what looks like an attempt’s id is looked up', () => {
  const hostile = seen('snap-b', { tags: { 'cpm:attempt': "'; drop table snapshots" } });
  expect(attemptsOf([seen('snap-a'), hostile, seen('snap-c', { tags: {} }), seen('snap-d')])).toEqual([ATTEMPT]);
});

it('a difference is believed at a second look five minutes after the first, not a moment before', () => {
  const first = instant(Date.UTC(2026, 5, 1));
  expect(isConfirmed(first, instant(first + SECOND_LOOK_MS - 1))).toBe(false);
  expect(isConfirmed(first, instant(first + SECOND_LOOK_MS))).toBe(true);
  expect(SECOND_LOOK_MS).toBeGreaterThanOrEqual(5 * 60_000);
});
