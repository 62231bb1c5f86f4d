import type { Instant, JobId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';

/** Writes of the caller that are committed together with what the engine writes, or not at all. */
export type Writes<DB, T = void> = (trx: Transaction<DB>) => Promise<T>;

/** How a run ends; made by `done` and `park`, carried out by the engine when the runner returns it. */
export type JobEnd<DB> =
  | { readonly end: 'done'; readonly writes: Writes<DB> | undefined }
  | { readonly end: 'park'; readonly until: Instant; readonly writes: Writes<DB> | undefined };

/** What names a job to its runner. */
export type JobFacts = {
  readonly id: JobId;
  readonly kind: string;
  readonly subjectId: string;
  readonly ownerId: UserId | null;
  readonly input: unknown;
};

export type StepOptions = {
  /** Starts even while the worker is stopping: for what must not be left half-way, such as thawing an application. */
  readonly urgent?: boolean;
};

/** What a runner is given. All of it throws once the job is lost or the worker stops; let those errors pass. */
export type JobContext<DB> = JobFacts & {
  /** How many errors in a row, or deaths of the process that ran it, came before this run. */
  readonly attempts: number;
  /** Turns true at any moment; the runner decides how to end. */
  readonly cancelRequested: boolean;
  /** Aborts at that moment: for what should not be waited for any longer. */
  readonly cancelSignal: AbortSignal;
  /** Aborts when another worker has the job, or a stopping worker can wait no longer: nothing more may be done. */
  readonly signal: AbortSignal;
  /**
   * Does something once: a finished step answers its recorded result (JSON) without running. The start is committed before
   * the effect, the result after it; a crash between leaves it `startedBefore`, and the effect runs again unless the
   * runner looks. Steps begun together are recorded together. Never call it inside `transaction`.
   */
  readonly step: <T>(name: string, effect: () => T | Promise<T>, options?: StepOptions) => Promise<T>;
  /**
   * Records the starts of steps in a `transaction` of the job, so that the `step` of each, in this run and soon, begins its
   * effect without a write. To a later run they are `startedBefore`, as if they had begun.
   */
  readonly announce: (trx: Transaction<DB>, names: readonly string[]) => Promise<void>;
  /** Whether the step was started, in this run or an earlier one, and has no result: its effect may have happened. */
  readonly startedBefore: (name: string) => boolean;
  /** Whether an earlier run began a step that is not finished yet: what it did in the world is not known. */
  readonly isUnsure: () => boolean;
  /** Whether the step has a recorded result. */
  readonly finished: (name: string) => boolean;
  /** Writes that only the job's present owner can commit; a worker that lost the job writes nothing. */
  readonly transaction: <T>(writes: Writes<DB, T>) => Promise<T>;
  /** A step whose effect is the writes themselves: committed with its result, so exactly once. */
  readonly transactionStep: <T>(name: string, writes: Writes<DB, T>) => Promise<T>;
  /** Ends the job. */
  readonly done: (writes?: Writes<DB>) => JobEnd<DB>;
  /** Gives the worker back until then, or until woken; then the runner starts from the top with its steps kept. */
  readonly park: (until: Instant, writes?: Writes<DB>) => JobEnd<DB>;
};

export type JobRunner<DB> = (job: JobContext<DB>) => Promise<JobEnd<DB>>;

/** What the worker knows about one kind of job. */
export type JobKind<DB> = {
  readonly run: JobRunner<DB>;
  /** Closes the feature's record when the engine gives up (I11): committed together with the job's failure. */
  readonly onFailed: (trx: Transaction<DB>, job: JobFacts, error: unknown) => Promise<void>;
  /** At most so many at once in this process; no limit of its own unless told. */
  readonly concurrency?: number;
  /** Gives up after so many errors, or deaths of its process, in a row without progress; 10 unless told. */
  readonly maxAttempts?: number;
};
