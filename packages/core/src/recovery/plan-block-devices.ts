import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import { deviceKey, isDeviceTaken, suggestFreeDevice, validateDevice } from './devices.ts';
import type { Tag } from './instance-configuration.ts';
import type { BlockDevicePlan, InstanceRequest, InstanceVolumeChoice } from './instance-recovery.ts';
import { isWindows } from './launch-support.ts';
import { validateKmsKey } from './kms-key.ts';
import type { RecoverableVolume } from './recoverable-volume.ts';
import { shapeVolume } from './volume-rules.ts';

export type PlannedDevices = {
  readonly root: BlockDevicePlan | null;
  readonly data: readonly BlockDevicePlan[];
  readonly tags: readonly { readonly deviceName: string; readonly tags: readonly Tag[] }[];
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/**
 * The block devices of the new instance: the root from its snapshot, unless it is an image's, and every chosen data volume
 * mapped at launch.
 */
export function planBlockDevices(
  request: InstanceRequest,
  rootFrom: 'snapshot' | 'image' = 'snapshot',
): PlannedDevices {
  const choices = request.choice.volumes ?? [];
  const errors = validateChosen(request, choices);
  const plans: BlockDevicePlan[] = [];
  const tags: { deviceName: string; tags: readonly Tag[] }[] = [];
  const root = request.volumes.find(({ isRoot, isCompleted }) => isRoot && isCompleted);
  if (root === undefined && rootFrom === 'snapshot')
    errors.push({ path: '', message: 'this backup holds no completed snapshot of the root volume' });
  // The root comes first: its device is fixed, and the others must keep out of its way.
  const inOrder = request.volumes.toSorted((a, b) => Number(b.isRoot) - Number(a.isRoot));
  for (const volume of inOrder) {
    const index = choices.findIndex(({ snapshotId }) => snapshotId === volume.snapshotId);
    const choice = choices[index];
    if (!volume.isCompleted || (choice?.recover === false && !volume.isRoot)) continue;
    if (volume.isRoot && rootFrom === 'image') continue;
    const planned = planDevice(request, { volume, choice, plans });
    const prefix = index < 0 ? `volumes.${volume.original.volumeId}` : `volumes.${index}`;
    errors.push(...planned.errors.map(({ path, message }) => ({ path: `${prefix}.${path}`, message })));
    plans.push(planned.plan);
    if (choice?.preserveTags === false) continue;
    const kept = withSourceTags(request.ownTags, volume.original.tags).tags.slice(request.ownTags.length);
    if (kept.length > 0) tags.push({ deviceName: planned.plan.deviceName, tags: kept });
  }
  const rootPlan = plans.find(({ snapshotId }) => snapshotId === root?.snapshotId) ?? null;
  const data = plans.filter((plan) => plan !== rootPlan);
  return { root: rootPlan, data, tags, errors, warnings: findUncovered(request) };
}

function validateChosen({ volumes }: InstanceRequest, choices: readonly InstanceVolumeChoice[]): FieldError[] {
  const seen = new Set<string>();
  return choices.flatMap(({ snapshotId, recover }, index): FieldError[] => {
    const at = (path: string, message: string): FieldError[] => [{ path: `volumes.${index}.${path}`, message }];
    const isRepeated = seen.has(snapshotId);
    seen.add(snapshotId);
    if (isRepeated) return at('snapshotId', 'is chosen twice');
    const volume = volumes.find((candidate) => candidate.snapshotId === snapshotId);
    if (volume === undefined) return at('snapshotId', 'is no snapshot of this instance in this backup');
    if (volume.isRoot && recover === false) return at('recover', 'the root volume cannot be left out');
    if (volume.isCompleted || recover === false) return [];
    return at('recover', `the snapshot of ${volume.original.volumeId} did not complete`);
  });
}

function planDevice(
  request: InstanceRequest,
  asked: {
    readonly volume: RecoverableVolume;
    readonly choice: InstanceVolumeChoice | undefined;
    readonly plans: readonly BlockDevicePlan[];
  },
): { readonly plan: BlockDevicePlan; readonly errors: readonly FieldError[] } {
  const { volume, choice } = asked;
  const { snapshotId, awsSnapshotId, isRoot, original, sizeGiB } = volume;
  const { shape, errors } = shapeVolume(choice ?? {}, { original, snapshotSizeGiB: sizeGiB, isRoot });
  const device = isRoot ? rootDevice(request, choice) : dataDevice(request, asked);
  const deleteOnTermination = choice?.deleteOnTermination ?? original.deleteOnTermination;
  const kmsKeyId = choice?.kmsKeyId ?? null;
  const plan = { ...shape, snapshotId, awsSnapshotId, deleteOnTermination, kmsKeyId, deviceName: device.deviceName };
  return { plan, errors: [...errors, ...device.errors, ...checkKey(request, volume, kmsKeyId)] };
}

/** EC2 API Reference, EbsBlockDevice: a key only in a launch; RegisterImage takes the encryption of the snapshot. */
function checkKey({ choice }: InstanceRequest, { isRoot }: RecoverableVolume, kmsKeyId: string | null): FieldError[] {
  if (kmsKeyId === null) return [];
  const wrong = validateKmsKey(kmsKeyId);
  if (wrong !== null) return [{ path: 'kmsKeyId', message: wrong }];
  if (choice.imageHandling !== 'create-only') return [];
  const message = isRoot
    ? 'an image alone keeps the encryption of its snapshot: launch an instance, or recover the volume under this key'
    : 'an image alone holds no data volumes';
  return [{ path: 'kmsKeyId', message }];
}

type Device = { readonly deviceName: string; readonly errors: readonly FieldError[] };

function rootDevice({ configuration }: InstanceRequest, choice: InstanceVolumeChoice | undefined): Device {
  const deviceName = configuration.rootDeviceName ?? '';
  if (choice?.deviceName === undefined || deviceKey(choice.deviceName) === deviceKey(deviceName)) {
    return { deviceName, errors: [] };
  }
  return { deviceName, errors: [{ path: 'deviceName', message: `the root volume stays at ${deviceName}` }] };
}

function dataDevice(
  { configuration, volumes }: InstanceRequest,
  asked: {
    readonly volume: RecoverableVolume;
    readonly choice: InstanceVolumeChoice | undefined;
    readonly plans: readonly BlockDevicePlan[];
  },
): Device {
  const taken = [configuration.rootDeviceName ?? '', ...asked.plans.map(({ deviceName }) => deviceName)];
  const originals = volumes.flatMap(({ original }) => (original.deviceName === null ? [] : [original.deviceName]));
  const family = { virtualizationType: configuration.virtualizationType, isWindows: isWindows(configuration) };
  const free = suggestFreeDevice([...taken, ...originals], family.isWindows);
  const deviceName = asked.choice?.deviceName ?? asked.volume.original.deviceName ?? free;
  if (deviceName === null) return { deviceName: '', errors: [{ path: 'deviceName', message: 'no device is free' }] };
  const wrong = validateDevice(deviceName, family);
  if (wrong !== null) return { deviceName, errors: [{ path: 'deviceName', message: wrong }] };
  if (!isDeviceTaken(deviceName, taken)) return { deviceName, errors: [] };
  const message = `${deviceName} is another volume's device; ${free ?? 'none'} is free`;
  return { deviceName, errors: [{ path: 'deviceName', message }] };
}

/** Volumes that the instance had and this backup cannot bring back. */
function findUncovered({ configuration, volumes }: InstanceRequest): string[] {
  const covered = new Set(volumes.filter(({ isCompleted }) => isCompleted).map(({ original }) => original.volumeId));
  return configuration.volumes
    .filter(({ volumeId }) => !covered.has(volumeId))
    .map(
      ({ volumeId, deviceName }) =>
        `${volumeId} at ${deviceName} has no completed snapshot in this backup and stays out`,
    );
}
