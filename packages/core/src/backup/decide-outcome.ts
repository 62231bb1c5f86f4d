import type { ScriptStep, SuccessRule } from '../policy/policy.ts';
import type { BackupStatus, SnapshotState } from './phase.ts';

/**
 * How a script or the VSS of a backup ended: `not-asked` the policy has none, `not-run` the backup ended or was aborted before
 * it, or had no snapshot to freeze for; `missing` there is no such script, which is a failure (SCR-1).
 */
export type StepResult =
  | { readonly ended: 'not-asked' | 'not-run' | 'succeeded' }
  | { readonly ended: 'failed' | 'missing'; readonly reason: string };

export type ScriptResults = Readonly<Record<ScriptStep, StepResult>>;

export type SnapshotResult = {
  /** What it is a snapshot of, as the log names it. */
  readonly sourceId: string;
  readonly state: SnapshotState;
  /** What AWS said where it failed. */
  readonly reason: string | null;
};

/** Everything that happened in a backup, at the moment it ends. */
export type BackupFacts = {
  readonly snapshots: readonly SnapshotResult[];
  /** Instances of which only the configuration was asked for. */
  readonly configurations: readonly { readonly instanceId: string; readonly isRecorded: boolean }[];
  /** Reasons of targets that are gone and stay in the policy, and of parts that are not there. */
  readonly missing: readonly string[];
  /** Targets that this backup removed from the policy, as `describeTarget` names them. */
  readonly removed: readonly string[];
  readonly scripts?: ScriptResults;
  readonly vss?: StepResult;
  /** What was snapshotted only after the application had been thawed: no script vouches for it. */
  readonly thawed?: readonly string[];
  readonly successRule: SuccessRule;
  /** Who aborted it; null when nobody did. */
  readonly abortedBy: string | null;
  /** Retries that the policy still allows after this backup. */
  readonly retriesLeft: number;
};

export type Outcome = {
  readonly status: BackupStatus;
  /** Whether it counts for retention; fixed for good (POL-4). */
  readonly isGeneration: boolean;
  /** Whether anything can be recovered from it. */
  readonly isRecoverable: boolean;
  /** Why it is not successful, in plain words; empty when it is. */
  readonly reasons: readonly string[];
  readonly isRetried: boolean;
};

/**
 * The outcome of a backup (BKP-4, BKP-7, POL-3, POL-4, POL-5): successful without any issue, partial where something
 * failed and something can be recovered, otherwise failed. A generation is what the policy's success rule calls good.
 */
export function decideOutcome(facts: BackupFacts): Outcome {
  const snapshotIssues = findSnapshotIssues(facts);
  const stepIssues = findStepIssues(facts);
  const isRecoverable = holdsSomething(facts);
  const endings = findEndings(facts, snapshotIssues);
  if (endings.length > 0) {
    const reasons = [...endings, ...snapshotIssues, ...stepIssues];
    return { status: 'failed', isGeneration: false, isRecoverable, reasons, isRetried: false };
  }
  const reasons = [...snapshotIssues, ...stepIssues];
  const isForgiven = stepIssues.length === 0 || facts.successRule === 'snapshots-succeed';
  const isGeneration = snapshotIssues.length === 0 && isForgiven;
  const status = reasons.length === 0 ? 'successful' : isRecoverable ? 'partial' : 'failed';
  return { status, isGeneration, isRecoverable, reasons, isRetried: !isGeneration && facts.retriesLeft > 0 };
}

/**
 * What an "after" script is told (SCR-2): `1` when "before" succeeded (or was not asked for), `0` when it failed or is
 * missing; null when "after" does not run, because "before" never did. An abort changes nothing: what froze is thawed.
 */
export function argumentOfAfter(before: StepResult): '1' | '0' | null {
  if (before.ended === 'not-run') return null;
  return before.ended === 'succeeded' || before.ended === 'not-asked' ? '1' : '0';
}

/** What a "complete" script is told (SCR-2): whether the whole backup was fine, whatever the success rule says. */
export function isFineForCompleteScript(facts: Omit<BackupFacts, 'successRule' | 'retriesLeft'>): boolean {
  const beforeComplete: BackupFacts = {
    ...facts,
    ...(facts.scripts ? { scripts: { ...facts.scripts, complete: { ended: 'not-asked' } } } : {}),
    successRule: 'no-issues',
    retriesLeft: 0,
  };
  return decideOutcome(beforeComplete).status === 'successful';
}

/** What ends a backup as failed at once and without a retry: an abort, or nothing left to back up. */
function findEndings(facts: BackupFacts, snapshotIssues: readonly string[]): string[] {
  if (facts.abortedBy !== null) return [`aborted by ${facts.abortedBy}`];
  const isEmpty = facts.snapshots.length + facts.configurations.length === 0 && snapshotIssues.length === 0;
  if (!isEmpty) return [];
  if (facts.removed.length === 0) return ['the policy has no targets'];
  return [`nothing is left to back up: ${facts.removed.join(', ')} no longer exist and were removed from the policy`];
}

function findSnapshotIssues(facts: BackupFacts): string[] {
  const failed = facts.snapshots
    .filter(({ state }) => state !== 'completed')
    .map(
      ({ sourceId, state, reason }) =>
        `snapshot of ${sourceId} ${reason === null ? describeState(state, facts) : `failed: ${reason}`}`,
    );
  const unrecorded = facts.configurations
    .filter(({ isRecorded }) => !isRecorded)
    .map(({ instanceId }) => `the configuration of ${instanceId} could not be recorded`);
  return [...facts.missing, ...failed, ...unrecorded];
}

function describeState(state: SnapshotState, { abortedBy }: BackupFacts): string {
  switch (state) {
    case 'intended':
      return 'failed: it was never started';
    case 'pending':
      // AWS goes on with it: whoever aborts is told so, and that it stays recoverable (BKP-7).
      return abortedBy === null
        ? 'failed: it did not complete in time'
        : 'was still under way; it can be recovered from once AWS has completed it';
    case 'missing':
    case 'deleted':
      return 'failed: it was deleted outside CPM';
    case 'error':
      return 'failed: AWS gives no reason';
    case 'completed':
      return 'completed';
  }
}

function findStepIssues({ scripts, vss, thawed = [] }: BackupFacts): string[] {
  const steps: readonly (readonly [string, StepResult | undefined])[] = [
    ['the "before" script', scripts?.before],
    ['the "after" script', scripts?.after],
    ['VSS', vss],
    ['the "complete" script', scripts?.complete],
  ];
  const failed = steps.flatMap(([name, step]) =>
    step !== undefined && 'reason' in step ? [`${name} failed: ${step.reason}`] : [],
  );
  const late = thawed.map((source) => `the snapshot of ${source} was started only after the application ran again`);
  return [...failed, ...late];
}

/** A completed snapshot, or a configuration record where no snapshot was asked for (RET-1). */
function holdsSomething({ snapshots, configurations }: BackupFacts): boolean {
  return snapshots.some(({ state }) => state === 'completed') || configurations.some(({ isRecorded }) => isRecorded);
}
