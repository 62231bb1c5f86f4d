import { cpmError, mayEnterPhase, type BackupId, type Instant, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { cancelJob } from '../engine/jobs.ts';
import { announce } from '../events/announce.ts';
import { appendLog, warning } from '../logs/log-lines.store.ts';
import { findBackup, lockBackupForJob, type BackupRow } from './backups.store.ts';
import { RUN_BACKUP } from './run-backup.ts';

type Abort = { readonly ownerId: UserId; readonly backupId: BackupId; readonly by: string; readonly at: Instant };

/**
 * Asks a running backup to end (BKP-7): its job hears of it at once, makes no new call, thaws what is frozen and ends the backup as
 * failed. Asked again it changes nothing. Throws `not_found`, and `conflict_not_running` for one that has ended.
 */
export async function abortBackup(db: Kysely<Database>, { ownerId, backupId, by, at }: Abort): Promise<BackupRow> {
  await findBackup(db, ownerId, backupId);
  await db.transaction().execute(async (tx) => {
    // The job first, as its own transactions lock it: the other way round the two could wait for each other.
    await cancelJob(tx, { kind: RUN_BACKUP, uniqueKey: backupId });
    const { phase } = await lockBackupForJob(tx, backupId);
    if (phase === 'aborting') return;
    if (!mayEnterPhase(phase, 'aborting')) throw cpmError('conflict_not_running', { params: { noun: 'backup' } });
    await tx
      .updateTable('backups')
      .set({ phase: 'aborting', abort_requested_at: asTimestamp(at), abort_requested_by: by })
      .where('id', '=', backupId)
      .execute();
    await appendLog(tx, backupId, at, [warning(`${by} aborts this backup`)]);
    await announce(tx, ownerId, 'backup', backupId);
  });
  return findBackup(db, ownerId, backupId);
}
