import { cpmError, type BackupId, type Instant } from '@cpm/core';
import { lockBackup, isInRecovery } from '../backups/backups.store.ts';
import type { ServerContext } from '../context.ts';
import type { Actor } from '../http/actor.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { enqueueDeletion } from './apply-retention.ts';
import { countsOf } from './counts.ts';
import { markForDeletion, tryAgainAtOnce } from './deletions.store.ts';
import { findHeldSnapshots } from './preview-retention.ts';

type ByHand = {
  readonly actor: Actor;
  readonly backupId: BackupId;
  /** How many snapshots the caller knows to go with it. */
  readonly confirmed: number | undefined;
  readonly from: 'backups' | 'freezer';
  readonly at: Instant;
};

/**
 * Deletes a backup because a person wants it: no rule keeps it then, and no rule brings it back. Refused while it runs, while
 * a recovery reads it, and without the number of its snapshots.
 */
export async function deleteByHand(
  { db }: ServerContext,
  { actor, backupId, confirmed, from, at }: ByHand,
): Promise<{ readonly snapshotsToDelete: number }> {
  return db.transaction().execute(async (tx) => {
    const backup = await lockBackup(tx, actor.userId, backupId);
    if (from === 'freezer' && backup.frozenAt === null)
      throw cpmError('not_found', { params: { noun: 'frozen backup' } });
    if (from === 'backups' && backup.frozenName !== null) {
      throw cpmError('conflict_frozen', { params: { name: backup.frozenName } });
    }
    if (backup.endedAt === null) throw cpmError('conflict_backup_running');
    if (backup.deletedAt !== null) {
      throw cpmError('conflict_being_deleted', { params: { why: backup.deletionReason ?? '' } });
    }
    if (await isInRecovery(tx, backupId)) throw cpmError('conflict_in_recovery');
    const snapshots = (await findHeldSnapshots(tx, [backupId])).length;
    if ((confirmed ?? 0) !== snapshots) {
      const counts = countsOf({ backups: 1, snapshots });
      throw cpmError('conflict_not_confirmed', { params: { what: 'This', counts } });
    }
    const reason = `deleted by ${actor.name}`;
    // Out of the freezer, so that its name is free at once.
    await tx
      .updateTable('backups')
      .set({ frozen_at: null, frozen_name: null, frozen_description: '', frozen_by: null })
      .where('id', '=', backupId)
      .execute();
    await markForDeletion(tx, backup.ownerId, { backupId, at, reason, by: actor.name });
    await tryAgainAtOnce(tx, { backupId });
    await appendLog(tx, backupId, at, [info(`marked for deletion: ${reason}`)]);
    await enqueueDeletion(tx, backup);
    return { snapshotsToDelete: snapshots };
  });
}
