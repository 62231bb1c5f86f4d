import { randomUUID } from 'node:crypto';
import type { Ec2Port, Snapshot as AwsSnapshot } from '@cpm/aws/port';
import { CPM_TAG_KEYS, addMs, isCpmError, parseAttemptId, type Instant } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { appendLog, failure, info, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import { abandonAttempt } from './abandon-attempt.ts';
import type { BackupRun } from './backup-run.ts';
import type { BackupRow } from './backups.store.ts';
import { findRoom } from './pending-room.ts';
import { enqueuePoll } from './poll-snapshots.ts';
import { sendAttempt, wasSent, type Attempt, type FrozenAttempts, type Sent } from './send-attempt.ts';
import {
  factsFromAws,
  findIntended,
  findResources,
  replaceAttempt,
  updateSnapshots,
  type SnapshotProgress,
  type SnapshotRow,
  type SnapshotUpdate,
} from './snapshots.store.ts';

/** AWS shows a fresh snapshot within seconds, at times minutes: so long an attempt is looked for before it counts as not made (F1). */
const SETTLE_MS = 150_000;
const LOOK_AGAIN_MS = 5_000;
/** AWS asks for 15 s between snapshots of one volume (F4); also the pause after a passing fault. */
const TRY_AGAIN_MS = 15_000;
/** A backup that could not start a snapshot by then says so: it is no longer the backup of its hour. */
const START_WINDOW_MS = 15 * 60_000;
/** Unless AWS is only waiting for snapshots under way to complete: that ends by itself, and is no reason to fail (F4). */
const ROOM_WINDOW_MS = 24 * 3600_000;
const NOT_STARTED = 'it was not started: the backup was aborted';

/** What an attempt's answer means for our records. */
type Settled = {
  readonly updates: readonly SnapshotUpdate[];
  readonly log: readonly NewLogLine[];
  /** When to look again; null when it is settled. */
  readonly lookAt: Instant | null;
  /** The same snapshots get a fresh attempt. */
  readonly retry: boolean;
  /** What it may have made is no part of the backup, and is looked for and removed. */
  readonly abandon: boolean;
};

const UNSETTLED: Settled = { updates: [], log: [], lookAt: null, retry: false, abandon: false };

/**
 * Starts the intended snapshots of one region, all calls at once. Each attempt is sent at most once: after a crash or a lost
 * answer it is looked up by its tag, and only when it is certain that nothing came of it a fresh attempt is made.
 * Answers when to come back, or null when every attempt has its answer.
 */
export async function startRegion(run: BackupRun, ec2: Ec2Port): Promise<Instant | null> {
  const { context, job, backup } = run;
  const attempts = await openAttempts(context, backup, ec2.region);
  if (attempts.length === 0) return null;
  const unsent = attempts.filter((attempt) => !wasSent(job, attempt));
  const room = await findRoom(run, ec2.region, unsent);
  const answers = await sendAll(run, ec2, { attempts, waiting: new Set(room.waiting), frozen: null });
  const found = await lookUp(ec2, answers);
  const now = context.clock.now();
  const isAborted = job.cancelRequested;
  const settled = answers.map(({ attempt, sent }) => ({
    attempt,
    ...settle(attempt, sent, {
      found: found === null ? null : (found.get(attempt.id) ?? []),
      now,
      isLate: (room: boolean) => isAborted || now - backup.startedAt > (room ? ROOM_WINDOW_MS : START_WINDOW_MS),
    }),
  }));
  await job.transaction((tx) => saveSettled(tx, { backup, region: ec2.region, settled, now }));
  const times = settled.flatMap(({ lookAt }) => (lookAt === null ? [] : [lookAt]));
  if (room.lookAt !== null) times.push(room.lookAt);
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

/** Sends all that a region has to send while an application is frozen, and nothing else; what became of it is settled later. */
export async function sendFrozen(
  run: BackupRun,
  ec2: Ec2Port,
  attempts: readonly Attempt[],
  frozen: FrozenAttempts,
): Promise<void> {
  await sendAll(run, ec2, { attempts, waiting: new Set(), frozen });
}

type Batch = {
  readonly attempts: readonly Attempt[];
  /** Not to be sent now: there is no room for them yet. */
  readonly waiting: ReadonlySet<Attempt>;
  readonly frozen: FrozenAttempts | null;
};
type Answer = { readonly attempt: Attempt; readonly sent: Sent };

async function sendAll(run: BackupRun, ec2: Ec2Port, { attempts, waiting, frozen }: Batch): Promise<Answer[]> {
  const { context, job, backup, settings } = run;
  const { copySourceTags } = settings;
  return Promise.all(
    attempts
      .filter((attempt) => job.cancelRequested || !waiting.has(attempt))
      .map(async (attempt): Promise<Answer> => {
        if (job.cancelRequested && frozen === null && !wasSent(job, attempt)) {
          return { attempt, sent: { sent: 'refused', reason: NOT_STARTED } };
        }
        return { attempt, sent: await sendAttempt(context, job, { backup, ec2, attempt, copySourceTags, frozen }) };
      }),
  );
}

/** From the first to the last accepted call of a backup, ms; null when none was. */
export function skewOf(snapshots: readonly SnapshotProgress[]): number | null {
  const times = snapshots.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  return times.length === 0 ? null : Math.max(...times) - Math.min(...times);
}

/** The attempts of a backup in a region that have no settled answer. */
export async function openAttempts({ db }: ServerContext, backup: BackupRow, region: string): Promise<Attempt[]> {
  const open = await findIntended(db, backup.id, { region, of: 'volumes' });
  if (open.length === 0) return [];
  const byId = new Map((await findResources(db, backup.id)).map((resource) => [resource.id, resource]));
  return [...Map.groupBy(open, ({ attemptId }) => attemptId)].flatMap(([id, rows]) => {
    const resource = byId.get(rows[0]?.resourceId ?? '');
    return resource === undefined ? [] : [{ id, resource, rows }];
  });
}

type Found = ReadonlyMap<string, readonly AwsSnapshot[]>;

/** What AWS shows of the attempts whose answer was lost; null when it does not tell now, which proves nothing. */
async function lookUp(
  ec2: Ec2Port,
  answers: readonly { readonly attempt: Attempt; readonly sent: Sent }[],
): Promise<Found | null> {
  const unknown = answers.filter(({ sent }) => sent.sent === 'unknown').map(({ attempt }) => attempt.id);
  if (unknown.length === 0) return new Map();
  try {
    const found = await ec2.findSnapshotsByTag(CPM_TAG_KEYS.attempt, unknown);
    return Map.groupBy(found, ({ tags }) => tags[CPM_TAG_KEYS.attempt] ?? '');
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return null;
  }
}

type Circumstances = {
  readonly found: readonly AwsSnapshot[] | null;
  readonly now: Instant;
  /** Whether it is too late for another try; there is more time for what only waits for room. */
  readonly isLate: (room: boolean) => boolean;
};

function settle(attempt: Attempt, sent: Sent, seen: Circumstances): Settled {
  const { now, isLate } = seen;
  const source = attempt.resource.resourceId;
  switch (sent.sent) {
    case 'accepted': {
      const count = sent.snapshots.length;
      const text = count === 1 ? 'snapshot started' : `${count} snapshots started at one point in time`;
      const dropped = `${source}: AWS takes 50 tags on a snapshot; left out are ${sent.droppedTags.join(', ')}`;
      const log = [info(`${source}: ${text}`), ...(sent.droppedTags.length === 0 ? [] : [warning(dropped)])];
      return { ...UNSETTLED, updates: adopt(attempt, sent.snapshots, sent.at), log };
    }
    case 'refused':
      return giveUp(attempt, sent.reason);
    case 'later':
      if (isLate(sent.room)) return giveUp(attempt, sent.reason);
      if (now >= sent.at + TRY_AGAIN_MS) return { ...UNSETTLED, retry: true, lookAt: now };
      return {
        ...UNSETTLED,
        log: now - sent.at < 1000 ? [warning(`${source}: ${sent.reason}; tried again soon`)] : [],
        lookAt: addMs(sent.at, TRY_AGAIN_MS),
      };
    case 'unknown':
      return settleUnknown(attempt, sent.at, seen);
  }
}

function settleUnknown(attempt: Attempt, since: Instant, { found, now, isLate }: Circumstances): Settled {
  const hasSettled = now >= since + SETTLE_MS;
  const count = found?.length ?? 0;
  // A part of a multi-volume snapshot may show before the rest: wait for all of it.
  if (found !== null && (count >= attempt.rows.length || (hasSettled && count > 0))) {
    const text = `the answer of AWS was lost; its ${count} snapshots were found by their tag`;
    const log = [info(`${attempt.resource.resourceId}: ${text}`)];
    return { ...UNSETTLED, updates: adopt(attempt, found, since, 'late'), log };
  }
  if (isLate(false)) return { ...giveUp(attempt, 'the answer of AWS was lost and no snapshot shows'), abandon: true };
  if (!hasSettled || found === null) return { ...UNSETTLED, lookAt: addMs(now, LOOK_AGAIN_MS) };
  return { ...UNSETTLED, retry: true, abandon: true, lookAt: now };
}

/** Our records of the attempt with what AWS made; a volume that AWS left out has failed. */
function adopt(
  attempt: Attempt,
  snapshots: readonly AwsSnapshot[],
  at: Instant,
  answer: 'in time' | 'late' = 'in time',
): SnapshotUpdate[] {
  const byVolume = new Map(snapshots.map((snapshot) => [snapshot.volumeId, snapshot]));
  return attempt.rows.map((row) => {
    const seen = byVolume.get(row.sourceId);
    if (seen === undefined) return failed(row, 'AWS made no snapshot of this volume');
    // When the call was accepted by our clock: the skew must not depend on AWS's, which shows whole seconds.
    // Of a lost answer only AWS knows, and it may have come to the call later than we stopped to wait for it.
    const startedAt = answer === 'late' ? (Math.max(at, seen.startedAt ?? at) as Instant) : at;
    return { ...factsFromAws(row, seen, at), startedAt };
  });
}

function giveUp(attempt: Attempt, reason: string): Settled {
  const updates = attempt.rows.map((row) => failed(row, reason));
  return { ...UNSETTLED, updates, log: [failure(`${attempt.resource.resourceId}: ${reason}`)] };
}

function failed(row: SnapshotRow, message: string): SnapshotUpdate {
  const { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt, absentSince } = row;
  const same = { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt, absentSince };
  return { ...same, state: 'error', message };
}

type ToSave = {
  readonly backup: BackupRow;
  readonly region: string;
  readonly settled: readonly (Settled & { readonly attempt: Attempt })[];
  readonly now: Instant;
};

async function saveSettled(tx: Transaction<Database>, { backup, region, settled, now }: ToSave): Promise<void> {
  const { id: backupId, ownerId, accountId } = backup;
  for (const { attempt, retry, abandon } of settled) {
    if (abandon) await abandonAttempt(tx, { attemptId: attempt.id, backupId, ownerId, accountId, region, at: now });
    if (retry) await replaceAttempt(tx, backupId, { old: attempt.id, fresh: parseAttemptId(randomUUID()) });
  }
  const updates = settled.flatMap((each) => each.updates);
  const log = settled.flatMap((each) => each.log);
  await updateSnapshots(tx, updates);
  await appendLog(tx, backupId, now, log);
  if (updates.some(({ state }) => state === 'pending')) await enqueuePoll(tx, { accountId, ownerId, region, at: now });
}
