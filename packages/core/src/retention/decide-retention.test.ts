import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBackupId } from '../ids.ts';
import { DAY_MS, instant } from '../time.ts';
import { decideRetention } from './decide-retention.ts';
import type { RetentionBackup, RetentionDecision, RetentionRule } from './decide-retention.ts';

const NOW = instant(Date.UTC(2026, 5, 1));

/** A good backup made so many days ago; its id tells its age. */
function buildBackup(ageDays: number, parts: Partial<RetentionBackup> = {}): RetentionBackup {
  return {
    id: parseBackupId(`${String(ageDays).padStart(8, '0')}-0000-4000-8000-000000000000`),
    createdAt: instant(NOW - ageDays * DAY_MS),
    isRunning: false,
    isFrozen: false,
    isInRecovery: false,
    isGeneration: true,
    isRecoverable: true,
    isPending: false,
    drStatus: 'none',
    isMarked: false,
    ...parts,
  };
}

/** Recoverable, but no generation: a partial one. */
const partial = (ageDays: number, parts: Partial<RetentionBackup> = {}): RetentionBackup =>
  buildBackup(ageDays, { isGeneration: false, ...parts });
/** Holds nothing: a failed one. */
const record = (ageDays: number, parts: Partial<RetentionBackup> = {}): RetentionBackup =>
  buildBackup(ageDays, { isGeneration: false, isRecoverable: false, ...parts });

function rule(generations: number, keepRecordDays = 0): RetentionRule {
  return { generations, keepRecordDays, now: NOW };
}

/** The decisions by age in days: `k` keep, `d` delete, `f` forget. */
function decided(backups: readonly RetentionBackup[], by: RetentionRule): string {
  return decideRetention(backups, by)
    .map(({ action }, index) => `${(NOW - (backups[index]?.createdAt ?? 0)) / DAY_MS}${action.charAt(0)}`)
    .join(' ');
}

function reasonFor(backups: readonly RetentionBackup[], by: RetentionRule, index: number): string | undefined {
  return decideRetention(backups, by)[index]?.reason;
}

type Row = [title: string, backups: RetentionBackup[], rule: RetentionRule, expected: string];

describe('retention keeps the newest N generations', () => {
  it.each<Row>([
    ['nothing to decide', [], rule(1), ''],
    ['fewer than N', [buildBackup(1), buildBackup(2)], rule(3), '1k 2k'],
    ['exactly N', [buildBackup(1), buildBackup(2)], rule(2), '1k 2k'],
    ['more than N', [buildBackup(1), buildBackup(2), buildBackup(3), buildBackup(4)], rule(2), '1k 2k 3d 4d'],
    [
      'in whatever order they are given',
      [buildBackup(3), buildBackup(1), buildBackup(4), buildBackup(2)],
      rule(2),
      '3d 1k 4d 2k',
    ],
    ['one generation', [buildBackup(1), buildBackup(2)], rule(1), '1k 2d'],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('other recoverable backups', () => {
  it.each<Row>([
    [
      'newest N of them while generations are few',
      [partial(1), partial(2), partial(3), buildBackup(9)],
      rule(2),
      '1k 2k 3d 9k',
    ],
    [
      'none older than the oldest kept generation once N exist',
      [buildBackup(1), partial(2), buildBackup(3), partial(4)],
      rule(2),
      '1k 2k 3k 4d',
    ],
    [
      'older ones stay while there are fewer than N generations',
      [buildBackup(1), partial(2), partial(3)],
      rule(2),
      '1k 2k 3k',
    ],
    [
      'both limits at once',
      [partial(1), partial(2), partial(3), buildBackup(4), buildBackup(5), partial(6)],
      rule(2),
      '1k 2k 3d 4k 5k 6d',
    ],
    ['do not push a generation out', [partial(1), partial(2), buildBackup(3)], rule(1), '1k 2d 3k'],
    [
      'as old as the oldest kept generation is not older',
      [buildBackup(1), partial(1, { id: parseBackupId('00000000-0000-4000-8000-000000000000') })],
      rule(1),
      '1k 1k',
    ],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('retention never deletes', () => {
  it.each<Row>([
    [
      'the newest recoverable backup where no generation exists',
      [record(1), partial(2), partial(3)],
      rule(1),
      '1k 2k 3d',
    ],
    [
      'a backup whose DR is waiting',
      [buildBackup(1), buildBackup(2, { drStatus: 'waiting' }), buildBackup(3)],
      rule(1),
      '1k 2k 3d',
    ],
    ['a backup whose DR is running', [buildBackup(1), partial(2, { drStatus: 'running' })], rule(1), '1k 2k'],
    [
      'a generation whose DR is over goes',
      [
        buildBackup(1),
        buildBackup(2, { drStatus: 'completed' }),
        buildBackup(3, { drStatus: 'failed' }),
        buildBackup(4, { drStatus: 'skipped' }),
      ],
      rule(1),
      '1k 2d 3d 4d',
    ],
    [
      'the record of a backup whose DR is running',
      [buildBackup(1), record(2, { drStatus: 'running' })],
      rule(1),
      '1k 2k',
    ],
    [
      'a frozen backup',
      [
        buildBackup(1),
        buildBackup(2, { isFrozen: true }),
        partial(3, { isFrozen: true }),
        record(4, { isFrozen: true }),
      ],
      rule(1),
      '1k 2k 3k 4k',
    ],
    [
      'a running backup',
      [buildBackup(0, { isRunning: true }), buildBackup(1), record(9, { isRunning: true })],
      rule(1),
      '0k 1k 9k',
    ],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('places', () => {
  it.each<Row>([
    [
      'a frozen backup fills none',
      [buildBackup(1, { isFrozen: true }), buildBackup(2), buildBackup(3)],
      rule(2),
      '1k 2k 3k',
    ],
    [
      'a frozen one is not the guarded one',
      [buildBackup(1, { isFrozen: true }), buildBackup(2), buildBackup(3)],
      rule(1),
      '1k 2k 3d',
    ],
    [
      'a running backup fills none',
      [buildBackup(0, { isRunning: true }), buildBackup(1), buildBackup(2)],
      rule(2),
      '0k 1k 2k',
    ],
    [
      'a generation whose snapshots are gone fills none',
      [buildBackup(1, { isRecoverable: false }), buildBackup(2), buildBackup(3)],
      rule(2),
      '1k 2k 3k',
    ],
    [
      'a backup marked before fills none',
      [buildBackup(1), buildBackup(2, { isMarked: true }), buildBackup(3)],
      rule(2),
      '1k 2d 3k',
    ],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('what is marked for deletion', () => {
  const marked = { isMarked: true };

  it.each<Row>([
    [
      'stays marked when N is raised',
      [buildBackup(1), buildBackup(2, marked), partial(3, marked)],
      rule(30),
      '1k 2d 3d',
    ],
    [
      'is kept when it is now the newest generation',
      [buildBackup(5, marked), buildBackup(6, marked)],
      rule(2),
      '5k 6d',
    ],
    [
      'is kept when it is now the newest recoverable backup',
      [partial(5, marked), partial(6, marked)],
      rule(2),
      '5k 6d',
    ],
    ['is not kept for being newest beside a generation', [partial(4, marked), buildBackup(5)], rule(2), '4d 5k'],
    [
      'is kept while its DR runs',
      [buildBackup(1), buildBackup(2, { ...marked, drStatus: 'running' })],
      rule(1),
      '1k 2k',
    ],
    [
      'fills a place again once the guard covers it',
      [buildBackup(5, marked), buildBackup(6), buildBackup(7)],
      rule(2),
      '5k 6k 7d',
    ],
    [
      'and holds nothing any more goes as a record',
      [buildBackup(1), buildBackup(2, { ...marked, isRecoverable: false })],
      rule(1),
      '1k 2f',
    ],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('a backup that holds nothing', () => {
  it.each<Row>([
    [
      'stays to be seen until it is older than the oldest kept backup',
      [record(1), buildBackup(2), record(3), buildBackup(4), record(5)],
      rule(2),
      '1k 2k 3k 4k 5f',
    ],
    ['counts kept backups only, not those that go', [buildBackup(2), record(3), buildBackup(4)], rule(1), '2k 3f 4d'],
    [
      'as old as the oldest kept backup is not older',
      [buildBackup(2, { id: parseBackupId('99999999-0000-4000-8000-000000000000') }), record(2)],
      rule(1),
      '2k 2k',
    ],
    [
      'a frozen backup does not hold records back',
      [buildBackup(2), record(3), buildBackup(4, { isFrozen: true })],
      rule(1),
      '2k 3f 4k',
    ],
    ['stays where nothing else is kept', [record(1), record(100)], rule(1), '1k 100k'],
    ['stays while only a running backup is newer', [buildBackup(0, { isRunning: true }), record(1)], rule(1), '0k 1k'],
    ['stays as long as records are kept', [buildBackup(2), record(9)], rule(1, 10), '2k 9k'],
    ['goes when it is exactly that old', [buildBackup(2), record(10)], rule(1, 10), '2k 10f'],
    ['stays while AWS still makes its snapshots', [buildBackup(2), record(10, { isPending: true })], rule(1), '2k 10k'],
    ['both limits: the longer counts', [buildBackup(20), record(15)], rule(1, 10), '20k 15k'],
  ])('%s', (_, backups, by, expected) => {
    expect(decided(backups, by)).toBe(expected);
  });
});

describe('every decision has its reason in plain words', () => {
  const many = [
    buildBackup(0, { isRunning: true }),
    buildBackup(1),
    buildBackup(2),
    buildBackup(3, { drStatus: 'waiting' }),
    buildBackup(4, { isFrozen: true }),
    partial(1, { id: parseBackupId('00000011-0000-4000-8000-000000000000') }),
    partial(5, { drStatus: 'running' }),
    partial(6),
    buildBackup(7, { isMarked: true }),
    record(1, { id: parseBackupId('00000012-0000-4000-8000-000000000000') }),
    record(8),
  ];

  it.each([
    [0, 'it is running'],
    [1, 'generation 1 of 1'],
    [2, 'older than the newest generation'],
    [3, 'its DR is waiting'],
    [4, 'it is in the freezer'],
    [5, 'no generation, but recoverable: 1 of 1'],
    [6, 'its DR is running'],
    [7, 'no generation, and older than the oldest generation that is kept'],
    [8, 'marked for deletion before'],
    [9, 'a record, not older than the oldest kept backup'],
    [10, 'it holds nothing and is older than the oldest kept backup'],
  ])('%i: %s', (index, reason) => {
    expect(reasonFor(many, rule(1), index)).toBe(reason);
  });

  it.each<[string, RetentionBackup[], RetentionRule, number]>([
    ['no generation, and older than the newest such backup', [partial(1), partial(2)], rule(1), 1],
    ['a record; no backup that is kept is newer', [record(1)], rule(1), 0],
    ['a record, kept for 10 days', [buildBackup(1), record(2)], rule(1, 10), 1],
    ['AWS is still making its snapshots', [buildBackup(1), record(2, { isPending: true })], rule(1), 1],
    ['older than the newest 2 generations', [buildBackup(1), buildBackup(2), buildBackup(3)], rule(2), 2],
    ['generation 2 of 30', [buildBackup(1), buildBackup(2)], rule(30), 1],
  ])('%s', (reason, backups, by, index) => {
    expect(reasonFor(backups, by, index)).toBe(reason);
  });
});

describe('whatever the backups', () => {
  const backups = fc
    .array(
      fc.record({
        ageDays: fc.integer({ min: 0, max: 40 }),
        isRunning: fc.boolean(),
        isFrozen: fc.boolean(),
        isInRecovery: fc.boolean(),
        isPending: fc.boolean(),
        isGeneration: fc.boolean(),
        isRecoverable: fc.boolean(),
        drStatus: fc.constantFrom(
          'none' as const,
          'none' as const,
          'waiting' as const,
          'running' as const,
          'completed' as const,
        ),
        isMarked: fc.boolean(),
      }),
      { maxLength: 20 },
    )
    .map((made) =>
      made.map(({ ageDays, ...parts }, index) =>
        buildBackup(ageDays, {
          ...parts,
          isRunning: parts.isRunning && ageDays < 4,
          id: parseBackupId(`${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`),
        }),
      ),
    );
  const cases = fc.tuple(backups, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 30 }));
  const counts = (backup: RetentionBackup): boolean => !backup.isRunning && !backup.isFrozen && backup.isRecoverable;
  const action = (decisions: readonly RetentionDecision[], backup: RetentionBackup): string | undefined =>
    decisions.find(({ id }) => id === backup.id)?.action;

  it('never leaves fewer good generations than N, or than there are', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const decisions = decideRetention(made, rule(n, days));
        const good = made.filter((backup) => counts(backup) && backup.isGeneration);
        const unmarked = good.filter(({ isMarked }) => !isMarked);
        const kept = good.filter((backup) => action(decisions, backup) === 'keep');
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(n, unmarked.length));
        expect(kept.length > 0).toBe(good.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  it('always keeps the newest generation, or else the newest recoverable backup', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const decisions = decideRetention(made, rule(n, days));
        const recoverable = made.filter(counts);
        const generations = recoverable.filter(({ isGeneration }) => isGeneration);
        const pool = generations.length > 0 ? generations : recoverable;
        const newestAt = Math.max(...pool.map(({ createdAt }) => createdAt));
        const newest = pool.filter(({ createdAt }) => createdAt === newestAt);
        expect(pool.length === 0 || newest.some((backup) => action(decisions, backup) === 'keep')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('touches nothing that is frozen, running or in DR, and forgets only what holds nothing', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const decisions = decideRetention(made, rule(n, days));
        expect(decisions.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
        const isSafe = ({ isFrozen, isRunning, isInRecovery, drStatus }: RetentionBackup): boolean =>
          isFrozen || isRunning || isInRecovery || drStatus === 'waiting' || drStatus === 'running';
        expect(made.filter(isSafe).every((backup) => action(decisions, backup) === 'keep')).toBe(true);
        const forgotten = made.filter((backup) => action(decisions, backup) === 'forget');
        expect(forgotten.every(({ isRecoverable, isPending }) => !isRecoverable && !isPending)).toBe(true);
        const deleted = made.filter((backup) => action(decisions, backup) === 'delete');
        expect(deleted.every(({ isRecoverable }) => isRecoverable)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps at most N of each kind beside what is guarded', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const decisions = decideRetention(made, rule(n, days));
        const isGuarded = ({ drStatus, isInRecovery }: RetentionBackup): boolean =>
          isInRecovery || drStatus === 'waiting' || drStatus === 'running';
        const kept = made.filter(
          (backup) => counts(backup) && !isGuarded(backup) && action(decisions, backup) === 'keep',
        );
        expect(kept.filter(({ isGeneration }) => isGeneration).length).toBeLessThanOrEqual(n);
        expect(kept.filter(({ isGeneration }) => !isGeneration).length).toBeLessThanOrEqual(n);
      }),
      { numRuns: 500 },
    );
  });

  it('decides the same again after its decisions were carried out, and in any order given', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const decisions = decideRetention(made, rule(n, days));
        const marked = made.map((backup) => ({ ...backup, isMarked: action(decisions, backup) === 'delete' }));
        const actions = (found: readonly RetentionDecision[]): string[] =>
          found.map(({ id, action: what }) => `${id} ${what}`).toSorted();
        expect(actions(decideRetention(marked, rule(n, days)))).toEqual(actions(decisions));
        expect(actions(decideRetention(made.toReversed(), rule(n, days)))).toEqual(actions(decisions));
        const left = marked.filter((backup) => action(decisions, backup) === 'keep');
        expect(decideRetention(left, rule(n, days)).every(({ action: what }) => what === 'keep')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('raising N deletes nothing more', () => {
    fc.assert(
      fc.property(cases, ([made, n, days]) => {
        const before = decideRetention(made, rule(n, days));
        const after = decideRetention(made, rule(n + 1, days));
        const deletedAfter = made.filter((backup) => action(after, backup) === 'delete' && backup.isGeneration);
        expect(deletedAfter.every((backup) => action(before, backup) === 'delete')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
