import type { DryRun } from '@cpm/contract';
import {
  SCRIPT_STEPS,
  decideRetention,
  formatInstant,
  parseBackupId,
  type Instant,
  type RetentionBackup,
  type SnapshotService,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { PolicyRow } from '../policies/policies.store.ts';
import { scriptsOf } from '../policies/policies.store.ts';
import { findTargets } from '../policies/targets.store.ts';
import { findHeldSnapshots } from '../retention/preview-retention.ts';
import { findRetentionBackups } from '../retention/retention.store.ts';
import { keepRecordDays } from '../settings/record-days.ts';
import { findScriptFiles } from './backup-scripts.ts';
import type { RegionPlan } from './plan-backup.ts';
import { readPlan } from './read-plan.ts';

/** Stands for the backup that is not made. */
const IMAGINED = parseBackupId('00000000-0000-4000-8000-000000000000');

/** What a backup of the policy would do now (POL-7): AWS is asked what there is, and nothing is changed anywhere. */
export async function dryRun(context: ServerContext, policy: PolicyRow, now: Instant): Promise<DryRun> {
  const targets = await findTargets(context.db, policy.id);
  const regions = [...new Set(targets.map(({ target }) => target.region))].toSorted();
  const { accountId, copySourceTags } = policy;
  const request = { context, accountId, copySourceTags, targets, priority: 'interactive' as const };
  const plans = await Promise.all(regions.map((region) => readPlan(request, region)));
  const [deletions, scripts] = await Promise.all([
    findDeletions(context, policy, now),
    describeScripts(context, policy),
  ]);
  return {
    calls: plans.flatMap(callsOf),
    snapshots: plans.reduce((sum, { snapshots }) => sum + snapshots.length, 0),
    scripts,
    missing: plans.flatMap(missingOf),
    notes: plans.flatMap(({ log }) => log.filter(({ level }) => level === 'info').map(({ text }) => text)),
    deletions,
  };
}

const ACTIONS: Readonly<Record<Exclude<SnapshotService, 'ebs'>, string>> = {
  rds: 'CreateDBSnapshot',
  'rds-cluster': 'CreateDBClusterSnapshot',
  redshift: 'CreateClusterSnapshot',
};

function callsOf({ resources, snapshots }: RegionPlan): DryRun['calls'] {
  return [...Map.groupBy(snapshots, ({ attemptId }) => attemptId).values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { service, ownCall, region, sourceId } = first;
    const resource = resources.find(({ id }) => id === first.resourceId);
    const ofVolumes = ownCall ? 'CreateSnapshot' : 'CreateSnapshots';
    return [
      {
        action: service === 'ebs' ? ofVolumes : ACTIONS[service],
        region,
        resourceId: resource?.resourceId ?? sourceId,
        resourceName: resource?.resourceName ?? '',
        volumes: service === 'ebs' ? rows.map((row) => row.sourceId) : [],
      },
    ];
  });
}

const missingOf = ({ resources }: RegionPlan): string[] =>
  resources.flatMap(({ message, resourceId }) => (message === null ? [] : [`${resourceId}: ${message}`]));

async function describeScripts(context: ServerContext, policy: PolicyRow): Promise<DryRun['scripts']> {
  const { runner, ssm, timeoutSeconds } = scriptsOf(policy);
  if (runner === 'none') return [];
  if (runner === 'ssm') {
    const named = ssm?.instanceIds ?? [];
    const where = named.length === 0 ? "all of the policy's running instances" : named.join(', ');
    return SCRIPT_STEPS.filter((step) => (ssm?.[step] ?? '').trim() !== '').map((step) => ({
      step,
      text: `AWS Systems Manager runs its commands on ${where}, for ${timeoutSeconds} s at most`,
    }));
  }
  const { steps } = await findScriptFiles(context, { ownerId: policy.ownerId, policyName: policy.name });
  return SCRIPT_STEPS.map((step) => {
    const { file, problem } = steps[step];
    return { step, text: file === null ? problem : `${file}, for ${timeoutSeconds} s at most` };
  });
}

/** What retention would delete once this backup had become a generation. */
async function findDeletions(context: ServerContext, policy: PolicyRow, now: Instant): Promise<DryRun['deletions']> {
  const backups = await findRetentionBackups(context.db, policy.id);
  const next: RetentionBackup = {
    id: IMAGINED,
    createdAt: now,
    isRunning: false,
    isFrozen: false,
    isGeneration: true,
    isRecoverable: true,
    drStatus: 'none',
    isMarked: false,
    isInRecovery: false,
    isPending: false,
  };
  const rule = { generations: policy.generations, keepRecordDays: await keepRecordDays(context), now };
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const gone = decideRetention([...backups, next], rule).filter(
    ({ id, action }) => action === 'delete' && byId.get(id)?.isMarked === false,
  );
  const held = Map.groupBy(
    await findHeldSnapshots(
      context.db,
      gone.map(({ id }) => id),
    ),
    ({ backupId }) => backupId,
  );
  return gone.map(({ id, reason }) => ({
    backupId: id,
    startedAt: formatInstant(byId.get(id)?.createdAt ?? now),
    reason,
    snapshots: held.get(id)?.length ?? 0,
  }));
}
