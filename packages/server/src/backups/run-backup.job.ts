import type { Ec2Port } from '@cpm/aws/port';
import {
  addMs,
  decideOutcome,
  describeStatus,
  describeTarget,
  targetOf,
  isCpmError,
  type BackupFacts,
  type BackupId,
  type Instant,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { findPolicyForJob } from '../policies/policies.store.ts';
import { findTargets, removeGoneTargets, type TargetRow } from '../policies/targets.store.ts';
import { enqueueRetention } from '../retention/apply-retention.ts';
import { abandonAttempt } from './abandon-attempt.ts';
import { changeBackup, findBackupForJob, type BackupRow } from './backups.store.ts';
import { confirmGone } from './confirm-gone.ts';
import { planRegion, refusedRegion, type RegionPlan } from './plan-backup.ts';
import { recordConfigurations } from './record-configurations.ts';
import {
  findProgress,
  findResources,
  findSnapshots,
  markResourcesRemoved,
  saveBackupPlan,
  type ResourceRow,
  type SnapshotRow,
} from './snapshots.store.ts';
import { skewOf, startRegion } from './start-snapshots.ts';

/** AWS may take hours for the first snapshot of a large volume; after this a backup ends with what has completed (I11). */
const LONGEST_BACKUP_MS = 48 * 3600_000;

type Job = JobContext<Database>;

/** Runs one backup from its row to its outcome; every return to it goes on where the records say it stopped. */
export function runBackupKind(context: ServerContext): JobKind<Database> {
  return {
    run: (job) => runBackup(context, job),
    onFailed: (tx, job, error) => failBackup(context, tx, job.subjectId as BackupId, error),
  };
}

/** Closes a backup whose job was given up (I11): no call of it that may have made snapshots is forgotten. */
async function failBackup(
  context: ServerContext,
  tx: Transaction<Database>,
  backupId: BackupId,
  error: unknown,
): Promise<void> {
  context.log.error({ err: error, backup: backupId }, 'a backup could not be carried on');
  const at = context.clock.now();
  const backup = await findBackupForJob(tx, backupId);
  const snapshots = await findSnapshots(tx, backupId);
  for (const [attemptId, [row]] of Map.groupBy(
    snapshots.filter(({ state }) => state === 'intended'),
    (snapshot) => snapshot.attemptId,
  )) {
    if (row === undefined) continue;
    const { ownerId, accountId } = backup;
    await abandonAttempt(tx, { attemptId, backupId, ownerId, accountId, region: row.region, at });
  }
  const reason = 'an internal error stopped this backup; the server log says more';
  await appendLog(tx, backupId, at, [failure(reason)]);
  const recoverable = snapshots.some(({ state }) => state === 'completed');
  await changeBackup(tx, backup, {
    ended: { at, status: 'failed', reasons: [reason], isGeneration: false, recoverable },
  });
}

async function runBackup(context: ServerContext, job: Job): Promise<JobEnd<Database>> {
  const backup = await findBackupForJob(context.db, job.subjectId as BackupId);
  if (backup.phase === 'ended') return job.done();

  // 1. The targets are fixed once, so that a restart in the middle goes on with the same ones.
  const targets = await job.transactionStep('targets', async (tx) => {
    const found = backup.policyId === null ? [] : await findTargets(tx, backup.policyId);
    await changeBackup(tx, backup, { phase: 'starting' });
    await appendLog(tx, backup.id, context.clock.now(), [info(`backup of policy ${backup.policyName} started`)]);
    return found;
  });

  // 2. Every region on its own: one that does not answer delays no other (F11).
  const byRegion = Map.groupBy(targets, ({ target }) => target.region);
  const waits = await Promise.all(
    [...byRegion].map(([region, regionTargets]) =>
      startTargets(context, job, { backup, region, targets: regionTargets }),
    ),
  );
  const comeBack = waits.filter((at) => at !== null);
  if (comeBack.length > 0) return job.park(Math.min(...comeBack) as Instant);

  // 3. All calls are answered: now there is time for what a recovery will need.
  await enterWaiting(job, backup);
  await recordConfigurations(context, job, { backup, regions: [...byRegion.keys()] });

  // 4. AWS copies blocks; the poller wakes this job when the last snapshot has ended.
  const now = context.clock.now();
  const snapshots = await findProgress(context.db, backup.id);
  const deadline = addMs(backup.startedAt, LONGEST_BACKUP_MS);
  if (snapshots.some(({ state }) => state === 'pending') && now < deadline) return job.park(deadline);

  // 5. What is gone is believed gone only at the second look, minutes after the first (F6).
  const gone = await confirmGone(context, backup);
  if (gone.lookAgainAt !== null) return job.park(gone.lookAgainAt);
  return finish(context, job, { backup, gone: gone.targets });
}

type RegionTargets = { readonly backup: BackupRow; readonly region: string; readonly targets: readonly TargetRow[] };

/** Plans a region once, then starts what is planned; answers when to come back, null when all calls are answered. */
async function startTargets(
  context: ServerContext,
  job: Job,
  { backup, region, targets }: RegionTargets,
): Promise<Instant | null> {
  const ec2 = ec2Of(context, backup.accountId, region, { signal: job.signal });
  const step = `plan ${region}`;
  if (!job.finished(step)) {
    const plan = await readPlan(context, ec2, targets);
    await job.transactionStep(step, async (tx) => {
      await saveBackupPlan(tx, { ownerId: backup.ownerId, backupId: backup.id, accountId: backup.accountId }, plan);
      await appendLog(tx, backup.id, context.clock.now(), plan.log);
      return null;
    });
  }
  return startRegion(context, job, backup, ec2);
}

/** Through the port that starts the snapshots too: it has read the account's keys when their calls go out together. */
async function readPlan({ clock }: ServerContext, ec2: Ec2Port, targets: readonly TargetRow[]): Promise<RegionPlan> {
  try {
    return await planRegion(ec2, targets, clock.now());
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return refusedRegion(targets, describeError(error));
  }
}

async function enterWaiting(job: Job, backup: BackupRow): Promise<void> {
  await job.transactionStep('waiting', async (tx) => {
    const snapshots = await findProgress(tx, backup.id);
    await changeBackup(tx, backup, {
      phase: 'waiting',
      snapshotCount: snapshots.length,
      sizeGiB: snapshots.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
      startSkewMs: skewOf(snapshots),
    });
    return null;
  });
}

type Ending = { readonly backup: BackupRow; readonly gone: readonly ResourceRow[] };

async function finish(context: ServerContext, job: Job, { backup, gone }: Ending): Promise<JobEnd<Database>> {
  const { db, clock } = context;
  const policy = backup.policyId === null ? null : await findPolicyForJob(db, backup.policyId);
  const resources = await findResources(db, backup.id);
  const snapshots = await findSnapshots(db, backup.id);
  const removes = policy !== null && policy.autoTargetRemoval !== 'no';
  const removed = removes ? gone : [];
  const facts = factsOf({ resources, snapshots, removed });
  const outcome = decideOutcome(facts);
  const level = outcome.status === 'successful' ? 'info' : 'warn';
  const who = { backup: backup.id, policy: backup.policyName, owner: backup.ownerId };
  context.log[level]({ ...who, reasons: outcome.reasons }, describeStatus(outcome.status));
  return job.done(async (tx) => {
    const at = clock.now();
    if (policy !== null && removed.length > 0) {
      await removeGoneTargets(tx, policy, removed);
      await markResourcesRemoved(tx, removed);
      await appendLog(
        tx,
        backup.id,
        at,
        removed.map((each) => warning(`${nameTarget(each)} is gone and was removed from the policy`)),
      );
    }
    const lines = outcome.reasons.map((reason) => (outcome.status === 'failed' ? failure(reason) : warning(reason)));
    await appendLog(tx, backup.id, at, [...lines, info(describeStatus(outcome.status))]);
    const { status, reasons, isGeneration, isRecoverable: recoverable } = outcome;
    await changeBackup(tx, backup, { ended: { at, status, reasons, isGeneration, recoverable } });
    if (backup.policyId !== null) await enqueueRetention(tx, backup.policyId, backup.ownerId);
  });
}

type Records = {
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
  readonly removed: readonly ResourceRow[];
};

/** What the outcome is decided from. */
function factsOf({ resources, snapshots, removed }: Records): BackupFacts {
  const removedIds = new Set(removed.map(({ id }) => id));
  const missing = resources
    .filter(
      ({ id, state, message }) =>
        !removedIds.has(id) &&
        (state === 'missing' || state === 'refused' || (state === 'planned' && message !== null)),
    )
    .map((resource) => resource.message ?? `${nameTarget(resource)} could not be backed up`);
  return {
    snapshots: snapshots.map(({ sourceId, state, message }) => ({ sourceId, state, reason: message })),
    configurations: resources
      .filter(({ state }) => state === 'configuration-only')
      .map(({ resourceId, configuration }) => ({ instanceId: resourceId, isRecorded: configuration !== null })),
    missing: [...new Set(missing)],
    removed: removed.map(nameTarget),
    successRule: 'no-issues',
    abortedBy: null,
    retriesLeft: 0,
  };
}

function nameTarget({ kind, region, resourceId }: ResourceRow): string {
  return describeTarget(targetOf(kind, { region, resourceId }));
}
