import {
  decideOutcome,
  describeStatus,
  describeTarget,
  formatInstant,
  isFineForCompleteScript,
  retryTime,
  targetOf,
  type BackupFacts,
  type Instant,
  type Outcome,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import { closeAlert, raiseAlert } from '../alerts/alerts.store.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd } from '../engine/job-kind.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { findPolicyForJob, type PolicyRow } from '../policies/policies.store.ts';
import { removeGoneTargets } from '../policies/targets.store.ts';
import { enqueueRetention } from '../retention/apply-retention.ts';
import type { BackupRun } from './backup-run.ts';
import { findScriptRecords, resultsOf, runStep, type BackupScripts, type ScriptRecords } from './backup-scripts.ts';
import { changeBackup, findBackupForJob, lockBackupForJob, type BackupRow } from './backups.store.ts';
import { enqueueRetry } from './retries.ts';
import {
  findResources,
  findSnapshots,
  markResourcesRemoved,
  type ResourceRow,
  type SnapshotRow,
} from './snapshots.store.ts';

/** Runs the "complete" script with what became of everything before it (SCR-2); does nothing where there is none. */
export async function runComplete(
  run: BackupRun,
  scripts: BackupScripts | null,
  gone: readonly ResourceRow[],
): Promise<void> {
  if (scripts === null) return;
  const { facts } = await findFacts(run, gone);
  await runStep(scripts, 'complete', isFineForCompleteScript(facts) ? '1' : '0');
}

/** Fixes the outcome of a backup for good, with all that follows from it, in one transaction with the end of its job. */
export async function finishBackup(run: BackupRun, gone: readonly ResourceRow[]): Promise<JobEnd<Database>> {
  const { context, job, backup } = run;
  const { facts, policy, removed } = await findFacts(run, gone);
  return job.done(async (tx) => {
    const at = context.clock.now();
    // An abort may have come since: whoever was told that it aborts must not find it successful.
    const { abortRequestedBy: abortedBy } = await lockBackupForJob(tx, backup.id);
    const outcome = decideOutcome({ ...facts, abortedBy });
    const level = outcome.status === 'successful' ? 'info' : 'warn';
    const who = { backup: backup.id, policy: backup.policyName, owner: backup.ownerId };
    context.log[level]({ ...who, reasons: outcome.reasons }, describeStatus(outcome.status));
    if (policy !== null && removed.length > 0) await removeTargets(tx, { backup, policy, removed, at });
    const retryAt =
      policy === null ? null : retryTime(outcome, { endedAt: at, retryWaitMinutes: policy.retryWaitMinutes });
    await saveOutcome(tx, { backup, outcome, retryAt, at });
    await tellAlert(tx, { backup, outcome, retryAt, at });
    if (backup.policyId !== null) await enqueueRetention(tx, backup.policyId, backup.ownerId);
  });
}

type Ending = {
  readonly backup: BackupRow;
  readonly outcome: Pick<Outcome, 'status' | 'reasons' | 'isGeneration' | 'isRecoverable'>;
  readonly retryAt: Instant | null;
  readonly at: Instant;
};

async function saveOutcome(tx: Transaction<Database>, { backup, outcome, retryAt, at }: Ending): Promise<void> {
  const { status, reasons, isGeneration, isRecoverable: recoverable } = outcome;
  const lines = reasons.map((reason) => (status === 'failed' ? failure(reason) : warning(reason)));
  const retry = retryAt === null ? [] : [info(`it is tried again at ${formatInstant(retryAt)}`)];
  await appendLog(tx, backup.id, at, [...lines, info(describeStatus(status)), ...retry]);
  await changeBackup(tx, backup, { ended: { at, status, reasons, isGeneration, recoverable } });
  if (retryAt !== null) await enqueueRetry(tx, backup, retryAt);
}

/** One open alert a policy (ALR-1): a backup that is not what the policy calls good opens it, the next good one closes it, with what was missed before it. */
export async function tellAlert(tx: Transaction<Database>, { backup, outcome, retryAt, at }: Ending): Promise<void> {
  if (backup.policyId === null) return;
  const key = { ownerId: backup.ownerId, category: 'backup' as const, subject: backup.policyId, at };
  if (outcome.isGeneration) {
    await closeAlert(tx, key);
    return closeAlert(tx, { ...key, category: 'missed' });
  }
  const retry = retryAt === null ? '' : ` It is tried again at ${formatInstant(retryAt)}.`;
  await raiseAlert(tx, {
    ...key,
    policyId: backup.policyId,
    accountId: backup.accountId,
    backupId: backup.id,
    severity: outcome.status === 'failed' ? 'error' : 'warning',
    title: `${describeStatus(outcome.status)}: ${backup.policyName}`,
    message: `${outcome.reasons.join('\n')}${retry}`,
  });
}

type Removal = {
  readonly backup: BackupRow;
  readonly policy: PolicyRow;
  readonly removed: readonly ResourceRow[];
  readonly at: Instant;
};

async function removeTargets(tx: Transaction<Database>, { backup, policy, removed, at }: Removal): Promise<void> {
  await removeGoneTargets(tx, policy, removed);
  await markResourcesRemoved(tx, removed);
  const lines = removed.map((each) => warning(`${nameTarget(each)} is gone and was removed from the policy`));
  await appendLog(tx, backup.id, at, lines);
}

/** All that the outcome is decided from, as it is on record now. */
async function findFacts(run: BackupRun, gone: readonly ResourceRow[]) {
  const { db } = run.context;
  const backup = await findBackupForJob(db, run.backup.id);
  const policy = backup.policyId === null ? null : await findPolicyForJob(db, backup.policyId);
  const resources = await findResources(db, backup.id);
  const snapshots = await findSnapshots(db, backup.id);
  const records = await findScriptRecords(db, backup);
  const removed = policy !== null && policy.autoTargetRemoval !== 'no' ? gone : [];
  const facts: BackupFacts = {
    snapshots: snapshots.map(({ sourceId, state, message }) => ({ sourceId, state, reason: message })),
    configurations: resources
      .filter(({ state }) => state === 'configuration-only')
      .map(({ resourceId, configuration }) => ({ instanceId: resourceId, isRecorded: configuration !== null })),
    missing: [...new Set([...(run.obstacle === null ? [] : [run.obstacle]), ...missingOf(resources, removed)])],
    removed: removed.map(nameTarget),
    scripts: resultsOf(run, records),
    thawed: thawedOf(snapshots, records),
    successRule: policy?.successRule ?? 'no-issues',
    abortedBy: backup.abortRequestedBy,
    retriesLeft: policy === null ? 0 : Math.max(policy.retries - backup.retryNumber, 0),
  };
  return { facts, policy, removed };
}

function missingOf(resources: readonly ResourceRow[], removed: readonly ResourceRow[]): string[] {
  const removedIds = new Set(removed.map(({ id }) => id));
  return resources
    .filter(
      ({ id, state, message }) =>
        !removedIds.has(id) &&
        (state === 'missing' || state === 'refused' || (state === 'planned' && message !== null)),
    )
    .map((resource) => resource.message ?? `${nameTarget(resource)} could not be backed up`);
}

/** What AWS took only after "after" had begun: the application ran again by then. */
function thawedOf(snapshots: readonly SnapshotRow[], records: ScriptRecords): string[] {
  const thawedAt = records.get('after')?.startedAt;
  if (thawedAt === undefined || records.get('before')?.state !== 'succeeded') return [];
  return snapshots
    .filter(({ startedAt }) => startedAt !== null && startedAt > thawedAt)
    .map(({ sourceId }) => sourceId);
}

function nameTarget({ kind, region, resourceId }: ResourceRow): string {
  return describeTarget(targetOf(kind, { region, resourceId }));
}
