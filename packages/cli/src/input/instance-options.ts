import type { BackedUpResource, InstanceRecoveryInput } from '@cpm/contract';
import { IMAGE_HANDLINGS, LAUNCH_SOURCES } from '@cpm/core';
import { asField, flag, many, oneOf, text, wholeNumber, wrongInput, yesOrNo } from '../command.ts';
import { chooseSnapshot } from './choose-snapshot.ts';
import { hardwareFields, hardwareOptions } from './hardware-options.ts';
import { parseVolumeChange } from './volume-options.ts';

/** What an instance recovery can be told; what is left out stays as it was backed up. */
export const instanceOptions = {
  count: wholeNumber('--count <n>', 'How many to launch (1 unless told).'),
  type: asField('instanceType', text('--type <type>', 'Another instance type.')),
  launchFrom: asField('launchFrom', oneOf('--from <source>', 'What it is launched from.', LAUNCH_SOURCES)),
  image: asField('imageId', text('--image <id>', 'The image to launch from (that of the original unless told).')),
  imageHandling: oneOf('--image-handling <what>', 'What becomes of the image of a snapshot.', IMAGE_HANDLINGS),
  key: asField('keyName', text('--key <name>', 'Another key pair.')),
  withoutKey: flag('--without-key', 'Launch without a key pair.'),
  subnet: asField('subnetId', text('--subnet <id>', 'Another subnet.')),
  privateIp: text('--private-ip <address>', 'The private address, or any.'),
  publicIp: yesOrNo('--public-ip <yes|no>', 'Whether it gets a public address.'),
  securityGroup: many('--security-group <id>', 'Other security groups; may be given several times.'),
  profile: asField('instanceProfileArn', text('--profile <arn>', 'Another instance profile.')),
  withoutProfile: flag('--without-profile', 'Launch without an instance profile.'),
  ...hardwareOptions,
  withoutUserData: flag('--without-user-data', 'Launch without the user data that was backed up.'),
  withoutTags: flag('--without-tags', 'Do not give it the tags that were backed up.'),
  shutdown: oneOf('--shutdown <behavior>', 'What a shutdown from inside does.', ['stop', 'terminate']),
  protection: yesOrNo('--termination-protection <yes|no>', 'Whether it is protected from termination.'),
  monitoring: yesOrNo('--monitoring <yes|no>', 'Whether it has detailed monitoring.'),
  ebsOptimized: yesOrNo('--ebs-optimized <yes|no>', 'Whether it is EBS-optimized.'),
  skipVolume: many('--skip-volume <id>', 'Leave this data volume out; may be given several times.'),
  volumeChange: many('--volume-change <change>', 'Change a volume: vol-…:size=20,type=gp3,device=/dev/sdf'),
};

type InstanceValues = {
  readonly [Key in keyof typeof instanceOptions]: ReturnType<(typeof instanceOptions)[Key]['read']>;
};

/** The options in the words of the API; throws `invalid_request` where they contradict each other. */
export function instanceFields(resource: BackedUpResource, options: InstanceValues): InstanceRecoveryInput {
  const { key, withoutKey, profile, withoutProfile, privateIp, securityGroup } = options;
  if (withoutKey && key !== undefined) throw wrongInput('--key', 'it contradicts --without-key');
  if (withoutProfile && profile !== undefined) throw wrongInput('--profile', 'it contradicts --without-profile');
  return {
    resourceId: resource.id,
    launchFrom: options.launchFrom,
    imageId: options.image,
    imageHandling: options.imageHandling,
    count: options.count,
    instanceType: options.type,
    keyName: withoutKey ? null : key,
    subnetId: options.subnet,
    privateIp: privateIp === 'any' ? null : privateIp,
    associatePublicIp: options.publicIp,
    securityGroupIds: securityGroup.length === 0 ? undefined : [...securityGroup],
    instanceProfileArn: withoutProfile ? null : profile,
    ...hardwareFields(options),
    preserveTags: !options.withoutTags,
    shutdownBehavior: options.shutdown,
    isTerminationProtected: options.protection,
    isMonitored: options.monitoring,
    isEbsOptimized: options.ebsOptimized,
    volumes: [...skippedVolumes(resource, options.skipVolume), ...changedVolumes(resource, options.volumeChange)],
  };
}

type VolumeInput = NonNullable<InstanceRecoveryInput['volumes']>[number];

function skippedVolumes(resource: BackedUpResource, volumes: readonly string[]): VolumeInput[] {
  return volumes.map((volume) => ({
    snapshotId: chooseSnapshot([resource], volume, '--skip-volume').snapshot.id,
    recover: false,
  }));
}

function changedVolumes(resource: BackedUpResource, changes: readonly string[]): VolumeInput[] {
  return changes.map((raw) => {
    const { volume, ...change } = parseVolumeChange(raw);
    return { snapshotId: chooseSnapshot([resource], volume, '--volume-change').snapshot.id, ...change };
  });
}
