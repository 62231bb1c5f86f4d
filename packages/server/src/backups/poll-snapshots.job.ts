import { addMs, isCpmError, progressPercent, type AccountId, type BackupId, type Instant } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { wakeJob } from '../engine/jobs.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, appendLogOnce, failure, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import { changeBackup, lockBackupForJob } from './backups.store.ts';
import { SOONEST_LOOK_MS } from './poll-snapshots.ts';
import { RUN_BACKUP } from './run-backup.ts';
import {
  factsFromAws,
  findPendingSnapshots,
  findProgress,
  updateSnapshots,
  type SnapshotRow,
  type SnapshotUpdate,
} from './snapshots.store.ts';

/** A young snapshot is looked at soon, an old one rarely: a growing share of its age, between the soonest and this. */
const LATEST_MS = 60_000;
const SHARE_OF_AGE = 0.7;
const AFTER_ERROR_MS = 60_000;
/** One listing without it proves nothing (F6): only so long after it was made, and so long after it was first missed. */
const BELIEVE_ABSENT_AGE_MS = 10 * 60_000;
const BELIEVE_ABSENT_FOR_MS = 5 * 60_000;

/** The one poller of an account and region: all pending snapshots of all backups, up to 1,000 a call. */
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
  const updates = await readUpdates(context, accountId, region, pending);
  const now = context.clock.now();
  if ('failure' in updates) {
    await job.transaction(async (tx) => {
      for (const backupId of new Set(pending.map((row) => row.backupId))) {
        await appendLogOnce(tx, backupId, now, warning(`${region}: ${updates.failure}`));
      }
    });
    return job.park(addMs(now, AFTER_ERROR_MS));
  }
  const changed = updates.all.filter((update, index) => isNews(update, pending[index]));
  if (changed.length > 0) await job.transaction((tx) => saveNews(tx, { now, changed, pending }));
  const left = updates.all.filter(({ state }) => state === 'pending');
  return left.length === 0 ? job.done() : job.park(nextLook(left, now));
}

type Updates = { readonly all: readonly SnapshotUpdate[] } | { readonly failure: string };

async function readUpdates(
  context: ServerContext,
  accountId: AccountId,
  region: string,
  pending: readonly SnapshotRow[],
): Promise<Updates> {
  try {
    const ids = pending.flatMap(({ awsSnapshotId }) => (awsSnapshotId === null ? [] : [awsSnapshotId]));
    const seen = await ec2Of(context, accountId, region).describeSnapshots(ids);
    const byId = new Map(seen.map((snapshot) => [snapshot.awsSnapshotId, snapshot]));
    const now = context.clock.now();
    return {
      all: pending.map((row) => {
        const snapshot = byId.get(row.awsSnapshotId ?? '');
        return snapshot === undefined
          ? absent(row, now)
          : { ...factsFromAws(row, snapshot, now), startedAt: row.startedAt };
      }),
    };
  } catch (error) {
    if (!isCpmError(error)) throw error;
    return { failure: describeError(error) };
  }
}

function absent(row: SnapshotRow, now: Instant): SnapshotUpdate {
  const { id, awsSnapshotId, progressPercent: percent, sizeGiB, encrypted, startedAt, completedAt } = row;
  const same = { id, awsSnapshotId, progressPercent: percent, sizeGiB, encrypted, startedAt, completedAt };
  const since = row.absentSince ?? now;
  const isOld = now - (startedAt ?? now) >= BELIEVE_ABSENT_AGE_MS;
  if (isOld && now - since >= BELIEVE_ABSENT_FOR_MS) {
    return { ...same, state: 'missing', message: 'AWS does not show it any more', absentSince: since };
  }
  return { ...same, state: 'pending', message: row.message, absentSince: since };
}

function isNews(update: SnapshotUpdate, row: SnapshotRow | undefined): boolean {
  return (
    update.state !== row?.state ||
    update.progressPercent !== row.progressPercent ||
    update.absentSince !== row.absentSince ||
    update.sizeGiB !== row.sizeGiB
  );
}

type News = {
  readonly now: Instant;
  readonly changed: readonly SnapshotUpdate[];
  readonly pending: readonly SnapshotRow[];
};

async function saveNews(tx: Parameters<typeof wakeJob<Database>>[0], { now, changed, pending }: News): Promise<void> {
  await updateSnapshots(tx, changed);
  const rowById = new Map(pending.map((row) => [row.id, row]));
  const byBackup = [...Map.groupBy(changed, ({ id }) => rowById.get(id)?.backupId)];
  // One order for all pollers, so that they never wait for each other in a circle.
  for (const [backupId, updates] of byBackup.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))) {
    if (backupId === undefined) continue;
    await appendLog(
      tx,
      backupId,
      now,
      updates.flatMap((update) => endLine(update, rowById.get(update.id))),
    );
    await tellBackup(tx, backupId);
  }
}

function endLine(update: SnapshotUpdate, row: SnapshotRow | undefined): NewLogLine[] {
  if (update.state !== 'error' && update.state !== 'missing') return [];
  return [failure(`snapshot ${update.awsSnapshotId ?? ''} of ${row?.sourceId ?? ''} failed: ${update.message ?? ''}`)];
}

/** Writes how far the backup is, and wakes its job when nothing is left to wait for. */
async function tellBackup(tx: Parameters<typeof wakeJob<Database>>[0], backupId: BackupId): Promise<void> {
  // The pollers of two regions can end their parts at once: whoever is second has to see what the first wrote.
  const backup = await lockBackupForJob(tx, backupId);
  if (backup.phase === 'ended') return;
  const snapshots = await findProgress(tx, backupId);
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
