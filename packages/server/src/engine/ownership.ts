import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import { asTimestamp } from '../db/values.ts';
import type { ClaimedJob } from './claim.ts';
import type { EngineTables } from './engine-tables.ts';
import { AT_ONCE, JOBS_CHANNEL } from './jobs.ts';

/** Another worker has the job: what this one still does about it must come to nothing. */
export class LostOwnership extends Error {
  override readonly name = 'LostOwnership';
  constructor() {
    super('another worker has taken this job over');
  }
}

/** This worker is stopping: the job goes on elsewhere, or here after the next start. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping';
  constructor() {
    super('the server is stopping; the job goes on after the next start');
  }
}

/** What tells a claim from every other, earlier or later. */
export type ClaimId = Pick<ClaimedJob, 'id' | 'workerId' | 'epoch'>;

/** True of the job's row only while this claim of it is the latest. */
export function isMine({ id, workerId, epoch }: ClaimId): RawBuilder<boolean> {
  return sql<boolean>`jobs.id = ${id} and jobs.worker_id = ${workerId} and jobs.epoch = ${epoch}`;
}

/**
 * Locks the job's row until the transaction ends, so that nobody takes the job over meanwhile; answers whether it was asked
 * to cancel. Throws LostOwnership. A process that freezes inside loses its transaction after `leaseMs`, as it loses its jobs.
 */
export async function lockOwnJob<DB extends EngineTables>(
  trx: Transaction<DB>,
  job: ClaimedJob,
  leaseMs: number,
): Promise<{ readonly cancelRequested: boolean }> {
  const { rows } = await sql<{ cancelRequested: boolean }>`
    select cancel_requested as "cancelRequested", set_config('idle_in_transaction_session_timeout', ${String(leaseMs)}, true)
    from jobs where ${isMine(job)} for update`.execute(trx);
  if (rows[0] === undefined) throw new LostOwnership();
  return rows[0];
}

/** Ends the job with its steps; one that was enqueued again while it ran waits for its fresh start instead. */
export async function endJob<DB extends EngineTables>(db: Kysely<DB>, job: ClaimedJob, now: Instant): Promise<void> {
  const { rows } = await sql`
    with ended as (
      update jobs set state = case when again_at is null then 'done' else 'waiting' end,
        ended_at = case when again_at is null then ${asTimestamp(now)} end,
        wake_at = coalesce(again_at, wake_at), again_at = null, woken = false,
        cancel_requested = cancel_requested and again_at is null,
        worker_id = null, attempts = 0, back_off_until = null, last_error = null
      where ${isMine(job)} returning id, state
    ),
    gone as (delete from steps where job_id in (select id from ended))
    select case when state = 'waiting' then pg_notify(${JOBS_CHANNEL}, '') end from ended`.execute(db);
  if (rows.length === 0) throw new LostOwnership();
}

/** Lets the job wait until then, or not at all if it was woken meanwhile; its steps stay. */
export async function parkJob<DB extends EngineTables>(db: Kysely<DB>, job: ClaimedJob, until: Instant): Promise<void> {
  const { rows } = await sql`
    update jobs set state = 'waiting', worker_id = null, woken = false, attempts = 0, back_off_until = null, last_error = null,
      wake_at = least(${asTimestamp(until)}, again_at, case when woken then ${AT_ONCE} end), again_at = null
    where ${isMine(job)} returning pg_notify(${JOBS_CHANNEL}, '')`.execute(db);
  if (rows.length === 0) throw new LostOwnership();
}

/** Gives an unfinished job back as it was, for whoever comes next. */
export async function releaseJob<DB extends EngineTables>(db: Kysely<DB>, job: ClaimId): Promise<void> {
  await sql`update jobs set state = 'waiting', worker_id = null
    where ${isMine(job)} returning pg_notify(${JOBS_CHANNEL}, '')`.execute(db);
}

export type Trouble = { readonly attempts: number; readonly reason: string };

/** After an error: waits, and no wake shortens it. */
export async function backOffJob<DB extends EngineTables>(
  db: Kysely<DB>,
  job: ClaimedJob,
  { attempts, reason, until }: Trouble & { readonly until: Instant },
): Promise<void> {
  const at = asTimestamp(until);
  const { rows } = await sql`
    update jobs set state = 'waiting', worker_id = null, wake_at = ${at}, back_off_until = ${at}, attempts = ${attempts},
      last_error = ${reason}
    where ${isMine(job)} returning pg_notify(${JOBS_CHANNEL}, '')`.execute(db);
  if (rows.length === 0) throw new LostOwnership();
}

/** Gives up; its steps stay as evidence. An enqueueing that came while it ran still gets its fresh start. */
export async function failJob<DB extends EngineTables>(
  trx: Transaction<DB>,
  job: ClaimedJob,
  { attempts, reason, now }: Trouble & { readonly now: Instant },
): Promise<void> {
  await sql`
    with failed as (
      update jobs set state = 'failed', worker_id = null, ended_at = ${asTimestamp(now)}, attempts = ${attempts},
        last_error = ${reason}
      where ${isMine(job)} returning *
    )
    insert into jobs (kind, subject_id, owner_id, unique_key, priority, input, wake_at)
    select kind, subject_id, owner_id, unique_key, priority, input, again_at from failed where again_at is not null
    returning pg_notify(${JOBS_CHANNEL}, '')`.execute(trx);
}
