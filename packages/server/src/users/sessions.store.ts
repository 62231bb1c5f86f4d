import { randomUUID } from 'node:crypto';
import { addMs, parseSessionId, type Instant, type SessionId, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { hashSecret, newSecret } from './secret-token.ts';
import type { UserRow } from './users.store.ts';

/** A session ends so long after the last request, and in any case so long after signing in (S14). */
export const IDLE_MS = 8 * 3600_000;
export const ABSOLUTE_MS = 7 * 24 * 3600_000;
/** Writing "last seen" at every request would be a write a click. */
const SEEN_EVERY_MS = 60_000;

export type FoundSession = { readonly id: SessionId; readonly user: UserRow; readonly expiresAt: Instant };

/** Opens a session; the token is answered once and only its hash is kept. */
export async function createSession(
  db: Kysely<Database>,
  userId: UserId,
  at: Instant,
): Promise<{ id: SessionId; token: string; expiresAt: Instant }> {
  const token = newSecret();
  const id = parseSessionId(randomUUID());
  const expiresAt = addMs(at, ABSOLUTE_MS);
  await db
    .insertInto('sessions')
    .values({
      id,
      token_hash: hashSecret(token),
      user_id: userId,
      created_at: asTimestamp(at),
      last_seen_at: asTimestamp(at),
      expires_at: asTimestamp(expiresAt),
    })
    .execute();
  await db.deleteFrom('sessions').where('expires_at', '<', asTimestamp(at)).execute();
  return { id, token, expiresAt };
}

/** The session of a token that is still alive, with its user; notes that it was used. */
export async function findSession(db: Kysely<Database>, token: string, at: Instant): Promise<FoundSession | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      'sessions.id',
      'users.id as userId',
      'name',
      'email',
      'kind',
      'expires_at as expiresAt',
      'last_seen_at as lastSeenAt',
    ])
    .where('token_hash', '=', hashSecret(token))
    .executeTakeFirst();
  if (row === undefined || row.expiresAt <= at || row.lastSeenAt + IDLE_MS <= at) return null;
  if (at - row.lastSeenAt > SEEN_EVERY_MS) {
    await db
      .updateTable('sessions')
      .set({ last_seen_at: asTimestamp(at) })
      .where('id', '=', row.id)
      .execute();
  }
  const user = { id: row.userId, name: row.name, email: row.email, kind: row.kind };
  return { id: row.id, user, expiresAt: Math.min(row.expiresAt, at + IDLE_MS) as Instant };
}

/** Ends a session at once; its open streams notice within seconds. */
export async function endSession(db: Kysely<Database>, sessionId: SessionId): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', sessionId).execute();
}
