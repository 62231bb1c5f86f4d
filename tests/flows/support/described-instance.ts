import type { SimulatedAws, Thing } from './simulated-aws.ts';

export type Described = Record<string, unknown> & {
  readonly BlockDeviceMappings: readonly { readonly DeviceName: string; readonly Ebs: Record<string, unknown> }[];
};

type Hands = Pick<SimulatedAws, 'act' | 'things'>;
const REGION = 'us-east-1';

/** An instance as EC2 itself describes it, with the attributes that need a call of their own. */
export async function describeInstance(aws: Hands, instanceId: string | null | undefined): Promise<Described> {
  const answer = await aws.act(REGION, 'DescribeInstances', { InstanceIds: [instanceId] });
  const instance = answer['Reservations']?.[0]?.['Instances']?.[0] as unknown as Described;
  const plain = (told: unknown) => {
    const {
      $metadata: _metadata,
      InstanceId: _id,
      ...value
    } = JSON.parse(JSON.stringify(told)) as Record<string, unknown>;
    return value;
  };
  const attribute = async (Attribute: string) =>
    plain(await aws.act(REGION, 'DescribeInstanceAttribute', { InstanceId: instanceId, Attribute }));
  const isBurstable = /^t[2-9]/.test(String(instance['InstanceType']));
  const credits = isBurstable
    ? await aws.act(REGION, 'DescribeInstanceCreditSpecifications', { InstanceIds: [instanceId] })
    : null;
  const isUefi = String(instance['BootMode']).startsWith('uefi');
  return {
    ...instance,
    userData: await attribute('userData'),
    protection: await attribute('disableApiTermination'),
    stopProtection: await attribute('disableApiStop'),
    shutdown: await attribute('instanceInitiatedShutdownBehavior'),
    credits: credits?.['InstanceCreditSpecifications']?.[0]?.['CpuCredits'] ?? null,
    uefiData: isUefi ? plain(await aws.act(REGION, 'GetInstanceUefiData', { InstanceId: instanceId })) : null,
  };
}

/** What must be alike in an instance and its recovery. */
const SAME = [
  'InstanceType',
  'KeyName',
  'Architecture',
  'VirtualizationType',
  'RootDeviceName',
  'RootDeviceType',
  'BootMode',
  'CurrentInstanceBootMode',
  'TpmSupport',
  'EnaSupport',
  'SriovNetSupport',
  'KernelId',
  'RamdiskId',
  'Platform',
  'PlatformDetails',
  'UsageOperation',
  'EbsOptimized',
  'SubnetId',
  'VpcId',
  'Placement',
  'SecurityGroups',
  'SourceDestCheck',
  'IamInstanceProfile',
  'Monitoring',
  'MetadataOptions',
  'CpuOptions',
  'HibernationOptions',
  'EnclaveOptions',
  'userData',
  'protection',
  'stopProtection',
  'shutdown',
  'credits',
  'uefiData',
] as const;

export const alike = (described: Described) => Object.fromEntries(SAME.map((field) => [field, described[field]]));

/** Its volumes by device: size, type, speed, encryption, own tags, and whether they go with the instance. */
export async function disksOf(aws: Hands, described: Described) {
  const disks = await Promise.all(
    described.BlockDeviceMappings.map(async ({ DeviceName, Ebs }) => {
      const [volume] = await aws.things({ id: String(Ebs['VolumeId']) });
      const { sizeGiB, tags, ...more } = volume as Thing & Record<string, unknown>;
      const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('cpm:')));
      const { iops, throughputMiBps, encrypted, kmsKeyArn, volumeType } = more;
      const disk = { sizeGiB, volumeType, iops, throughputMiBps, encrypted, kmsKeyArn, own };
      return [DeviceName, { ...disk, deleteOnTermination: Ebs['DeleteOnTermination'] }] as const;
    }),
  );
  return Object.fromEntries(disks.toSorted(([a], [b]) => a.localeCompare(b)));
}

export const tagsOf = (described: Described) =>
  Object.fromEntries((described['Tags'] as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
