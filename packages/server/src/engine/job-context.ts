import type { Transaction } from 'kysely';
import { systemClock } from '../clock.ts';
import { transaction } from '../db/transaction.ts';
import type { EngineTables } from './engine-tables.ts';
import type { JobContext, StepOptions, Writes } from './job-kind.ts';
import { lockOwnJob, LostOwnership, WorkerStopping } from './ownership.ts';
import type { Run, RunSurroundings } from './run.ts';
import { loadSteps, recordFinished, stepWriter } from './steps.ts';

/** Only differences are taken of it: how long this process may have stood still. */
const { monotonicMs } = systemClock();

/** What the runner of this claim is given; reads the steps of earlier runs. */
export async function jobContext<DB extends EngineTables>(
  { db, clock, leaseMs, isStopping }: RunSurroundings<DB>,
  run: Run,
): Promise<JobContext<DB>> {
  const { job, abort } = run;
  const steps = await loadSteps(db, job);
  const { start, finish } = stepWriter(db, clock, job);
  const guarded = <T>(work: () => Promise<T>) => unlessBroken(run, work);

  const begin = async (name: string, { urgent = false }: StepOptions) => {
    if (isStopping() && !urgent) throw new WorkerStopping();
    if (!steps.has(name)) steps.set(name, { finished: false });
    const beforeMs = monotonicMs();
    await start(name);
    return beforeMs;
  };
  const conclude = (name: string, json: string) => {
    run.progressed = true;
    // The result as a later run would read it, so that a difference shows at once and not only after a crash.
    const result: unknown = JSON.parse(json);
    steps.set(name, { finished: true, result });
    return result;
  };
  const recorded = (name: string) => {
    const step = steps.get(name);
    return step?.finished === true ? step : undefined;
  };

  const step = async <T>(name: string, effect: () => T | Promise<T>, options: StepOptions = {}): Promise<T> => {
    const earlier = recorded(name);
    if (earlier !== undefined) return earlier.result as T;
    let beforeMs = await guarded(() => begin(name, options));
    // Whoever stood still for a lease since the start was written may have lost the job meanwhile: ask again.
    while (monotonicMs() - beforeMs >= leaseMs) beforeMs = await guarded(() => begin(name, options));
    const json = toJson(await effect());
    await guarded(() => finish({ name, json }));
    return conclude(name, json) as T;
  };

  const ownTransaction = <T>(writes: Writes<DB, T>): Promise<T> => {
    // An error of the caller's own writes is the caller's to judge; one of the engine's, or an unknown commit, is not.
    let refusal: { readonly error: unknown } | undefined;
    const work = async (trx: Transaction<DB>) => {
      refusal = undefined;
      const { cancelRequested } = await lockOwnJob(trx, job, leaseMs);
      run.cancelRequested ||= cancelRequested;
      return writes(trx).catch((error: unknown) => {
        refusal = { error };
        throw error;
      });
    };
    return unlessBroken(
      run,
      () => transaction(db, work),
      (error) => refusal?.error === error,
    );
  };

  return {
    id: job.id,
    kind: job.kind,
    subjectId: job.subjectId,
    ownerId: job.ownerId,
    input: job.input,
    attempts: job.attempts,
    get cancelRequested() {
      return run.cancelRequested;
    },
    signal: abort.signal,
    step,
    startedBefore: (name) => steps.has(name) && recorded(name) === undefined,
    finished: (name) => recorded(name) !== undefined,
    transaction: async (writes) => {
      const result = await ownTransaction(writes);
      run.progressed = true;
      return result;
    },
    transactionStep: async <T>(name: string, writes: Writes<DB, T>): Promise<T> => {
      const earlier = recorded(name);
      if (earlier !== undefined) return earlier.result as T;
      const json = await ownTransaction(async (trx) => {
        const json = toJson(await writes(trx));
        await recordFinished(trx, { job, clock, name, json });
        return json;
      });
      return conclude(name, json) as T;
    },
    done: (writes) => ({ end: 'done', writes }),
    park: (until, writes) => ({ end: 'park', until, writes }),
  };
}

/** Runs a part of the engine; once one has failed, or the signal aborted, every later one fails alike. */
async function unlessBroken<T>(
  run: Run,
  work: () => Promise<T>,
  isCallers: (error: unknown) => boolean = () => false,
): Promise<T> {
  if (run.broken !== undefined) throw run.broken;
  try {
    if (run.abort.signal.aborted) throw run.abort.signal.reason ?? new LostOwnership();
    return await work();
  } catch (error) {
    if (!isCallers(error)) run.broken ??= error;
    throw error;
  }
}

/** A step without a result has null: undefined is no JSON. */
function toJson(result: unknown): string {
  return JSON.stringify(result) ?? 'null';
}
