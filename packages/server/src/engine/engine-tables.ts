import type { Instant, JobId, UserId } from '@cpm/core';
import { sql } from 'kysely';
import type { ColumnType, Generated, Kysely } from 'kysely';
import type { NullableTimestampColumn, TimestampColumn } from '../db/values.ts';

/** json, not jsonb: a result may hold what jsonb refuses (a NUL in a script's output) and comes back as it was. */
type JsonColumn = ColumnType<unknown, string | null | undefined, string | null>;

/** `waiting` for its wake time, `running` at one worker, and two ends; a cancelled job ends in its runner's own way. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed';

type JobsTable = {
  id: Generated<JobId>;
  /** Order of arrival. */
  seq: ColumnType<number, never, never>;
  kind: string;
  subject_id: string;
  owner_id: UserId | null;
  unique_key: string | null;
  priority: Generated<number>;
  /** Kind, owner and priority in one text: the jobs that wait in the same line. */
  line: ColumnType<string, never, never>;
  input: JsonColumn;
  state: Generated<JobState>;
  wake_at: TimestampColumn<Instant>;
  /** After an error no wake makes it run earlier than this. */
  back_off_until: NullableTimestampColumn<Instant>;
  worker_id: string | null;
  /** Counts the claims; together with `worker_id` it tells the owner from all earlier ones. */
  epoch: Generated<number>;
  /** Errors in a row without progress. */
  attempts: Generated<number>;
  last_error: string | null;
  cancel_requested: Generated<boolean>;
  /** Woken while it ran: its next park ends at once. */
  woken: Generated<boolean>;
  /** Enqueued again while it ran: from then on it starts afresh. */
  again_at: NullableTimestampColumn<Instant>;
  ended_at: NullableTimestampColumn<Instant>;
};

type StepsTable = {
  job_id: JobId;
  name: string;
  started_at: TimestampColumn<Instant>;
  finished_at: NullableTimestampColumn<Instant>;
  tries: Generated<number>;
  result: JsonColumn;
};

type WorkersTable = {
  id: string;
  host: string;
  pid: number;
  /** Moves on while the worker lives; whoever watches needs no common clock. */
  beat: Generated<number>;
};

/** The tables of the durable engine, a part of the server's database. */
export interface EngineTables {
  jobs: JobsTable;
  steps: StepsTable;
  workers: WorkersTable;
}

/** Makes the engine's tables: a part of the first migration, so it never changes once released. */
export async function createEngineTables(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table workers (
     id uuid primary key,
     host text not null,
     pid integer not null,
     beat bigint not null default 0
   )`,

  `create table jobs (
     id uuid primary key default gen_random_uuid(),
     seq bigint not null generated always as identity,
     kind text not null,
     subject_id text not null,
     owner_id uuid,
     unique_key text,
     priority smallint not null default 0,
     line text collate "C" not null generated always as
       (kind || ' ' || coalesce(owner_id::text, '-') || ' ' || priority::text) stored,
     input json,
     state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
     wake_at timestamptz(3) not null,
     back_off_until timestamptz(3),
     -- A job can only belong to a worker that is still listed, so none is ever left with nobody to free it.
     worker_id uuid references workers,
     epoch integer not null default 0,
     attempts integer not null default 0,
     last_error text,
     cancel_requested boolean not null default false,
     woken boolean not null default false,
     again_at timestamptz(3),
     ended_at timestamptz(3),
     check ((state = 'running') = (worker_id is not null)),
     check ((state in ('done', 'failed')) = (ended_at is not null))
   ) with (autovacuum_vacuum_scale_factor = 0.05)`,
  `create index jobs_line on jobs (line, wake_at, seq) where state = 'waiting'`,
  `create index jobs_wake on jobs (wake_at) where state = 'waiting'`,
  `create index jobs_worker on jobs (worker_id) where state = 'running'`,
  `create unique index jobs_unique on jobs (kind, unique_key) where state in ('waiting', 'running')`,
  `create index jobs_ended on jobs (ended_at) where ended_at is not null`,
  `create index jobs_subject on jobs (subject_id)`,

  `create table steps (
     job_id uuid not null references jobs on delete cascade,
     name text not null,
     started_at timestamptz(3) not null,
     finished_at timestamptz(3),
     tries integer not null default 1,
     result json,
     primary key (job_id, name)
   )`,
];
