import { DAY_MS, HOUR_MS } from '@cpm/core';
import type { Instant } from '@cpm/core';
import type { Kysely } from 'kysely';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../db/errors.ts';
import type { Log } from '../db/log.ts';
import { claimJobs } from './claim.ts';
import type { ClaimedJob } from './claim.ts';
import type { EngineTables } from './engine-tables.ts';
import { removeEndedJobs } from './ended-jobs.ts';
import { JOBS_CHANNEL } from './jobs.ts';
import type { JobKind } from './job-kind.ts';
import { startLiveness } from './liveness.ts';
import type { Notifications } from './notifications.ts';
import { compareWithDatabase } from './ownership-check.ts';
import { LostOwnership, releaseJob, WorkerStopping } from './ownership.ts';
import { runJob } from './run-job.ts';
import { startRounds } from './rounds.ts';
import type { Round } from './rounds.ts';
import { JobCancelled, newRun } from './run.ts';
import type { Run, RunSurroundings } from './run.ts';

export type WorkerInput<DB extends EngineTables> = {
  readonly db: Kysely<DB>;
  /** Of the same database; shared with the ticker and the live events. */
  readonly notifications: Notifications;
  /** Says when jobs are due. */
  readonly clock: Clock;
  /** The kinds this worker runs; others wait for a worker that knows them. */
  readonly kinds: Readonly<Record<string, JobKind<DB>>>;
  readonly log: Log;
  /** At most so many jobs at once in this process; 500 unless told. */
  readonly concurrency?: number;
  /** A worker that gives no sign of life for so long loses its jobs; 15 s unless told. */
  readonly leaseMs?: number;
  /** How long a stop waits for steps under way; 30 s unless told. */
  readonly stopWithinMs?: number;
  /** How long an ended job is kept for whoever wants to know; 7 days unless told. */
  readonly keepEndedMs?: number;
  /** 0 (included) to 1: spreads jobs that failed together; replaced where a run must repeat exactly. */
  readonly random?: () => number;
};

export type Worker = {
  readonly workerId: () => string;
  /** Does it before any more jobs are begun here: all that falls due at one moment is on record before the first of it runs. */
  readonly doFirst: <T>(work: () => Promise<T>) => Promise<T>;
  /** Claims no more, lets running steps finish and gives the jobs back for the next start. */
  readonly stop: () => Promise<void>;
};

/** Of a long backlog so many start before the next are claimed. */
const CLAIMED_AT_ONCE = 100;
/** No job waits longer than that for what is done first. */
const LONGEST_FIRST_MS = 1_000;
/** How long after an error of the database the next claim is tried. */
const RETRY_MS = 500;
const HOUSEKEEPING_MS = HOUR_MS;
const realTime = systemClock();

/**
 * Runs the jobs of the database in this process until stopped. Sleeps until the next wake time or a notification; what is
 * due is claimed in one statement and run side by side. Jobs of a worker that died are freed and run here or elsewhere.
 */
export async function startWorker<DB extends EngineTables>(input: WorkerInput<DB>): Promise<Worker> {
  const { db, notifications, clock, kinds, log, concurrency = 500, leaseMs = 15_000, stopWithinMs = 30_000 } = input;
  const { keepEndedMs = 7 * DAY_MS, random = Math.random } = input;
  const runs = new Map<Run, Promise<void>>();
  let isStopping = false;
  /** How much is under way that no further job may begin before. */
  let firsts = 0;
  const around: RunSurroundings<DB> = { db, clock, log, leaseMs, isStopping: () => isStopping, random };

  const claim = async (): Promise<Round> => {
    // The end of it asks again.
    if (firsts > 0) return { nextAt: null };
    const limit = Math.min(concurrency - runs.size, CLAIMED_AT_ONCE);
    const room = roomPerKind(kinds, runs, limit);
    // No room: the end of a run asks again.
    if (room.size === 0) return { nextAt: null };
    const except = [...runs.keys()].map((run) => run.job.id);
    const workerId = liveness.workerId();
    const claimed = await claimJobs(db, notifications.query, { workerId, now: clock.now(), room, limit, except });
    for (const job of claimed.jobs) begin(job);
    return { nextAt: claimed.nextWakeAt, again: claimed.contended || claimed.jobs.length === limit };
  };
  const begin = (job: ClaimedJob) => {
    const kind = kinds[job.kind];
    if (kind === undefined) return;
    const run = newRun(job);
    const ended = runJob(around, kind, run).finally(() => {
      runs.delete(run);
      claims.soon();
    });
    runs.set(run, ended);
  };
  const onLost = () => {
    for (const run of runs.keys()) run.abort.abort(new LostOwnership());
    claims.soon();
  };
  const onError = (error: unknown) => log.warn({ reason: messageOf(error) }, 'no jobs can be claimed; trying again');
  const claims = startRounds({ clock, round: claim, onError, retryMs: RETRY_MS });
  const check = regularChecks({ db, log, clock, runs, keepEndedMs });
  const onBeat = () => check(liveness.workerId());
  const liveness = await startLiveness({
    db,
    notifications,
    clock,
    leaseMs,
    log,
    onFreed: claims.soon,
    onBeat,
    onLost,
  });
  const heard = (payload: string) => {
    const [word, jobId] = payload.split(' ');
    if (word === 'worker') liveness.lookSoon();
    for (const run of runs.keys()) if (word === 'cancel' && run.job.id === jobId) run.cancel.abort(new JobCancelled());
    claims.soon();
  };
  const missed = () => {
    onBeat();
    claims.soon();
  };
  const unlisten = await notifications.listen(JOBS_CHANNEL, { heard, missed });
  claims.soon();

  const doFirst = async <T>(work: () => Promise<T>): Promise<T> => {
    firsts += 1;
    let isFirst = true;
    const letOthers = () => {
      if (!isFirst) return;
      isFirst = false;
      firsts -= 1;
      claims.soon();
    };
    const cancel = realTime.after(LONGEST_FIRST_MS, letOthers);
    try {
      return await work();
    } finally {
      cancel();
      letOthers();
    }
  };
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    unlisten();
    await claims.stop();
    await endWithin(stopWithinMs, [...runs.values()]);
    await giveBack(db, log, [...runs.keys()]);
    await liveness.stop();
  };
  return { workerId: liveness.workerId, doFirst, stop };
}

type ChecksInput<DB extends EngineTables> = Pick<WorkerInput<DB>, 'db' | 'log' | 'clock'> & {
  readonly runs: ReadonlyMap<Run, unknown>;
  readonly keepEndedMs: number;
};

/** What is done at every beat: notes are compared with the database and, once an hour, old jobs removed. */
function regularChecks<DB extends EngineTables>({ db, log, clock, runs, keepEndedMs }: ChecksInput<DB>) {
  const suspects = new Set<string>();
  const housekeeping = onceEvery(HOUSEKEEPING_MS, () => {
    const removed = removeEndedJobs(db, (clock.now() - keepEndedMs) as Instant);
    removed.catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'ended jobs could not be removed'));
  });
  return (workerId: string) => {
    const compared = compareWithDatabase({ db, workerId, runs: [...runs.keys()], suspects });
    compared.catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'running jobs could not be checked'));
    housekeeping();
  };
}

/** The kinds that may start more jobs here, and how many each. */
function roomPerKind<DB>(
  kinds: Readonly<Record<string, JobKind<DB>>>,
  runs: ReadonlyMap<Run, unknown>,
  limit: number,
): Map<string, number> {
  const running = new Map<string, number>();
  for (const { job } of runs.keys()) running.set(job.kind, (running.get(job.kind) ?? 0) + 1);
  const room = Object.entries(kinds).map(([name, { concurrency = Infinity }]): [string, number] => [
    name,
    Math.min(concurrency - (running.get(name) ?? 0), limit),
  ]);
  return new Map(room.filter(([, free]) => free > 0));
}

/** Does the work when called, but not again before so much time has gone by. */
function onceEvery(ms: number, work: () => void): () => void {
  let lastMs = -Infinity;
  return () => {
    const nowMs = realTime.monotonicMs();
    if (nowMs - lastMs < ms) return;
    lastMs = nowMs;
    work();
  };
}

/** Waits for all of them, but not longer than that. */
async function endWithin(ms: number, ended: readonly Promise<void>[]): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const cancel = realTime.after(ms, patience.resolve);
  await Promise.race([Promise.all(ended), patience.promise]);
  cancel();
}

/** What would not stop in time is told to, and its jobs go back; whatever it still does comes to nothing. */
async function giveBack<DB extends EngineTables>(db: Kysely<DB>, log: Log, runs: readonly Run[]): Promise<void> {
  for (const run of runs) {
    run.abort.abort(new WorkerStopping());
    await releaseJob(db, run.job).catch((error: unknown) =>
      log.warn({ job: run.job.id, reason: messageOf(error) }, 'a job could not be given back; it is taken over later'),
    );
  }
}
