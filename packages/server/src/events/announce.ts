import type { EventName } from '@cpm/contract';
import type { UserId } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** The PostgreSQL channel of live events; a payload is `owner noun id`, or several ids of one owner and noun. */
export const CHANGE_CHANNEL = 'cpm_change';

/** PostgreSQL takes less than 8,000 bytes a payload (its manual, NOTIFY): so many ids of 36 characters fit with what goes before. */
const IDS_AT_ONCE = 200;

type Noun = Exclude<EventName, 'resync'>;

/**
 * Tells every open console of the owner, on whatever server, that a record changed. Called inside the transaction that
 * changes it: PostgreSQL delivers at commit, or never.
 */
export async function announce<DB>(db: Kysely<DB>, ownerId: UserId, noun: Noun, id: string): Promise<void> {
  await announceAll(db, noun, [{ ownerId, id }]);
}

/** Tells of many records of one noun, as `announce` does of one; of a thousand in a few notifications, not in as many. */
export async function announceAll<DB>(
  db: Kysely<DB>,
  noun: Noun,
  records: readonly { readonly ownerId: UserId; readonly id: string }[],
): Promise<void> {
  if (records.length === 0) return;
  const payloads: string[] = [];
  for (const [ownerId, ofOwner] of Map.groupBy(records, (record) => record.ownerId)) {
    for (let first = 0; first < ofOwner.length; first += IDS_AT_ONCE) {
      const ids = ofOwner.slice(first, first + IDS_AT_ONCE).map(({ id }) => id);
      payloads.push([ownerId, noun, ...ids].join(' '));
    }
  }
  await sql`select pg_notify(${CHANGE_CHANNEL}, payload) from unnest(${payloads}::text[]) payload`.execute(db);
}
