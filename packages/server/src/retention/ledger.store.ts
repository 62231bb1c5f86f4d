import type { BackupId, DeletionObstacle, Instant, SnapshotService, UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type DeletionRow = {
  readonly id: string;
  readonly backupId: BackupId;
  readonly policyName: string;
  readonly accountName: string;
  readonly region: string;
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly sourceId: string;
  readonly reason: string;
  readonly markedAt: Instant;
  readonly state: 'waiting' | 'deleted' | 'gone' | 'kept';
  readonly obstacle: DeletionObstacle | null;
  readonly message: string | null;
  readonly triedAt: Instant | null;
  readonly endedAt: Instant | null;
};

export type LedgerFilter = PageQuery & {
  readonly state?: DeletionRow['state'] | undefined;
  readonly policyName?: string | undefined;
  readonly backupId?: BackupId | undefined;
};

/** A page of the owner's ledger of deletions, the newest first. */
export async function listDeletions(
  db: Kysely<Database>,
  ownerId: UserId,
  { state, policyName, backupId, ...page }: LedgerFilter,
): Promise<Page<DeletionRow>> {
  let query = db
    .selectFrom('deletions')
    .select([
      'id',
      'backup_id as backupId',
      'policy_name as policyName',
      'account_name as accountName',
      'region',
      'service',
      'aws_snapshot_id as awsSnapshotId',
      'source_id as sourceId',
      'reason',
      'marked_at as markedAt',
      'state',
      'obstacle',
      'message',
      'tried_at as triedAt',
      'ended_at as endedAt',
    ])
    .where('owner_id', '=', ownerId);
  if (state !== undefined) query = query.where('state', '=', state);
  if (policyName !== undefined) query = query.where('policy_name', '=', policyName);
  if (backupId !== undefined) query = query.where('backup_id', '=', backupId);
  return pageAfter<DeletionRow>(query, page, [
    { column: 'marked_at', of: (row) => row.markedAt, direction: 'desc', type: 'time' },
    { column: 'id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}
