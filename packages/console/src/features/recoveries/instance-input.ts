import type { InstanceRecoveryInput } from '@cpm/contract';
import type { LaunchSource } from '@cpm/core';
import { credentialsInput } from './credentials-values.ts';
import { numberInput, readId, textInput, yesNoInput } from './form-parts.ts';
import type { InstanceValues, InstanceVolumeValues, OptionalPart } from './instance-values.ts';
import type { Place } from './place-search.ts';
import { shapeInput } from './volume-shape.ts';

/** What the request is about beside what the form says. */
export type InstanceAbout = {
  readonly resourceId: string;
  readonly place: Place | null;
  /** Of the groups that were picked those of the network that the instance will be in. */
  readonly groups: readonly string[];
  /** Whether the original was in a placement group: another zone or subnet leaves it. */
  readonly wasInGroup: boolean;
  /** What it is launched from where nothing else is asked for. */
  readonly usualLaunch: LaunchSource;
};

/** The request; what is left out is as backed up. */
export function instanceInput(values: InstanceValues, about: InstanceAbout): InstanceRecoveryInput {
  const { launchFrom, imageHandling, preserveTags, architecture, tenancy, shutdownBehavior } = values;
  const isFromImage = usesImage(values, about.usualLaunch);
  return {
    resourceId: about.resourceId,
    ...(about.place === null ? {} : { place: about.place }),
    ...(launchFrom === '' ? {} : { launchFrom }),
    ...(isFromImage ? textInput('imageId', values.imageId) : {}),
    ...(imageHandling === 'deregister' || isFromImage ? {} : { imageHandling }),
    ...(Number(values.count) === 1 ? {} : numberInput('count', values.count)),
    ...textInput('instanceType', values.instanceType),
    ...(architecture === '' ? {} : { architecture }),
    ...optional(values, 'keyName', 'keyName', values.keyName.trim()),
    ...placementInput(values, about),
    ...(about.groups.length === 0 ? {} : { securityGroupIds: about.groups.map(readId) }),
    ...(tenancy === '' ? {} : { tenancy }),
    ...optional(values, 'hostId', 'hostId', values.hostId.trim()),
    ...optional(values, 'instanceProfileArn', 'instanceProfileArn', values.instanceProfileArn.trim()),
    ...optional(values, 'userData', 'userDataBase64', encodeUserData(values.userData)),
    ...optional(values, 'kernelId', 'kernelId', values.kernelId.trim()),
    ...optional(values, 'ramdiskId', 'ramdiskId', values.ramdiskId.trim()),
    ...(values.ephemeral.trim() === '' ? {} : { ephemeral: parseEphemeral(values.ephemeral) }),
    ...(preserveTags ? {} : { preserveTags }),
    ...(shutdownBehavior === '' ? {} : { shutdownBehavior }),
    ...yesNoInput('isTerminationProtected', values.isTerminationProtected),
    ...yesNoInput('isMonitored', values.isMonitored),
    ...yesNoInput('isEbsOptimized', values.isEbsOptimized),
    ...yesNoInput('requiresImdsV2', values.requiresImdsV2),
    volumes: values.volumes.map(volumeInput),
    ...credentialsInput(values.credentials),
  };
}

/** Whether an existing image is launched, so that an image id means something. */
export function usesImage({ launchFrom }: Pick<InstanceValues, 'launchFrom'>, usual: LaunchSource): boolean {
  return (launchFrom === '' ? usual : launchFrom) !== 'snapshot';
}

/** A field that is left out as backed up, null without it, or what was given. */
function optional<Name extends string>(values: InstanceValues, part: OptionalPart, name: Name, text: string) {
  if (values.without[part]) return { [name]: null } as { readonly [Key in Name]?: string | null };
  return (text === '' ? {} : { [name]: text }) as { readonly [Key in Name]?: string | null };
}

function placementInput(values: InstanceValues, { wasInGroup }: InstanceAbout) {
  const { placement, associatePublicIp } = values;
  const address = optional(values, 'privateIp', 'privateIp', values.privateIp.trim());
  return {
    ...(placement === 'zone' ? textInput('zone', values.zone) : {}),
    ...(placement === 'subnet' || placement === 'group' ? textInput('subnetId', readId(values.subnetId)) : {}),
    ...(placement === 'group' ? textInput('placementGroup', values.placementGroup) : {}),
    ...((placement === 'zone' || placement === 'subnet') && wasInGroup ? { placementGroup: null } : {}),
    ...(Number(values.count) > 1 ? {} : address),
    ...(associatePublicIp === 'subnet'
      ? { associatePublicIp: null }
      : yesNoInput('associatePublicIp', associatePublicIp)),
  };
}

/** Text as EC2 takes user data; empty stays empty. */
export function encodeUserData(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** `/dev/sdb=ephemeral0, /dev/sdc=ephemeral1`, as the API takes it. */
export function parseEphemeral(text: string) {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [deviceName = '', virtualName = ''] = part.split('=').map((side) => side.trim());
      return { deviceName, virtualName };
    });
}

function volumeInput(volume: InstanceVolumeValues) {
  const { snapshotId, isRecovered } = volume;
  if (!isRecovered) return { snapshotId, recover: false };
  return {
    snapshotId,
    ...shapeInput(volume),
    ...textInput('deviceName', volume.deviceName),
    ...yesNoInput('deleteOnTermination', volume.deleteOnTermination),
  };
}
