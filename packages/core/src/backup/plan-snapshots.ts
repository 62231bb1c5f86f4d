import { describeTarget } from '../policy/targets.ts';
import type { InstanceTarget, Target, VolumeTarget } from '../policy/targets.ts';
import type { Tag } from '../recovery/instance-configuration.ts';
import type { AttachedVolume, Inventory, InventoryInstance } from './inventory.ts';

/** How many data volumes one CreateSnapshots call can leave out (EC2 API Reference, CreateSnapshots). */
export const MOST_EXCLUDED_VOLUMES = 40;

/** A volume that a call will snapshot: one snapshot record each. */
export type PlannedVolume = {
  readonly volumeId: string;
  readonly sizeGiB: number;
  /** The instance that it is snapshotted with, and as what; null where it is only an independent volume. */
  readonly instanceId: string | null;
  readonly deviceName: string | null;
  readonly isRoot: boolean;
  /** It is a target of its own as well (or only). */
  readonly isIndependent: boolean;
  readonly tags: readonly Tag[];
};

/** Said of an instance whose root is on instance store: without any volume, and with some. */
const CONFIGURATION_ALONE =
  ' (its root is on instance store): take none of its volumes, and its configuration is backed up, with which it comes back from its image';
const ROOT_WITHOUT_SNAPSHOT =
  'its root is on instance store, of which there are no snapshots: its EBS volumes are backed up, and it comes back from its image';

/** One AWS call that starts snapshots; `create-snapshots` takes exactly `volumes` at a single point in time. */
export type SnapshotCall =
  | {
      readonly kind: 'create-snapshots';
      readonly region: string;
      readonly instanceId: string;
      readonly excludeRoot: boolean;
      readonly excludeDataVolumeIds: readonly string[];
      readonly volumes: readonly PlannedVolume[];
    }
  | { readonly kind: 'create-snapshot'; readonly region: string; readonly volume: PlannedVolume };

/** A target that was not found: the server removes it or fails its part, as the policy says (POL-3). */
export type MissingTarget = { readonly target: Target; readonly reason: string };
/** A part of an existing target that cannot be backed up now: always a failed part. */
export type MissingPart = { readonly target: Target; readonly volumeId: string | null; readonly reason: string };

export type SnapshotPlan = {
  readonly calls: readonly SnapshotCall[];
  /** Instances of which only the configuration was asked for. */
  readonly configurationOnly: readonly InstanceTarget[];
  readonly missingTargets: readonly MissingTarget[];
  readonly missingParts: readonly MissingPart[];
  /** What the backup's log should say about the plan. */
  readonly notes: readonly string[];
  /** What no snapshot can hold, though nothing fails. */
  readonly warnings: readonly string[];
};

type Draft = {
  readonly taken: Map<string, PlannedVolume>;
  readonly calls: SnapshotCall[];
  readonly configurationOnly: InstanceTarget[];
  readonly missingTargets: MissingTarget[];
  readonly missingParts: MissingPart[];
  readonly notes: string[];
  readonly warnings: string[];
};

/**
 * Which AWS calls snapshot a policy's targets (BKP-2): one CreateSnapshots per instance for exactly its chosen volumes,
 * one CreateSnapshot per independent volume, no volume twice. The inventory must come from complete listings.
 */
export function planSnapshots(targets: readonly Target[], inventory: Inventory): SnapshotPlan {
  const instances = new Map(
    inventory.instances.map((instance) => [`${instance.region}/${instance.instanceId}`, instance]),
  );
  const volumes = new Map(inventory.volumes.map((volume) => [`${volume.region}/${volume.volumeId}`, volume]));
  const independentIds = new Set(targets.flatMap((target) => (target.kind === 'volume' ? [target.volumeId] : [])));
  const draft: Draft = {
    taken: new Map(),
    calls: [],
    configurationOnly: [],
    missingTargets: [],
    missingParts: [],
    notes: [],
    warnings: [],
  };
  for (const target of targets) {
    if (target.kind !== 'instance') continue;
    const instance = instances.get(`${target.region}/${target.instanceId}`);
    if (instance === undefined || isGone(instance.state)) missTarget(draft, target, instance?.state);
    else planInstance(draft, target, { instance, independentIds });
  }
  for (const target of targets) {
    if (target.kind === 'volume') planVolume(draft, target, volumes.get(`${target.region}/${target.volumeId}`));
  }
  const { taken: _, ...plan } = draft;
  return plan;
}

/** How many snapshots a plan makes. */
export function plannedVolumesOf(call: SnapshotCall): readonly PlannedVolume[] {
  return call.kind === 'create-snapshots' ? call.volumes : [call.volume];
}

function isGone(state: string): boolean {
  return ['terminated', 'shutting-down', 'deleted', 'deleting'].includes(state);
}

function missTarget(draft: Draft, target: Target, state: string | undefined): void {
  const reason = `${describeTarget(target)} ${state === undefined ? 'does not exist' : `is ${state}`}`;
  draft.missingTargets.push({ target, reason });
}

function planInstance(
  draft: Draft,
  target: InstanceTarget,
  found: { readonly instance: InventoryInstance; readonly independentIds: ReadonlySet<string> },
): void {
  const { instance, independentIds } = found;
  if (target.volumes.take === 'none') {
    draft.configurationOnly.push(target);
    return;
  }
  const chosen = chooseVolumes(draft, target, instance);
  const planned = chosen.flatMap((volume): PlannedVolume[] => {
    if (draft.taken.has(volume.volumeId)) {
      draft.notes.push(`${volume.volumeId} of ${instance.instanceId} is snapshotted once, with another target`);
      return [];
    }
    return [plannedVolume(instance, volume, independentIds.has(volume.volumeId))];
  });
  for (const volume of planned) draft.taken.set(volume.volumeId, volume);
  if (planned.length > 0) draft.calls.push(...callsFor(draft, instance, planned));
}

/** The instance's volumes that were asked for; what is not there becomes a missing part. */
function chooseVolumes(draft: Draft, target: InstanceTarget, instance: InventoryInstance): readonly AttachedVolume[] {
  if (target.volumes.take === 'some') {
    const attached = new Map(instance.volumes.map((volume) => [volume.volumeId, volume]));
    return target.volumes.volumeIds.flatMap((volumeId) => {
      const volume = attached.get(volumeId);
      if (volume !== undefined) return [volume];
      const reason = `${volumeId} is no longer attached to ${instance.instanceId}`;
      draft.missingParts.push({ target, volumeId, reason });
      return [];
    });
  }
  if (instance.volumes.length === 0) {
    const reason = `${instance.instanceId} has no EBS volume to snapshot${isOnInstanceStore(instance) ? CONFIGURATION_ALONE : ''}`;
    draft.missingParts.push({ target, volumeId: null, reason });
  } else if (isOnInstanceStore(instance)) {
    draft.warnings.push(`${instance.instanceId}: ${ROOT_WITHOUT_SNAPSHOT}`);
  }
  return instance.volumes;
}

const isOnInstanceStore = ({ rootDeviceType }: InventoryInstance): boolean => rootDeviceType === 'instance-store';

function plannedVolume(instance: InventoryInstance, volume: AttachedVolume, isIndependent: boolean): PlannedVolume {
  const { volumeId, sizeGiB, deviceName, tags } = volume;
  const isRoot = deviceName === instance.rootDeviceName;
  return { volumeId, sizeGiB, deviceName, tags, isRoot, isIndependent, instanceId: instance.instanceId };
}

/** One CreateSnapshots where AWS can take exactly these volumes in one call, otherwise one CreateSnapshot each. */
function callsFor(draft: Draft, instance: InventoryInstance, planned: readonly PlannedVolume[]): SnapshotCall[] {
  const { region, instanceId } = instance;
  const plannedIds = new Set(planned.map(({ volumeId }) => volumeId));
  const excluded = instance.volumes.filter(({ volumeId }) => !plannedIds.has(volumeId));
  const excludedRoot = excluded.find(({ deviceName }) => deviceName === instance.rootDeviceName);
  const excludeDataVolumeIds = excluded.filter((volume) => volume !== excludedRoot).map(({ volumeId }) => volumeId);
  const obstacle = singleCallObstacle(instance, excludeDataVolumeIds.length);
  if (obstacle === null) {
    const excludeRoot = excludedRoot !== undefined;
    return [{ kind: 'create-snapshots', region, instanceId, excludeRoot, excludeDataVolumeIds, volumes: planned }];
  }
  draft.notes.push(`${instanceId}: one call per volume, not a single point in time, because ${obstacle}`);
  return planned.map((volume) => ({ kind: 'create-snapshot', region, volume }));
}

/** Why AWS cannot snapshot the chosen volumes in one call; null when it can. */
function singleCallObstacle(instance: InventoryInstance, excludedCount: number): string | null {
  if (instance.isHibernated) return 'it is hibernated';
  if (excludedCount > MOST_EXCLUDED_VOLUMES) {
    return `${excludedCount} of its volumes would have to be left out and AWS takes at most ${MOST_EXCLUDED_VOLUMES}`;
  }
  // A root volume named among the data volumes fails the whole call, so it has to be known which one it is.
  if (excludedCount > 0 && instance.rootDeviceName === null) return 'AWS does not say which volume is its root';
  return null;
}

function planVolume(draft: Draft, target: VolumeTarget, found: Inventory['volumes'][number] | undefined): void {
  if (found === undefined || isGone(found.state)) {
    missTarget(draft, target, found?.state);
    return;
  }
  const taken = draft.taken.get(target.volumeId);
  if (taken !== undefined) {
    draft.notes.push(`${target.volumeId} is snapshotted once, with ${taken.instanceId ?? 'its own call'}`);
    return;
  }
  if (found.state === 'error' || found.state === 'creating') {
    const reason = `${describeTarget(target)} is in state ${found.state}`;
    draft.missingParts.push({ target, volumeId: target.volumeId, reason });
    return;
  }
  const { volumeId, sizeGiB, tags } = found;
  const volume = { volumeId, sizeGiB, tags, instanceId: null, deviceName: null, isRoot: false, isIndependent: true };
  draft.taken.set(volumeId, volume);
  draft.calls.push({ kind: 'create-snapshot', region: target.region, volume });
}
