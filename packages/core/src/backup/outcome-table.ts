import type { SuccessRule } from '../policy/policy.ts';
import type { BackupStatus } from './phase.ts';

/** What became of all that a backup was to snapshot. A configuration that could not be recorded counts as a failed snapshot. */
export const SNAPSHOT_CASES = [
  'all completed',
  'configuration only, recorded',
  'some failed',
  'all failed',
  'nothing is left',
] as const;
export type SnapshotCase = (typeof SNAPSHOT_CASES)[number];

/** What became of scripts and VSS; a missing script has failed, one that was not asked for is fine. */
export const STEP_CASES = ['all fine', 'only "complete" failed', '"before", "after" or VSS failed'] as const;
export type StepCase = (typeof STEP_CASES)[number];

export type OutcomeRow = {
  readonly aborted: boolean;
  readonly snapshots: readonly SnapshotCase[];
  readonly steps: readonly StepCase[];
  readonly successRules: readonly SuccessRule[];
  readonly status: BackupStatus;
  readonly isGeneration: boolean;
  /** Whether it is tried again while the policy has retries left; without any left never. */
  readonly isRetried: boolean;
  /** What "complete" is told. */
  readonly complete: '1' | '0';
};

const ANY_RULE: readonly SuccessRule[] = ['no-issues', 'snapshots-succeed'];
const GOOD: readonly SnapshotCase[] = ['all completed', 'configuration only, recorded'];
const [FINE, COMPLETE_FAILED, EARLIER_FAILED] = STEP_CASES;

/**
 * The outcome of every combination (BKP-4, BKP-7, POL-4, POL-5, SCR-2), the word on it: `docs/outcomes.md` shows it, and
 * the tests hold `decideOutcome` against it, combination by combination. Each combination fits exactly one row.
 */
export const OUTCOME_TABLE: readonly OutcomeRow[] = [
  row({ snapshots: GOOD, steps: [FINE], rules: ANY_RULE }, 'successful', 'generation', 1),
  row({ snapshots: GOOD, steps: [COMPLETE_FAILED], rules: ['no-issues'] }, 'partial', 'retried', 1),
  row({ snapshots: GOOD, steps: [COMPLETE_FAILED], rules: ['snapshots-succeed'] }, 'partial', 'generation', 1),
  row({ snapshots: GOOD, steps: [EARLIER_FAILED], rules: ['no-issues'] }, 'partial', 'retried', 0),
  row({ snapshots: GOOD, steps: [EARLIER_FAILED], rules: ['snapshots-succeed'] }, 'partial', 'generation', 0),
  row({ snapshots: ['some failed'], steps: STEP_CASES, rules: ANY_RULE }, 'partial', 'retried', 0),
  row({ snapshots: ['all failed'], steps: STEP_CASES, rules: ANY_RULE }, 'failed', 'retried', 0),
  row({ snapshots: ['nothing is left'], steps: STEP_CASES, rules: ANY_RULE }, 'failed', 'neither', 0),
  { ...row({ snapshots: SNAPSHOT_CASES, steps: STEP_CASES, rules: ANY_RULE }, 'failed', 'neither', 0), aborted: true },
];

type Cases = {
  readonly snapshots: readonly SnapshotCase[];
  readonly steps: readonly StepCase[];
  readonly rules: readonly SuccessRule[];
};

function row(
  { snapshots, steps, rules: successRules }: Cases,
  status: BackupStatus,
  counts: 'generation' | 'retried' | 'neither',
  complete: 1 | 0,
): OutcomeRow {
  return {
    aborted: false,
    snapshots,
    steps,
    successRules,
    status,
    isGeneration: counts === 'generation',
    isRetried: counts === 'retried',
    complete: complete === 1 ? '1' : '0',
  };
}

/** When "after" runs and what it is told, by what became of "before" (SCR-2). */
export const AFTER_TABLE = [
  { before: 'succeeded', after: '1' },
  { before: 'not-asked', after: '1' },
  { before: 'failed', after: '0' },
  { before: 'missing', after: '0' },
  { before: 'not-run', after: null },
] as const;
