import type { BackedUpResource } from '@cpm/contract';
import { isEc2Id, type FieldError } from '@cpm/core';
import { credentialsProblems } from './credentials-values.ts';
import { readId } from './form-parts.ts';
import { parseEphemeral } from './instance-input.ts';
import type { InstanceValues } from './instance-values.ts';
import { recordedVolume, shapeProblems } from './volume-shape.ts';

/** EC2's limit, before it is encoded. */
const MOST_USER_DATA_BYTES = 16_384;

/** All that can be seen to be wrong without asking AWS, by its field paths; the rest is found by the check. */
export function instanceProblems(values: InstanceValues, resource: BackedUpResource): FieldError[] {
  return [
    ...countProblems(values),
    ...placementProblems(values),
    ...groupProblems(values),
    ...launchProblems(values),
    ...volumeProblems(values, resource),
    ...credentialsProblems(values.credentials),
  ];
}

function countProblems({ count: given }: InstanceValues): FieldError[] {
  const count = Number(given === '' ? Number.NaN : given);
  const isRight = Number.isInteger(count) && count >= 1 && count <= 20;
  return isRight ? [] : [{ path: 'count', message: 'must be a whole number from 1 to 20' }];
}

function placementProblems({ placement, zone, subnetId, placementGroup }: InstanceValues): FieldError[] {
  const id = readId(subnetId);
  if (placement === 'zone') return zone.trim() === '' ? [{ path: 'zone', message: 'choose a zone' }] : [];
  if (placement === 'group' && placementGroup.trim() === '')
    return [{ path: 'placementGroup', message: 'choose a placement group' }];
  if (placement === 'subnet' && id === '') return [{ path: 'subnetId', message: 'choose a subnet' }];
  const isWrong = placement !== 'original' && id !== '' && !isEc2Id('subnet', id);
  return isWrong ? [{ path: 'subnetId', message: `"${id}" is no subnet id` }] : [];
}

function groupProblems({ securityGroupIds }: InstanceValues): FieldError[] {
  const malformed = securityGroupIds.map(readId).find((id) => !isEc2Id('sg', id));
  return malformed === undefined
    ? []
    : [{ path: 'securityGroupIds', message: `"${malformed}" is no security group id` }];
}

function launchProblems({ imageId, userData, ephemeral }: InstanceValues): FieldError[] {
  const bytes = new TextEncoder().encode(userData).length;
  const isEphemeral = ({ deviceName, virtualName }: { deviceName: string; virtualName: string }) =>
    deviceName !== '' && /^ephemeral([0-9]|1[0-9]|2[0-3])$/.test(virtualName);
  return [
    ...(imageId.trim() === '' || isEc2Id('ami', imageId.trim())
      ? []
      : [{ path: 'imageId', message: `"${imageId.trim()}" is no image id` }]),
    ...(bytes <= MOST_USER_DATA_BYTES
      ? []
      : [{ path: 'userData', message: `has ${bytes} bytes, EC2 takes at most ${MOST_USER_DATA_BYTES}` }]),
    ...(parseEphemeral(ephemeral).every(isEphemeral)
      ? []
      : [{ path: 'ephemeral', message: 'must be like /dev/sdb=ephemeral0, with ephemeral0 to ephemeral23' }]),
  ];
}

function volumeProblems({ volumes }: InstanceValues, resource: BackedUpResource): FieldError[] {
  return volumes.flatMap((volume, index) => {
    const snapshot = resource.snapshots.find(({ id }) => id === volume.snapshotId);
    if (!snapshot || !volume.isRecovered) return [];
    const problems = shapeProblems(volume, snapshot, recordedVolume(resource, snapshot));
    return problems.map(({ path, message }) => ({ path: `volumes.${index}.${path}`, message }));
  });
}

const FIELD_NAMES: Record<string, string> = {
  '': 'Recovery',
  launchFrom: 'Launch from',
  imageId: 'Image id',
  imageHandling: 'The new image',
  count: 'How many',
  instanceType: 'Instance type',
  keyName: 'Key pair',
  architecture: 'Architecture',
  zone: 'Zone',
  subnetId: 'Subnet',
  placementGroup: 'Placement group',
  privateIp: 'Private address',
  associatePublicIp: 'Public address',
  securityGroupIds: 'Security groups',
  tenancy: 'Tenancy',
  hostId: 'Dedicated host',
  instanceProfileArn: 'Instance profile',
  userData: 'User data',
  kernelId: 'Kernel',
  ramdiskId: 'RAM disk',
  ephemeral: 'Instance store',
  shutdownBehavior: 'On shutdown',
  isTerminationProtected: 'Termination protection',
  isMonitored: 'Detailed monitoring',
  isEbsOptimized: 'EBS optimised',
  requiresImdsV2: 'Metadata version 2 only',
  resourceId: 'Instance',
  'credentials.accessKeyId': 'Access key id',
  'credentials.secretAccessKey': 'Secret access key',
  'credentials.sessionToken': 'Session token',
};
const VOLUME_FIELD_NAMES: Record<string, string> = {
  sizeGiB: 'size',
  volumeType: 'type',
  iops: 'IOPS',
  throughputMiBps: 'throughput',
  kmsKeyId: 'encryption key',
  deviceName: 'device',
  isRecovered: 'recover',
  snapshotId: 'snapshot',
};

/** What a field is called on the screen. */
export function nameOfInstanceField(path: string, volumeNames: readonly string[]): string {
  const [, index, field = ''] = /^volumes\.(\d+)\.?(.*)$/.exec(path) ?? [];
  if (index === undefined) return FIELD_NAMES[path] ?? path;
  return `${volumeNames[Number(index)] ?? 'Volume'}, ${VOLUME_FIELD_NAMES[field] ?? field}`;
}

/** What the server calls a field (`volumes.0.recover`), as the form does. */
export function instanceFormPath(path: string): string {
  if (path.startsWith('userData')) return 'userData';
  if (path.startsWith('securityGroupIds')) return 'securityGroupIds';
  if (path.startsWith('ephemeral')) return 'ephemeral';
  return path.replace(/^(volumes\.\d+)\.recover$/, '$1.isRecovered');
}
