import { DAY_MS, type BackupId, type Instant, type PolicyId, type RetentionBackup, type UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

export type PolicyRule = {
  readonly ownerId: UserId;
  readonly name: string;
  readonly generations: number;
  readonly isRemoved: boolean;
};

/** How many generations a policy keeps, and whether it is being removed with everything. Null when it is gone. */
export async function findRetentionRule(db: Kysely<Database>, policyId: PolicyId): Promise<PolicyRule | null> {
  const row = await db
    .selectFrom('policies')
    .select(['owner_id as ownerId', 'name', 'generations', 'removed_at as removedAt'])
    .where('id', '=', policyId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { removedAt, ...rule } = row;
  return { ...rule, isRemoved: removedAt !== null };
}

/**
 * The backups of a policy that retention may still decide about: not those that a person deletes. Only what is still whole
 * counts as a generation, so that a backup whose snapshots vanished pushes no good one out (F16).
 */
export async function findRetentionBackups(db: Kysely<Database>, policyId: PolicyId): Promise<RetentionBackup[]> {
  return readRetentionBackups(db, policyId);
}

/** The same, locked until the transaction ends: nobody freezes, recovers or deletes one while it is decided about. */
export async function lockRetentionBackups(tx: Kysely<Database>, policyId: PolicyId): Promise<RetentionBackup[]> {
  await sql`select id from backups where policy_id = ${policyId} and deleted_at is null order by id for update`.execute(
    tx,
  );
  return readRetentionBackups(tx, policyId);
}

async function readRetentionBackups(db: Kysely<Database>, policyId: PolicyId): Promise<RetentionBackup[]> {
  const rows = await db
    .selectFrom('backups')
    .select(['id', 'started_at', 'ended_at', 'is_generation', 'recoverable', 'deletion_marked_at', 'frozen_at'])
    .select([
      sql<boolean>`exists (select from snapshots where backup_id = backups.id and state in ('missing', 'deleted'))`.as(
        'isBroken',
      ),
      sql<boolean>`exists (select from snapshots where backup_id = backups.id and state = 'pending')`.as('isPending'),
      sql<boolean>`exists (select from recoveries where backup_id = backups.id and ended_at is null)`.as(
        'isInRecovery',
      ),
    ])
    .where('policy_id', '=', policyId)
    .where('deleted_at', 'is', null)
    .where('deletion_by', 'is', null)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.started_at,
    isRunning: row.ended_at === null,
    isFrozen: row.frozen_at !== null,
    isInRecovery: row.isInRecovery,
    isGeneration: row.is_generation && !row.isBroken,
    isRecoverable: row.recoverable,
    isPending: row.isPending,
    drStatus: 'none' as const,
    isMarked: row.deletion_marked_at !== null,
  }));
}

/** Removes a policy; its records and its frozen backups stay with its name. */
export async function deletePolicyRow(tx: Kysely<Database>, policyId: PolicyId): Promise<void> {
  await tx.deleteFrom('policies').where('id', '=', policyId).where('removed_at', 'is not', null).execute();
}

/** Every policy, removed ones too, with its owner. */
export async function findAllPolicies(
  db: Kysely<Database>,
): Promise<{ readonly id: PolicyId; readonly ownerId: UserId }[]> {
  return db.selectFrom('policies').select(['id', 'owner_id as ownerId']).orderBy('id').execute();
}

/**
 * Forgets deleted backups that are as old as records are kept (RET-4), with their logs; one that a recovery was made from
 * stays with it. Answers how many went, at most `most`.
 */
export async function forgetOldRecords(
  tx: Kysely<Database>,
  { keepDays, now, most }: { readonly keepDays: number; readonly now: Instant; readonly most: number },
): Promise<number> {
  const oldest = asTimestamp((now - keepDays * DAY_MS) as Instant);
  const { rows } = await sql<{ id: BackupId }>`
    delete from backups where id in (
      select id from backups
      where deleted_at is not null and started_at <= ${oldest}
        and not exists (select from recoveries where backup_id = backups.id)
      order by id limit ${most})
    returning id`.execute(tx);
  await sql`delete from log_lines where subject_id = any(${rows.map(({ id }) => id)}::uuid[])`.execute(tx);
  return rows.length;
}
