import type {
  AccountId,
  AttemptId,
  BackupId,
  Instant,
  KnownAttempt,
  SnapshotId,
  SnapshotRecord,
  UserId,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import { notePoints } from '../backups/known-resources.store.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import type { Place } from './findings.store.ts';

/**
 * Every record of a snapshot in the AWS account and region, also those of other accounts of CPM, of whatever owner, that
 * reach the same AWS account: a listing shows all of them.
 */
export async function findRecords(db: Kysely<Database>, { accountId, region }: Place): Promise<SnapshotRecord[]> {
  const { rows } = await sql<SnapshotRecord>`
    select snapshots.id as "snapshotId", service, aws_snapshot_id as "awsSnapshotId", backup_id as "backupId", state,
      snapshots.account_id = ${accountId} as "isOwn", backups.ended_at is null as "isBackupRunning",
      backups.deletion_marked_at is not null or backups.deleted_at is not null as "isMarked"
    from snapshots join backups on backups.id = backup_id
    where region = ${region} and aws_snapshot_id is not null and snapshots.account_id in (
      select same.id from accounts same join accounts mine on mine.aws_account_number = same.aws_account_number
      where mine.id = ${accountId})`.execute(db);
  return rows;
}

/** What the records know of attempts: of a backup's, or of one that was given up and is still looked after. */
export async function findAttempts(
  db: Kysely<Database>,
  { accountId }: Place,
  attemptIds: readonly AttemptId[],
): Promise<KnownAttempt[]> {
  if (attemptIds.length === 0) return [];
  const { rows } = await sql<KnownAttempt>`
    select distinct attempt_id as "attemptId", backup_id as "backupId",
      backups.ended_at is null or backups.account_id <> ${accountId} as open
    from snapshots join backups on backups.id = backup_id where attempt_id = any(${attemptIds}::uuid[])
    union
    select attempt_id, backup_id, settled_at is null or account_id <> ${accountId} from abandoned_attempts
    where attempt_id = any(${attemptIds}::uuid[])
    order by open`.execute(db);
  return rows;
}

/** Notes that snapshots are gone from AWS, and judges anew what their backups still hold (I2). */
export async function markMissing(
  tx: Kysely<Database>,
  snapshotIds: readonly SnapshotId[],
  message: string,
): Promise<BackupId[]> {
  const { rows } = await sql<{ backupId: BackupId }>`
    update snapshots set state = 'missing', message = ${message}
    where id = any(${snapshotIds}::uuid[]) and state in ('completed', 'pending')
    returning backup_id as "backupId"`.execute(tx);
  return judgeAnew(tx, rows);
}

/** Notes that snapshots that were missing are in AWS after all. */
export async function markThere(tx: Kysely<Database>, snapshotIds: readonly SnapshotId[]): Promise<BackupId[]> {
  const { rows } = await sql<{ backupId: BackupId }>`
    update snapshots set state = 'completed', message = null, absent_since = null, progress_percent = 100,
      completed_at = coalesce(completed_at, started_at)
    where id = any(${snapshotIds}::uuid[]) and state = 'missing'
    returning backup_id as "backupId"`.execute(tx);
  return judgeAnew(tx, rows);
}

/** Whether something can be recovered: a completed snapshot, or a configuration where no snapshot was asked for. */
async function judgeAnew(tx: Kysely<Database>, rows: readonly { readonly backupId: BackupId }[]): Promise<BackupId[]> {
  const backupIds = [...new Set(rows.map(({ backupId }) => backupId))].toSorted();
  const judged = await sql<{ id: BackupId; ownerId: UserId }>`
    update backups set recoverable = exists (select from snapshots where backup_id = backups.id and state = 'completed')
      or exists (select from backup_resources where backup_id = backups.id and state = 'configuration-only'
        and configuration_id is not null)
    where id = any(${backupIds}::uuid[]) and deleted_at is null
    returning id, owner_id as "ownerId"`.execute(tx);
  await notePoints(tx, backupIds);
  for (const { id, ownerId } of judged.rows) await announce(tx, ownerId, 'backup', id);
  return backupIds;
}

export type Compare = {
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly region: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly error: string | null;
  readonly snapshotsSeen: number;
};

/** Writes how the last compare of a place went. */
export async function saveCompare(
  tx: Kysely<Database>,
  { accountId, ownerId, region }: Place,
  run: Omit<Compare, 'accountId' | 'accountName' | 'region'>,
): Promise<void> {
  const fresh = {
    started_at: asTimestamp(run.startedAt),
    ended_at: run.endedAt === null ? null : asTimestamp(run.endedAt),
    error: run.error,
    snapshots_seen: run.snapshotsSeen,
  };
  await tx
    .insertInto('reconciliations')
    .values({ account_id: accountId, region, owner_id: ownerId, ...fresh })
    .onConflict((conflict) => conflict.columns(['account_id', 'region']).doUpdateSet(fresh))
    .execute();
}

/** The last compares of the owner's accounts. */
export async function listCompares(db: Kysely<Database>, ownerId: UserId): Promise<Compare[]> {
  return db
    .selectFrom('reconciliations as run')
    .innerJoin('accounts', 'accounts.id', 'run.account_id')
    .select([
      'run.account_id as accountId',
      'accounts.name as accountName',
      'run.region',
      'run.started_at as startedAt',
      'run.ended_at as endedAt',
      'run.error',
      'run.snapshots_seen as snapshotsSeen',
    ])
    .where('run.owner_id', '=', ownerId)
    .orderBy('accounts.name')
    .orderBy('run.region')
    .execute();
}
