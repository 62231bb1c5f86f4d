import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Log } from '../db/log.ts';
import type { ClaimedJob } from './claim.ts';

/** What all runs of one worker share. */
export type RunSurroundings<DB> = {
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseMs: number;
  readonly isStopping: () => boolean;
  /** 0 (included) to 1; replaced where a run must repeat exactly. */
  readonly random: () => number;
};

/** Somebody asked the job to end. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
  constructor() {
    super('the job was asked to end');
  }
}

/** One claim being carried out in this process. */
export type Run = {
  readonly job: ClaimedJob;
  /** Aborted with LostOwnership or WorkerStopping. */
  readonly abort: AbortController;
  /** Aborted when the job is asked to end; it still ends in its runner's own way. */
  readonly cancel: AbortController;
  /** Whether anything was committed since the claim: errors in a row are counted only without. */
  progressed: boolean;
  /** The first failure of the engine itself; from then on nothing of this run counts, whatever its runner makes of it. */
  broken: unknown;
};

export function newRun(job: ClaimedJob): Run {
  const cancel = new AbortController();
  if (job.cancelRequested) cancel.abort(new JobCancelled());
  return { job, abort: new AbortController(), cancel, progressed: false, broken: undefined };
}
