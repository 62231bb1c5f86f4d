import type { Image, InstanceAttributes, InstanceDetails, Tags, Volume } from '@cpm/aws/port';
import type { ConfiguredImage, ConfiguredVolume, Instant, VolumeType } from '@cpm/core';
import type { StoredConfiguration } from '../db/schema.ts';

const tagsOf = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));
const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/**
 * What DescribeInstances alone tells of an instance, in the words of the configuration record (POL-8). What costs further
 * calls is filled in by `completeConfiguration`, once the snapshots are started.
 */
export function describeInstance(instance: InstanceDetails, region: string, at: number): StoredConfiguration {
  return {
    instanceId: instance.instanceId,
    region,
    recordedAt: at as Instant,
    state: instance.state,
    launchedAt: isoOf(instance.launchedAt),
    instanceType: instance.instanceType,
    lifecycle: instance.lifecycle,
    image: { imageId: instance.imageId, details: null },
    ...bootFacts(instance),
    platform: instance.platform === 'windows' ? 'windows' : null,
    platformDetails: instance.platformDetails,
    usageOperation: instance.usageOperation,
    productCodes: instance.productCodes.map((code) => ({ productCodeId: code, productCodeType: '' })),
    keyName: instance.keyName,
    ...networkFacts(instance),
    instanceProfileArn: instance.instanceProfileArn,
    tags: tagsOf(instance.tags),
    volumes: instance.blockDevices.map((device) => bareVolume(device, instance.zone)),
    isMonitored: instance.monitoring,
    isEbsOptimized: instance.ebsOptimized,
    shutdownBehavior: 'stop',
    isTerminationProtected: false,
    isStopProtected: false,
    isHibernationConfigured: instance.hibernationConfigured,
    isEnclaveEnabled: instance.enclaveEnabled,
    cpuOptions: cpuFacts(instance),
    cpuCredits: null,
    metadataOptions: {
      httpEndpoint: instance.metadata.httpEndpoint,
      httpTokens: instance.metadata.httpTokens,
      httpPutResponseHopLimit: instance.metadata.hopLimit,
      instanceMetadataTags: instance.metadata.instanceTags,
    },
  };
}

/** The record with the attributes, the image and the volumes that were read after the snapshots were started. */
export function completeConfiguration(
  bare: StoredConfiguration,
  read: { readonly attributes: InstanceAttributes; readonly image: Image | null; readonly volumes: readonly Volume[] },
): StoredConfiguration {
  const byId = new Map(read.volumes.map((volume) => [volume.volumeId, volume]));
  const { attributes, image } = read;
  return {
    ...bare,
    image: { imageId: bare.image.imageId, details: image === null ? null : imageDetails(image) },
    uefiData: attributes.uefiDataBase64,
    shutdownBehavior: attributes.shutdownBehaviour ?? bare.shutdownBehavior,
    isTerminationProtected: attributes.disableApiTermination ?? bare.isTerminationProtected,
    isStopProtected: attributes.disableApiStop ?? bare.isStopProtected,
    cpuCredits: attributes.cpuCredits ?? null,
    volumes: bare.volumes.map((volume) => withDetails(volume, byId.get(volume.volumeId))),
  };
}

function bootFacts(instance: InstanceDetails) {
  return {
    architecture: instance.architecture ?? 'x86_64',
    virtualizationType: instance.virtualizationType ?? 'hvm',
    rootDeviceName: instance.rootDeviceName,
    rootDeviceType: instance.rootDeviceType === 'instance-store' ? ('instance-store' as const) : ('ebs' as const),
    bootMode: instance.bootMode,
    currentBootMode: instance.currentBootMode,
    isEnaSupported: instance.enaSupport,
    sriovNetSupport: instance.sriovNetSupport,
    tpmSupport: instance.tpmSupport,
    uefiData: null,
    kernelId: instance.kernelId,
    ramdiskId: instance.ramdiskId,
  };
}

/** What the first network interface is called where nobody called it anything (AWS CLI Command Reference, describe-instances). */
const NOBODYS_DESCRIPTION = 'Primary network interface';

function networkFacts(instance: InstanceDetails) {
  return {
    placement: {
      zone: instance.zone,
      groupName: instance.placement.groupName,
      tenancy: instance.placement.tenancy ?? 'default',
      hostId: instance.placement.hostId,
      partitionNumber: instance.placement.partitionNumber,
    },
    vpcId: instance.vpcId,
    subnetId: instance.subnetId,
    privateIp: instance.privateIp,
    securityGroups: instance.securityGroups.map(({ groupId, name }) => ({ groupId, groupName: name })),
    networkInterfaces: instance.networkInterfaces.map((each) => ({
      interfaceId: each.interfaceId,
      deviceIndex: each.deviceIndex,
      subnetId: each.subnetId,
      vpcId: each.vpcId,
      privateIp: each.privateIps[0] ?? null,
      secondaryPrivateIps: each.privateIps.slice(1),
      ipv6Addresses: each.ipv6Addresses,
      publicIp: each.publicIp,
      groupIds: each.securityGroups.map(({ groupId }) => groupId),
      description: each.description === NOBODYS_DESCRIPTION ? null : each.description,
      deleteOnTermination: each.deleteOnTermination,
      isSourceDestChecked: each.sourceDestCheck,
    })),
  };
}

function cpuFacts({ cpu }: InstanceDetails) {
  if (cpu.coreCount === null || cpu.threadsPerCore === null) return null;
  return { coreCount: cpu.coreCount, threadsPerCore: cpu.threadsPerCore };
}

function bareVolume(device: InstanceDetails['blockDevices'][number], zone: string): ConfiguredVolume {
  return {
    deviceName: device.deviceName,
    volumeId: device.volumeId,
    deleteOnTermination: device.deleteOnTermination,
    sizeGiB: 0,
    volumeType: 'gp3',
    iops: null,
    throughputMiBps: null,
    isEncrypted: false,
    kmsKeyId: null,
    zone,
    tags: [],
  };
}

function withDetails(volume: ConfiguredVolume, details: Volume | undefined): ConfiguredVolume {
  if (details === undefined) return volume;
  return {
    ...volume,
    sizeGiB: details.sizeGiB,
    volumeType: details.type as VolumeType,
    iops: details.iops,
    throughputMiBps: details.throughputMiBs,
    isEncrypted: details.encrypted,
    kmsKeyId: details.kmsKeyId,
    zone: details.zone,
    tags: tagsOf(details.tags),
  };
}

function imageDetails(image: Image): NonNullable<ConfiguredImage['details']> {
  return {
    name: image.name,
    description: image.description,
    ownerId: image.ownerId,
    ownerAlias: image.ownerAlias,
    createdAt: isoOf(image.createdAt),
    architecture: image.architecture,
    virtualizationType: image.virtualizationType,
    rootDeviceName: image.rootDeviceName,
    rootDeviceType: image.rootDeviceType,
    platformDetails: image.platformDetails,
    usageOperation: image.usageOperation,
    bootMode: image.bootMode,
    isEnaSupported: image.enaSupport,
    kernelId: image.kernelId,
    ramdiskId: image.ramdiskId,
  };
}
