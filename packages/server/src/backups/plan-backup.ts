import { randomUUID } from 'node:crypto';
import type { Ec2Port, InstanceDetails, Volume } from '@cpm/aws/port';
import {
  parseAttemptId,
  planSnapshots,
  plannedVolumesOf,
  resourceIdOf,
  targetKey,
  type Inventory,
  type InventoryInstance,
  type SnapshotPlan,
} from '@cpm/core';
import { nameOf, tagList } from '../accounts/tags.ts';
import { counted } from '../logs/counted.ts';
import { info, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import type { TargetRow } from '../policies/targets.store.ts';
import { describeInstance } from './instance-configuration.ts';
import type { IntendedSnapshot, NewResource } from './snapshots.store.ts';

/** What a backup is going to do in one region. */
export type RegionPlan = {
  readonly resources: readonly NewResource[];
  readonly snapshots: readonly IntendedSnapshot[];
  readonly log: readonly NewLogLine[];
};

/** Reads what exists of a region's targets and decides which calls snapshot them; throws `AwsError`. */
export async function planRegion(
  ec2: Ec2Port,
  targets: readonly TargetRow[],
  { at, readsVolumeTags }: { readonly at: number; readonly readsVolumeTags: boolean },
): Promise<RegionPlan> {
  const instanceIds = targets.flatMap(({ target }) => (target.kind === 'instance' ? [target.instanceId] : []));
  const volumeIds = targets.flatMap(({ target }) => (target.kind === 'volume' ? [target.volumeId] : []));
  // Connections are opened while AWS is asked, so that the burst of snapshot calls finds them open.
  const [instances, volumes] = await Promise.all([
    ec2.describeInstances(instanceIds),
    ec2.describeVolumes(volumeIds),
    targets.length > 1 ? ec2.warm(Math.min(targets.length, 64)) : null,
  ]);
  const attached = readsVolumeTags ? await readAttached(ec2, instances) : [];
  const plan = planSnapshots(
    targets.map(({ target }) => target),
    inventoryOf(ec2.region, instances, volumes, attached),
  );
  return toRegionPlan(plan, { targets, instances, volumes, region: ec2.region, at });
}

/** The plan of a region that could not be read: every target of it fails, for that reason. */
export function refusedRegion(targets: readonly TargetRow[], reason: string): RegionPlan {
  const resources = targets.map((row) => newResource(row, { state: 'refused', message: reason }));
  return { resources, snapshots: [], log: [warning(`${targets[0]?.target.region ?? ''}: ${reason}`)] };
}

type Found = {
  readonly targets: readonly TargetRow[];
  readonly instances: readonly InstanceDetails[];
  readonly volumes: readonly Volume[];
  readonly region: string;
  readonly at: number;
};

function toRegionPlan(plan: SnapshotPlan, found: Found): RegionPlan {
  const states = stateByTarget(plan);
  const resources = found.targets.map((row) => {
    const { state, message } = states.get(targetKey(row.target)) ?? { state: 'planned' as const, message: null };
    const details = found.instances.find(({ instanceId }) => instanceId === resourceIdOf(row.target));
    const volume = found.volumes.find(({ volumeId }) => volumeId === resourceIdOf(row.target));
    const tags = details?.tags ?? volume?.tags;
    return {
      ...newResource(row, { state, message }),
      ...(tags === undefined ? {} : { resourceName: nameOf(tags) }),
      configuration:
        details === undefined || state === 'missing' ? null : describeInstance(details, found.region, found.at),
    };
  });
  const byResource = new Map(resources.map((resource) => [resource.resourceId, resource.id]));
  const snapshots = plan.calls.flatMap((call): IntendedSnapshot[] => {
    const attemptId = parseAttemptId(randomUUID());
    const source = call.kind === 'create-snapshots' ? call.instanceId : call.volume.volumeId;
    return plannedVolumesOf(call).map(({ volumeId, instanceId, deviceName, isRoot, sizeGiB, tags }) => ({
      resourceId: byResource.get(instanceId ?? source) ?? '',
      region: call.region,
      service: 'ebs',
      sourceId: volumeId,
      device: deviceName,
      isRoot,
      sizeGiB,
      tags,
      attemptId,
      ownCall: call.kind === 'create-snapshot',
    }));
  });
  return { resources, snapshots, log: planLog(plan, found, snapshots.length) };
}

function planLog(plan: SnapshotPlan, { targets, region }: Found, count: number): NewLogLine[] {
  return [
    info(
      `${region}: ${counted(count, 'snapshot')} of ${counted(targets.length, 'target')} with ${counted(plan.calls.length, 'call')}`,
    ),
    ...plan.notes.map((note) => info(note)),
    ...plan.warnings.map((text) => warning(text)),
    ...plan.missingTargets.map(({ reason }) => warning(reason)),
    ...plan.missingParts.map(({ reason }) => warning(reason)),
  ];
}

export type TargetState = { readonly state: NewResource['state']; readonly message: string | null };

function stateByTarget(plan: SnapshotPlan): Map<string, TargetState> {
  const states = new Map<string, TargetState>();
  for (const target of plan.configurationOnly)
    states.set(targetKey(target), { state: 'configuration-only', message: null });
  for (const { target, reason } of plan.missingTargets)
    states.set(targetKey(target), { state: 'missing', message: reason });
  for (const [key, parts] of Map.groupBy(plan.missingParts, ({ target }) => targetKey(target))) {
    states.set(key, { state: 'planned', message: parts.map(({ reason }) => reason).join('; ') });
  }
  return states;
}

/** A target as a resource of the backup; what AWS told of it is added where it was found. */
export function newResource({ id, target, resourceName }: TargetRow, { state, message }: TargetState): NewResource {
  return {
    id: randomUUID(),
    kind: target.kind,
    region: target.region,
    resourceId: resourceIdOf(target),
    resourceName,
    state,
    message,
    targetId: id,
    configuration: null,
    databaseConfiguration: null,
  };
}

/** Their tags go into the snapshot calls only where that is asked for: else this call is spared. */
async function readAttached(ec2: Ec2Port, instances: readonly InstanceDetails[]): Promise<readonly Volume[]> {
  return ec2.describeVolumes(instances.flatMap(({ blockDevices }) => blockDevices.map(({ volumeId }) => volumeId)));
}

function inventoryOf(
  region: string,
  instances: readonly InstanceDetails[],
  volumes: readonly Volume[],
  attached: readonly Volume[],
): Inventory {
  const tagsById = new Map(attached.map(({ volumeId, tags }) => [volumeId, tagList(tags)]));
  return {
    instances: instances.map((instance) => inventoryInstance(region, instance, tagsById)),
    volumes: volumes.map(({ volumeId, state, sizeGiB, tags }) => ({
      region,
      volumeId,
      state,
      sizeGiB,
      tags: tagList(tags),
    })),
  };
}

/** Sizes and tags of the volumes come with the snapshots and after them: another call before them would cost time. */
function inventoryInstance(
  region: string,
  instance: InstanceDetails,
  tagsById: ReadonlyMap<string, InventoryInstance['tags']>,
): InventoryInstance {
  const { instanceId, state, rootDeviceName, rootDeviceType, blockDevices, tags } = instance;
  return {
    region,
    instanceId,
    state,
    // AWS says of a stopped instance whether it may hibernate, not whether it has: CreateSnapshots then answers for itself.
    isHibernated: false,
    rootDeviceName,
    rootDeviceType: rootDeviceType === 'instance-store' ? 'instance-store' : 'ebs',
    volumes: blockDevices.map(({ volumeId, deviceName }) => ({
      volumeId,
      deviceName,
      sizeGiB: 0,
      tags: tagsById.get(volumeId) ?? [],
    })),
    tags: tagList(tags),
  };
}
