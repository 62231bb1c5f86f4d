import type { AccountId, BackupId, TargetKind, UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

type Backed = {
  readonly kind: TargetKind;
  readonly region: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly state: string;
};

/** Notes what a backup is going to hold under its newest name; what it did not find keeps the name it had. */
export async function noteResources(
  tx: Kysely<Database>,
  { ownerId, accountId }: { readonly ownerId: UserId; readonly accountId: AccountId },
  resources: readonly Backed[],
): Promise<void> {
  const found = resources.filter(({ state }) => state === 'planned' || state === 'configuration-only');
  if (found.length === 0) return;
  // In one order, so that two backups of the same resources do not wait for each other.
  const rows = sql`(select kind, region, "resourceId" as resource_id, coalesce(nullif("resourceName", ''), "resourceId") as name
    from jsonb_to_recordset(${JSON.stringify(found)}::jsonb) as new(kind text, region text, "resourceId" text, "resourceName" text)
    order by 1, 2, 3) as fresh`;
  await sql`insert into known_resources (owner_id, account_id, kind, region, resource_id, name)
    select ${ownerId}::uuid, ${accountId}::uuid, kind, region, resource_id, name from ${rows}
    on conflict do nothing`.execute(tx);
  // Names change seldom: a row is locked only where one has.
  await sql`update known_resources set name = fresh.name from ${rows}
    where account_id = ${accountId} and known_resources.kind = fresh.kind and known_resources.region = fresh.region
      and known_resources.resource_id = fresh.resource_id and known_resources.name <> fresh.name`.execute(tx);
}

/**
 * Judges anew from which of these backups their resources can be brought back: from an ended one that nobody deletes, by a
 * completed snapshot of the resource, or by its configuration where no snapshot was asked for. Whoever changes any of that
 * calls this in the same transaction.
 */
export async function notePoints(tx: Kysely<Database>, backupIds: readonly BackupId[]): Promise<void> {
  if (backupIds.length === 0) return;
  await sql`
    with judged as (
      select named.id, known.id as point_of, backups.started_at as point_at,
        backups.recoverable and backups.status is not null
          and backups.deletion_marked_at is null and backups.deleted_at is null
          and (exists (select from snapshots where snapshots.resource_id = named.id and snapshots.state = 'completed')
            or (named.state = 'configuration-only' and named.configuration_id is not null)) as is_point
      from backup_resources named join backups on backups.id = named.backup_id
        join known_resources known on known.account_id = backups.account_id and known.kind = named.kind
          and known.region = named.region and known.resource_id = named.resource_id
      where named.backup_id = any(${backupIds}::uuid[])
    )
    update backup_resources named set point_of = case when is_point then judged.point_of end,
      point_at = case when is_point then judged.point_at end
    from judged where judged.id = named.id and is_point <> (named.point_of is not null)`.execute(tx);
}

/** Forgets some resources that no record of a backup names any more; answers how many. */
export async function forgetUnknownResources(tx: Kysely<Database>, most: number): Promise<number> {
  // A backup that begins just now may count on finding its resources here: it comes before this or after.
  await sql`lock table known_resources in share row exclusive mode`.execute(tx);
  const { rows } = await sql`
    delete from known_resources where id in (
      select id from known_resources known
      where not exists (select from backup_resources named join backups on backups.id = named.backup_id
        where named.resource_id = known.resource_id and named.kind = known.kind and named.region = known.region
          and backups.account_id = known.account_id)
      limit ${most}
    ) returning 1`.execute(tx);
  return rows.length;
}
