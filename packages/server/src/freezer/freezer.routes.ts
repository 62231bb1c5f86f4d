import type { api, Backup } from '@cpm/contract';
import { cpmError, parseBackupId, type BackupId, type Instant, type UserId } from '@cpm/core';
import { findBackup, listFrozen, lockBackup } from '../backups/backups.store.ts';
import { shownBackup } from '../backups/shown-backup.ts';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import type { Actor } from '../http/actor.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { deleteByHand } from '../retention/delete-by-hand.ts';
import { hasDeletionBegun, unmark } from '../retention/deletions.store.ts';
import { freezeBackup, renameFrozen } from './freezer.store.ts';

/** Backups that no rule deletes (RET-3). */
export function freezerRoutes(context: ServerContext): Handlers<typeof api.freezer> {
  const { db } = context;
  const show = async (ownerId: UserId, backupId: BackupId): Promise<Backup> =>
    shownBackup(await findBackup(db, ownerId, backupId));
  return {
    async freeze({ actor, params, body, at }) {
      const backupId = parseBackupId(params.backupId);
      await freeze(context, { actor, backupId, ...body, at });
      return show(actor.userId, backupId);
    },

    async list({ actor, query }) {
      const page = await listFrozen(db, actor.userId, query);
      return { ...page, items: page.items.map(shownBackup) };
    },

    async change({ actor, params, body }) {
      const backupId = parseBackupId(params.backupId);
      await db.transaction().execute((tx) => renameFrozen(tx, actor.userId, backupId, body));
      return show(actor.userId, backupId);
    },

    remove: ({ actor, params, query, at }) =>
      deleteByHand(context, {
        actor,
        backupId: parseBackupId(params.backupId),
        confirmed: query.snapshots,
        from: 'freezer',
        at,
      }),
  };
}

type Freeze = {
  readonly actor: Actor;
  readonly backupId: BackupId;
  readonly name: string;
  readonly description: string;
  readonly at: Instant;
};

/** A backup that is marked is taken back as long as AWS was not asked to delete any of it. */
async function freeze({ db }: ServerContext, { actor, backupId, name, description, at }: Freeze): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const backup = await lockBackup(tx, actor.userId, backupId);
    if (backup.endedAt === null) throw cpmError('conflict_backup_running');
    if (backup.frozenName !== null) throw cpmError('conflict_frozen', { params: { name: backup.frozenName } });
    if (!backup.recoverable) throw cpmError('conflict_not_recoverable');
    const why = backup.deletionReason ?? '';
    if (await hasDeletionBegun(tx, backupId)) throw cpmError('conflict_being_deleted', { params: { why } });
    if (backup.deletionMarkedAt !== null) await unmark(tx, backup.ownerId, backupId);
    await freezeBackup(tx, backup.ownerId, backupId, { at, name, description, by: actor.name });
    const wasMarked = backup.deletionMarkedAt === null ? '' : `; it is not deleted after all (it was marked: ${why})`;
    await appendLog(tx, backupId, at, [info(`moved to the freezer as ${name} by ${actor.name}${wasMarked}`)]);
  });
}
