import type { RegisterImageInput, RunInstancesInput } from '@cpm/aws/port';
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
    securityGroupIds: network.securityGroupIds,
    assignPublicIp: network.associatePublicIp,
    userDataBase64: launch.userDataBase64,
    instanceProfileArn: launch.instanceProfileArn,
    blockDevices: launch.dataVolumes.map((volume) => ({
      ...shapeOf(volume),
      kind: 'volume' as const,
      deviceName: volume.deviceName,
      awsSnapshotId: volume.awsSnapshotId,
      deleteOnTermination: volume.deleteOnTermination,
      encrypted: null,
      kmsKeyId: null,
    })),
    shutdownBehaviour: launch.shutdownBehavior,
    disableApiTermination: launch.isTerminationProtected,
    monitoring: launch.isMonitored,
    ebsOptimized: launch.isEbsOptimized,
    kernelId: null,
    ramdiskId: null,
    tenancy: placement.tenancy === 'default' ? null : placement.tenancy,
    placementGroup: placement.groupName,
    hostId: placement.hostId,
    httpTokens:
      metadataOptions?.httpTokens === 'required'
        ? 'required'
        : metadataOptions?.httpTokens === 'optional'
          ? 'optional'
          : null,
    httpHopLimit: metadataOptions?.httpPutResponseHopLimit ?? null,
    instanceTags: tagsOf(launch.instanceTags),
    volumeTags: tagsOf(launch.ownTags),
  };
}
