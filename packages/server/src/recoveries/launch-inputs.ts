import type { RegisterImageInput, RunInstancesInput } from '@cpm/aws/port';
import { splitVolumeTags } from '@cpm/core';
import type { BlockDevicePlan, ImagePlan, LaunchPlan } from '@cpm/core';

/** A planned image as the AWS port takes it. */
export function imageInput(image: ImagePlan): RegisterImageInput {
  const { rootVolume } = image;
  return {
    name: image.name,
    description: image.description,
    architecture: image.architecture,
    virtualizationType: image.virtualizationType,
    rootDeviceName: image.rootDeviceName,
    blockDevices: [
      {
        ...shapeOf(rootVolume),
        deviceName: rootVolume.deviceName,
        awsSnapshotId: rootVolume.awsSnapshotId,
        deleteOnTermination: rootVolume.deleteOnTermination,
      },
    ],
    enaSupport: image.isEnaSupported,
    sriovNetSupport: image.sriovNetSupport,
    bootMode: image.bootMode,
    tpmSupport: image.tpmSupport,
    uefiDataBase64: image.uefiData,
    imdsSupport: null,
    kernelId: image.kernelId,
    ramdiskId: image.ramdiskId,
    tags: tagsOf(image.tags),
  };
}

/** Core's tags as the port takes them. */
export const tagsOf = (tags: readonly { readonly key: string; readonly value: string }[]) =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

const shapeOf = ({ sizeGiB, volumeType, iops, throughputMiBps }: BlockDevicePlan) => ({
  sizeGiB,
  type: volumeType,
  iops,
  throughputMiBs: throughputMiBps,
});

const volumeOf = (volume: BlockDevicePlan) => ({
  ...shapeOf(volume),
  kind: 'volume' as const,
  deviceName: volume.deviceName,
  awsSnapshotId: volume.awsSnapshotId,
  deleteOnTermination: volume.deleteOnTermination,
  // A key needs the word beside it; without one the snapshot and the region decide.
  encrypted: volume.kmsKeyId === null ? null : true,
  kmsKeyId: volume.kmsKeyId,
});

/** A planned launch as the AWS port takes it; the token is on record before the call. */
export function launchInput(launch: LaunchPlan, imageId: string, clientToken: string): RunInstancesInput {
  const { network, placement, metadataOptions } = launch;
  return {
    clientToken,
    imageId,
    count: launch.count,
    instanceType: launch.instanceType,
    keyName: launch.keyName,
    subnetId: network.subnetId,
    privateIp: network.privateIp,
    secondaryPrivateIps: network.secondaryPrivateIps,
    securityGroupIds: network.securityGroupIds,
    interfaceDescription: network.description,
    assignPublicIp: network.associatePublicIp,
    furtherInterfaces: network.furtherInterfaces,
    userDataBase64: launch.userDataBase64,
    instanceProfileArn: launch.instanceProfileArn,
    blockDevices: [
      // The root's snapshot is the image's: only what differs from it is said.
      ...(launch.rootVolume === null ? [] : [{ ...volumeOf(launch.rootVolume), awsSnapshotId: null }]),
      ...launch.dataVolumes.map(volumeOf),
      ...launch.ephemeral.map((mapping) => ({ kind: 'ephemeral' as const, ...mapping })),
    ],
    shutdownBehaviour: launch.shutdownBehavior,
    disableApiTermination: launch.isTerminationProtected,
    disableApiStop: launch.isStopProtected,
    // What is off is not asked for: many types refuse the very question.
    hibernation: launch.isHibernationConfigured ? true : null,
    enclave: launch.isEnclaveEnabled ? true : null,
    monitoring: launch.isMonitored,
    ebsOptimized: launch.isEbsOptimized,
    cpuOptions: launch.cpuOptions,
    cpuCredits: launch.cpuCredits,
    kernelId: launch.kernelId,
    ramdiskId: launch.ramdiskId,
    tenancy: placement.tenancy === 'default' ? null : placement.tenancy,
    placementGroup: placement.groupName,
    partitionNumber: placement.groupName === null ? null : placement.partitionNumber,
    hostId: placement.hostId,
    httpTokens: oneOf(metadataOptions?.httpTokens, ['required', 'optional']),
    httpHopLimit: metadataOptions?.httpPutResponseHopLimit ?? null,
    httpEndpoint: oneOf(metadataOptions?.httpEndpoint, ['enabled', 'disabled']),
    instanceMetadataTags: oneOf(metadataOptions?.instanceMetadataTags, ['enabled', 'disabled']),
    instanceTags: tagsOf(launch.instanceTags),
    volumeTags: tagsOf([...launch.ownTags, ...splitVolumeTags(launch).shared]),
    networkInterfaceTags: tagsOf(launch.ownTags),
  };
}

const oneOf = <const Text extends string>(text: string | null | undefined, texts: readonly Text[]): Text | null =>
  texts.find((each) => each === text) ?? null;
