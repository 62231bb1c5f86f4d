import type { api, BackedUpResource, BackupScript, Snapshot } from '@cpm/contract';
import {
  cpmError,
  formatInstant,
  isDatabaseKind,
  parseBackupId,
  parseInstant,
  parsePolicyId,
  type Instant,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { listLogLines } from '../logs/log-lines.store.ts';
import { findPolicy, lockPolicy, markPolicyRemoved } from '../policies/policies.store.ts';
import { enqueueRetention } from '../retention/apply-retention.ts';
import { countsOf } from '../retention/counts.ts';
import { tryAgainAtOnce } from '../retention/deletions.store.ts';
import { listScriptRecords, type ScriptRecord } from '../scripts/scripts.store.ts';
import { abortBackup } from './abort-backup.ts';
import {
  countKept,
  createBackups,
  findBackup,
  findRunningBackup,
  listBackups,
  listSkippedFirings,
  type BackupRow,
} from './backups.store.ts';
import { dryRun } from './dry-run.ts';
import { enqueueBackups } from './run-backup.ts';
import { shownBackup } from './shown-backup.ts';
import { findResources, findSnapshots, type ResourceRow, type SnapshotRow } from './snapshots.store.ts';

const iso = (at: Instant | null): string | null => (at === null ? null : formatInstant(at));

/** Backups over the API: lists, the recovery panel's facts, and the log (BKP-4, BKP-5, REC-1). */
export function backupRoutes({ db }: ServerContext): Handlers<typeof api.backups> {
  return {
    async list({ actor, query }) {
      const { policyId, from, to, ...rest } = query;
      const page = await listBackups(db, actor.userId, {
        ...rest,
        policyId: policyId === undefined ? undefined : parsePolicyId(policyId),
        from: from === undefined ? undefined : parseInstant(from),
        to: to === undefined ? undefined : parseInstant(to),
      });
      return { ...page, items: page.items.map(shownBackup) };
    },

    show: async ({ actor, params }) => shownBackup(await findBackup(db, actor.userId, parseBackupId(params.backupId))),

    async resources({ actor, params }) {
      const backup = await findBackup(db, actor.userId, parseBackupId(params.backupId));
      const [resources, snapshots] = await Promise.all([findResources(db, backup.id), findSnapshots(db, backup.id)]);
      const byResource = Map.groupBy(snapshots, ({ resourceId }) => resourceId);
      return { items: resources.map((resource) => shownResource(resource, byResource.get(resource.id) ?? [], backup)) };
    },

    async scripts({ actor, params }) {
      const backup = await findBackup(db, actor.userId, parseBackupId(params.backupId));
      return { items: (await listScriptRecords(db, actor.userId, backup.id)).map(shownScript) };
    },

    async abort({ actor, params, at }) {
      const backupId = parseBackupId(params.backupId);
      return shownBackup(await abortBackup(db, { ownerId: actor.userId, backupId, by: actor.name, at }));
    },

    async log({ actor, params, query }) {
      const backup = await findBackup(db, actor.userId, parseBackupId(params.backupId));
      return { items: await listLogLines(db, backup.id, query), ended: backup.endedAt !== null };
    },
  };
}

type PolicyWork = Pick<Handlers<typeof api.policies>, 'run' | 'remove' | 'dryRun' | 'skippedFirings'>;

/** What a policy's routes leave to the floor above: starting a backup now, and removing a policy with all it made. */
export function policyWorkRoutes(context: ServerContext): PolicyWork {
  const { db } = context;
  return {
    async dryRun({ actor, params, at }) {
      return dryRun(context, await findPolicy(db, actor.userId, parsePolicyId(params.policyId)), at);
    },

    async skippedFirings({ actor, params, query }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      const page = await listSkippedFirings(db, policy.id, query);
      const items = page.items.map(({ dueAt, recordedAt, reason }) => ({
        dueAt: formatInstant(dueAt),
        recordedAt: formatInstant(recordedAt),
        reason,
      }));
      return { ...page, items };
    },

    async run({ actor, params, at }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      if (policy.targetCount === 0) throw cpmError('conflict_no_targets', { params: { name: policy.name } });
      const backupId = await db.transaction().execute(async (tx) => {
        const [id = null] = await createBackups(tx, [{ policy, trigger: 'manual', dueAt: null }], at);
        if (id !== null) await enqueueBackups(tx, [{ id, ownerId: policy.ownerId }]);
        return id;
      });
      if (backupId === null) throw cpmError('conflict_already_running', { params: { name: policy.name } });
      return { backupId };
    },

    async remove({ actor, params, query, at }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      return db.transaction().execute(async (tx) => {
        // No firing may open a backup between the count and the removal.
        await lockPolicy(tx, policy.id);
        const kept = await countKept(tx, policy.id);
        if ((await findRunningBackup(tx, policy.id)) !== null) {
          throw cpmError('conflict_already_running', { params: { name: policy.name } });
        }
        if ((query.backups ?? 0) !== kept.backups) {
          const what = `Deleting the policy ${policy.name}`;
          throw cpmError('conflict_not_confirmed', { params: { what, counts: countsOf(kept) } });
        }
        await markPolicyRemoved(tx, policy.ownerId, policy.id, at);
        await tryAgainAtOnce(tx, { policyId: policy.id });
        await enqueueRetention(tx, policy.id, policy.ownerId);
        return { backupsToDelete: kept.backups, snapshotsToDelete: kept.snapshots };
      });
    },
  };
}

function shownScript({ startedAt, endedAt, ...script }: ScriptRecord): BackupScript {
  const { step, runner, state, argument, exitCode, reason, output } = script;
  const times = { startedAt: formatInstant(startedAt), endedAt: iso(endedAt) };
  return { step, runner, state, argument, exitCode, reason, output, ...times };
}

function shownResource(resource: ResourceRow, snapshots: readonly SnapshotRow[], backup: BackupRow): BackedUpResource {
  const { configuration } = resource;
  const why = cannotRecover(resource, snapshots);
  return {
    id: resource.id,
    kind: resource.kind,
    region: resource.region,
    resourceId: resource.resourceId,
    resourceName: resource.resourceName,
    ...factsOf(resource, snapshots),
    state: stateOf(resource, snapshots, backup),
    message: resource.message,
    canRecoverInstance: resource.kind === 'instance' && why === null,
    cannotRecoverBecause: why,
    snapshots: snapshots.map((snapshot) => shownSnapshot(snapshot, resource)),
    configuration,
    database: shownDatabase(resource),
  };
}

/** What a person knows a resource by. */
function factsOf({ configuration, databaseConfiguration: database }: ResourceRow, snapshots: readonly SnapshotRow[]) {
  if (database !== null) {
    const platform = [database.engine, database.engineVersion].filter(Boolean).join(' ');
    return { platform, instanceType: database.instanceClass, zone: database.zones.join(', ') };
  }
  return {
    platform: configuration?.platformDetails ?? configuration?.platform ?? '',
    instanceType: configuration?.instanceType ?? null,
    zone: configuration?.placement.zone ?? snapshots[0]?.zone ?? '',
  };
}

function shownDatabase({ databaseConfiguration: database }: ResourceRow): BackedUpResource['database'] {
  if (database === null) return null;
  const { zones, securityGroupIds, parameterGroups, members, tags, settings, ...plain } = database;
  const lists = { zones: [...zones], securityGroupIds: [...securityGroupIds], parameterGroups: [...parameterGroups] };
  return { ...plain, ...lists, members: [...members], tags: [...tags], settings: { ...settings } };
}

function stateOf(
  { state }: ResourceRow,
  snapshots: readonly SnapshotRow[],
  { phase }: BackupRow,
): BackedUpResource['state'] {
  if (state === 'removed') return 'removed';
  if (state === 'missing' || state === 'refused') return 'failed';
  if (state === 'configuration-only') return 'configuration-only';
  const completed = snapshots.filter((snapshot) => snapshot.state === 'completed').length;
  if (completed === snapshots.length && completed > 0) return 'recoverable';
  if (phase !== 'ended') return 'in-progress';
  return completed > 0 ? 'partial' : 'failed';
}

/** Why nothing can be launched from this backup of a resource; null when it can, and for volumes, which are not launched. */
function cannotRecover(
  { kind, configuration, databaseConfiguration, state }: ResourceRow,
  snapshots: readonly SnapshotRow[],
): string | null {
  if (kind === 'volume') return null;
  if (isDatabaseKind(kind)) {
    if (databaseConfiguration === null) return 'Its configuration was not recorded.';
    return snapshots.some((each) => each.state === 'completed') ? null : 'Its snapshot has not completed.';
  }
  if (configuration === null) return 'Its configuration was not recorded.';
  // Where no snapshot was asked for, or could be, the configuration is the backup: it is launched from an image.
  const canLaunch = state === 'configuration-only' || snapshots.some((snapshot) => snapshot.state === 'completed');
  return canLaunch ? null : 'No snapshot of it has completed.';
}

function shownSnapshot(row: SnapshotRow, resource: ResourceRow): Snapshot {
  return {
    id: row.id,
    awsSnapshotId: row.awsSnapshotId,
    resourceKind: resource.kind,
    resourceId: resource.resourceId,
    resourceName: resource.resourceName,
    region: row.region,
    service: row.service,
    sourceId: row.sourceId,
    device: row.device,
    isRoot: row.isRoot,
    sizeGiB: row.sizeGiB,
    encrypted: row.encrypted,
    state: row.state,
    progressPercent: row.progressPercent,
    startedAt: iso(row.startedAt),
    completedAt: iso(row.completedAt),
    message: row.message,
  };
}
