import type { BackupId, PolicyId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob, enqueueJobs } from '../engine/jobs.ts';

export const APPLY_RETENTION = 'apply-retention';
export const DELETE_BACKUP = 'delete-backup';

type PolicyOf = { readonly id: PolicyId; readonly ownerId: UserId };

const retentionJob = ({ id, ownerId }: PolicyOf) => ({ kind: APPLY_RETENTION, subjectId: id, ownerId, uniqueKey: id });

/** Has a policy's backups looked through for what retention removes; at most one such job a policy. */
export async function enqueueRetention(tx: Transaction<Database>, policyId: PolicyId, ownerId: UserId): Promise<void> {
  await enqueueJob(tx, retentionJob({ id: policyId, ownerId }));
}

/** The same for many policies. */
export async function enqueueRetentions(tx: Transaction<Database>, policies: readonly PolicyOf[]): Promise<void> {
  await enqueueJobs(tx, policies.map(retentionJob));
}

/** Has a marked backup deleted: with its policy's others, or alone where the policy is gone. */
export async function enqueueDeletion(
  tx: Transaction<Database>,
  backup: { readonly id: BackupId; readonly policyId: PolicyId | null; readonly ownerId: UserId },
): Promise<void> {
  const { id, policyId, ownerId } = backup;
  if (policyId !== null) return enqueueRetention(tx, policyId, ownerId);
  await enqueueJob(tx, { kind: DELETE_BACKUP, subjectId: id, ownerId, uniqueKey: id });
}
