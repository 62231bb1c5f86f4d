import type { AccountId, SnapshotService, UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

export type UsedPlace = { readonly accountId: AccountId; readonly ownerId: UserId; readonly region: string };

/** The accounts and regions in which CPM has targets, snapshots on record, or attempts that may have made some. */
export async function findUsedPlaces(db: Kysely<Database>, owner: UserId | 'all'): Promise<UsedPlace[]> {
  const { rows } = await sql<UsedPlace>`
    select distinct accounts.id as "accountId", accounts.owner_id as "ownerId", used.region
    from accounts join (
      select account_id, region from policy_targets join policies on policies.id = policy_id
      union select account_id, region from snapshots
      union select account_id, region from abandoned_attempts
    ) used on used.account_id = accounts.id
    where ${owner === 'all' ? sql`true` : sql`accounts.owner_id = ${owner}`}
    order by 1, 3`.execute(db);
  return rows;
}

/** The services that CPM has used in an account and region: only those are asked. */
export async function findUsedServices(
  db: Kysely<Database>,
  accountId: AccountId,
  region: string,
): Promise<SnapshotService[]> {
  const { rows } = await sql<{ service: SnapshotService }>`
    select distinct service from snapshots where account_id = ${accountId} and region = ${region}
    union select service from abandoned_attempts where account_id = ${accountId} and region = ${region}
    order by 1`.execute(db);
  return rows.map(({ service }) => service);
}
