import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import { asTimestamp } from '../db/values.ts';
import type { ClaimedJob } from './claim.ts';
import type { EngineTables } from './engine-tables.ts';
import { isMine, LostOwnership } from './ownership.ts';

/** What is recorded of one step; without a finish its effect may or may not have happened. */
export type StepRecord = { readonly finished: false } | { readonly finished: true; readonly result: unknown };

type Finish = { readonly name: string; readonly json: string };

/** The steps recorded in earlier runs. */
export async function loadSteps<DB extends EngineTables>(
  db: Kysely<DB>,
  job: ClaimedJob,
): Promise<Map<string, StepRecord>> {
  // A first claim finds nothing: spare the question.
  if (job.epoch === 1) return new Map();
  const { rows } = await sql<{ name: string; finished: boolean; result: unknown }>`
    select name, finished_at is not null as finished, result from steps where job_id = ${job.id}`.execute(db);
  return new Map(rows.map(({ name, ...record }) => [name, record]));
}

/**
 * Writes starts and results, each under the claim: the job's row is share-locked, so a take-over comes wholly before (and
 * LostOwnership is thrown) or wholly after (and the new owner reads what was written). Calls that come together, or while
 * an earlier write is on its way, share one statement.
 */
export function stepWriter<DB extends EngineTables>(db: Kysely<DB>, clock: Clock, job: ClaimedJob) {
  const start = grouped<string>(async (names) => {
    const { rows } = await sql`
      with mine as (select id from jobs where ${isMine(job)} for share)
      insert into steps (job_id, name, started_at)
      select mine.id, name, ${asTimestamp(clock.now())} from mine, unnest(${names}::text[]) as name
      on conflict (job_id, name) do update set started_at = excluded.started_at, tries = steps.tries + 1
      returning 1`.execute(db);
    if (rows.length < names.length) throw new LostOwnership();
  });
  const finish = grouped<Finish>(async (finishes) => {
    const { rows } = await sql`
      with mine as (select id from jobs where ${isMine(job)} for share)
      update steps set finished_at = ${asTimestamp(clock.now())}, result = done.json::json
      from mine, unnest(${finishes.map((step) => step.name)}::text[], ${finishes.map((step) => step.json)}::text[])
        as done (name, json)
      where steps.job_id = mine.id and steps.name = done.name
      returning 1`.execute(db);
    if (rows.length < finishes.length) throw new LostOwnership();
  });
  return { start, finish };
}

/** Writes starts inside a transaction that has locked the job already. */
export async function recordStarted<DB extends EngineTables>(
  trx: Transaction<DB>,
  { job, clock, names }: { job: ClaimedJob; clock: Clock; names: readonly string[] },
): Promise<void> {
  await sql`insert into steps (job_id, name, started_at)
    select ${job.id}, name, ${asTimestamp(clock.now())} from unnest(${names}::text[]) as name
    on conflict (job_id, name) do nothing`.execute(trx);
}

/** Writes a finished step inside a transaction that has locked the job already. */
export async function recordFinished<DB extends EngineTables>(
  trx: Transaction<DB>,
  { job, clock, name, json }: { job: ClaimedJob; clock: Clock } & Finish,
): Promise<void> {
  const now = asTimestamp(clock.now());
  await sql`insert into steps (job_id, name, started_at, finished_at, result)
    values (${job.id}, ${name}, ${now}, ${now}, ${json}::json)
    on conflict (job_id, name) do update set finished_at = excluded.finished_at, result = excluded.result`.execute(trx);
}

/** Turns many calls into few writes: one is on its way at a time, whatever comes meanwhile goes together in the next. */
function grouped<Item>(write: (items: Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let tail: Promise<unknown> = Promise.resolve();
  let open: { readonly items: Item[]; readonly written: Promise<void> } | undefined;
  const openGroup = () => {
    const items: Item[] = [];
    const written = tail.then(() => {
      open = undefined;
      return write(items);
    });
    tail = written.catch(() => undefined);
    return { items, written };
  };
  return (item) => {
    open ??= openGroup();
    open.items.push(item);
    return open.written;
  };
}
