import type { SimulatedAws } from './simulated-aws.ts';
import type { Shape } from '../../../packages/simulator/src/testing/driver.ts';

const REGION = 'us-east-1';
const KEY = 'alias/acme-backup';

type Hands = Pick<SimulatedAws, 'act'> & {
  /** Lets so much time pass that whatever AWS has been making is made. */
  readonly settle: () => Promise<unknown>;
};

/**
 * Instances that have what few have, launched by hand beside those of acme: Secure Boot with a TPM, further interfaces, chosen
 * cores and an enclave in a placement group; hibernation; a partition; dedicated hardware and a dedicated host; saved-up CPU
 * credits only; a paravirtual kernel.
 */
export async function launchSpecialInstances(aws: Hands): Promise<Record<string, string>> {
  const act = (action: string, input: object) => aws.act(REGION, action, input);
  const subnets = (await act('DescribeSubnets', {}))['Subnets'] as unknown as readonly Shape[];
  const subnetOf = (name: string) => {
    const found = subnets.find((subnet) => JSON.stringify(subnet['Tags'] ?? []).includes(`"${name}"`));
    return String(found?.['SubnetId']);
  };
  const [first, second] = [subnetOf('acme-main-a'), subnetOf('acme-main-b')];
  const linux = await imageNamed(aws, 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64');
  const launch = async (name: string, input: object) => {
    const wish = { ImageId: linux, MinCount: 1, MaxCount: 1, SubnetId: first, ...input };
    const TagSpecifications = [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }];
    const made = await act('RunInstances', { TagSpecifications, ...wish });
    return [name, String(made['Instances']?.[0]?.['InstanceId'])] as const;
  };
  await act('CreatePlacementGroup', { GroupName: 'racks', Strategy: 'partition', PartitionCount: 3 });
  const hosts = await act('AllocateHosts', { AvailabilityZone: `${REGION}a`, InstanceType: 'm5.large', Quantity: 1 });
  const encrypted = { Encrypted: true, KmsKeyId: KEY };
  const launched = [
    await launch('tpm', {
      ImageId: await registerSecure(aws),
      InstanceType: 'c5.large',
      SubnetId: undefined,
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: first, SecondaryPrivateIpAddressCount: 1, Description: 'front' },
        { DeviceIndex: 1, SubnetId: first, Description: 'back' },
      ],
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
      EnclaveOptions: { Enabled: true },
      DisableApiStop: true,
      Placement: { GroupName: 'acme-analytics' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 3, InstanceMetadataTags: 'enabled' },
    }),
    await launch('sleeper', {
      InstanceType: 'm5.large',
      HibernationOptions: { Configured: true },
      MetadataOptions: { HttpEndpoint: 'disabled' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 12, ...encrypted } },
        {
          DeviceName: '/dev/sdf',
          Ebs: { VolumeSize: 9, VolumeType: 'gp3', Throughput: 250, Iops: 4000, ...encrypted },
        },
        { DeviceName: '/dev/sdg', Ebs: { VolumeSize: 6, VolumeType: 'io2', Iops: 400, DeleteOnTermination: true } },
      ],
    }),
    await launch('rack-2', { InstanceType: 'm5.large', Placement: { GroupName: 'racks', PartitionNumber: 2 } }),
    await launch('alone', { InstanceType: 'm5.large', SubnetId: second, Placement: { Tenancy: 'dedicated' } }),
    await launch('hosted', {
      InstanceType: 'm5.large',
      Placement: { Tenancy: 'host', HostId: String(hosts['HostIds']?.[0]) },
    }),
    await launch('thrifty', { InstanceType: 't3.micro', CreditSpecification: { CpuCredits: 'standard' } }),
    await launch('old', { ImageId: await registerParavirtual(aws), InstanceType: 'm1.small' }),
  ];
  return Object.fromEntries(launched);
}

async function imageNamed({ act }: Hands, name: string): Promise<string> {
  const found = await act(REGION, 'DescribeImages', {
    Owners: ['amazon'],
    Filters: [{ Name: 'name', Values: [name] }],
  });
  return String(found['Images']?.[0]?.['ImageId']);
}

const emptyVolume = async (aws: Hands): Promise<string> => {
  const volume = await aws.act(REGION, 'CreateVolume', { AvailabilityZone: `${REGION}a`, Size: 8, VolumeType: 'gp3' });
  await aws.settle();
  return String(volume['VolumeId']);
};

/** An image of the account's own whose snapshot is complete. */
async function registerOwn(aws: Hands, input: object): Promise<string> {
  const own = await aws.act(REGION, 'CreateSnapshot', { VolumeId: await emptyVolume(aws) });
  await aws.settle();
  const image = await aws.act(REGION, 'RegisterImage', {
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: own['SnapshotId'] } }],
    ...input,
  });
  return String(image['ImageId']);
}

const registerSecure = (aws: Hands) =>
  registerOwn(aws, {
    Name: 'secure',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    EnaSupport: true,
    SriovNetSupport: 'simple',
    BootMode: 'uefi',
    TpmSupport: 'v2.0',
    UefiData: Buffer.from('secure boot keys').toString('base64'),
  });

const registerParavirtual = (aws: Hands) =>
  registerOwn(aws, { Name: 'old', Architecture: 'x86_64', KernelId: 'aki-919dcaf8', RamdiskId: 'ari-919dcaf8' });
