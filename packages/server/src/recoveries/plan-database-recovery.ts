import {
  planDatabase,
  planDatabaseCluster,
  planRedshiftCluster,
  sortErrors,
  summarizeChecks,
  type DatabaseClusterRecoveryChoice,
  type DatabaseClusterRestorePlan,
  type DatabaseOffer,
  type DatabaseRecoveryChoice,
  type DatabaseRequest,
  type DatabaseRestorePlan,
  type Found,
  type Planned,
  type PlannedObject,
  type PreflightCheckName,
  type RedshiftClusterRecoveryChoice,
  type RedshiftRestorePlan,
} from '@cpm/core';
import type { ResourceRow } from '../backups/snapshots.store.ts';
import { readRdsOffer, readRedshiftOffer, type ReadOffer } from './database-offer.ts';
import { findDatabaseSource } from './database-source.ts';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { recoveryTags } from './recoverable-volumes.ts';
import { databaseUses } from './database-uses.ts';

const HEADINGS: readonly PreflightCheckName[] = ['snapshots', 'names', 'place', 'network', 'launch', 'quotas'];

type Kind<Choice, Plan> = {
  readonly kind: 'database' | 'database-cluster' | 'redshift-cluster';
  readonly steps: readonly string[];
  readonly choice: Choice;
  readonly readOffer: (source: DatabaseRequest<Choice>['source']) => Promise<ReadOffer>;
  readonly plan: (request: DatabaseRequest<Choice>) => Planned<Plan>;
  readonly objects: (plan: Plan) => PlannedObject[];
};

/** Plans a new database against what the region has now (REC-8, REC-9). */
export function planDatabaseRecovery(
  asked: Asked,
  resource: ResourceRow,
  choice: DatabaseRecoveryChoice,
): Promise<PlannedRecovery> {
  const wanted = choice.instanceClass ?? resource.databaseConfiguration?.instanceClass ?? null;
  return planKind<DatabaseRecoveryChoice, DatabaseRestorePlan>(asked, resource, {
    kind: 'database',
    steps: ['restore it from its snapshot', 'wait until it is available', 'put its settings right'],
    choice,
    readOffer: ({ engine, engineVersion }) =>
      readRdsOffer(asked.access, 'database', { engine, engineVersion, instanceClasses: [wanted] }),
    plan: planDatabase,
    objects: (plan) => [{ action: 'create', kind: 'database', name: plan.databaseId, note: describeDatabase(plan) }],
  });
}

/** Plans a new database cluster with its members against what the region has now (REC-8, REC-9). */
export function planDatabaseClusterRecovery(
  asked: Asked,
  resource: ResourceRow,
  choice: DatabaseClusterRecoveryChoice,
): Promise<PlannedRecovery> {
  const originals = (resource.databaseConfiguration?.members ?? []).map(({ instanceClass }) => instanceClass || null);
  const members = (choice.members ?? []).map(({ instanceClass = null }) => instanceClass);
  return planKind<DatabaseClusterRecoveryChoice, DatabaseClusterRestorePlan>(asked, resource, {
    kind: 'database-cluster',
    steps: [
      'restore the cluster from its snapshot',
      'wait until it is available',
      'make its members',
      'put its settings right',
    ],
    choice,
    readOffer: ({ engine, engineVersion }) =>
      readRdsOffer(asked.access, 'database-cluster', {
        engine,
        engineVersion,
        instanceClasses: [...originals, ...members],
      }),
    plan: planDatabaseCluster,
    objects: (plan) => [
      { action: 'create', kind: 'database-cluster', name: plan.clusterId, note: describeCluster(plan) },
      ...plan.members.map((member, index): PlannedObject => {
        const note = describeMember(member.instanceClass, index);
        return { action: 'create', kind: 'database', name: member.databaseId, note };
      }),
    ],
  });
}

/** Plans a new Redshift cluster against what the region has now (REC-8, REC-9). */
export function planRedshiftClusterRecovery(
  asked: Asked,
  resource: ResourceRow,
  choice: RedshiftClusterRecoveryChoice,
): Promise<PlannedRecovery> {
  return planKind<RedshiftClusterRecoveryChoice, RedshiftRestorePlan>(asked, resource, {
    kind: 'redshift-cluster',
    steps: ['restore it from its snapshot', 'give it its tags', 'wait until it is available'],
    choice,
    readOffer: () => readRedshiftOffer(asked.access),
    plan: planRedshiftCluster,
    objects: (plan) => [
      { action: 'create', kind: 'redshift-cluster', name: plan.clusterId, note: describeRedshift(plan) },
    ],
  });
}

async function planKind<Choice, Plan extends object>(
  asked: Asked,
  resource: ResourceRow,
  { kind, steps, choice, readOffer, plan: planOf, objects }: Kind<Choice, Plan>,
): Promise<PlannedRecovery> {
  const { resourceName, resourceId, databaseConfiguration: configuration } = resource;
  const named = resourceName === '' || resourceName === resourceId ? resourceId : `${resourceName} (${resourceId})`;
  const base = { kind, steps, sourceName: named, objects: [], warnings: [], plan: null };
  const refused = (fails: NonNullable<Found['fails']>): PlannedRecovery => ({
    ...base,
    checks: summarizeChecks([{ name: 'snapshots', fails }]),
  });
  if (configuration === null) return refused([{ path: '', message: 'its configuration was not recorded' }]);
  const found = await findDatabaseSource(asked, resource);
  if ('errors' in found) return refused(found.errors);
  const { offer, unknown } = await readOffer(found.source);
  const ownTags = recoveryTags(asked.context, asked.recoveryId);
  const planned = planOf({
    configuration,
    source: found.source,
    choice,
    offer: offer satisfies DatabaseOffer,
    ownTags,
  });
  const errors = planned.ok ? [] : planned.errors;
  const sorted = sortErrors(errors, HEADINGS, headingOf).map(withoutQuotaPath);
  const plan = planned.ok ? planned.plan : null;
  return {
    ...base,
    plan,
    checks: summarizeChecks([...sorted, ...unknown]),
    warnings: planned.ok ? planned.warnings : [],
    objects: plan === null ? [] : objects(plan),
    uses: databaseUses(kind, {
      ...found.source,
      isEncrypted: configuration.isEncrypted,
      keyId: configuration.kmsKeyId,
    }),
  };
}

/** A limit is about no field of the form. */
const withoutQuotaPath = (found: Found): Found =>
  found.name === 'quotas' ? { ...found, fails: (found.fails ?? []).map((each) => ({ ...each, path: '' })) } : found;

function headingOf(path: string): PreflightCheckName {
  const parts = path.split('.');
  const [first = ''] = parts;
  if (first === 'quota') return 'quotas';
  if (first === '') return 'snapshots';
  if (first === 'databaseId' || first === 'clusterId' || (first === 'members' && parts.at(-1) !== 'instanceClass'))
    return 'names';
  if (first === 'zone' || first === 'isMultiAz') return 'place';
  return first === 'subnetGroup' || first === 'securityGroupIds' || first === 'port' ? 'network' : 'launch';
}

const placeOf = ({ zone, multiAz }: { readonly zone: string | null; readonly multiAz: boolean | null }): string =>
  multiAz === true ? 'in two zones' : `in ${zone ?? 'a zone that AWS chooses'}`;

export const describeDatabase = (plan: DatabaseRestorePlan): string =>
  `${plan.databaseId}: ${plan.engine} ${plan.instanceClass ?? ''} ${placeOf(plan)} from ${plan.awsSnapshotId}`;

export const describeCluster = (plan: DatabaseClusterRestorePlan): string =>
  `${plan.clusterId}: ${plan.engine} cluster from ${plan.awsSnapshotId}`;

export const describeMember = (instanceClass: string, index: number): string =>
  `${instanceClass}, ${index === 0 ? 'the writer' : 'a reader'}`;

export const describeRedshift = (plan: RedshiftRestorePlan): string =>
  `${plan.clusterId}: ${plan.nodeCount ?? ''} ${plan.nodeType ?? ''} ${placeOf(plan)} from ${plan.awsSnapshotId}`;
