import { randomUUID } from 'node:crypto';
import type { api, Recovery } from '@cpm/contract';
import {
  cpmError,
  formatInstant,
  isRegionName,
  parseBackupId,
  parseRecoveryId,
  type Instant,
  type InstanceRecoveryChoice,
  type UserId,
  type VolumeRecoveryChoice,
} from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { findBackup, lockBackupForJob, type BackupRow } from '../backups/backups.store.ts';
import { findResources, findSnapshots } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import { enqueueJob } from '../engine/jobs.ts';
import type { Handlers } from '../http/mount.ts';
import { appendLog, info, listLogLines, warning } from '../logs/log-lines.store.ts';
import { planInstanceRecovery, planVolumeRecovery, type MadePlan } from './plan-recovery.ts';
import {
  createRecovery,
  findObjects,
  findRecovery,
  listRecoveries,
  planBinding,
  type ObjectRow,
  type RecoveryRow,
} from './recoveries.store.ts';
import { RECOVER_INSTANCE } from './recover-instance.job.ts';
import { RECOVER_VOLUMES } from './recover-volumes.job.ts';

/** Recoveries over the API (REC-1, REC-3, REC-7, REC-9). */
export function recoveryRoutes(context: ServerContext): Handlers<typeof api.recoveries> {
  const { db } = context;
  const show = async (ownerId: UserId, id: string) => {
    const recovery = await findRecovery(db, ownerId, parseRecoveryId(id));
    return shown(recovery, await findObjects(db, [recovery.id]));
  };
  return {
    async recoverVolumes({ actor, params, body, at }) {
      const backup = await recoverableBackup(context, actor.userId, params.backupId);
      const [resources, snapshots] = await Promise.all([findResources(db, backup.id), findSnapshots(db, backup.id)]);
      const choices = body.volumes as unknown as readonly VolumeRecoveryChoice[];
      const region = regionOf(snapshots, choices);
      const recoveryId = parseRecoveryId(randomUUID());
      const ec2 = ec2Of(context, backup.accountId, region, { priority: 'interactive' });
      const made = await planVolumeRecovery({ context, ec2, resources, snapshots, recoveryId }, choices);
      const sourceName = made.plan.map(({ awsSnapshotId }) => awsSnapshotId).join(', ');
      await start(context, { id: recoveryId, backup, region, sourceName, kind: 'volumes', inputs: body, made, at });
      return show(actor.userId, recoveryId);
    },

    async recoverInstance({ actor, params, body, at }) {
      const backup = await recoverableBackup(context, actor.userId, params.backupId);
      const [resources, snapshots] = await Promise.all([findResources(db, backup.id), findSnapshots(db, backup.id)]);
      const { resourceId, ...choice } = body;
      const resource = resources.find(({ id, kind }) => id === resourceId && kind === 'instance');
      if (resource === undefined) {
        throw cpmError('recovery_refused', {
          fields: [{ path: 'resourceId', message: 'is no instance of this backup' }],
        });
      }
      const recoveryId = parseRecoveryId(randomUUID());
      const { region } = resource;
      const ec2 = ec2Of(context, backup.accountId, region, { priority: 'interactive' });
      const made = await planInstanceRecovery(
        { context, ec2, resources, snapshots, recoveryId },
        resource,
        choice as unknown as InstanceRecoveryChoice,
      );
      const sourceName =
        resource.resourceName === '' ? resource.resourceId : `${resource.resourceName} (${resource.resourceId})`;
      await start(context, {
        id: recoveryId,
        backup,
        region,
        sourceName,
        kind: 'instance',
        inputs: withoutUserData(body),
        made,
        at,
      });
      return show(actor.userId, recoveryId);
    },

    async list({ actor, query }) {
      const { backupId, ...page } = query;
      const found = await listRecoveries(db, actor.userId, {
        ...page,
        backupId: backupId === undefined ? undefined : parseBackupId(backupId),
      });
      const objects = Map.groupBy(
        await findObjects(
          db,
          found.items.map(({ id }) => id),
        ),
        ({ recoveryId }) => recoveryId,
      );
      return { ...found, items: found.items.map((recovery) => shown(recovery, objects.get(recovery.id) ?? [])) };
    },

    show: ({ actor, params }) => show(actor.userId, params.recoveryId),

    async log({ actor, params, query }) {
      const recovery = await findRecovery(db, actor.userId, parseRecoveryId(params.recoveryId));
      return { items: await listLogLines(db, recovery.id, query), ended: recovery.endedAt !== null };
    },
  };
}

async function recoverableBackup({ db }: ServerContext, ownerId: UserId, id: string): Promise<BackupRow> {
  const backup = await findBackup(db, ownerId, parseBackupId(id));
  if (backup.deletedAt !== null) throw cpmError('conflict_not_recoverable');
  if (backup.deletionMarkedAt !== null) throw beingDeleted(backup);
  return backup;
}

const beingDeleted = ({ deletionReason }: BackupRow) =>
  cpmError('conflict_being_deleted', { params: { why: deletionReason ?? '' } });

/** The one region of the chosen snapshots; a mixture is refused, because zones and instances belong to one. */
function regionOf(
  snapshots: readonly { readonly id: string; readonly region: string }[],
  choices: readonly { readonly snapshotId: string }[],
): string {
  const regions = choices.map(({ snapshotId }) => snapshots.find(({ id }) => id === snapshotId)?.region);
  const fields = regions.flatMap((region, index) => {
    const path = `volumes.${index}.snapshotId`;
    if (region === undefined) return [{ path, message: 'is no snapshot of this backup' }];
    return region === regions[0]
      ? []
      : [{ path, message: 'is in another region than the first; recover each region on its own' }];
  });
  const [first] = regions;
  if (fields.length > 0 || first === undefined || !isRegionName(first)) throw cpmError('recovery_refused', { fields });
  return first;
}

/** What was given as user data may hold secrets: the record only says that it was given. */
const withoutUserData = (body: Record<string, unknown>): Record<string, unknown> =>
  typeof body['userDataBase64'] === 'string' ? { ...body, userDataBase64: '(given, not recorded)' } : body;

type Start = {
  readonly id: RecoveryRow['id'];
  readonly backup: BackupRow;
  readonly region: string;
  readonly sourceName: string;
  readonly kind: RecoveryRow['kind'];
  readonly inputs: Record<string, unknown>;
  readonly made: MadePlan<unknown>;
  readonly at: Instant;
};

/** Stores the recovery and its job together. */
async function start({ db, secrets }: ServerContext, { id, backup, made, at, ...facts }: Start): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Retention and this meet at the backup's row: what is marked is not read any more, what is read is not marked.
    const now = await lockBackupForJob(tx, backup.id);
    if (now.deletionMarkedAt !== null) throw beingDeleted(now);
    await createRecovery(tx, {
      ...facts,
      id,
      ownerId: backup.ownerId,
      backupId: backup.id,
      policyId: backup.policyId,
      policyName: backup.policyName,
      accountId: backup.accountId,
      accountName: backup.accountName,
      sealedPlan: secrets.seal(JSON.stringify(made.plan), planBinding(id)),
      warnings: [...made.warnings],
      status: null,
      step: 'waiting to start',
      progressPercent: 0,
      reasons: [],
      startedAt: at,
      endedAt: null,
    });
    await appendLog(tx, id, at, [
      info(`recovery of ${facts.sourceName} in ${facts.region} from the backup of ${formatInstant(backup.startedAt)}`),
      ...made.warnings.map((text) => warning(text)),
    ]);
    const kind = facts.kind === 'volumes' ? RECOVER_VOLUMES : RECOVER_INSTANCE;
    await enqueueJob(tx, { kind, subjectId: id, ownerId: backup.ownerId, uniqueKey: id, priority: 20 });
  });
}

const STATUS_TEXT = {
  'in-progress': 'In progress',
  successful: 'Recovery Successful',
  partial: 'Recovery Partially Successful',
  failed: 'Recovery Failed',
} as const;

function shown(recovery: RecoveryRow, objects: readonly ObjectRow[]): Recovery {
  const {
    ownerId: _,
    policyId: _policy,
    accountId: _account,
    sealedPlan: _plan,
    startedAt,
    endedAt,
    ...fields
  } = recovery;
  const status = recovery.status ?? 'in-progress';
  return {
    ...fields,
    status,
    statusText:
      status === 'in-progress' ? `${STATUS_TEXT[status]} (${recovery.progressPercent}%)` : STATUS_TEXT[status],
    startedAt: formatInstant(startedAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    objects: objects.map(({ kind, awsId, region, state, note, madeAt }) => ({
      kind,
      awsId,
      region,
      state,
      note,
      madeAt: formatInstant(madeAt),
    })),
  };
}
