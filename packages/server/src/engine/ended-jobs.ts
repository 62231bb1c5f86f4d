import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { asTimestamp } from '../db/values.ts';
import type { EngineTables } from './engine-tables.ts';

/** So many rows go in one statement, that no lock is held for long. */
const BATCH = 1_000;

/** Removes jobs that ended before that time, with what is left of their steps; answers how many. */
export async function removeEndedJobs<DB extends EngineTables>(db: Kysely<DB>, before: Instant): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rows } = await sql`
      delete from jobs where id in (
        select id from jobs where ended_at < ${asTimestamp(before)} order by ended_at limit ${BATCH} for update skip locked
      ) returning 1`.execute(db);
    removed += rows.length;
    if (rows.length < BATCH) return removed;
  }
}
