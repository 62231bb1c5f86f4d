import type { api } from '@cpm/contract';
import { formatInstant, parseAccountId, parseBackupId, parseInstant } from '@cpm/core';
import { findBackup } from '../backups/backups.store.ts';
import { findResources, findSnapshots } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { panelOf } from './recovery-panel.ts';
import { listRecoverableResources, listRecoveryPoints } from './recovery-points.store.ts';

type Routes = Pick<Handlers<typeof api.recoveries>, 'panel' | 'resources' | 'points'>;

/** What can be brought back: from a backup, and from a resource (REC-1). All of it is read from the records (F11). */
export function recoveryPanelRoutes({ db }: ServerContext): Routes {
  return {
    async panel({ actor, params }) {
      const backup = await findBackup(db, actor.userId, parseBackupId(params.backupId));
      const [resources, snapshots] = await Promise.all([findResources(db, backup.id), findSnapshots(db, backup.id)]);
      return panelOf({ backup, resources, snapshots });
    },

    async resources({ actor, query }) {
      const page = await listRecoverableResources(db, actor.userId, query);
      const items = page.items.map(({ id: _, newestAt, oldestAt, ...row }) => ({
        ...row,
        newestAt: formatInstant(newestAt),
        oldestAt: formatInstant(oldestAt),
      }));
      return { ...page, items };
    },

    async points({ actor, query }) {
      const { accountId, before, ...rest } = query;
      const page = await listRecoveryPoints(db, actor.userId, {
        ...rest,
        accountId: parseAccountId(accountId),
        before: before === undefined ? undefined : parseInstant(before),
      });
      return { ...page, items: page.items.map(({ at, ...row }) => ({ ...row, at: formatInstant(at) })) };
    },
  };
}
