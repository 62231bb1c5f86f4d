import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { SessionQuery } from '../db/session.ts';
import { asTimestamp } from '../db/values.ts';
import type { JobFacts } from './job-kind.ts';

/** A job this worker owns from now on: worker and epoch go into every later statement about it. */
export type ClaimedJob = JobFacts & {
  readonly workerId: string;
  readonly epoch: number;
  readonly attempts: number;
  readonly cancelRequested: boolean;
};

type ClaimInput = {
  readonly workerId: string;
  readonly now: Instant;
  /** How many more jobs of each kind may run here. */
  readonly room: ReadonlyMap<string, number>;
  /** How many more may run here in all. */
  readonly limit: number;
  /** Still unwinding here after they were lost: not to be claimed while an old run may be doing something. */
  readonly except: readonly string[];
};

type Claim = {
  readonly jobs: readonly ClaimedJob[];
  /** More was there, but another worker was quicker: ask again. */
  readonly contended: boolean;
  /** When the next job falls due. */
  readonly nextWakeAt: Instant | null;
};

type Row = { contended: boolean; nextWakeAt: Instant | null; id: ClaimedJob['id'] | null } & Omit<ClaimedJob, 'id'>;

/**
 * Takes due jobs in one statement. Owners take turns: whoever has fewest running goes first; within one owner the highest
 * priority, then the earliest wake time. However long a backlog is, only its first `limit` jobs of each line are read.
 * It runs on the session that shows the worker is alive: never behind the jobs' own statements, and not without a session.
 */
export async function claimJobs<DB>(db: Kysely<DB>, query: SessionQuery, input: ClaimInput): Promise<Claim> {
  const { workerId, limit, room, except } = input;
  const now = asTimestamp(input.now);
  const statement = sql<Row>`
    with recursive lines (line) as (
      (select line from jobs where state = 'waiting' order by line limit 1)
      union all
      select (select j.line from jobs j where j.state = 'waiting' and j.line > lines.line order by j.line limit 1)
      from lines where lines.line is not null
    ),
    open (kind, room) as (select * from unnest(${[...room.keys()]}::text[], ${[...room.values()]}::int[])),
    due as (
      select j.* from lines cross join lateral (
        select id, kind, owner_id, priority, wake_at, seq from jobs
        where state = 'waiting' and line = lines.line and wake_at <= ${now}
          and kind in (select kind from open) and id <> all (${except}::uuid[])
        order by wake_at, seq limit ${limit}
      ) j
    ),
    running as (select owner_id, count(*) as n from jobs where state = 'running' group by owner_id),
    turns as (
      select due.*, coalesce(running.n, 0) + row_number() over (
        partition by due.owner_id order by priority desc, wake_at, seq) as turn
      from due left join running on running.owner_id is not distinct from due.owner_id
    ),
    places as (
      select turns.*, open.room, row_number() over (
        partition by kind order by turn, priority desc, wake_at, seq) as place
      from turns join open using (kind)
    ),
    chosen as (select id from places where place <= room order by turn, priority desc, wake_at, seq limit ${limit}),
    locked as (
      select id from jobs where id in (select id from chosen) and state = 'waiting' for update skip locked
    ),
    claimed as (
      update jobs set state = 'running', worker_id = ${workerId}, epoch = epoch + 1, woken = false
      from locked where jobs.id = locked.id
      returning jobs.id, kind, subject_id, owner_id, input, epoch, attempts, cancel_requested, priority, wake_at, seq
    )
    select (select count(*) from chosen) > (select count(*) from claimed) as contended,
      (select min(first.wake_at) from lines cross join lateral (
        select wake_at from jobs
        where state = 'waiting' and line = lines.line and wake_at > ${now}
        order by wake_at, seq limit 1
      ) first) as "nextWakeAt",
      id, kind, subject_id as "subjectId", owner_id as "ownerId", input, ${workerId} as "workerId", epoch, attempts,
      cancel_requested as "cancelRequested"
    from (select 1) one left join claimed on true order by priority desc, wake_at, seq`.compile(db);
  const rows = await query<Row>(statement.sql, statement.parameters);
  const jobs = rows.flatMap(({ contended: _, nextWakeAt: __, id, ...job }) => (id === null ? [] : [{ ...job, id }]));
  return { jobs, contended: rows[0]?.contended ?? false, nextWakeAt: rows[0]?.nextWakeAt ?? null };
}
