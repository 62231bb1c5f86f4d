import type { EventName } from '@cpm/contract';
import type { UserId } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** The PostgreSQL channel of live events; a payload is `owner noun id`. */
export const CHANGE_CHANNEL = 'cpm_change';

/**
 * Tells every open console of the owner, on whatever server, that a record changed. Called inside the transaction that
 * changes it: PostgreSQL delivers at commit, or never.
 */
export async function announce<DB>(
  db: Kysely<DB>,
  ownerId: UserId,
  noun: Exclude<EventName, 'resync'>,
  id: string,
): Promise<void> {
  await sql`select pg_notify(${CHANGE_CHANNEL}, ${`${ownerId} ${noun} ${id}`})`.execute(db);
}
