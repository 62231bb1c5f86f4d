import { randomUUID } from 'node:crypto';
import { cpmError, parseTokenId, type Instant, type TokenId, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import { isNameTaken } from '../db/unique.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';
import { hashSecret, newSecret } from './secret-token.ts';
import type { UserRow } from './users.store.ts';

/** So that secret scanners know one when they see it. */
const PREFIX = 'cpm_';
const SHOWN_CHARACTERS = 10;
const USED_EVERY_MS = 60_000;

export type TokenRow = {
  readonly id: TokenId;
  readonly name: string;
  readonly prefix: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly lastUsedAt: Instant | null;
};

const columns = [
  'id',
  'name',
  'prefix',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
] as const;

/** Makes an API token of the owner; its secret is answered once. Throws `conflict_name_taken`. */
export async function createToken(
  db: Kysely<Database>,
  token: { ownerId: UserId; name: string; at: Instant; expiresAt: Instant | null },
): Promise<{ token: TokenRow; secret: string }> {
  const secret = `${PREFIX}${newSecret()}`;
  try {
    const row = await db
      .insertInto('api_tokens')
      .values({
        id: parseTokenId(randomUUID()),
        owner_id: token.ownerId,
        name: token.name,
        prefix: secret.slice(0, SHOWN_CHARACTERS),
        token_hash: hashSecret(secret),
        created_at: asTimestamp(token.at),
        expires_at: token.expiresAt === null ? null : asTimestamp(token.expiresAt),
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return { token: row, secret };
  } catch (error) {
    if (isNameTaken(error)) throw cpmError('conflict_name_taken', { params: { name: token.name, noun: 'API token' } });
    throw error;
  }
}

/** The owner's tokens, newest first. */
export async function listTokens(db: Kysely<Database>, ownerId: UserId, page: PageQuery): Promise<Page<TokenRow>> {
  const query = db.selectFrom('api_tokens').select(columns).where('owner_id', '=', ownerId);
  return pageAfter(query, page, [
    { column: 'created_at', of: (row: TokenRow) => row.createdAt, direction: 'desc', type: 'time' },
    { column: 'id', of: (row: TokenRow) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** Ends a token; throws `not_found` for an unknown or another owner's. */
export async function deleteToken(db: Kysely<Database>, ownerId: UserId, tokenId: TokenId): Promise<void> {
  const gone = await db
    .deleteFrom('api_tokens')
    .where('owner_id', '=', ownerId)
    .where('id', '=', tokenId)
    .executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw cpmError('not_found', { params: { noun: 'API token' } });
}

/** The user behind an API token that has not expired; notes that it was used. */
export async function findTokenUser(
  db: Kysely<Database>,
  secret: string,
  at: Instant,
): Promise<{ tokenId: TokenId; user: UserRow; expiresAt: Instant | null } | null> {
  const row = await db
    .selectFrom('api_tokens')
    .innerJoin('users', 'users.id', 'owner_id')
    .select([
      'api_tokens.id as tokenId',
      'users.id',
      'users.name',
      'email',
      'kind',
      'expires_at as expiresAt',
      'last_used_at as lastUsedAt',
    ])
    .where('token_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  if (row === undefined || (row.expiresAt !== null && row.expiresAt <= at)) return null;
  if (row.lastUsedAt === null || at - row.lastUsedAt > USED_EVERY_MS) {
    await db
      .updateTable('api_tokens')
      .set({ last_used_at: asTimestamp(at) })
      .where('id', '=', row.tokenId)
      .execute();
  }
  return {
    tokenId: row.tokenId,
    user: { id: row.id, name: row.name, email: row.email, kind: row.kind },
    expiresAt: row.expiresAt,
  };
}
