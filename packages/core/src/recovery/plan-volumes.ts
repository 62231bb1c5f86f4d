import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import type { SnapshotId } from '../ids.ts';
import { isDeviceTaken, suggestFreeDevice, validateDevice } from './devices.ts';
import type { Tag } from './instance-configuration.ts';
import type { Planned, RecoverableVolume } from './recoverable-volume.ts';
import { shapeVolume } from './volume-rules.ts';
import type { VolumeShape, VolumeShapeChoice } from './volume-rules.ts';

export const ATTACH_BEHAVIORS = ['only-if-free', 'switch', 'switch-and-delete'] as const;
/**
 * What to do where the device is taken (REC-7): attach to a free device only; on a stopped instance take the old volume off
 * and put the new one in its place; or delete the old one as well, once the new one is attached and verified.
 */
export type AttachBehavior = (typeof ATTACH_BEHAVIORS)[number];

/** What the user asks of one volume; what is absent is as the original. */
export type VolumeRecoveryChoice = VolumeShapeChoice & {
  readonly snapshotId: SnapshotId;
  readonly zone?: string | undefined;
  readonly preserveTags?: boolean | undefined;
  /** The instance to attach it to; absent: it stays unattached. */
  readonly attachTo?: string | undefined;
  readonly deviceName?: string | undefined;
};

/** An instance of the target region that volumes could be attached to. */
export type AttachableInstance = {
  readonly instanceId: string;
  readonly zone: string;
  readonly state: string;
  readonly virtualizationType: string;
  readonly isWindows: boolean;
  readonly takenDevices: readonly string[];
};

export type VolumesRequest = {
  readonly volumes: readonly RecoverableVolume[];
  readonly choices: readonly VolumeRecoveryChoice[];
  /** The zones of the target region in which volumes can be made now. */
  readonly zones: readonly string[];
  readonly instances: readonly AttachableInstance[];
  /** CPM's own tags for what it makes; they come before the original's. */
  readonly ownTags: readonly Tag[];
};

/** CreateVolume, and AttachVolume behind it where `attach` says so. */
export type VolumePlan = VolumeShape & {
  readonly snapshotId: SnapshotId;
  readonly awsSnapshotId: string;
  readonly zone: string;
  readonly tags: readonly Tag[];
  readonly attach: { readonly instanceId: string; readonly deviceName: string } | null;
};

/** Plans the recovery of volumes (REC-7, REC-9): all logical errors at once, before anything is made. */
export function planVolumes(request: VolumesRequest): Planned<readonly VolumePlan[]> {
  if (request.choices.length === 0)
    return { ok: false, errors: [{ path: 'volumes', message: 'choose at least one volume' }] };
  const errors: FieldError[] = [];
  const warnings: string[] = [];
  const plans: VolumePlan[] = [];
  const chosen = new Set<SnapshotId>();
  const taken = new Map(request.instances.map(({ instanceId, takenDevices }) => [instanceId, [...takenDevices]]));
  for (const [index, choice] of request.choices.entries()) {
    const at = (path: string, message: string): FieldError => ({ path: `volumes.${index}.${path}`, message });
    const volume = findVolume(request, choice.snapshotId, chosen);
    if (typeof volume === 'string') {
      errors.push(at('snapshotId', volume));
      continue;
    }
    const planned = planVolume(request, { choice, volume, taken });
    errors.push(...planned.errors.map(({ path, message }) => at(path, message)));
    warnings.push(...planned.warnings);
    plans.push(planned.plan);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, plan: plans, warnings };
}

function findVolume(
  request: VolumesRequest,
  snapshotId: SnapshotId,
  chosen: Set<SnapshotId>,
): RecoverableVolume | string {
  const volume = request.volumes.find((candidate) => candidate.snapshotId === snapshotId);
  if (volume === undefined) return 'is no snapshot of this backup';
  if (!volume.isCompleted) return `the snapshot of ${volume.original.volumeId} did not complete`;
  if (chosen.has(snapshotId)) return 'is chosen twice';
  chosen.add(snapshotId);
  return volume;
}

type PlannedVolume = {
  readonly plan: VolumePlan;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

function planVolume(
  request: VolumesRequest,
  asked: {
    readonly choice: VolumeRecoveryChoice;
    readonly volume: RecoverableVolume;
    readonly taken: Map<string, string[]>;
  },
): PlannedVolume {
  const { choice, volume } = asked;
  const { original, snapshotId, awsSnapshotId } = volume;
  const zone = choice.zone ?? original.zone;
  const zoneErrors = request.zones.includes(zone)
    ? []
    : [{ path: 'zone', message: `${zone} is no zone of this region where volumes can be made` }];
  // A volume that was a root becomes an ordinary one here, so any type may hold it.
  const { shape, errors } = shapeVolume(choice, { original, snapshotSizeGiB: volume.sizeGiB, isRoot: false });
  const attachment = planAttachment(request, { ...asked, zone });
  const { tags, dropped } = withSourceTags(request.ownTags, choice.preserveTags === false ? [] : original.tags);
  return {
    plan: { ...shape, snapshotId, awsSnapshotId, zone, tags, attach: attachment.attach },
    errors: [...zoneErrors, ...errors, ...attachment.errors],
    warnings: dropped.length === 0 ? [] : [`no room for the tags ${dropped.join(', ')} of ${original.volumeId}`],
  };
}

type Attachment = { readonly attach: VolumePlan['attach']; readonly errors: readonly FieldError[] };

function planAttachment(
  request: VolumesRequest,
  asked: {
    readonly choice: VolumeRecoveryChoice;
    readonly volume: RecoverableVolume;
    readonly zone: string;
    readonly taken: Map<string, string[]>;
  },
): Attachment {
  const { choice, volume, zone, taken } = asked;
  const refuse = (path: string, message: string): Attachment => ({ attach: null, errors: [{ path, message }] });
  if (choice.attachTo === undefined) {
    return choice.deviceName === undefined
      ? { attach: null, errors: [] }
      : refuse('deviceName', 'names a device without an instance to attach to');
  }
  const instance = request.instances.find(({ instanceId }) => instanceId === choice.attachTo);
  if (instance === undefined) return refuse('attachTo', `there is no instance ${choice.attachTo} in this region`);
  const { instanceId, state } = instance;
  if (state !== 'running' && state !== 'stopped')
    return refuse('attachTo', `${instanceId} is ${state}: volumes attach to running or stopped instances`);
  if (instance.zone !== zone)
    return refuse('attachTo', `${instanceId} is in ${instance.zone} and the volume in ${zone}`);
  const devices = taken.get(instanceId) ?? [];
  const free = suggestFreeDevice(devices, instance.isWindows);
  const own = volume.original.deviceName;
  const isOwnUsable = own !== null && validateDevice(own, instance) === null && !isDeviceTaken(own, devices);
  const deviceName = choice.deviceName ?? (isOwnUsable ? own : free);
  if (deviceName === null) return refuse('deviceName', `${instanceId} has no free device`);
  const wrong = validateDevice(deviceName, instance);
  if (wrong !== null) return refuse('deviceName', wrong);
  if (isDeviceTaken(deviceName, devices)) {
    const advice = free === null ? 'no device is free' : `${free} is free`;
    return refuse('deviceName', `${deviceName} of ${instanceId} is taken; ${advice}`);
  }
  devices.push(deviceName);
  return { attach: { instanceId, deviceName }, errors: [] };
}
