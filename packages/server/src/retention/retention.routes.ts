import type { api, Deletion } from '@cpm/contract';
import {
  formatInstant,
  parseBackupId,
  parsePolicyId,
  refuseIfAny,
  validatePolicy,
  type BackupId,
  type Instant,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { findPolicy } from '../policies/policies.store.ts';
import { keepRecordDays } from '../settings/record-days.ts';
import { deleteByHand } from './delete-by-hand.ts';
import { listDeletions, type DeletionRow } from './ledger.store.ts';
import { findHeldSnapshots, previewRetention, type HeldSnapshot } from './preview-retention.ts';
import { findRetentionBackups } from './retention.store.ts';

/** What retention would do, what it did, and deleting a backup by hand (RET-1, RET-2, F16). */
export function retentionRoutes(context: ServerContext): Handlers<typeof api.retention> {
  const { db } = context;
  return {
    async preview({ actor, params, query, at }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      const { generations = policy.generations } = query;
      refuseIfAny(validatePolicy({ name: policy.name, generations }).map(inQuery));
      const rule = { generations, keepRecordDays: await keepRecordDays(context), now: at };
      const { items, deletes } = await previewRetention(db, policy.id, rule);
      return {
        items: items.map(({ action, reason, ...item }) => ({ ...shownBackup(item), action, reason })),
        deletes,
      };
    },

    async policyDeletion({ actor, params }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      const backups = await findRetentionBackups(db, policy.id);
      const going = backups.filter(({ isFrozen }) => !isFrozen).toSorted((a, b) => b.createdAt - a.createdAt);
      const ids = going.map(({ id }) => id);
      const snapshots = await findHeldSnapshots(db, ids);
      const byBackup = Map.groupBy(snapshots, ({ backupId }) => backupId);
      return {
        backups: going.map(({ id, createdAt }) =>
          shownBackup({ id, startedAt: createdAt, snapshots: byBackup.get(id) ?? [] }),
        ),
        snapshots: snapshots.length,
        frozen: backups.length - going.length,
      };
    },

    async deletions({ actor, query }) {
      const { backupId, ...filter } = query;
      const page = await listDeletions(db, actor.userId, {
        ...filter,
        backupId: backupId === undefined ? undefined : parseBackupId(backupId),
      });
      return { ...page, items: page.items.map(shownDeletion) };
    },

    deleteBackup: ({ actor, params, query, at }) =>
      deleteByHand(context, {
        actor,
        backupId: parseBackupId(params.backupId),
        confirmed: query.snapshots,
        from: 'backups',
        at,
      }),
  };
}

const inQuery = ({ path, message }: { readonly path: string; readonly message: string }) => ({
  path: `query.${path}`,
  message,
});

type Held = { readonly id: BackupId; readonly startedAt: Instant; readonly snapshots: readonly HeldSnapshot[] };

const shownBackup = ({ id, startedAt, snapshots }: Held) => ({
  backupId: id,
  startedAt: formatInstant(startedAt),
  snapshots: snapshots.map(({ awsSnapshotId, region, sourceId }) => ({ awsSnapshotId, region, sourceId })),
});

const iso = (at: Instant | null): string | null => (at === null ? null : formatInstant(at));

const shownDeletion = ({ markedAt, triedAt, endedAt, ...deletion }: DeletionRow): Deletion => ({
  ...deletion,
  markedAt: formatInstant(markedAt),
  triedAt: iso(triedAt),
  endedAt: iso(endedAt),
});
