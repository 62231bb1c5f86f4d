import { describe, expect, it } from 'vitest';
import { argumentOfAfter, decideOutcome, isFineForCompleteScript } from './decide-outcome.ts';
import type { BackupFacts, StepResult } from './decide-outcome.ts';
import { AFTER_TABLE, OUTCOME_TABLE, SNAPSHOT_CASES } from './outcome-table.ts';
import type { OutcomeRow, SnapshotCase, StepCase } from './outcome-table.ts';

const RESULTS: readonly StepResult[] = [
  { ended: 'not-asked' },
  { ended: 'succeeded' },
  { ended: 'failed', reason: 'exit code 1' },
  { ended: 'missing', reason: 'there is no such file' },
];
const VSS_RESULTS = RESULTS.slice(0, 3);

const snapshot = (state: 'completed' | 'error') => ({ sourceId: 'vol-1', state, reason: null });
const configuration = { instanceId: 'i-1', isRecorded: true };

/** What a backup of each case may have met, several kinds of it. */
const SNAPSHOT_FACTS: Readonly<Record<SnapshotCase, readonly Partial<BackupFacts>[]>> = {
  'all completed': [
    { snapshots: [snapshot('completed')] },
    { snapshots: [snapshot('completed')], configurations: [configuration], removed: ['volume vol-9'] },
  ],
  'configuration only, recorded': [{ configurations: [configuration] }],
  'some failed': [
    { snapshots: [snapshot('completed'), snapshot('error')] },
    { snapshots: [snapshot('completed')], missing: ['vol-9 is gone'] },
    { snapshots: [snapshot('completed')], configurations: [{ ...configuration, isRecorded: false }] },
    { snapshots: [snapshot('error')], configurations: [configuration] },
  ],
  'all failed': [
    { snapshots: [snapshot('error')] },
    { snapshots: [{ ...snapshot('completed'), state: 'intended' }] },
    { missing: ['vol-9 is gone'] },
    { configurations: [{ ...configuration, isRecorded: false }] },
  ],
  'nothing is left': [{}, { removed: ['volume vol-9'] }],
};

type Combination = { readonly facts: BackupFacts; readonly snapshots: SnapshotCase; readonly steps: StepCase };

function* combinations(): Generator<Combination> {
  const kinds = SNAPSHOT_CASES.flatMap((snapshots) => SNAPSHOT_FACTS[snapshots].map((facts) => ({ snapshots, facts })));
  for (const { snapshots, facts: kind } of kinds)
    for (const before of RESULTS)
      for (const after of RESULTS)
        for (const complete of RESULTS)
          for (const vss of VSS_RESULTS)
            for (const thawed of [[], ['vol-1']])
              for (const successRule of ['no-issues', 'snapshots-succeed'] as const)
                for (const abortedBy of [null, 'ann'])
                  for (const retriesLeft of [0, 2]) {
                    const empty = { snapshots: [], configurations: [], missing: [], removed: [] };
                    const scripts = { before, after, complete };
                    const facts = { ...empty, ...kind, scripts, vss, thawed, successRule, abortedBy, retriesLeft };
                    const isEarlierFine = thawed.length === 0 && ![before, after, vss].some(hasFailed);
                    const late = hasFailed(complete) ? 'only "complete" failed' : 'all fine';
                    yield { facts, snapshots, steps: isEarlierFine ? late : '"before", "after" or VSS failed' };
                  }
}

const hasFailed = ({ ended }: StepResult) => ended === 'failed' || ended === 'missing';

const fits = (row: OutcomeRow, { facts, snapshots, steps }: Combination) =>
  row.aborted === (facts.abortedBy !== null) &&
  row.snapshots.includes(snapshots) &&
  row.steps.includes(steps) &&
  row.successRules.includes(facts.successRule);

describe('the outcome table', () => {
  it('says of every combination of snapshots, scripts, VSS, rule, abort and retries left what it becomes', () => {
    let count = 0;
    const used = new Set<OutcomeRow>();
    for (const combination of combinations()) {
      const rows = OUTCOME_TABLE.filter((row) => fits(row, combination));
      const [row] = rows;
      if (row === undefined || rows.length > 1)
        throw new Error(`${rows.length} rows fit ${JSON.stringify(combination)}`);
      const { facts } = combination;
      const { status, isGeneration, isRetried } = decideOutcome(facts);
      const said = { facts, status, isGeneration, isRetried, complete: isFineForCompleteScript(facts) ? '1' : '0' };
      const { status: wanted, complete } = row;
      const expected = { facts, status: wanted, isGeneration: row.isGeneration, complete };
      expect(said).toEqual({ ...expected, isRetried: row.isRetried && facts.retriesLeft > 0 });
      used.add(row);
      count += 1;
    }
    expect(count).toBe(13 * 4 * 4 * 4 * 3 * 2 * 2 * 2 * 2);
    expect(used.size).toBe(OUTCOME_TABLE.length);
  });

  it('keeps what completed recoverable in every row', () => {
    for (const { facts } of combinations()) {
      const holds =
        facts.snapshots.some(({ state }) => state === 'completed') ||
        facts.configurations.some(({ isRecorded }) => isRecorded);
      expect(decideOutcome(facts).isRecoverable).toBe(holds);
    }
  });

  it.each(AFTER_TABLE)('tells "after" $after when "before" ended as $before', ({ before, after }) => {
    const result = [...RESULTS, { ended: 'not-run' } as const].find(({ ended }) => ended === before);
    if (result === undefined) throw new Error(`there is no ${before}`);
    expect(argumentOfAfter(result)).toBe(after);
  });
});
