import {
  addMs,
  databaseServiceOf,
  isCpmError,
  isDatabaseKind,
  takesSnapshots,
  TARGET_KINDS,
  willTakeSnapshots,
  type Instant,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import type { DatabasePorts } from '../accounts/database-ports.ts';
import { findDatabases } from '../accounts/find-databases.ts';
import type { Database } from '../db/schema.ts';
import { appendLog, failure, info, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import { abandonAttempt } from './abandon-attempt.ts';
import { factsOfNamed } from './database-snapshot-facts.ts';
import { describeFullQuota } from './describe-full-quota.ts';
import { enqueuePoll } from './poll-snapshots.ts';
import {
  nameOfAttempt,
  sendDatabaseAttempt,
  type DatabaseAttempt,
  type DatabaseRun,
  type DatabaseSent,
} from './send-database-attempt.ts';
import type { FrozenSending } from './send-attempt.ts';
import { findIntended, updateSnapshots, type SnapshotUpdate } from './snapshots.store.ts';

/** Between two tries: while a database is being modified or backed up by AWS, after a lost answer, after a passing fault. */
const TRY_AGAIN_MS = 30_000;
/** A backup that could not start a snapshot by then says so: it is no longer the backup of its hour. */
const START_WINDOW_MS = 15 * 60_000;
const NOT_STARTED = 'it was not started: the backup was aborted';

/** The snapshots of databases and clusters of a backup in a region that have no settled answer. */
export async function openDatabaseAttempts(
  { context, backup }: DatabaseRun,
  region: string,
): Promise<DatabaseAttempt[]> {
  const rows = await findIntended(context.db, backup.id, { region, of: 'databases' });
  return rows.flatMap((row) => (row.service === 'ebs' ? [] : [{ ...row, service: row.service }]));
}

/**
 * Starts the intended snapshots of one region's databases and clusters, all calls at once. A call that was lost or put off is
 * sent again under the same name, which AWS takes once only, until the start window is over.
 * Answers when to come back, or null when every one has its answer.
 */
export async function startDatabases(run: DatabaseRun, ports: DatabasePorts): Promise<Instant | null> {
  const attempts = await openDatabaseAttempts(run, ports.region);
  if (attempts.length === 0) return null;
  const settled = await Promise.all(
    attempts.map(async (attempt) => settle(run, ports, { attempt, ...(await tryNow(run, ports, attempt)) })),
  );
  await run.job.transaction((tx) => saveSettled(tx, run, { region: ports.region, settled }));
  const times = settled.flatMap(({ lookAt }) => (lookAt === null ? [] : [lookAt]));
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

/** Sends each call once while an application is frozen, and nothing else; what became of it is settled by `startDatabases`. */
export async function sendFrozenDatabases(
  run: DatabaseRun,
  ports: DatabasePorts,
  attempts: readonly DatabaseAttempt[],
  frozen: FrozenSending,
): Promise<void> {
  await Promise.all(
    attempts.map(async (attempt) => {
      const { next } = await pastTries(run, attempt);
      if (next === 0) await sendStep(run, ports, { attempt, count: 0, frozen });
    }),
  );
}

/**
 * When to look again whether the databases of a region can be snapshotted, before an application is frozen for them; null
 * when all can or need a person for it (a stopped one), when it cannot be told, or when it was waited for long enough.
 */
export async function waitForDatabases(run: DatabaseRun, ports: DatabasePorts): Promise<Instant | null> {
  const now = run.context.clock.now();
  const attempts = await openDatabaseAttempts(run, ports.region);
  if (attempts.length === 0 || now >= addMs(run.backup.startedAt, START_WINDOW_MS)) return null;
  const states = await Promise.all(attempts.map((attempt) => stateOf(ports, attempt)));
  return states.some((state) => state !== null && willTakeSnapshots(state)) ? addMs(now, TRY_AGAIN_MS) : null;
}

export const stepOfDatabase = ({ attemptId }: DatabaseAttempt, count: number): string => `start ${attemptId} ${count}`;

type Tries = {
  readonly next: number;
  readonly last: DatabaseSent | null;
  /** Whether an earlier call may have been carried out although no answer of it is known. */
  readonly hasLost: boolean;
};

/** What is on record of the calls sent for an attempt. */
async function pastTries({ job }: DatabaseRun, attempt: DatabaseAttempt): Promise<Tries> {
  let last: DatabaseSent | null = null;
  let next = 0;
  let hasLost = false;
  for (; job.finished(stepOfDatabase(attempt, next)); next += 1) {
    last = await job.step<DatabaseSent>(stepOfDatabase(attempt, next), () => {
      throw new Error('a finished step ran again');
    });
    hasLost ||= last.sent === 'unknown';
  }
  return { next, last, hasLost: hasLost || job.startedBefore(stepOfDatabase(attempt, next)) };
}

type Sending = { readonly attempt: DatabaseAttempt; readonly count: number; readonly frozen: FrozenSending | null };

async function sendStep(run: DatabaseRun, ports: DatabasePorts, sending: Sending): Promise<DatabaseSent> {
  const { attempt, count, frozen } = sending;
  const isFrozen = frozen !== null;
  const send = async () => {
    try {
      return await sendDatabaseAttempt(run, ports, attempt, { isFrozen });
    } finally {
      frozen?.onAnswer();
      await frozen?.thawed;
    }
  };
  return run.job.step(stepOfDatabase(attempt, count), send, { urgent: isFrozen });
}

type Tried = { readonly sent: DatabaseSent; readonly hasLost: boolean; readonly isFirst: boolean };

/** The newest answer to an attempt: of a try made now if one is due. */
async function tryNow(run: DatabaseRun, ports: DatabasePorts, attempt: DatabaseAttempt): Promise<Tried> {
  const { next, last, hasLost } = await pastTries(run, attempt);
  const now = run.context.clock.now();
  const isOver = run.job.cancelRequested || isLate(run, now);
  const isSettled = last?.sent === 'accepted' || last?.sent === 'refused';
  if (last !== null && (isSettled || isOver || now < last.at + TRY_AGAIN_MS))
    return { sent: last, hasLost, isFirst: false };
  if (last === null && run.job.cancelRequested && !hasLost) {
    return { sent: { sent: 'refused', at: now, reason: NOT_STARTED, isQuotaFull: false }, hasLost, isFirst: true };
  }
  const sent = await sendStep(run, ports, { attempt, count: next, frozen: null });
  return { sent, hasLost: hasLost || sent.sent === 'unknown', isFirst: next === 0 };
}

const isLate = ({ backup }: DatabaseRun, now: Instant): boolean => now - backup.startedAt > START_WINDOW_MS;

type Answer = Tried & { readonly attempt: DatabaseAttempt };

/** What an attempt's answer means for our records. */
type Settled = {
  readonly attempt: DatabaseAttempt;
  readonly update: SnapshotUpdate | null;
  readonly log: readonly NewLogLine[];
  /** When to try again; null when it is settled. */
  readonly lookAt: Instant | null;
  /** What it may have made is no part of the backup, and is looked for and removed. */
  readonly abandon: boolean;
};

async function settle(run: DatabaseRun, ports: DatabasePorts, answer: Answer): Promise<Settled> {
  const { attempt, sent, hasLost } = answer;
  const { sourceId } = attempt;
  const unsettled: Settled = { attempt, update: null, log: [], lookAt: null, abandon: false };
  if (sent.sent === 'accepted') {
    const text = sent.isFound ? `the answer of AWS was lost; its snapshot was found by its name` : 'snapshot started';
    const dropped = `${sourceId}: AWS takes 50 tags on a snapshot; left out are ${sent.droppedTags.join(', ')}`;
    const log = [info(`${sourceId}: ${text}`), ...(sent.droppedTags.length === 0 ? [] : [warning(dropped)])];
    const update = factsOfNamed({ ...attempt, startedAt: sent.at }, sent.snapshot, sent.at);
    return { ...unsettled, update, log };
  }
  const now = run.context.clock.now();
  if (sent.sent === 'refused') {
    const full = sent.isQuotaFull ? await describeFullQuota(ports, attempt.service) : '';
    return giveUp(unsettled, `${full}${sent.reason}`, hasLost);
  }
  if (run.job.cancelRequested || isLate(run, now)) {
    return giveUp(unsettled, await lateReason(run, ports, answer), hasLost);
  }
  const lookAt = addMs(sent.at, TRY_AGAIN_MS);
  if (!answer.isFirst) return { ...unsettled, lookAt };
  const why = sent.sent === 'unknown' ? 'the answer of AWS was lost' : sent.reason;
  return { ...unsettled, lookAt, log: [warning(`${sourceId}: ${why}; tried again every ${TRY_AGAIN_MS / 1000} s`)] };
}

async function lateReason(run: DatabaseRun, ports: DatabasePorts, { attempt, sent }: Answer): Promise<string> {
  if (run.job.cancelRequested) return NOT_STARTED;
  if (sent.sent !== 'later') return 'the answer of AWS was lost and no snapshot shows under its name';
  if (!sent.isBusy) return sent.reason;
  const state = await stateOf(ports, attempt);
  const is = state === null || takesSnapshots(state) ? '' : `: it is ${state}`;
  return `it was not available within ${START_WINDOW_MS / 60_000} minutes${is}. ${sent.reason}`;
}

function giveUp(unsettled: Settled, reason: string, hasLost: boolean): Settled {
  const { attempt } = unsettled;
  const { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt, absentSince } = attempt;
  const same = { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt, absentSince };
  const update: SnapshotUpdate = { ...same, state: 'error', message: reason };
  return { ...unsettled, update, log: [failure(`${attempt.sourceId}: ${reason}`)], abandon: hasLost };
}

/** The state of the source as AWS shows it now; null where it does not tell. */
async function stateOf(ports: DatabasePorts, { service, sourceId }: DatabaseAttempt): Promise<string | null> {
  const kind = TARGET_KINDS.filter(isDatabaseKind).find((each) => databaseServiceOf(each) === service);
  if (kind === undefined) return null;
  try {
    const [found] = await findDatabases(ports, kind, [sourceId]);
    return found?.state ?? null;
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return null;
  }
}

type ToSave = { readonly region: string; readonly settled: readonly Settled[] };

async function saveSettled(tx: Transaction<Database>, run: DatabaseRun, { region, settled }: ToSave): Promise<void> {
  const { context, backup } = run;
  const { id: backupId, ownerId, accountId } = backup;
  const at = context.clock.now();
  for (const { attempt, abandon } of settled) {
    if (!abandon) continue;
    const database = { service: attempt.service, snapshotName: nameOfAttempt(backup, attempt) };
    await abandonAttempt(tx, { attemptId: attempt.attemptId, backupId, ownerId, accountId, region, at, database });
  }
  const updates = settled.flatMap(({ update }) => (update === null ? [] : [update]));
  await updateSnapshots(tx, updates);
  await appendLog(
    tx,
    backupId,
    at,
    settled.flatMap(({ log }) => log),
  );
  if (updates.some(({ state }) => state === 'pending')) await enqueuePoll(tx, { accountId, ownerId, region, at });
}
