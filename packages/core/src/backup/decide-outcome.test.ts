import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideOutcome, isFineForCompleteScript } from './decide-outcome.ts';
import type { BackupFacts, StepResult } from './decide-outcome.ts';
import { SNAPSHOT_STATES } from './phase.ts';
import type { SnapshotState } from './phase.ts';

const ok: StepResult = { ended: 'succeeded' };
const bad: StepResult = { ended: 'failed', reason: 'exit code 1' };
const scripts = { before: ok, after: ok, complete: ok };

function buildFacts(states: readonly SnapshotState[], parts: Partial<BackupFacts> = {}): BackupFacts {
  return {
    snapshots: states.map((state, index) => ({ sourceId: `vol-${index}`, state, reason: null })),
    configurations: [],
    missing: [],
    removed: [],
    successRule: 'no-issues',
    abortedBy: null,
    retriesLeft: 3,
    ...parts,
  };
}

const config = (isRecorded: boolean) => [{ instanceId: 'i-1', isRecorded }];

type Row = [
  title: string,
  facts: BackupFacts,
  status: string,
  isGeneration: boolean,
  isRetried: boolean,
  isRecoverable: boolean,
];

describe('the outcome of a backup', () => {
  it.each<Row>([
    ['every snapshot completed', buildFacts(['completed', 'completed']), 'successful', true, false, true],
    ['one of two failed', buildFacts(['completed', 'error']), 'partial', false, true, true],
    ['one of two was never started', buildFacts(['completed', 'intended']), 'partial', false, true, true],
    ['one of two did not complete', buildFacts(['completed', 'pending']), 'partial', false, true, true],
    ['one of two was lost', buildFacts(['completed', 'missing']), 'partial', false, true, true],
    ['one of two was deleted meanwhile', buildFacts(['completed', 'deleted']), 'partial', false, true, true],
    ['all failed', buildFacts(['error', 'error']), 'failed', false, true, false],
    ['all failed and no retry is left', buildFacts(['error'], { retriesLeft: 0 }), 'failed', false, false, false],
    [
      'one failed and no retry is left',
      buildFacts(['completed', 'error'], { retriesLeft: 0 }),
      'partial',
      false,
      false,
      true,
    ],
    ['a target is gone and stays', buildFacts(['completed'], { missing: ['gone'] }), 'partial', false, true, true],
    ['the only target is gone and stays', buildFacts([], { missing: ['gone'] }), 'failed', false, true, false],
    [
      'a target was removed, the rest is fine',
      buildFacts(['completed'], { removed: ['volume vol-9'] }),
      'successful',
      true,
      false,
      true,
    ],
    ['the last target was removed', buildFacts([], { removed: ['volume vol-9'] }), 'failed', false, false, false],
    [
      'the last target was removed, forgiving rule',
      buildFacts([], { removed: ['volume vol-9'], successRule: 'snapshots-succeed' }),
      'failed',
      false,
      false,
      false,
    ],
    ['there never was a target', buildFacts([]), 'failed', false, false, false],
    ['configuration only, recorded', buildFacts([], { configurations: config(true) }), 'successful', true, false, true],
    [
      'configuration only, not recorded',
      buildFacts([], { configurations: config(false) }),
      'failed',
      false,
      true,
      false,
    ],
    [
      'configuration recorded beside a failed snapshot',
      buildFacts(['error'], { configurations: config(true) }),
      'partial',
      false,
      true,
      true,
    ],
    [
      'configuration missing beside a good snapshot',
      buildFacts(['completed'], { configurations: config(false) }),
      'partial',
      false,
      true,
      true,
    ],
    ['scripts fine', buildFacts(['completed'], { scripts, vss: ok }), 'successful', true, false, true],
    [
      '"before" failed, strict',
      buildFacts(['completed'], { scripts: { ...scripts, before: bad } }),
      'partial',
      false,
      true,
      true,
    ],
    [
      '"after" failed, strict',
      buildFacts(['completed'], { scripts: { ...scripts, after: bad } }),
      'partial',
      false,
      true,
      true,
    ],
    [
      '"complete" failed, strict',
      buildFacts(['completed'], { scripts: { ...scripts, complete: bad } }),
      'partial',
      false,
      true,
      true,
    ],
    ['VSS failed, strict', buildFacts(['completed'], { vss: bad }), 'partial', false, true, true],
    [
      '"before" failed, forgiving',
      buildFacts(['completed'], { scripts: { ...scripts, before: bad }, successRule: 'snapshots-succeed' }),
      'partial',
      true,
      false,
      true,
    ],
    [
      'VSS failed, forgiving',
      buildFacts(['completed'], { vss: bad, successRule: 'snapshots-succeed' }),
      'partial',
      true,
      false,
      true,
    ],
    [
      'forgiving does not forgive a snapshot',
      buildFacts(['completed', 'error'], { successRule: 'snapshots-succeed' }),
      'partial',
      false,
      true,
      true,
    ],
    [
      'forgiving does not forgive a missing target',
      buildFacts(['completed'], { missing: ['gone'], successRule: 'snapshots-succeed' }),
      'partial',
      false,
      true,
      true,
    ],
    [
      'script and all snapshots failed',
      buildFacts(['error'], { scripts: { ...scripts, before: bad } }),
      'failed',
      false,
      true,
      false,
    ],
    [
      'scripts not asked for',
      buildFacts(['completed'], { vss: { ended: 'not-asked' } }),
      'successful',
      true,
      false,
      true,
    ],
    [
      'aborted before anything completed',
      buildFacts(['intended'], { abortedBy: 'ann' }),
      'failed',
      false,
      false,
      false,
    ],
    [
      'aborted with something completed',
      buildFacts(['completed', 'intended'], { abortedBy: 'ann' }),
      'failed',
      false,
      false,
      true,
    ],
    ['aborted after all completed', buildFacts(['completed'], { abortedBy: 'ann' }), 'failed', false, false, true],
  ])('%s', (_, facts, status, isGeneration, isRetried, isRecoverable) => {
    expect(decideOutcome(facts)).toMatchObject({ status, isGeneration, isRetried, isRecoverable });
  });

  it('names every reason in plain words', () => {
    const facts = buildFacts(['error', 'intended', 'pending', 'missing'], {
      missing: ['vol-9 is no longer attached to i-1'],
      configurations: config(false),
      scripts: { before: bad, after: bad, complete: bad },
      vss: bad,
      abortedBy: 'ann',
    });
    const first = { sourceId: 'vol-0', state: 'error', reason: 'Given key ID is not accessible' } as const;
    expect(decideOutcome({ ...facts, snapshots: [first, ...facts.snapshots.slice(1)] }).reasons).toEqual([
      'aborted by ann',
      'vol-9 is no longer attached to i-1',
      'snapshot of vol-0 failed: Given key ID is not accessible',
      'snapshot of vol-1 failed: it was never started',
      'snapshot of vol-2 was still under way; it can be recovered from once AWS has completed it',
      'snapshot of vol-3 failed: it was deleted outside CPM',
      'the configuration of i-1 could not be recorded',
      'the "before" script failed: exit code 1',
      'the "after" script failed: exit code 1',
      'VSS failed: exit code 1',
      'the "complete" script failed: exit code 1',
    ]);
  });

  it.each([
    [buildFacts(['error']), 'snapshot of vol-0 failed: AWS gives no reason'],
    [buildFacts(['pending']), 'snapshot of vol-0 failed: it did not complete in time'],
    [
      buildFacts([], { removed: ['volume vol-8', 'volume vol-9'] }),
      'nothing is left to back up: volume vol-8, volume vol-9 no longer exist and were removed from the policy',
    ],
    [buildFacts([]), 'the policy has no targets'],
  ])('gives one reason where there is one: %#', (facts, reason) => {
    expect(decideOutcome(facts).reasons).toEqual([reason]);
  });

  it('never contradicts itself', () => {
    const step = fc.constantFrom<StepResult>(ok, bad, { ended: 'not-asked' });
    const facts = fc.record({
      snapshots: fc.array(
        fc.record({
          sourceId: fc.constant('vol-1'),
          state: fc.constantFrom(...SNAPSHOT_STATES),
          reason: fc.constant(null),
        }),
        { maxLength: 5 },
      ),
      configurations: fc.array(fc.record({ instanceId: fc.constant('i-1'), isRecorded: fc.boolean() }), {
        maxLength: 2,
      }),
      missing: fc.array(fc.constant('gone'), { maxLength: 1 }),
      removed: fc.array(fc.constant('volume vol-9'), { maxLength: 1 }),
      scripts: fc.record({ before: step, after: step, complete: step }),
      vss: step,
      successRule: fc.constantFrom('no-issues' as const, 'snapshots-succeed' as const),
      abortedBy: fc.option(fc.constant('ann')),
      retriesLeft: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(facts, (made) => {
        const { status, isGeneration, isRecoverable, isRetried, reasons } = decideOutcome(made);
        const isComplete = made.snapshots.every(({ state }) => state === 'completed');
        expect(status === 'successful').toBe(reasons.length === 0);
        expect(status !== 'successful' || isGeneration).toBe(true);
        expect(status !== 'partial' || isRecoverable).toBe(true);
        expect(!isGeneration || (isRecoverable && isComplete && !isRetried)).toBe(true);
        expect(made.abortedBy === null || (status === 'failed' && !isRetried && !isGeneration)).toBe(true);
        expect(!isRetried || made.retriesLeft > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the "complete" script is told', () => {
  it.each<[string, BackupFacts, boolean]>([
    ['fine when everything was', buildFacts(['completed'], { scripts }), true],
    ['fine without scripts', buildFacts(['completed']), true],
    ['fine whatever became of itself', buildFacts(['completed'], { scripts: { ...scripts, complete: bad } }), true],
    [
      'not fine after a failed script, even where that is forgiven',
      buildFacts(['completed'], { scripts: { ...scripts, after: bad }, successRule: 'snapshots-succeed' }),
      false,
    ],
    [
      'not fine after failed VSS, even where that is forgiven',
      buildFacts(['completed'], { vss: bad, successRule: 'snapshots-succeed' }),
      false,
    ],
    ['not fine after a failed snapshot', buildFacts(['completed', 'error'], { scripts }), false],
    ['not fine after an abort', buildFacts(['completed'], { scripts, abortedBy: 'ann' }), false],
  ])('%s', (_, facts, expected) => {
    expect(isFineForCompleteScript(facts)).toBe(expected);
  });
});
