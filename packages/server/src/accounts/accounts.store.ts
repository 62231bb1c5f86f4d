import { cpmError, type AccountId, type Instant, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isNameTaken } from '../db/unique.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type AccountRow = {
  readonly id: AccountId;
  readonly ownerId: UserId;
  readonly name: string;
  readonly kind: 'backup' | 'dr';
  readonly accessKeyId: string;
  readonly awsAccountNumber: string;
  readonly arn: string;
  readonly scanResources: boolean;
  readonly mayDeleteSnapshots: boolean;
  readonly createdAt: Instant;
  readonly verifiedAt: Instant;
};

/** An account as a list shows it: with what hangs on it. */
export type ListedAccount = AccountRow & { readonly policyCount: number; readonly twins: string[] };

export type NewAccount = AccountRow & { readonly secretKey: Buffer };

const columns = [
  'accounts.id',
  'accounts.owner_id as ownerId',
  'accounts.name',
  'accounts.kind',
  'accounts.access_key_id as accessKeyId',
  'accounts.aws_account_number as awsAccountNumber',
  'accounts.arn',
  'accounts.scan_resources as scanResources',
  'accounts.may_delete_snapshots as mayDeleteSnapshots',
  'accounts.created_at as createdAt',
  'accounts.verified_at as verifiedAt',
] as const;

const nameTaken = (name: string) => cpmError('conflict_name_taken', { params: { name, noun: 'account' } });

/** Stores a verified account; throws `conflict_name_taken`. */
export async function createAccount(db: Kysely<Database>, account: NewAccount): Promise<void> {
  try {
    await db
      .insertInto('accounts')
      .values({
        id: account.id,
        owner_id: account.ownerId,
        name: account.name,
        kind: account.kind,
        access_key_id: account.accessKeyId,
        secret_key: account.secretKey,
        aws_account_number: account.awsAccountNumber,
        arn: account.arn,
        scan_resources: account.scanResources,
        may_delete_snapshots: account.mayDeleteSnapshots,
        created_at: asTimestamp(account.createdAt),
        verified_at: asTimestamp(account.verifiedAt),
      })
      .execute();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(account.name) : error;
  }
  await announce(db, account.ownerId, 'account', account.id);
}

export type AccountChange = {
  readonly name?: string | undefined;
  readonly scanResources?: boolean | undefined;
  readonly mayDeleteSnapshots?: boolean | undefined;
  readonly verified?: { readonly at: Instant; readonly arn: string } | undefined;
  readonly keys?: { readonly accessKeyId: string; readonly secretKey: Buffer } | undefined;
};

/** Writes what the change names; throws `not_found` or `conflict_name_taken`. */
export async function changeAccount(
  db: Kysely<Database>,
  ownerId: UserId,
  accountId: AccountId,
  change: AccountChange,
): Promise<void> {
  const { name, scanResources, mayDeleteSnapshots, verified, keys } = change;
  const set = {
    ...(name === undefined ? {} : { name }),
    ...(scanResources === undefined ? {} : { scan_resources: scanResources }),
    ...(mayDeleteSnapshots === undefined ? {} : { may_delete_snapshots: mayDeleteSnapshots }),
    ...(verified === undefined ? {} : { verified_at: asTimestamp(verified.at), arn: verified.arn }),
    ...(keys === undefined ? {} : { access_key_id: keys.accessKeyId, secret_key: keys.secretKey }),
  };
  if (Object.keys(set).length === 0) return;
  try {
    await db.updateTable('accounts').set(set).where('owner_id', '=', ownerId).where('id', '=', accountId).execute();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(name ?? '') : error;
  }
  await announce(db, ownerId, 'account', accountId);
}

function listed(db: Kysely<Database>, ownerId: UserId) {
  return db
    .selectFrom('accounts')
    .select(columns)
    .select((from) => [
      from
        .selectFrom('policies')
        .whereRef('policies.account_id', '=', 'accounts.id')
        .where('policies.removed_at', 'is', null)
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('policyCount'),
      from
        .selectFrom('accounts as other')
        .whereRef('other.owner_id', '=', 'accounts.owner_id')
        .whereRef('other.aws_account_number', '=', 'accounts.aws_account_number')
        .whereRef('other.id', '<>', 'accounts.id')
        .select((names) =>
          names.fn.coalesce(names.fn.agg<string[]>('array_agg', ['other.name']), names.val('{}')).as('names'),
        )
        .$asScalar()
        .$notNull()
        .as('twins'),
    ])
    .where('accounts.owner_id', '=', ownerId);
}

/** The owner's accounts by name. */
export async function listAccounts(
  db: Kysely<Database>,
  ownerId: UserId,
  page: PageQuery,
): Promise<Page<ListedAccount>> {
  return pageAfter<ListedAccount>(listed(db, ownerId), page, [
    { column: 'accounts.name', of: (row) => row.name, direction: 'asc', type: 'text' },
    { column: 'accounts.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** One account of the owner; throws `not_found` for an unknown or another owner's. */
export async function findAccount(db: Kysely<Database>, ownerId: UserId, accountId: AccountId): Promise<ListedAccount> {
  const row = await listed(db, ownerId).where('accounts.id', '=', accountId).executeTakeFirst();
  if (row === undefined) throw cpmError('not_found', { params: { noun: 'account' } });
  return row;
}

/** What opens the door to AWS: only `account-access.ts` asks. */
export async function findSealedKeys(
  db: Kysely<Database>,
  accountId: AccountId,
): Promise<{ ownerId: UserId; accessKeyId: string; secretKey: Buffer } | null> {
  const row = await db
    .selectFrom('accounts')
    .select(['owner_id as ownerId', 'access_key_id as accessKeyId', 'secret_key as secretKey'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Removes an account that nothing uses; throws `conflict_in_use` naming the policies, or that backups still hold snapshots
 * in it, and `not_found`.
 */
export async function deleteAccount(db: Kysely<Database>, ownerId: UserId, accountId: AccountId): Promise<void> {
  await findAccount(db, ownerId, accountId);
  const policies = await db
    .selectFrom('policies')
    .select(['name', 'removed_at as removedAt'])
    .where('account_id', '=', accountId)
    .orderBy('name')
    .limit(10)
    .execute();
  // One that is being removed still needs the account: its snapshots are deleted with its keys.
  const names = policies.map(({ name, removedAt }) => (removedAt === null ? name : `${name} (being removed)`));
  if (names.length > 0) throw inUse(`the policies ${names.join(', ')}`);
  const kept = await db.selectFrom('backups').select('id').where('account_id', '=', accountId).limit(1).execute();
  if (kept.length > 0) throw inUse('the records of its backups');
  await db.deleteFrom('accounts').where('owner_id', '=', ownerId).where('id', '=', accountId).execute();
  await announce(db, ownerId, 'account', accountId);
}

const inUse = (users: string) => cpmError('conflict_in_use', { params: { noun: 'account', users } });
