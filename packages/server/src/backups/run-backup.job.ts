import { addMs, formatInstant, type BackupId, type Instant } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { findPolicyForJob, scriptsOf } from '../policies/policies.store.ts';
import { findTargets } from '../policies/targets.store.ts';
import { regionsOf, type BackupRun, type RunSettings } from './backup-run.ts';
import { findBackupScripts } from './backup-scripts.ts';
import { changeBackup, findBackupForJob } from './backups.store.ts';
import { confirmGone } from './confirm-gone.ts';
import { giveUpBackup } from './give-up-backup.ts';
import { finishBackup, runComplete } from './finish-backup.ts';
import { readPlan } from './read-plan.ts';
import { recordConfigurations } from './record-configurations.ts';
import { findProgress, saveBackupPlan } from './snapshots.store.ts';
import { startDatabases } from './start-databases.ts';
import { startFrozen } from './start-frozen.ts';
import { skewOf, startRegion } from './start-snapshots.ts';

/** AWS may take hours for the first snapshot of a large volume; after this a backup ends with what has completed (I11). */
const LONGEST_BACKUP_MS = 48 * 3600_000;

type Job = JobContext<Database>;

/** Runs one backup from its row to its outcome; every return to it goes on where the records say it stopped. */
export function runBackupKind(context: ServerContext): JobKind<Database> {
  return {
    run: (job) => runBackup(context, job),
    onFailed: (tx, job, error) => giveUpBackup(context, tx, job.subjectId as BackupId, error),
  };
}

/**
 * The order of BKP-1. An abort (BKP-7) is looked for at every step: then nothing new is asked of AWS, what was frozen is
 * thawed, "complete" is told 0, and what AWS has begun completes by itself and stays recoverable.
 */
async function runBackup(context: ServerContext, job: Job): Promise<JobEnd<Database>> {
  const run = await openRun(context, job);
  if (run.backup.phase === 'ended') return job.done();
  const regions = regionsOf(run);

  // 1. Every region is planned on its own, and its snapshots are intended on record before AWS is asked for any (F1).
  const lookedAt = await Promise.all(regions.map((region) => planOnce(run, region)));

  // 2. The application stands still for the snapshot calls alone; after a crash it is thawed before anything else (F22).
  const scripts = await findBackupScripts(run);
  if (scripts !== null) {
    const comeBack = await startFrozen(run, scripts);
    if (comeBack !== null) return job.park(comeBack);
  }

  // 3. All other calls, and what AWS left unanswered or put off: one region that does not answer delays no other (F11).
  const waits = await Promise.all(regions.map((region) => startHere(run, region)));
  const comeBack = waits.flat().filter((at) => at !== null);
  if (comeBack.length > 0) return job.park(Math.min(...comeBack) as Instant);

  // 4. All calls are answered: now there is time for what a recovery will need.
  await enterWaiting(run);
  if (!job.cancelRequested) await recordConfigurations(context, job, { backup: run.backup, regions });

  // 5. AWS copies blocks; the poller wakes this job when the last snapshot has ended.
  const deadline = await stillPendingUntil(run);
  if (deadline !== null) return job.park(deadline);

  // 6. What is gone is believed gone only at the second look, minutes after the first (F6).
  const firstLookAt = Math.max(run.backup.startedAt, ...lookedAt.filter((at) => at !== null)) as Instant;
  const gone = job.cancelRequested ? NOTHING_GONE : await confirmGone(context, run.backup, firstLookAt);
  if (gone.lookAgainAt !== null) return waitForSecondLook(run, gone.lookAgainAt);

  // 7. "complete" hears how it went; then the outcome is fixed.
  await runComplete(run, scripts, gone.targets);
  return finishBackup(run, gone.targets);
}

type Opening = Pick<BackupRun, 'targets' | 'settings' | 'obstacle'>;
const NOTHING_GONE = { targets: [], lookAgainAt: null };
const NO_SCRIPTS: RunSettings = {
  scripts: { runner: 'none', timeoutSeconds: 30, collectOutput: false, ssm: null },
  copySourceTags: false,
};

/** Targets and settings are fixed once, so that a restart in the middle goes on with the same ones. */
async function openRun(context: ServerContext, job: Job): Promise<BackupRun> {
  const backup = await findBackupForJob(context.db, job.subjectId as BackupId);
  if (backup.phase === 'ended') return { context, job, backup, settings: NO_SCRIPTS, targets: [], obstacle: null };
  const obstacle = job.finished('targets') ? null : await context.disk.shortage();
  const opening = await job.transactionStep('targets', async (tx): Promise<Opening> => {
    const policy = backup.policyId === null ? null : await findPolicyForJob(tx, backup.policyId);
    const targets = policy === null || obstacle !== null ? [] : await findTargets(tx, policy.id);
    await changeBackup(tx, backup, { phase: 'starting' });
    await appendLog(tx, backup.id, context.clock.now(), [info(`backup of policy ${backup.policyName} started`)]);
    const settings =
      policy === null ? NO_SCRIPTS : { scripts: scriptsOf(policy), copySourceTags: policy.copySourceTags };
    return { targets, settings, obstacle };
  });
  return { context, job, backup, ...opening };
}

/** Sends what is left to send in a region, and settles what was sent; answers when to come back, null when all is settled. */
async function startHere(run: BackupRun, region: string): Promise<(Instant | null)[]> {
  const { context, job, backup } = run;
  const options = { signal: job.signal };
  return Promise.all([
    startRegion(run, ec2Of(context, backup.accountId, region, options)),
    startDatabases(run, databasePortsOf(context, backup.accountId, region, options)),
  ]);
}

/** Decides what is done in a region, once; answers when it had been looked at, null where an abort came first. */
async function planOnce(run: BackupRun, region: string): Promise<Instant | null> {
  const { context, job, backup, settings, targets } = run;
  const step = `plan ${region}`;
  if (job.finished(step)) return job.transactionStep<Instant>(step, neverAgain);
  if (job.cancelRequested) return null;
  const { accountId } = backup;
  const { copySourceTags } = settings;
  const plan = await readPlan({ context, accountId, copySourceTags, targets, signal: job.signal }, region);
  return job.transactionStep(step, async (tx) => {
    const at = context.clock.now();
    await saveBackupPlan(tx, { ownerId: backup.ownerId, backupId: backup.id, accountId: backup.accountId }, plan);
    await appendLog(tx, backup.id, at, plan.log);
    return at;
  });
}

function neverAgain(): never {
  throw new Error('a finished step ran again');
}

/** Whoever waits for the end of the backup reads why there is none yet. */
async function waitForSecondLook({ context, job, backup }: BackupRun, at: Instant): Promise<JobEnd<Database>> {
  await job.transactionStep('second look', async (tx) => {
    const text = `what does not exist is looked for again at ${formatInstant(at)}, before it is removed from the policy`;
    await appendLog(tx, backup.id, context.clock.now(), [info(text)]);
    return null;
  });
  return job.park(at);
}

async function enterWaiting({ job, backup }: BackupRun): Promise<void> {
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

/** Until when pending snapshots are waited for at most; null when there are none, or nobody waits any longer. */
async function stillPendingUntil({ context, job, backup }: BackupRun): Promise<Instant | null> {
  if (job.cancelRequested) return null;
  const snapshots = await findProgress(context.db, backup.id);
  const deadline = addMs(backup.startedAt, LONGEST_BACKUP_MS);
  return snapshots.some(({ state }) => state === 'pending') && context.clock.now() < deadline ? deadline : null;
}
