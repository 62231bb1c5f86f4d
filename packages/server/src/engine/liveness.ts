import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { CompiledQuery } from 'kysely';
import type { Kysely } from 'kysely';
import { systemClock, type Clock } from '../clock.ts';
import { messageOf } from '../db/errors.ts';
import type { Log } from '../db/log.ts';
import type { SessionQuery } from '../db/session.ts';
import { JOBS_CHANNEL } from './jobs.ts';
import type { Notifications } from './notifications.ts';

/** How often a worker looks whether another has died. */
const LOOK_MS = 500;

/** Whether a process lives is a matter of real time, whatever clock its jobs live by. */
const realTime = systemClock();

export type LivenessInput<DB> = {
  readonly db: Kysely<DB>;
  readonly notifications: Notifications;
  /** Of the jobs: says when one that was freed may run. */
  readonly clock: Pick<Clock, 'now'>;
  /** A worker that gave no sign for so long is taken for dead. */
  readonly leaseMs: number;
  readonly log: Log;
  /** Jobs of a dead worker are free, or due ones may have gone unnoticed by it. */
  readonly onFreed: () => void;
  /** Regularly, after a sign of life: time to compare notes with the database. */
  readonly onBeat: () => void;
  /** Another worker took this one for dead: all its jobs are lost, and it goes on under a new id. */
  readonly onLost: () => void;
};

export type Liveness = {
  readonly workerId: () => string;
  /** Another worker has come: start looking after it. */
  readonly lookSoon: () => void;
  /** Takes the worker off the list, which its jobs must have left. */
  readonly stop: () => Promise<void>;
};

type Other = { id: string; beat: number; isGone: boolean };
/** What is known of another worker; its silence is counted only as far as this process was awake to hear it. */
type Watched = { beat: number; silentMs: number; seenMs: number };

/**
 * Lists this process as a worker and keeps it listed. Two signs of life: a session lock, free the moment the process or its
 * connection dies, and a beat that stops when the process freezes. Each worker watches all others and frees the jobs of the
 * dead: within two looks for a free lock, after `leaseMs` for a silent beat.
 */
export async function startLiveness<DB>(input: LivenessInput<DB>): Promise<Liveness> {
  const { db, notifications, leaseMs, log } = input;
  const watched = new Map<string, Watched>();
  let id: string | undefined;
  let isStopped = false;
  let areOthers = false;

  const register = async (query: SessionQuery) => {
    if (id !== undefined && (await takeBack(query, id))) return;
    const isNew = id === undefined;
    id = await enlist(query);
    if (isNew) return;
    log.warn({ worker: id }, 'this worker was taken for dead; it goes on under a new id');
    input.onLost();
  };
  const beat = async () => {
    const [row] = await notifications.query<{ isMine: boolean; areOthers: boolean }>(BEAT, [id]);
    areOthers = row?.areOthers ?? false;
    if (areOthers) lookLoop.soon();
    if (row?.isMine === false) await register(notifications.query);
    input.onBeat();
  };
  // Not on the session: to itself its own locks, and those of a second worker of this process, would look free.
  const pooled = async <Row>(text: string, values: readonly unknown[]) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
  const look = async () => {
    if (!areOthers) return;
    const others = await pooled<Other>(OTHERS, [id]);
    areOthers = others.length > 0;
    for (const gone of watched.keys()) if (!others.some((other) => other.id === gone)) watched.delete(gone);
    for (const other of others) {
      if (!other.isGone && !isSilent(watched, other, leaseMs)) continue;
      const freed = await pooled(FREE, [
        other.id,
        other.beat,
        !other.isGone,
        JOBS_CHANNEL,
        new Date(input.clock.now()).toISOString(),
      ]);
      log.warn({ worker: other.id, jobs: freed.length, silent: !other.isGone }, 'took over from a dead worker');
      input.onFreed();
    }
  };
  const whenConnected = (work: () => Promise<void>) => async () => {
    if (isStopped || !notifications.isConnected()) return;
    await work().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'a sign of life could not be given'));
  };
  const beatLoop = repeat(leaseMs / 3, whenConnected(beat));
  const lookLoop = repeat(LOOK_MS, whenConnected(look), () => areOthers);
  const forget = await notifications.atEachConnection(register);
  beatLoop.soon();

  return {
    workerId: () => id ?? '',
    lookSoon: () => {
      areOthers = true;
      lookLoop.soon();
    },
    stop: async () => {
      isStopped = true;
      forget();
      await Promise.all([beatLoop.stop(), lookLoop.stop()]);
      await notifications.query(`delete from workers where id = $1`, [id]).catch(() => undefined);
      await notifications.query(`select pg_advisory_unlock(${LOCK})`, [id]).catch(() => undefined);
    },
  };
}

/** The number of a worker's lock, of its id as the statement's first parameter. */
const LOCK = 'hashtextextended($1::text, 0)';

/** After a restart of PostgreSQL all locks are free for a moment: everybody gets the time to come back. */
const IS_GONE = `pg_postmaster_start_time() < clock_timestamp() - interval '3 s'
  and pg_try_advisory_xact_lock(hashtextextended(id::text, 0))`;

const OTHERS = `select id, beat, ${IS_GONE} as "isGone" from workers where id <> $1`;

const BEAT = `with beaten as (update workers set beat = beat + 1 where id = $1 returning id)
  select exists (select from beaten) as "isMine", exists (select from workers where id <> $1) as "areOthers"`;

/**
 * Frees the jobs of a worker that is dead still: its beat has not moved, or its lock is free. One of them may be what killed
 * it: from the third death on they come back apart, so that the others get done before it is given up.
 */
const FREE = `with dead as (
    delete from workers where id = $1 and case when $3 then beat = $2 else ${IS_GONE} end returning id
  )
  update jobs set state = 'waiting', worker_id = null, attempts = attempts + 1,
    last_error = 'the process that ran it ended',
    back_off_until = case when attempts >= 2 then $5::timestamptz + random() * power(2, least(attempts, 8)) * interval '1 s' end,
    wake_at = case when attempts >= 2 then $5::timestamptz + random() * power(2, least(attempts, 8)) * interval '1 s'
      else wake_at end
  from dead where worker_id = dead.id returning pg_notify($4, '')`;

/** Whether PostgreSQL gives the worker its lock again and nobody has taken it off the list meanwhile. */
async function takeBack(query: SessionQuery, id: string): Promise<boolean> {
  const [lock] = await query<{ taken: boolean }>(`select pg_try_advisory_lock(${LOCK}) as taken`, [id]);
  if (lock?.taken !== true) return false;
  const rows = await query(`select from workers where id = $1`, [id]);
  if (rows.length > 0) return true;
  await query(`select pg_advisory_unlock(${LOCK})`, [id]);
  return false;
}

/** The lock first: a worker on the list without one counts as dead. */
async function enlist(query: SessionQuery): Promise<string> {
  const id = randomUUID();
  await query(`select pg_advisory_lock(${LOCK})`, [id]);
  await query(`insert into workers (id, host, pid) values ($1, $2, $3)`, [id, hostname(), process.pid]);
  await query(`select pg_notify($1, 'worker')`, [JOBS_CHANNEL]);
  return id;
}

/** A process that slept itself must not count that as the other's silence: each look adds two intervals at most. */
function isSilent(watched: Map<string, Watched>, { id, beat }: Other, leaseMs: number): boolean {
  const nowMs = realTime.monotonicMs();
  const before = watched.get(id);
  if (before === undefined || before.beat !== beat) {
    watched.set(id, { beat, silentMs: 0, seenMs: nowMs });
    return false;
  }
  before.silentMs += Math.min(nowMs - before.seenMs, 2 * LOOK_MS);
  before.seenMs = nowMs;
  return before.silentMs >= leaseMs;
}

/** Does the work every so often, one after another, as long as `isWanted`; `soon` does it now. */
function repeat(everyMs: number, work: () => Promise<void>, isWanted: () => boolean = () => true) {
  let cancel = () => {};
  let current: Promise<void> | undefined;
  let isStopped = false;
  const soon = () => {
    if (isStopped || current !== undefined) return;
    cancel();
    current = work().finally(() => {
      current = undefined;
      if (!isStopped && isWanted()) cancel = realTime.after(everyMs, soon);
    });
  };
  const stop = async () => {
    isStopped = true;
    cancel();
    await current;
  };
  return { soon, stop };
}
