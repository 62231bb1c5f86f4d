import { addMs, progressPercent, type AccountId, type BackupId, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { wakeJob } from '../engine/jobs.ts';
import { appendLog, appendLogOnce, failure, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import { changeBackup, lockBackupForJob, markRecoverable } from './backups.store.ts';
import { SOONEST_LOOK_MS } from './poll-snapshots.ts';
import { RUN_BACKUP } from './run-backup.ts';
import { readPending, type PendingUpdate } from './read-pending.ts';
import { findPendingSnapshots, findProgress, updateSnapshots, type SnapshotUpdate } from './snapshots.store.ts';

/** A young snapshot is looked at soon, an old one rarely: a growing share of its age, between the soonest and this. */
const LATEST_MS = 60_000;
const SHARE_OF_AGE = 0.7;
const AFTER_ERROR_MS = 60_000;

/** The one poller of an account and region: all pending snapshots of all backups and services, up to 1,000 a call. */
export function pollSnapshotsKind(context: ServerContext): JobKind<Database> {
  return {
    run: (job) => pollSnapshots(context, job),
    // The next backup of the account and region starts a poller anew.
    onFailed: async () => undefined,
    maxAttempts: 1000,
  };
}

async function pollSnapshots(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { region } = job.input as { region: string };
  const accountId = job.subjectId as AccountId;
  const pending = await findPendingSnapshots(context.db, accountId, region);
  if (pending.length === 0) return job.done();
  const { updates, failures } = await readPending(context, { accountId, region }, pending);
  const now = context.clock.now();
  const changed = updates.filter(isNews);
  if (changed.length + failures.length > 0) {
    await job.transaction(async (tx) => {
      await saveNews(tx, now, changed);
      for (const { rows, reason } of failures) {
        for (const backupId of new Set(rows.map((row) => row.backupId))) {
          await appendLogOnce(tx, backupId, now, warning(`${region}: ${reason}`));
        }
      }
    });
  }
  const left = updates.flatMap(({ update }) => (update.state === 'pending' ? [update] : []));
  const looks = [
    ...(left.length === 0 ? [] : [nextLook(left, now)]),
    ...(failures.length === 0 ? [] : [addMs(now, AFTER_ERROR_MS)]),
  ];
  return looks.length === 0 ? job.done() : job.park(Math.min(...looks) as Instant);
}

function isNews({ update, row }: PendingUpdate): boolean {
  return (
    update.state !== row.state ||
    update.progressPercent !== row.progressPercent ||
    update.absentSince !== row.absentSince ||
    update.sizeGiB !== row.sizeGiB
  );
}

type Tx = Parameters<typeof wakeJob<Database>>[0];

async function saveNews(tx: Tx, now: Instant, changed: readonly PendingUpdate[]): Promise<void> {
  await updateSnapshots(
    tx,
    changed.map(({ update }) => update),
  );
  const byBackup = [...Map.groupBy(changed, ({ row }) => row.backupId)];
  // One order for all pollers, so that they never wait for each other in a circle.
  for (const [backupId, news] of byBackup.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await appendLog(tx, backupId, now, news.flatMap(endLine));
    await tellBackup(tx, backupId);
  }
}

function endLine({ update, row }: PendingUpdate): NewLogLine[] {
  if (update.state !== 'error' && update.state !== 'missing') return [];
  return [failure(`snapshot ${update.awsSnapshotId ?? ''} of ${row.sourceId} failed: ${update.message ?? ''}`)];
}

/** Writes how far the backup is, and wakes its job when nothing is left to wait for. */
async function tellBackup(tx: Tx, backupId: BackupId): Promise<void> {
  // The pollers of two regions can end their parts at once: whoever is second has to see what the first wrote.
  const backup = await lockBackupForJob(tx, backupId);
  const snapshots = await findProgress(tx, backupId);
  // An aborted backup ends before its snapshots do: what they complete can be recovered all the same (BKP-7).
  if (backup.phase === 'ended') {
    return snapshots.some(({ state }) => state === 'completed') ? markRecoverable(tx, backup) : undefined;
  }
  const parts = snapshots.map(({ sizeGiB, state, progressPercent: percent }) => ({ sizeGiB, state, percent }));
  await changeBackup(tx, backup, { progressPercent: progressPercent(parts) });
  if (snapshots.every(({ state }) => state !== 'pending' && state !== 'intended')) {
    await wakeJob(tx, { kind: RUN_BACKUP, uniqueKey: backupId });
  }
}

function nextLook(left: readonly SnapshotUpdate[], now: Instant): Instant {
  const youngestMs = Math.min(...left.map(({ startedAt }) => now - (startedAt ?? now)));
  return addMs(now, Math.round(Math.min(Math.max(youngestMs * SHARE_OF_AGE, SOONEST_LOOK_MS), LATEST_MS)));
}
