import { isCpmError, isWorthRetrying } from '@cpm/core';
import type { Instant } from '@cpm/core';
import type { Kysely } from 'kysely';
import { systemClock } from '../clock.ts';
import { messageOf } from '../db/errors.ts';
import { transaction } from '../db/transaction.ts';
import type { ClaimedJob } from './claim.ts';
import type { EngineTables } from './engine-tables.ts';
import { jobContext } from './job-context.ts';
import type { JobEnd, JobKind } from './job-kind.ts';
import * as ownership from './ownership.ts';
import type { Run, RunSurroundings } from './run.ts';

const MAX_ATTEMPTS = 10;
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 300_000;
/** Free text of an error is kept to this many characters. */
const REASON_LENGTH = 2_000;

/** Waits for the database, not for anything in the product: so by the machine's time whatever clock the jobs live by. */
const realTime = systemClock();

/** The processes that ran this job ended again and again before it got anywhere: it may be what ends them. */
export class PoisonousJob extends Error {
  override readonly name = 'PoisonousJob';
  constructor(times: number) {
    super(`the server ended ${times} times while this was running`);
  }
}

/** Carries a claimed job to the end of this run: done, parked, backing off, failed, given back or lost. Never throws. */
export async function runJob<DB extends EngineTables>(
  around: RunSurroundings<DB>,
  kind: JobKind<DB>,
  run: Run,
): Promise<void> {
  try {
    // Errors are given up when they happen: so many can only be deaths of the processes that ran it.
    if (run.job.attempts >= (kind.maxAttempts ?? MAX_ATTEMPTS)) throw new PoisonousJob(run.job.attempts);
    const end = await kind.run(await jobContext(around, run));
    if (run.broken !== undefined) throw run.broken;
    await carryOut(around, run, end);
  } catch (error) {
    await settle(around, kind, run, run.broken ?? error);
  }
}

/** The writes of the runner and the end of the job, in one transaction that only the present owner can commit. */
async function carryOut<DB extends EngineTables>(
  { db, clock, leaseMs }: RunSurroundings<DB>,
  { job }: Run,
  end: JobEnd<DB>,
): Promise<void> {
  const write = (on: Kysely<DB>) =>
    end.end === 'done' ? ownership.endJob(on, job, clock.now()) : ownership.parkJob(on, job, end.until);
  const { writes } = end;
  if (writes === undefined) return write(db);
  await transaction(db, async (trx) => {
    await ownership.lockOwnJob(trx, job, leaseMs);
    await writes(trx);
    await write(trx);
  });
}

/** Records what became of a run that did not end by itself, again and again until the database takes it. */
async function settle<DB extends EngineTables>(
  around: RunSurroundings<DB>,
  kind: JobKind<DB>,
  run: Run,
  error: unknown,
): Promise<void> {
  const { log, isStopping } = around;
  const { id, kind: kindName, subjectId } = run.job;
  const facts = { job: id, kind: kindName, subject: subjectId };
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
    // Lost, or the stopping worker has given it back for us: nothing is left to record.
    if (run.abort.signal.aborted) return;
    try {
      return await settleOnce(around, kind, run, error);
    } catch (trouble) {
      if (trouble instanceof ownership.LostOwnership)
        return log.info(facts, 'the job was taken over by another worker');
      log.warn({ ...facts, reason: messageOf(trouble) }, 'the end of a run could not be recorded yet');
    }
    if (isStopping()) return;
    await new Promise<void>((resolve) => void realTime.after(pauseMs, resolve));
  }
}

async function settleOnce<DB extends EngineTables>(
  around: RunSurroundings<DB>,
  kind: JobKind<DB>,
  { job, progressed }: Run,
  error: unknown,
): Promise<void> {
  if (error instanceof ownership.LostOwnership) throw error;
  const { db, clock, log, random } = around;
  if (error instanceof ownership.WorkerStopping) return ownership.releaseJob(db, job);
  const attempts = progressed ? 1 : job.attempts + 1;
  const trouble = { attempts, reason: messageOf(error).replaceAll('\0', '').slice(0, REASON_LENGTH) };
  const facts = { job: job.id, kind: job.kind, subject: job.subjectId, attempts, err: error };
  if (error instanceof PoisonousJob || !mayBeTriedAgain(error) || attempts >= (kind.maxAttempts ?? MAX_ATTEMPTS)) {
    if (await giveUp(around, kind, job, trouble, error)) return log.error(facts, 'the job failed');
  }
  const until = (clock.now() + backOffMs(attempts, random)) as Instant;
  await ownership.backOffJob(db, job, { ...trouble, until });
  log.warn(facts, 'the job met an error and is tried again later');
}

/** Fails the job and closes the feature's record together. False if the feature could not: then the job stays open. */
async function giveUp<DB extends EngineTables>(
  { db, clock, log, leaseMs }: RunSurroundings<DB>,
  kind: JobKind<DB>,
  job: ClaimedJob,
  trouble: ownership.Trouble,
  error: unknown,
): Promise<boolean> {
  try {
    await transaction(db, async (trx) => {
      await ownership.lockOwnJob(trx, job, leaseMs);
      await kind.onFailed(trx, job, error);
      await ownership.failJob(trx, job, { ...trouble, now: clock.now() });
    });
    return true;
  } catch (refusal) {
    if (refusal instanceof ownership.LostOwnership) throw refusal;
    log.error({ job: job.id, kind: job.kind, err: refusal }, 'the failure of a job could not be recorded');
    return false;
  }
}

/** An error of the catalogue says itself whether waiting helps; of any other, such as the database's, one can only hope. */
function mayBeTriedAgain(error: unknown): boolean {
  return !isCpmError(error) || isWorthRetrying(error);
}

/** Doubles from one second to five minutes, a fifth more or less, so that jobs that failed together come back apart. */
function backOffMs(attempts: number, random: () => number): number {
  const plainMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS);
  return Math.round(plainMs * (0.8 + 0.4 * random()));
}
