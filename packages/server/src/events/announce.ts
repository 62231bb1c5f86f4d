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

/** Tells of many records of one noun, as `announce` does of one. */
export async function announceAll<DB>(
  db: Kysely<DB>,
  noun: Exclude<EventName, 'resync'>,
  records: readonly { readonly ownerId: UserId; readonly id: string }[],
): Promise<void> {
  if (records.length === 0) return;
  const payloads = records.map(({ ownerId, id }) => `${ownerId} ${noun} ${id}`);
  await sql`select pg_notify(${CHANGE_CHANNEL}, payload) from unnest(${payloads}::text[]) payload`.execute(db);
}
