import { sql, type Kysely } from 'kysely';
import type { Database } from '../../packages/server/src/db/schema.ts';

/**
 * Has PostgreSQL note who writes about a job: the name under which the writer is connected, and of which claim the job is.
 * To tell servers apart, each is given a database address of its own with `?application_name=`.
 */
export async function noteWriters(db: Kysely<Database>): Promise<void> {
  for (const statement of NOTES) await sql.raw(statement).execute(db);
}

/** How a worker frees the jobs of one that is dead: anybody may do that, and nothing else, without a claim. */
const FREED = 'the process that ran it ended';
const NOTES = [
  `create table if not exists test_writers (seq bigint generated always as identity, job_id uuid, epoch integer, writer text)`,
  `create or replace function test_note_step() returns trigger language plpgsql as $$ begin
     insert into test_writers (job_id, epoch, writer)
       select new.job_id, epoch, current_setting('application_name') from jobs where id = new.job_id;
     return new; end $$`,
  `create or replace function test_note_job() returns trigger language plpgsql as $$ begin
     if new.state = 'running' or old.state = 'running' then
       insert into test_writers (job_id, epoch, writer) values (new.id, old.epoch + (case when old.state = 'waiting' then 1 else 0 end),
         case when new.worker_id is null and new.state = 'waiting' and old.epoch = new.epoch
             and (new.attempts = old.attempts and new.woken = old.woken and new.wake_at = old.wake_at
               or new.attempts = old.attempts + 1 and new.last_error = '${FREED}')
           then null else current_setting('application_name') end);
     end if;
     return new; end $$`,
  `create or replace trigger test_note_step after insert or update on steps for each row execute function test_note_step()`,
  `create or replace trigger test_note_job after update of state, epoch on jobs for each row execute function test_note_job()`,
];

/** I10: about a job writes only the server whose claim it is: one writer for each claim. */
export async function findFencedWrites(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ job: string; epoch: number; writers: string[] }>`
    select job_id as job, epoch, array_agg(distinct writer) as writers from test_writers where writer is not null
    group by job_id, epoch having count(distinct writer) > 1`.execute(db);
  return rows.map(
    ({ job, epoch, writers }) => `I10: claim ${epoch} of the job ${job} was written by ${writers.join(' and ')}`,
  );
}
