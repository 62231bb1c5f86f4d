import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const CLEAN_UP = 'clean-up';

/** Has the one job of the daily cleanup look at its time: at every start of a server, and when the time is changed. */
export async function enqueueCleanUp(tx: Transaction<Database>): Promise<void> {
  await enqueueJob(tx, { kind: CLEAN_UP, subjectId: CLEAN_UP, ownerId: null, uniqueKey: CLEAN_UP });
}
