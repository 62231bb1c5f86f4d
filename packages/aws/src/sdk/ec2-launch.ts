import type * as aws from '@aws-sdk/client-ec2';
import type { PlannedInterface } from '@cpm/core';
import type { Ec2Launch, InstanceStateChange, LaunchBlockDevice, RunInstancesInput } from '../port/ec2-launch.ts';
import type { Ec2Calls } from './service-calls.ts';
import { toEbsBlockDevice } from './image-shapes.ts';
import { toInstance } from './instance-shapes.ts';
import { chunksOf, PAGE_SIZE } from './pages.ts';
import { orLeftOut, tagSpecifications, toSdkTags } from './shapes.ts';

export function ec2Launch({ repeatable }: Ec2Calls): Ec2Launch {
  /** An empty id list is no call: EC2 would take it for a mistake, or for everything. */
  const ifAny = async (
    ids: readonly string[],
    change: (InstanceIds: string[]) => Promise<readonly aws.InstanceStateChange[] | undefined>,
  ) => (ids.length === 0 ? [] : ((await change([...ids])) ?? []).map(toStateChange));

  const modifyAttribute = (input: aws.ModifyInstanceAttributeCommandInput) =>
    repeatable('ModifyInstanceAttribute', (ec2, sdk) => ec2.send(new sdk.ModifyInstanceAttributeCommand(input)));

  return {
    runInstances: async (input) => {
      const output = await repeatable(
        'RunInstances',
        (ec2, sdk) => ec2.send(new sdk.RunInstancesCommand(toRunInstances(input))),
        input.count,
      );
      return (output.Instances ?? []).map(toInstance);
    },
    startInstances: (ids) =>
      ifAny(ids, async (InstanceIds) => {
        const output = await repeatable(
          'StartInstances',
          (ec2, sdk) => ec2.send(new sdk.StartInstancesCommand({ InstanceIds })),
          ids.length,
        );
        return output.StartingInstances;
      }),
    stopInstances: (ids) =>
      ifAny(ids, async (InstanceIds) => {
        const output = await repeatable(
          'StopInstances',
          (ec2, sdk) => ec2.send(new sdk.StopInstancesCommand({ InstanceIds })),
          ids.length,
        );
        return output.StoppingInstances;
      }),
    terminateInstances: (ids) =>
      ifAny(ids, async (InstanceIds) => {
        const output = await repeatable(
          'TerminateInstances',
          (ec2, sdk) => ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds })),
          ids.length,
        );
        return output.TerminatingInstances;
      }),
    setTerminationProtection: async (InstanceId, Value) => {
      await modifyAttribute({ InstanceId, DisableApiTermination: { Value } });
    },
    modifyInstanceBlockDevice: async ({ instanceId, deviceName, deleteOnTermination }) => {
      const BlockDeviceMappings = [{ DeviceName: deviceName, Ebs: { DeleteOnTermination: deleteOnTermination } }];
      await modifyAttribute({ InstanceId: instanceId, BlockDeviceMappings });
    },
    modifyInstanceUserData: async (InstanceId, userDataBase64) => {
      await modifyAttribute({ InstanceId, Attribute: 'userData', Value: userDataBase64 });
    },
    setSourceDestCheck: async (NetworkInterfaceId, Value) => {
      const input = { NetworkInterfaceId, SourceDestCheck: { Value } };
      await repeatable('ModifyNetworkInterfaceAttribute', (ec2, sdk) =>
        ec2.send(new sdk.ModifyNetworkInterfaceAttributeCommand(input)),
      );
    },
    createTags: async (resourceIds, tags) => {
      const Tags = toSdkTags(tags);
      if (Tags.length === 0) return;
      const tagSome = (Resources: string[]) =>
        repeatable('CreateTags', (ec2, sdk) => ec2.send(new sdk.CreateTagsCommand({ Resources, Tags })));
      await Promise.all(chunksOf(resourceIds, PAGE_SIZE).map(tagSome));
    },
  };
}

function toStateChange({ InstanceId, PreviousState, CurrentState }: aws.InstanceStateChange): InstanceStateChange {
  return {
    instanceId: InstanceId ?? '',
    previous: PreviousState?.Name ?? '',
    current: CurrentState?.Name ?? '',
  };
}

function toRunInstances(input: RunInstancesInput): aws.RunInstancesCommandInput {
  return {
    ClientToken: input.clientToken,
    ImageId: input.imageId,
    MinCount: 1,
    MaxCount: input.count,
    InstanceType: input.instanceType as aws._InstanceType,
    KeyName: orLeftOut(input.keyName),
    UserData: orLeftOut(input.userDataBase64),
    IamInstanceProfile: input.instanceProfileArn === null ? undefined : { Arn: input.instanceProfileArn },
    BlockDeviceMappings: input.blockDevices.map(toLaunchDevice),
    InstanceInitiatedShutdownBehavior: orLeftOut(input.shutdownBehaviour),
    DisableApiTermination: orLeftOut(input.disableApiTermination),
    DisableApiStop: orLeftOut(input.disableApiStop),
    HibernationOptions: input.hibernation === null ? undefined : { Configured: input.hibernation },
    EnclaveOptions: input.enclave === null ? undefined : { Enabled: input.enclave },
    Monitoring: input.monitoring === null ? undefined : { Enabled: input.monitoring },
    EbsOptimized: orLeftOut(input.ebsOptimized),
    CpuOptions: cpuOptions(input),
    CreditSpecification: input.cpuCredits === null ? undefined : { CpuCredits: input.cpuCredits },
    KernelId: orLeftOut(input.kernelId),
    RamdiskId: orLeftOut(input.ramdiskId),
    MetadataOptions: metadataOptions(input),
    TagSpecifications: [
      ...(tagSpecifications('instance', input.instanceTags) ?? []),
      ...(tagSpecifications('volume', input.volumeTags) ?? []),
      ...(tagSpecifications('network-interface', input.networkInterfaceTags) ?? []),
    ],
    ...placement(input),
    ...network(input),
  };
}

/** AWS takes the network at the top or in the first interface, never in both; a public address only in the latter. */
function network(input: RunInstancesInput): Partial<aws.RunInstancesCommandInput> {
  const groups = input.securityGroupIds.length > 0 ? [...input.securityGroupIds] : undefined;
  const place = { SubnetId: input.subnetId, PrivateIpAddress: orLeftOut(input.privateIp) };
  const { assignPublicIp, interfaceDescription: description, secondaryPrivateIps, furtherInterfaces } = input;
  const isAlone = secondaryPrivateIps.length + furtherInterfaces.length === 0;
  if (isAlone && assignPublicIp === null && description === null) return { ...place, SecurityGroupIds: groups };
  const first = toInterface({ ...input, deviceIndex: 0, description });
  // Beside further interfaces AWS refuses the very question.
  if (furtherInterfaces.length > 0) return { NetworkInterfaces: [first, ...furtherInterfaces.map(toInterface)] };
  return { NetworkInterfaces: [{ ...first, AssociatePublicIpAddress: orLeftOut(assignPublicIp) }] };
}

function toInterface(wish: PlannedInterface): aws.InstanceNetworkInterfaceSpecification {
  const { privateIp, secondaryPrivateIps, securityGroupIds } = wish;
  const hasSecondary = secondaryPrivateIps.length > 0;
  const secondary = secondaryPrivateIps.map((PrivateIpAddress) => ({ PrivateIpAddress, Primary: false }));
  return {
    DeviceIndex: wish.deviceIndex,
    SubnetId: wish.subnetId,
    Groups: securityGroupIds.length > 0 ? [...securityGroupIds] : undefined,
    PrivateIpAddress: hasSecondary ? undefined : orLeftOut(privateIp),
    PrivateIpAddresses: hasSecondary
      ? [{ PrivateIpAddress: orLeftOut(privateIp), Primary: true }, ...secondary]
      : undefined,
    Description: orLeftOut(wish.description),
    DeleteOnTermination: true,
  };
}

function placement(input: RunInstancesInput): Partial<aws.RunInstancesCommandInput> {
  const { tenancy, placementGroup, partitionNumber, hostId } = input;
  if (tenancy === null && placementGroup === null && hostId === null) return {};
  return {
    Placement: {
      Tenancy: orLeftOut(tenancy) as aws.Tenancy | undefined,
      GroupName: orLeftOut(placementGroup),
      PartitionNumber: orLeftOut(partitionNumber),
      HostId: orLeftOut(hostId),
    },
  };
}

function cpuOptions({ cpuOptions: cpu }: RunInstancesInput): aws.CpuOptionsRequest | undefined {
  return cpu === null ? undefined : { CoreCount: cpu.coreCount, ThreadsPerCore: cpu.threadsPerCore };
}

function metadataOptions(input: RunInstancesInput): aws.InstanceMetadataOptionsRequest | undefined {
  const { httpTokens, httpHopLimit, httpEndpoint, instanceMetadataTags } = input;
  if ([httpTokens, httpHopLimit, httpEndpoint, instanceMetadataTags].every((each) => each === null)) return undefined;
  return {
    HttpTokens: orLeftOut(httpTokens),
    HttpPutResponseHopLimit: orLeftOut(httpHopLimit),
    HttpEndpoint: orLeftOut(httpEndpoint),
    InstanceMetadataTags: orLeftOut(instanceMetadataTags),
  };
}

function toLaunchDevice(device: LaunchBlockDevice): aws.BlockDeviceMapping {
  const DeviceName = device.deviceName;
  switch (device.kind) {
    case 'none':
      return { DeviceName, NoDevice: '' };
    case 'ephemeral':
      return { DeviceName, VirtualName: device.virtualName };
    case 'volume': {
      const encryption = { Encrypted: orLeftOut(device.encrypted), KmsKeyId: orLeftOut(device.kmsKeyId) };
      return { DeviceName, Ebs: { ...toEbsBlockDevice(device), ...encryption } };
    }
  }
}
