import type * as sdk from '@aws-sdk/client-ec2';
import type {
  BlockDevice,
  Instance,
  InstanceDetails,
  NetworkInterface,
  SecurityGroupRef,
} from '../port/ec2-instances.ts';
import { instantOf, orNull, tagsOf } from './shapes.ts';

export function toInstance(from: sdk.Instance): Instance {
  return {
    instanceId: from.InstanceId ?? '',
    state: from.State?.Name ?? '',
    instanceType: from.InstanceType ?? '',
    imageId: from.ImageId ?? '',
    zone: from.Placement?.AvailabilityZone ?? '',
    vpcId: orNull(from.VpcId),
    subnetId: orNull(from.SubnetId),
    privateIp: orNull(from.PrivateIpAddress),
    publicIp: orNull(from.PublicIpAddress),
    keyName: orNull(from.KeyName),
    // AWS sets it for Windows alone, and not always in the same case.
    platform: from.Platform?.toLowerCase() === 'windows' ? 'windows' : 'linux',
    platformDetails: orNull(from.PlatformDetails),
    architecture: orNull(from.Architecture),
    rootDeviceName: orNull(from.RootDeviceName),
    rootDeviceType: orNull(from.RootDeviceType),
    blockDevices: (from.BlockDeviceMappings ?? []).map(toBlockDevice),
    launchedAt: instantOf(from.LaunchTime),
    tags: tagsOf(from.Tags),
  };
}

export function toInstanceDetails(from: sdk.Instance): InstanceDetails {
  return {
    ...toInstance(from),
    ...bootFacts(from),
    ...licenceFacts(from),
    ebsOptimized: from.EbsOptimized ?? false,
    lifecycle: from.InstanceLifecycle ?? 'on-demand',
    monitoring: from.Monitoring?.State === 'enabled' || from.Monitoring?.State === 'pending',
    instanceProfileArn: orNull(from.IamInstanceProfile?.Arn),
    securityGroups: (from.SecurityGroups ?? []).map(toGroupRef),
    networkInterfaces: (from.NetworkInterfaces ?? [])
      .map(toNetworkInterface)
      .toSorted((one, other) => one.deviceIndex - other.deviceIndex),
    sourceDestCheck: from.SourceDestCheck ?? true,
    placement: {
      tenancy: orNull(from.Placement?.Tenancy),
      groupName: orNull(from.Placement?.GroupName),
      partitionNumber: orNull(from.Placement?.PartitionNumber),
      hostId: orNull(from.Placement?.HostId),
      affinity: orNull(from.Placement?.Affinity),
    },
    metadata: {
      httpTokens: orNull(from.MetadataOptions?.HttpTokens),
      httpEndpoint: orNull(from.MetadataOptions?.HttpEndpoint),
      hopLimit: orNull(from.MetadataOptions?.HttpPutResponseHopLimit),
      instanceTags: orNull(from.MetadataOptions?.InstanceMetadataTags),
      ipv6: orNull(from.MetadataOptions?.HttpProtocolIpv6),
    },
    enclaveEnabled: from.EnclaveOptions?.Enabled ?? false,
    hibernationConfigured: from.HibernationOptions?.Configured ?? false,
  };
}

function bootFacts(from: sdk.Instance) {
  return {
    virtualizationType: orNull(from.VirtualizationType),
    kernelId: orNull(from.KernelId),
    ramdiskId: orNull(from.RamdiskId),
    bootMode: orNull(from.BootMode),
    currentBootMode: orNull(from.CurrentInstanceBootMode),
    tpmSupport: orNull(from.TpmSupport),
    enaSupport: from.EnaSupport ?? false,
    sriovNetSupport: orNull(from.SriovNetSupport),
    cpu: { coreCount: orNull(from.CpuOptions?.CoreCount), threadsPerCore: orNull(from.CpuOptions?.ThreadsPerCore) },
  };
}

function licenceFacts(from: sdk.Instance) {
  return {
    usageOperation: orNull(from.UsageOperation),
    productCodes: (from.ProductCodes ?? []).flatMap(({ ProductCodeId }) => ProductCodeId ?? []),
    licenseArns: (from.Licenses ?? []).flatMap(({ LicenseConfigurationArn }) => LicenseConfigurationArn ?? []),
  };
}

function toBlockDevice({ DeviceName = '', Ebs }: sdk.InstanceBlockDeviceMapping): BlockDevice {
  return {
    deviceName: DeviceName,
    volumeId: Ebs?.VolumeId ?? '',
    state: Ebs?.Status ?? '',
    deleteOnTermination: Ebs?.DeleteOnTermination ?? false,
    attachedAt: instantOf(Ebs?.AttachTime),
  };
}

function toGroupRef({ GroupId = '', GroupName = '' }: sdk.GroupIdentifier): SecurityGroupRef {
  return { groupId: GroupId, name: GroupName };
}

function toNetworkInterface(from: sdk.InstanceNetworkInterface): NetworkInterface {
  const addresses = from.PrivateIpAddresses ?? [];
  const primaryFirst = [...addresses.filter(({ Primary }) => Primary), ...addresses.filter(({ Primary }) => !Primary)];
  return {
    interfaceId: from.NetworkInterfaceId ?? '',
    deviceIndex: from.Attachment?.DeviceIndex ?? 0,
    subnetId: orNull(from.SubnetId),
    vpcId: orNull(from.VpcId),
    privateIps: primaryFirst.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
    ipv6Addresses: (from.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
    publicIp: orNull(from.Association?.PublicIp),
    publicIpOwner: orNull(from.Association?.IpOwnerId),
    securityGroups: (from.Groups ?? []).map(toGroupRef),
    sourceDestCheck: from.SourceDestCheck ?? true,
    deleteOnTermination: from.Attachment?.DeleteOnTermination ?? false,
    description: from.Description ?? '',
  };
}
