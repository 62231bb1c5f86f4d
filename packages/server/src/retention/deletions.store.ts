import type {
  AccountId,
  BackupId,
  DeletionObstacle,
  Instant,
  PolicyId,
  SnapshotId,
  SnapshotService,
  UserId,
} from '@cpm/core';
import { sql, type ExpressionBuilder, type Kysely } from 'kysely';
import { notePoints } from '../backups/known-resources.store.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';

/** Whose marked backups are meant: a policy's, or one backup whose policy is gone. */
export type Marked = { readonly policyId: PolicyId } | { readonly backupId: BackupId };

export type Mark = {
  readonly backupId: BackupId;
  readonly at: Instant;
  readonly reason: string;
  /** Who deletes it by hand; null for retention. */
  readonly by: string | null;
};

/**
 * Marks a backup for deletion and writes its snapshots into the ledger with the reason, in the caller's transaction. One
 * that is marked keeps its first reason (RET-2), unless a person deletes it now.
 */
export async function markForDeletion(tx: Kysely<Database>, ownerId: UserId, mark: Mark): Promise<void> {
  const { backupId, at, reason, by } = mark;
  const { rows } = await sql<{ id: BackupId }>`
    update backups set deletion_marked_at = ${asTimestamp(at)}, deletion_reason = ${reason}, deletion_by = ${by}
    where id = ${backupId} and deleted_at is null and (deletion_marked_at is null or ${by}::text is not null)
    returning id`.execute(tx);
  if (rows.length === 0) return;
  await notePoints(tx, [backupId]);
  await sql`
    insert into deletions (id, owner_id, account_id, account_name, policy_name, backup_id, region, service, aws_snapshot_id,
      source_id, reason, marked_at, state)
    select gen_random_uuid(), backups.owner_id, backups.account_id, account_name, policy_name, backups.id, region, service,
      aws_snapshot_id, source_id, ${reason}, ${asTimestamp(at)}, 'waiting'
    from snapshots join backups on backups.id = backup_id
    where backup_id = ${backupId} and aws_snapshot_id is not null and state in ('pending', 'completed', 'error')
    on conflict (account_id, region, service, aws_snapshot_id) do update set reason = excluded.reason`.execute(tx);
  await announce(tx, ownerId, 'backup', backupId);
}

/** Takes a mark away again, with what the ledger still had to do for it. What was deleted stays so. */
export async function unmark(tx: Kysely<Database>, ownerId: UserId, backupId: BackupId): Promise<void> {
  await tx
    .updateTable('backups')
    .set({ deletion_marked_at: null, deletion_reason: null, deletion_by: null })
    .where('id', '=', backupId)
    .where('deleted_at', 'is', null)
    .execute();
  await notePoints(tx, [backupId]);
  await tx.deleteFrom('deletions').where('backup_id', '=', backupId).where('ended_at', 'is', null).execute();
  await announce(tx, ownerId, 'backup', backupId);
}

export type SnapshotToDelete = {
  readonly id: SnapshotId;
  readonly backupId: BackupId;
  readonly accountId: AccountId;
  readonly region: string;
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly absentSince: Instant | null;
  readonly nextDeletionAt: Instant | null;
};

const ofMarked = (marked: Marked) => (where: ExpressionBuilder<Database, 'backups'>) =>
  'policyId' in marked ? where('backups.policy_id', '=', marked.policyId) : where('backups.id', '=', marked.backupId);

/** Has AWS asked again at once for what it refused before: a person wants it gone now, and may have removed the obstacle. */
export async function tryAgainAtOnce(tx: Kysely<Database>, marked: Marked): Promise<void> {
  await tx
    .updateTable('snapshots')
    .set({ next_deletion_at: null })
    .where('next_deletion_at', 'is not', null)
    // Not yet shown gone twice: that has a clock of its own (F6).
    .where('absent_since', 'is', null)
    .where('backup_id', 'in', (from) => from.selectFrom('backups').select('backups.id').where(ofMarked(marked)))
    .execute();
}

/** What is left to delete in AWS of marked backups, oldest backup first. */
export async function findSnapshotsToDelete(db: Kysely<Database>, marked: Marked): Promise<SnapshotToDelete[]> {
  const rows = await db
    .selectFrom('snapshots')
    .innerJoin('backups', 'backups.id', 'snapshots.backup_id')
    .select([
      'snapshots.id',
      'snapshots.backup_id as backupId',
      'snapshots.account_id as accountId',
      'snapshots.region',
      'snapshots.service',
      'snapshots.aws_snapshot_id as awsSnapshotId',
      'snapshots.absent_since as absentSince',
      'snapshots.next_deletion_at as nextDeletionAt',
    ])
    .where((where) => ofMarked(marked)(where as unknown as ExpressionBuilder<Database, 'backups'>))
    .where('backups.deletion_marked_at', 'is not', null)
    .where('backups.deleted_at', 'is', null)
    .where('backups.ended_at', 'is not', null)
    .where('snapshots.aws_snapshot_id', 'is not', null)
    .where('snapshots.state', 'not in', ['deleted', 'missing'])
    .orderBy('backups.started_at')
    .orderBy('snapshots.region')
    .orderBy('snapshots.service')
    .orderBy('snapshots.source_id')
    .orderBy('snapshots.id')
    .execute();
  return rows.flatMap(({ awsSnapshotId, ...row }) => (awsSnapshotId === null ? [] : [{ ...row, awsSnapshotId }]));
}

/**
 * Writes down that these are about to be deleted, so that nobody takes their backups back meanwhile. Answers those whose
 * backup is still marked.
 */
export async function claimDeletions(
  tx: Kysely<Database>,
  snapshots: readonly SnapshotToDelete[],
  at: Instant,
): Promise<SnapshotToDelete[]> {
  const backupIds = [...new Set(snapshots.map(({ backupId }) => backupId))].toSorted();
  const { rows } = await sql<{ id: BackupId }>`
    select id from backups where id = any(${backupIds}::uuid[]) and deletion_marked_at is not null and deleted_at is null
    order by id for update`.execute(tx);
  const marked = new Set(rows.map(({ id }) => id));
  const claimed = snapshots.filter(({ backupId }) => marked.has(backupId));
  await sql`
    update deletions set state = 'waiting', tried_at = ${asTimestamp(at)} from snapshots
    where snapshots.id = any(${claimed.map(({ id }) => id)}::uuid[]) and ${isOf}`.execute(tx);
  return claimed;
}

/** Which ledger row is of which snapshot. */
const isOf = sql<boolean>`deletions.account_id = snapshots.account_id and deletions.region = snapshots.region
  and deletions.service = snapshots.service and deletions.aws_snapshot_id = snapshots.aws_snapshot_id`;

/** Whether AWS was asked, or is being asked, to delete anything of a backup: then it is too late to keep it. */
export async function hasDeletionBegun(tx: Kysely<Database>, backupId: BackupId): Promise<boolean> {
  const { rows } = await sql`
    select from deletions join snapshots on ${isOf}
    where snapshots.backup_id = ${backupId}
      and (deletions.state in ('deleted', 'gone') or (deletions.state = 'waiting' and tried_at is not null))
    limit 1`.execute(tx);
  return rows.length > 0;
}

/** What became of the try to delete a snapshot. */
export type Answer = { readonly id: SnapshotId } & (
  | { readonly ended: 'deleted' | 'gone' }
  | {
      readonly ended: null;
      /** Why it is still there; null while AWS merely does not show it, which proves nothing yet. */
      readonly kept: { readonly obstacle: DeletionObstacle; readonly message: string } | null;
      readonly absentSince: Instant | null;
      readonly tryAgainAt: Instant;
    }
);

/** Writes what became of deletions, to the snapshots and to the ledger. */
export async function recordAnswers(tx: Kysely<Database>, answers: readonly Answer[], at: Instant): Promise<void> {
  const iso = (when: Instant | null) => (when === null ? null : new Date(when).toISOString());
  const rows = JSON.stringify(
    answers.map((answer) =>
      answer.ended === null
        ? {
            id: answer.id,
            message: answer.kept?.message ?? null,
            obstacle: answer.kept?.obstacle ?? null,
            absentSince: iso(answer.absentSince),
            tryAgainAt: iso(answer.tryAgainAt),
            state: answer.kept === null ? 'waiting' : 'kept',
          }
        : { id: answer.id, state: answer.ended, endedAt: iso(at) },
    ),
  );
  const fresh = sql`jsonb_to_recordset(${rows}::jsonb) as fresh(id uuid, state text, message text, obstacle text,
    "absentSince" timestamptz, "tryAgainAt" timestamptz, "endedAt" timestamptz)`;
  await sql`
    update deletions set state = fresh.state, message = fresh.message, obstacle = fresh.obstacle, ended_at = fresh."endedAt"
    from ${fresh} join snapshots on snapshots.id = fresh.id where ${isOf}`.execute(tx);
  await sql`
    update snapshots set state = case when fresh."endedAt" is null then snapshots.state else 'deleted' end,
      message = fresh.message, absent_since = fresh."absentSince", next_deletion_at = fresh."tryAgainAt"
    from ${fresh} where snapshots.id = fresh.id`.execute(tx);
}

/** Closes the marked backups of which nothing is left in AWS; answers them. */
export async function closeDeletedBackups(tx: Kysely<Database>, marked: Marked, at: Instant): Promise<BackupId[]> {
  const closed = await tx
    .updateTable('backups')
    .set({ deleted_at: asTimestamp(at), recoverable: false })
    .where(ofMarked(marked))
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
    .returning(['id', 'owner_id'])
    .execute();
  for (const { id, owner_id } of closed) await announce(tx, owner_id, 'backup', id);
  return closed.map(({ id }) => id);
}

/** When the next deletion that was put off is due; null when none is waiting. */
export function nextDeletionAt(waiting: readonly SnapshotToDelete[], now: Instant): Instant | null {
  const times = waiting.flatMap(({ nextDeletionAt: at }) => (at !== null && at > now ? [at] : []));
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

export type Trouble = { readonly awsSnapshotId: string; readonly obstacle: DeletionObstacle; readonly message: string };

/** What keeps snapshots of marked backups from being deleted now. */
export async function findObstacles(db: Kysely<Database>, marked: Marked): Promise<Trouble[]> {
  const rows = await db
    .selectFrom('deletions')
    .innerJoin('backups', 'backups.id', 'deletions.backup_id')
    .select(['deletions.aws_snapshot_id as awsSnapshotId', 'deletions.obstacle', 'deletions.message'])
    .where((where) => ofMarked(marked)(where as unknown as ExpressionBuilder<Database, 'backups'>))
    .where('deletions.state', '=', 'kept')
    .orderBy('deletions.aws_snapshot_id')
    .execute();
  return rows.flatMap(({ obstacle, message, awsSnapshotId }) =>
    obstacle === null ? [] : [{ awsSnapshotId, obstacle, message: message ?? '' }],
  );
}
