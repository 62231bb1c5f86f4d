import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAttemptId, parseBackupId, parseInstallationId, parsePolicyId } from '../ids.ts';
import {
  BACKUP_PHASES,
  describeBackup,
  describeDrStatus,
  describeStatus,
  mayEnterPhase,
  progressPercent,
  SNAPSHOT_STATES,
} from './phase.ts';
import type { DrStatus, SnapshotProgress } from './phase.ts';
import { MOST_TAGS, snapshotDescription, snapshotTags, withSourceTags } from './snapshot-tags.ts';

describe('the words for a backup', () => {
  it.each([
    ['successful', 'Backup Successful'],
    ['partial', 'Backup Partially Successful'],
    ['failed', 'Backup Failed'],
  ] as const)('%s is "%s"', (status, text) => {
    expect(describeStatus(status)).toBe(text);
    expect(describeBackup('ended', status, 100)).toBe(text);
  });

  it.each([
    ['queued', 'Waiting to start'],
    ['starting', 'In progress (37%)'],
    ['waiting', 'In progress (37%)'],
    ['aborting', 'Aborting'],
  ] as const)('in phase %s it is "%s"', (phase, text) => {
    expect(describeBackup(phase, null, 37)).toBe(text);
  });

  it.each<[DrStatus, string]>([
    ['none', ''],
    ['waiting', 'In Progress'],
    ['running', 'In Progress'],
    ['completed', 'Completed'],
    ['failed', 'Failed'],
    ['skipped', 'Skipped'],
  ])('DR that is %s shows as "%s"', (status, text) => {
    expect(describeDrStatus(status)).toBe(text);
  });

  it('an ended backup enters no other phase, and every other phase can end', () => {
    for (const phase of BACKUP_PHASES) {
      expect(mayEnterPhase('ended', phase)).toBe(false);
      expect(mayEnterPhase(phase, 'ended')).toBe(phase !== 'ended');
    }
    expect(mayEnterPhase('queued', 'starting')).toBe(true);
    expect(mayEnterPhase('waiting', 'starting')).toBe(false);
  });
});

describe('the progress of a backup', () => {
  it.each<[string, SnapshotProgress[], number]>([
    ['nothing planned', [], 0],
    ['only intended', [{ sizeGiB: 8, state: 'intended', percent: 0 }], 0],
    [
      'weighted by size',
      [
        { sizeGiB: 90, state: 'pending', percent: 50 },
        { sizeGiB: 10, state: 'completed', percent: 100 },
      ],
      55,
    ],
    [
      'never 100 while one is pending',
      [
        { sizeGiB: 1000, state: 'completed', percent: 100 },
        { sizeGiB: 1, state: 'pending', percent: 100 },
      ],
      99,
    ],
    [
      'a failed one has ended',
      [
        { sizeGiB: 8, state: 'error', percent: 12 },
        { sizeGiB: 8, state: 'completed', percent: 100 },
      ],
      100,
    ],
    ['an unknown progress is none', [{ sizeGiB: 8, state: 'pending', percent: Number.NaN }], 0],
    ['too much is all', [{ sizeGiB: 8, state: 'pending', percent: 250 }], 99],
    ['an unknown size counts as one', [{ sizeGiB: 0, state: 'pending', percent: 50 }], 50],
  ])('%s', (_, snapshots, expected) => {
    expect(progressPercent(snapshots)).toBe(expected);
  });

  it('is a whole number of 0 to 100, and 100 only when all have ended', () => {
    const snapshot = fc.record({
      sizeGiB: fc.integer({ min: 0, max: 65_536 }),
      state: fc.constantFrom(...SNAPSHOT_STATES),
      percent: fc.double(),
    });
    fc.assert(
      fc.property(fc.array(snapshot, { minLength: 1 }), (snapshots) => {
        const percent = progressPercent(snapshots);
        expect(Number.isInteger(percent) && percent >= 0 && percent <= 100).toBe(true);
        expect(percent === 100).toBe(snapshots.every(({ state }) => state !== 'pending' && state !== 'intended'));
      }),
    );
  });
});

describe('what CPM writes on a snapshot', () => {
  const id = (digit: string): string => `0000000${digit}-0000-4000-8000-000000000000`;
  const own = snapshotTags({
    installationId: parseInstallationId(id('1')),
    policyId: parsePolicyId(id('2')),
    backupId: parseBackupId(id('3')),
    attemptId: parseAttemptId(id('4')),
    sourceId: 'i-00000001',
  });

  it('names the installation, the policy, the backup, the source and the attempt', () => {
    expect(own).toEqual([
      { key: 'cpm:installation', value: id('1') },
      { key: 'cpm:policy', value: id('2') },
      { key: 'cpm:backup', value: id('3') },
      { key: 'cpm:source', value: 'i-00000001' },
      { key: 'cpm:attempt', value: id('4') },
    ]);
  });

  it('describes the policy and the source in at most 255 characters', () => {
    expect(snapshotDescription('daily', 'i-00000001')).toBe('CPM backup of i-00000001 by policy daily');
    expect(snapshotDescription('x'.repeat(400), 'i-1').length).toBe(255);
  });

  it("adds the source's own tags, never those of AWS or CPM", () => {
    const source = ['aws:cloudformation:stack-name', 'Name', 'cpm:backup', 'cpm:anything', 'AWS:x', 'cpm backup'].map(
      (key) => ({ key, value: 'v' }),
    );
    expect(withSourceTags(own, source)).toEqual({
      tags: [...own, { key: 'Name', value: 'v' }, { key: 'cpm backup', value: 'v' }],
      dropped: [],
    });
  });

  it('leaves room for its own and says which tags found none', () => {
    const source = Array.from({ length: 50 }, (_, n) => ({
      key: `k${String(n).padStart(2, '0')}`,
      value: '',
    })).reverse();
    const { tags, dropped } = withSourceTags(own, source);
    expect(tags).toHaveLength(MOST_TAGS);
    expect(dropped).toEqual(['k45', 'k46', 'k47', 'k48', 'k49']);
    expect(withSourceTags(source, [{ key: 'x', value: '' }]).dropped).toEqual(['x']);
  });

  it('does not write a key twice', () => {
    expect(withSourceTags([{ key: 'Name', value: 'new' }], [{ key: 'Name', value: 'old' }]).tags).toEqual([
      { key: 'Name', value: 'new' },
    ]);
  });
});
