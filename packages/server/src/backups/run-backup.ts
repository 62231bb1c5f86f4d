import type { BackupId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const RUN_BACKUP = 'run-backup';

/** Enqueues the job of a backup in the transaction that makes its row: neither is ever without the other. */
export async function enqueueBackup(tx: Transaction<Database>, backupId: BackupId, ownerId: UserId): Promise<void> {
  await enqueueJob(tx, { kind: RUN_BACKUP, subjectId: backupId, ownerId, uniqueKey: backupId, priority: 10 });
}
