import {
  type AccountId,
  type BackupId,
  type Instant,
  type PolicyId,
  type RetentionBackup,
  type SnapshotId,
  type UserId,
} from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';

/** How many generations a policy keeps; 0 for a policy that is being removed with everything. Null when it is gone. */
export async function findRetentionRule(
  db: Kysely<Database>,
  policyId: PolicyId,
): Promise<{ readonly ownerId: UserId; readonly generations: number; readonly isRemoved: boolean } | null> {
  const row = await db
    .selectFrom('policies')
    .select(['owner_id as ownerId', 'generations', 'removed_at as removedAt'])
    .where('id', '=', policyId)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { ownerId: row.ownerId, generations: row.generations, isRemoved: row.removedAt !== null };
}

/** The backups of a policy whose snapshots retention may still decide about. */
export async function findRetentionBackups(db: Kysely<Database>, policyId: PolicyId): Promise<RetentionBackup[]> {
  const rows = await db
    .selectFrom('backups')
    .select(['id', 'started_at', 'ended_at', 'is_generation', 'recoverable', 'deletion_marked_at'])
    .where('policy_id', '=', policyId)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.started_at,
    isRunning: row.ended_at === null,
    isFrozen: false,
    isGeneration: row.is_generation,
    isRecoverable: row.recoverable,
    drStatus: 'none' as const,
    isMarked: row.deletion_marked_at !== null,
  }));
}

/** Marks a backup for deletion with the reason; one that is marked keeps its first reason (RET-2). */
export async function markForDeletion(
  tx: Kysely<Database>,
  ownerId: UserId,
  mark: { readonly backupId: BackupId; readonly at: Instant; readonly reason: string },
): Promise<void> {
  await tx
    .updateTable('backups')
    .set({ deletion_marked_at: asTimestamp(mark.at), deletion_reason: mark.reason })
    .where('id', '=', mark.backupId)
    .where('deletion_marked_at', 'is', null)
    .execute();
  await announce(tx, ownerId, 'backup', mark.backupId);
}

/** Takes a mark away again: the guard of RET-1 now covers the backup. */
export async function unmark(tx: Kysely<Database>, ownerId: UserId, backupId: BackupId): Promise<void> {
  await tx
    .updateTable('backups')
    .set({ deletion_marked_at: null, deletion_reason: null })
    .where('id', '=', backupId)
    .where('deleted_at', 'is', null)
    .execute();
  await announce(tx, ownerId, 'backup', backupId);
}

export type SnapshotToDelete = {
  readonly id: SnapshotId;
  readonly backupId: BackupId;
  readonly accountId: AccountId;
  readonly region: string;
  readonly awsSnapshotId: string;
  readonly nextDeletionAt: Instant | null;
};

/** What is left to delete in AWS of a policy's marked backups, oldest backup first. */
export async function findSnapshotsToDelete(db: Kysely<Database>, policyId: PolicyId): Promise<SnapshotToDelete[]> {
  const rows = await db
    .selectFrom('snapshots')
    .innerJoin('backups', 'backups.id', 'snapshots.backup_id')
    .select([
      'snapshots.id',
      'snapshots.backup_id as backupId',
      'snapshots.account_id as accountId',
      'snapshots.region',
      'snapshots.aws_snapshot_id as awsSnapshotId',
      'snapshots.next_deletion_at as nextDeletionAt',
    ])
    .where('backups.policy_id', '=', policyId)
    .where('backups.deletion_marked_at', 'is not', null)
    .where('backups.deleted_at', 'is', null)
    .where('backups.ended_at', 'is not', null)
    .where('snapshots.aws_snapshot_id', 'is not', null)
    .where('snapshots.state', 'not in', ['deleted', 'missing'])
    .orderBy('backups.started_at')
    .orderBy('snapshots.id')
    .execute();
  return rows.flatMap(({ awsSnapshotId, ...row }) => (awsSnapshotId === null ? [] : [{ ...row, awsSnapshotId }]));
}

export type Deletion = { readonly id: SnapshotId } & (
  | { readonly kept: null }
  /** AWS refused: the reason, and when it is tried again. */
  | { readonly kept: string; readonly tryAgainAt: Instant }
);

/** Writes what became of deletions. */
export async function recordDeletions(tx: Kysely<Database>, deletions: readonly Deletion[]): Promise<void> {
  const deleted = deletions.flatMap(({ id, kept }) => (kept === null ? [id] : []));
  if (deleted.length > 0) {
    await tx
      .updateTable('snapshots')
      .set({ state: 'deleted', message: null, next_deletion_at: null })
      .where('id', 'in', deleted)
      .execute();
  }
  for (const deletion of deletions) {
    if (deletion.kept === null) continue;
    await tx
      .updateTable('snapshots')
      .set({ message: deletion.kept, next_deletion_at: asTimestamp(deletion.tryAgainAt) })
      .where('id', '=', deletion.id)
      .execute();
  }
}

/** Closes the marked backups of which nothing is left in AWS; answers them. */
export async function closeDeletedBackups(
  tx: Kysely<Database>,
  policyId: PolicyId,
  ownerId: UserId,
  at: Instant,
): Promise<BackupId[]> {
  const closed = await tx
    .updateTable('backups')
    .set({ deleted_at: asTimestamp(at), recoverable: false })
    .where('policy_id', '=', policyId)
    .where('deletion_marked_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .where('ended_at', 'is not', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('snapshots')
            .select('snapshots.id')
            .whereRef('snapshots.backup_id', '=', 'backups.id')
            .where('snapshots.aws_snapshot_id', 'is not', null)
            .where('snapshots.state', 'not in', ['deleted', 'missing']),
        ),
      ),
    )
    .returning('id')
    .execute();
  for (const { id } of closed) await announce(tx, ownerId, 'backup', id);
  return closed.map(({ id }) => id);
}

/** Removes a policy of which no backup is left in AWS; its records stay with its name. */
export async function deletePolicyRow(tx: Kysely<Database>, policyId: PolicyId): Promise<void> {
  await tx.deleteFrom('policies').where('id', '=', policyId).where('removed_at', 'is not', null).execute();
}

/** When the next refused deletion of a policy is due; null when none is waiting. */
export function nextDeletionAt(waiting: readonly SnapshotToDelete[], now: Instant): Instant | null {
  const times = waiting.flatMap(({ nextDeletionAt: at }) => (at !== null && at > now ? [at] : []));
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}
