import type { Instant, JobId, UserId } from '@cpm/core';
import { sql } from 'kysely';
import type { RawBuilder, Transaction } from 'kysely';
import type { EngineTables } from './engine-tables.ts';

/** The PostgreSQL channel that tells workers of work, of a cancelled job (`cancel ID`) and of a new worker. */
export const JOBS_CHANNEL = 'cpm_jobs';

/** Earlier than every clock: "at once", in statements that know no clock. */
export const AT_ONCE = sql<Instant>`timestamptz 'epoch'`;

export type NewJob = {
  /** Chooses the runner. */
  readonly kind: string;
  /** What the job is about, such as a backup's id. */
  readonly subjectId: string;
  /** Whose turn it takes; null for the server's own work. */
  readonly ownerId: UserId | null;
  /** At once unless told. */
  readonly wakeAt?: Instant;
  /** Anything JSON; the runner gets it back as unknown. */
  readonly input?: unknown;
  /** At most one open job of a kind has it: enqueued again, that one runs once more instead. */
  readonly uniqueKey?: string;
  /** Higher goes first among the jobs of one owner; 0 unless told. */
  readonly priority?: number;
};

/** An open job, by its id or by its kind and unique key. */
export type JobRef = JobId | { readonly kind: string; readonly uniqueKey: string };

/**
 * Stores a job with the caller's own writes; workers start at its commit. With a unique key that an open job has,
 * that job is answered: woken when it waits; when it runs, it starts afresh after its end, so nothing that was
 * written before this commit goes unseen. Its first input stays.
 */
export async function enqueueJob<DB extends EngineTables>(trx: Transaction<DB>, job: NewJob): Promise<JobId> {
  const [id] = await enqueueJobs(trx, [job]);
  if (id === undefined) throw new Error('PostgreSQL answered no id for a new job');
  return id;
}

/** Stores many jobs in one statement, as `enqueueJob` does one; no two of them may have the same kind and unique key. */
export async function enqueueJobs<DB extends EngineTables>(
  trx: Transaction<DB>,
  jobs: readonly NewJob[],
): Promise<JobId[]> {
  if (jobs.length === 0) return [];
  const column = <Value>(of: (job: NewJob) => Value) => jobs.map(of);
  const inputs = column(({ input }) => (input === undefined ? null : JSON.stringify(input)));
  const wakeAts = column(({ wakeAt }) => (wakeAt === undefined ? null : new Date(wakeAt).toISOString()));
  const { rows } = await sql<{ id: JobId }>`
    insert into jobs (kind, subject_id, owner_id, unique_key, priority, input, wake_at)
    select kind, subject_id, owner_id, unique_key, priority, input::json, coalesce(wake_at, ${AT_ONCE})
    from unnest(${column(({ kind }) => kind)}::text[], ${column(({ subjectId }) => subjectId)}::text[],
      ${column(({ ownerId }) => ownerId)}::uuid[], ${column(({ uniqueKey }) => uniqueKey ?? null)}::text[],
      ${column(({ priority = 0 }) => priority)}::smallint[], ${inputs}::text[], ${wakeAts}::timestamptz[])
      as new(kind, subject_id, owner_id, unique_key, priority, input, wake_at)
    on conflict (kind, unique_key) where state in ('waiting', 'running') do update set
      again_at = case when jobs.state = 'running' then least(jobs.again_at, excluded.wake_at) end,
      wake_at = case when jobs.state = 'running' then jobs.wake_at
        else least(jobs.wake_at, greatest(excluded.wake_at, jobs.back_off_until)) end
    returning id, pg_notify(${JOBS_CHANNEL}, '')`.execute(trx);
  return rows.map(({ id }) => id);
}

/**
 * Lets a waiting job run at once (after an error not before its back-off ends); a running one looks again when it parks.
 * Answers whether there is such an open job.
 */
export async function wakeJob<DB extends EngineTables>(trx: Transaction<DB>, ref: JobRef): Promise<boolean> {
  const { rows } = await sql`
    update jobs set woken = state = 'running',
      wake_at = case when state = 'running' then wake_at else least(wake_at, coalesce(back_off_until, ${AT_ONCE})) end
    where ${matches(ref)} and state in ('waiting', 'running')
    returning pg_notify(${JOBS_CHANNEL}, '')`.execute(trx);
  return rows.length > 0;
}

/**
 * Asks a job to end: its runner sees `cancelRequested` at once, wherever it is, and ends in its own way. It is never just
 * dropped. Call it before other writes of the same transaction: it locks the job. Answers whether there is such an open job.
 */
export async function cancelJob<DB extends EngineTables>(trx: Transaction<DB>, ref: JobRef): Promise<boolean> {
  const { rows } = await sql`
    update jobs set cancel_requested = true, woken = state = 'running',
      wake_at = case when state = 'running' then wake_at else ${AT_ONCE} end
    where ${matches(ref)} and state in ('waiting', 'running')
    returning pg_notify(${JOBS_CHANNEL}, 'cancel ' || id)`.execute(trx);
  return rows.length > 0;
}

function matches(ref: JobRef): RawBuilder<boolean> {
  return typeof ref === 'string'
    ? sql<boolean>`id = ${ref}`
    : sql<boolean>`kind = ${ref.kind} and unique_key = ${ref.uniqueKey}`;
}
