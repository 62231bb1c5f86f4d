import type { PolicyId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const APPLY_RETENTION = 'apply-retention';

/** Has a policy's backups looked through for what retention removes; at most one such job a policy. */
export async function enqueueRetention(tx: Transaction<Database>, policyId: PolicyId, ownerId: UserId): Promise<void> {
  await enqueueJob(tx, { kind: APPLY_RETENTION, subjectId: policyId, ownerId, uniqueKey: policyId });
}
