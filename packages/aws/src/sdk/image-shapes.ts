import type * as sdk from '@aws-sdk/client-ec2';
import type { Image, ImageBlockDevice, RegisterBlockDevice } from '../port/ec2-images.ts';
import { instantOf, orLeftOut, orNull, tagsOf } from './shapes.ts';

export function toImage(from: sdk.Image): Image {
  return {
    imageId: from.ImageId ?? '',
    name: from.Name ?? '',
    description: from.Description ?? '',
    state: from.State ?? '',
    stateReason: orNull(from.StateReason?.Message),
    ownerId: orNull(from.OwnerId),
    ownerAlias: orNull(from.ImageOwnerAlias),
    isPublic: from.Public ?? false,
    architecture: orNull(from.Architecture),
    virtualizationType: orNull(from.VirtualizationType),
    rootDeviceName: orNull(from.RootDeviceName),
    rootDeviceType: orNull(from.RootDeviceType),
    blockDevices: (from.BlockDeviceMappings ?? []).map(toBlockDevice),
    bootMode: orNull(from.BootMode),
    enaSupport: from.EnaSupport ?? false,
    sriovNetSupport: orNull(from.SriovNetSupport),
    tpmSupport: orNull(from.TpmSupport),
    imdsSupport: orNull(from.ImdsSupport),
    kernelId: orNull(from.KernelId),
    ramdiskId: orNull(from.RamdiskId),
    platform: orNull(from.Platform),
    platformDetails: orNull(from.PlatformDetails),
    usageOperation: orNull(from.UsageOperation),
    productCodes: (from.ProductCodes ?? []).flatMap(({ ProductCodeId }) => ProductCodeId ?? []),
    createdAt: from.CreationDate === undefined ? null : instantOf(new Date(from.CreationDate)),
    tags: tagsOf(from.Tags),
  };
}

function toBlockDevice({ DeviceName = '', VirtualName, Ebs }: sdk.BlockDeviceMapping): ImageBlockDevice {
  return {
    deviceName: DeviceName,
    awsSnapshotId: orNull(Ebs?.SnapshotId),
    sizeGiB: orNull(Ebs?.VolumeSize),
    type: orNull(Ebs?.VolumeType),
    iops: orNull(Ebs?.Iops),
    throughputMiBs: orNull(Ebs?.Throughput),
    encrypted: orNull(Ebs?.Encrypted),
    deleteOnTermination: orNull(Ebs?.DeleteOnTermination),
    virtualName: orNull(VirtualName),
  };
}

type VolumeAtLaunch = Omit<RegisterBlockDevice, 'deviceName' | 'awsSnapshotId'> & {
  readonly awsSnapshotId: string | null;
};

/** A volume in a block device mapping: of an image, or of a launch. */
export function toEbsBlockDevice(device: VolumeAtLaunch): sdk.EbsBlockDevice {
  return {
    SnapshotId: orLeftOut(device.awsSnapshotId),
    VolumeSize: orLeftOut(device.sizeGiB),
    VolumeType: device.type as sdk.VolumeType,
    Iops: orLeftOut(device.iops),
    Throughput: orLeftOut(device.throughputMiBs),
    DeleteOnTermination: device.deleteOnTermination,
  };
}
