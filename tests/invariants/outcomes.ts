import { decideOutcome, describeTarget, targetOf, type BackupFacts, type StepResult } from '@cpm/core';
import type { BackupRecord, Truth } from './truth.ts';

/** BKP-4: the outcome of every backup is what core decides from the records that it left. */
export function findWrongOutcomes(truth: Truth): string[] {
  return truth.backups.flatMap((backup) => {
    // What was deleted, or is about to be, says no more what it was.
    if (backup.ended_at === null || backup.deletion_marked_at !== null || backup.deleted_at !== null) return [];
    const facts = factsOf(truth, backup);
    const decided = decideOutcome(facts);
    const isSame = decided.status === backup.status && decided.isGeneration === backup.is_generation;
    if (isSame && decided.isRecoverable === backup.recoverable) return [];
    const said = `${backup.status}, generation ${backup.is_generation}, recoverable ${backup.recoverable}`;
    const due = `${decided.status}, generation ${decided.isGeneration}, recoverable ${decided.isRecoverable}`;
    return [`BKP-4: the backup ${backup.id} is ${said}; its records say ${due} (${decided.reasons.join('; ')})`];
  });
}

function factsOf(truth: Truth, backup: BackupRecord): BackupFacts {
  const { records, resources, policies, scripts } = truth;
  const own = resources.filter(({ backupId }) => backupId === backup.id);
  const step = (name: 'before' | 'after' | 'complete'): StepResult => {
    const script = scripts.find((each) => each.backup_id === backup.id && each.step === name);
    if (script === undefined) return { ended: 'not-asked' };
    return script.state === 'succeeded' ? { ended: 'succeeded' } : { ended: 'failed', reason: script.reason ?? '' };
  };
  return {
    snapshots: records
      .filter(({ backupId }) => backupId === backup.id)
      .map(({ sourceId, state, message }) => ({ sourceId, state, reason: message })),
    configurations: own
      .filter(({ state }) => state === 'configuration-only')
      .map(({ resourceId, isRecorded }) => ({ instanceId: resourceId, isRecorded })),
    missing: own
      .filter(
        ({ state, message }) => state === 'missing' || state === 'refused' || (state === 'planned' && message !== null),
      )
      .map(({ resourceId, message }) => message ?? resourceId),
    removed: own
      .filter(({ state }) => state === 'removed')
      .map(({ kind, region, resourceId }) => describeTarget(targetOf(kind, { region, resourceId }))),
    scripts: { before: step('before'), after: step('after'), complete: step('complete') },
    thawed: thawedOf(truth, backup),
    successRule: policies.find(({ id }) => id === backup.policy_id)?.success_rule ?? 'no-issues',
    abortedBy: backup.abort_requested_by,
    retriesLeft: 0,
  };
}

/** What was snapshotted after the application had been let go. */
function thawedOf({ records, scripts }: Truth, { id }: BackupRecord): string[] {
  const own = scripts.filter((script) => script.backup_id === id);
  const after = own.find(({ step }) => step === 'after');
  if (after === undefined || !own.some(({ step, state }) => step === 'before' && state === 'succeeded')) return [];
  return records
    .filter(({ backupId, startedAt }) => backupId === id && startedAt !== null && startedAt > after.started_at)
    .map(({ sourceId }) => sourceId);
}
