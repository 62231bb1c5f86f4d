import { randomUUID } from 'node:crypto';
import { cpmError, parseUserId, type Instant, type UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

export type UserRow = {
  readonly id: UserId;
  readonly name: string;
  readonly email: string;
  readonly kind: 'root' | 'independent' | 'managed';
};

/** Whether anybody has claimed this server. */
export async function hasRootUser(db: Kysely<Database>): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('kind', '=', 'root').executeTakeFirst();
  return row !== undefined;
}

/** The root user, to whom the server's own troubles are told; null before the server is claimed. */
export async function findRootUser(db: Kysely<Database>): Promise<UserId | null> {
  const row = await db.selectFrom('users').select('id').where('kind', '=', 'root').executeTakeFirst();
  return row?.id ?? null;
}

/** Makes the one root user; throws `setup_done` when there is one already, also when two claims race. */
export async function createRootUser(
  db: Kysely<Database>,
  user: { name: string; email: string; passwordHash: string; at: Instant },
): Promise<UserRow> {
  const id = parseUserId(randomUUID());
  const made = await db
    .insertInto('users')
    .values({
      id,
      name: user.name,
      email: user.email,
      kind: 'root',
      password_hash: user.passwordHash,
      created_at: asTimestamp(user.at),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) throw cpmError('setup_done');
  return { id, name: user.name, email: user.email, kind: 'root' };
}

/** A user with the stored hash, by name in any case; null when there is none. */
export async function findUserByName(
  db: Kysely<Database>,
  name: string,
): Promise<(UserRow & { readonly passwordHash: string }) | null> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'name', 'email', 'kind', 'password_hash as passwordHash'])
    .where(sql<string>`lower(name)`, '=', name.toLowerCase())
    .executeTakeFirst();
  return row ?? null;
}

export async function savePasswordHash(db: Kysely<Database>, userId: UserId, passwordHash: string): Promise<void> {
  await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute();
}
