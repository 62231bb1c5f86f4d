import type { AccountId, BackupId, BackupStatus, Instant, TargetKind, UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import { holding } from '../db/like-pattern.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

/** Something that can be brought back, with the moments to which it can. */
export type RecoverableRow = {
  readonly id: string;
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly kind: TargetKind;
  readonly region: string;
  readonly awsId: string;
  readonly name: string;
  readonly points: number;
  readonly newestAt: Instant;
  readonly oldestAt: Instant;
};

/** One backup that holds a resource. */
export type PointRow = {
  readonly backupId: BackupId;
  readonly resourceId: string;
  readonly at: Instant;
  readonly policyName: string;
  readonly backupStatus: BackupStatus;
  readonly isFrozen: boolean;
  readonly completedSnapshots: number;
  readonly snapshots: number;
};

/** Everything of the owner that can be brought back, by its newest name; `search` is a part of name or AWS id, in any case. */
export async function listRecoverableResources(
  db: Kysely<Database>,
  ownerId: UserId,
  {
    search,
    kind,
    ...page
  }: PageQuery & { readonly search?: string | undefined; readonly kind?: TargetKind | undefined },
): Promise<Page<RecoverableRow>> {
  let query = db
    .selectFrom('known_resources')
    .innerJoin('accounts', 'accounts.id', 'known_resources.account_id')
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('backup_resources')
          .select((each) => [
            each.fn.countAll<number>().as('points'),
            each.fn.max('point_at').as('newestAt'),
            each.fn.min('point_at').as('oldestAt'),
          ])
          .whereRef('backup_resources.point_of', '=', 'known_resources.id')
          .as('held'),
      (join) => join.onTrue(),
    )
    .select([
      'known_resources.id',
      'known_resources.account_id as accountId',
      'accounts.name as accountName',
      'known_resources.kind',
      'known_resources.region',
      'known_resources.resource_id as awsId',
      'known_resources.name',
      'held.points',
      'held.newestAt',
      'held.oldestAt',
    ])
    .where('known_resources.owner_id', '=', ownerId)
    .where('held.points', '>', 0);
  if (kind !== undefined) query = query.where('known_resources.kind', '=', kind);
  if (search !== undefined && search !== '') {
    const pattern = holding(search);
    query = query.where((where) =>
      where.or([
        where('known_resources.name', 'ilike', pattern),
        where('known_resources.resource_id', 'ilike', pattern),
      ]),
    );
  }
  return pageAfter<RecoverableRow>(query, page, [
    { column: 'known_resources.name', of: (row) => row.name, direction: 'asc', type: 'text' },
    { column: 'known_resources.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** Which resource of which account is meant. */
export type ResourceKey = {
  readonly accountId: AccountId;
  readonly kind: TargetKind;
  readonly region: string;
  readonly awsId: string;
};

/** The backups of the owner that a resource can be brought back from, newest first; with `before` those that began by then. */
export async function listRecoveryPoints(
  db: Kysely<Database>,
  ownerId: UserId,
  {
    accountId,
    kind,
    region,
    awsId,
    before,
    ...page
  }: PageQuery & ResourceKey & { readonly before?: Instant | undefined },
): Promise<Page<PointRow>> {
  let query = db
    .selectFrom('known_resources')
    .innerJoin('backup_resources', 'backup_resources.point_of', 'known_resources.id')
    .innerJoin('backups', 'backups.id', 'backup_resources.backup_id')
    .select([
      'backups.id as backupId',
      'backup_resources.id as resourceId',
      'backup_resources.point_at as at',
      'backups.policy_name as policyName',
      'backups.status as backupStatus',
      sql<boolean>`backups.frozen_at is not null`.as('isFrozen'),
      countSnapshots('completed').as('completedSnapshots'),
      countSnapshots().as('snapshots'),
    ])
    .where('known_resources.owner_id', '=', ownerId)
    .where('known_resources.account_id', '=', accountId)
    .where('known_resources.kind', '=', kind)
    .where('known_resources.region', '=', region)
    .where('known_resources.resource_id', '=', awsId);
  if (before !== undefined) query = query.where('backup_resources.point_at', '<=', asTimestamp(before));
  return pageAfter<PointRow>(query, page, [
    { column: 'backup_resources.point_at', of: (row) => row.at, direction: 'desc', type: 'time' },
    { column: 'backup_resources.id', of: (row) => row.resourceId, direction: 'asc', type: 'uuid' },
  ]);
}

const countSnapshots = (state?: 'completed') =>
  sql<number>`(select count(*) from snapshots where snapshots.resource_id = backup_resources.id
    ${state === undefined ? sql`` : sql`and snapshots.state = ${state}`})`;
