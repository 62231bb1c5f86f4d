import type { BackupId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJobs } from '../engine/jobs.ts';

export const RUN_BACKUP = 'run-backup';

/** Enqueues the jobs of backups in the transaction that makes their rows: neither is ever without the other. */
export async function enqueueBackups(
  tx: Transaction<Database>,
  backups: readonly { readonly id: BackupId; readonly ownerId: UserId }[],
): Promise<void> {
  const jobs = backups.map(({ id, ownerId }) => ({
    kind: RUN_BACKUP,
    subjectId: id,
    ownerId,
    uniqueKey: id,
    priority: 10,
  }));
  await enqueueJobs(tx, jobs);
}
