import type { Transaction } from 'kysely';
import { systemClock } from '../clock.ts';
import { transaction } from '../db/transaction.ts';
import type { EngineTables } from './engine-tables.ts';
import type { JobContext, StepOptions, Writes } from './job-kind.ts';
import { lockOwnJob, LostOwnership, WorkerStopping } from './ownership.ts';
import { JobCancelled, type Run, type RunSurroundings } from './run.ts';
import { loadSteps, recordFinished, recordStarted, stepWriter } from './steps.ts';
import type { StepRecord } from './steps.ts';

/** Only differences are taken of it: how long this process may have stood still. */
const { monotonicMs } = systemClock();

/** What the runner of this claim is given; reads the steps of earlier runs. */
export async function jobContext<DB extends EngineTables>(
  around: RunSurroundings<DB>,
  run: Run,
): Promise<JobContext<DB>> {
  const { id, kind, subjectId, ownerId, input, attempts } = run.job;
  const records = await loadSteps(around.db, run.job);
  const unfinished = [...records].flatMap(([name, { finished }]) => (finished ? [] : [name]));
  const steps = stepsOf(around, run, records);
  return {
    id,
    kind,
    subjectId,
    ownerId,
    input,
    attempts,
    get cancelRequested() {
      return run.cancel.signal.aborted;
    },
    cancelSignal: run.cancel.signal,
    signal: run.abort.signal,
    ...steps,
    startedBefore: (name) => records.get(name)?.finished === false,
    isUnsure: () => unfinished.some((name) => records.get(name)?.finished !== true),
    finished: (name) => records.get(name)?.finished === true,
    transaction: async (writes) => {
      const result = await fencedTransaction(around, run, writes);
      run.progressed = true;
      return result;
    },
    done: (writes) => ({ end: 'done', writes }),
    park: (until, writes) => ({ end: 'park', until, writes }),
  };
}

/** The two ways to do something once. */
function stepsOf<DB extends EngineTables>(
  around: RunSurroundings<DB>,
  run: Run,
  records: Map<string, StepRecord>,
): Pick<JobContext<DB>, 'step' | 'announce' | 'transactionStep'> {
  const { db, clock, leaseMs, isStopping } = around;
  const { start, finish } = stepWriter(db, clock, run.job);

  /** Whose starts are on record although their effects have not begun: since when, by the machine's time. */
  const announced = new Map<string, number>();
  const announce = async (trx: Transaction<DB>, names: readonly string[]) => {
    const open = names.filter((name) => !records.has(name));
    const beforeMs = monotonicMs();
    await recordStarted(trx, { job: run.job, clock, names: open });
    for (const name of open) announced.set(name, beforeMs);
  };
  /** Records the start, unless that was done ahead; answers when it was not yet recorded, by the machine's time. */
  const begin = async (name: string, { urgent = false }: StepOptions) => {
    if (isStopping() && !urgent) throw new WorkerStopping();
    if (!records.has(name)) records.set(name, { finished: false });
    const announcedMs = announced.get(name);
    announced.delete(name);
    if (announcedMs !== undefined) return announcedMs;
    const beforeMs = monotonicMs();
    await start(name);
    return beforeMs;
  };
  const conclude = (name: string, json: string) => {
    run.progressed = true;
    // The result as a later run would read it, so that a difference shows at once and not only after a crash.
    const result: unknown = JSON.parse(json);
    records.set(name, { finished: true, result });
    return result;
  };
  const step = async <T>(name: string, effect: () => T | Promise<T>, options: StepOptions = {}): Promise<T> => {
    const earlier = records.get(name);
    if (earlier?.finished === true) return earlier.result as T;
    let beforeMs = await unlessBroken(run, () => begin(name, options));
    // Whoever stood still for a lease since the start was written may have lost the job meanwhile: ask again.
    while (monotonicMs() - beforeMs >= leaseMs) beforeMs = await unlessBroken(run, () => begin(name, options));
    const json = toJson(await effect());
    await unlessBroken(run, () => finish({ name, json }));
    return conclude(name, json) as T;
  };
  const transactionStep = async <T>(name: string, writes: Writes<DB, T>): Promise<T> => {
    const earlier = records.get(name);
    if (earlier?.finished === true) return earlier.result as T;
    const json = await fencedTransaction(around, run, async (trx) => {
      const json = toJson(await writes(trx));
      await recordFinished(trx, { job: run.job, clock, name, json });
      return json;
    });
    return conclude(name, json) as T;
  };
  return { step, announce, transactionStep };
}

/** Commits the writes only while the job is still this run's. */
async function fencedTransaction<DB extends EngineTables, T>(
  { db, leaseMs }: RunSurroundings<DB>,
  run: Run,
  writes: Writes<DB, T>,
): Promise<T> {
  // An error of the caller's own writes is the caller's to judge; one of the engine's, or an unknown commit, is not.
  let refusal: { readonly error: unknown } | undefined;
  const work = async (trx: Transaction<DB>) => {
    refusal = undefined;
    const { cancelRequested } = await lockOwnJob(trx, run.job, leaseMs);
    if (cancelRequested) run.cancel.abort(new JobCancelled());
    return writes(trx).catch((error: unknown) => {
      refusal = { error };
      throw error;
    });
  };
  const isCallers = (error: unknown) => refusal?.error === error;
  return unlessBroken(run, () => transaction(db, work), isCallers);
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
