import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { beta, drivers, openStage, rest, root, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Instances, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  let image = '';
  let armImage = '';
  let subnet = '';
  let tiny = '';
  let group = '';
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());

  const idsFrom = async (action: string, list: string, id: string, params: object): Promise<string> => {
    const reply = await stage.aws(action, params);
    return ((reply[list] as unknown as Shape[])[0] as Shape)[id] as string;
  };
  const byName = (name: string) => ({ Filters: [{ Name: 'tag:Name', Values: [name] }] });
  beforeEach(async () => {
    await stage.reset();
    image = await idsFrom('DescribeImages', 'Images', 'ImageId', {
      Owners: ['amazon'],
      Filters: [{ Name: 'name', Values: ['al2023*x86_64'] }],
    });
    armImage = await idsFrom('DescribeImages', 'Images', 'ImageId', {
      Owners: ['amazon'],
      Filters: [{ Name: 'architecture', Values: ['arm64'] }],
    });
    subnet = await idsFrom('DescribeSubnets', 'Subnets', 'SubnetId', byName('main-a'));
    tiny = await idsFrom('DescribeSubnets', 'Subnets', 'SubnetId', byName('tiny-a'));
    group = await idsFrom('DescribeSecurityGroups', 'SecurityGroups', 'GroupId', {
      Filters: [
        { Name: 'group-name', Values: ['default'] },
        { Name: 'ip-permission.protocol', Values: ['-1'] },
      ],
    });
  });

  const run = (params: object = {}) =>
    stage.aws('RunInstances', { ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...params });
  const launch = async (params: object = {}): Promise<string> =>
    (((await run(params))['Instances'] as unknown as Shape[])[0] as Shape)['InstanceId'] as string;
  const describeOne = async (id: string): Promise<Shape> => {
    const { Reservations } = (await stage.aws('DescribeInstances', { InstanceIds: [id] })) as unknown as {
      Reservations: { Instances: Shape[] }[];
    };
    return Reservations[0]?.Instances[0] as Shape;
  };
  const attribute = (id: string, name: string) =>
    stage.aws('DescribeInstanceAttribute', { InstanceId: id, Attribute: name });

  it('an instance is pending and then runs, with its disks, address and tags', async () => {
    const id = await launch({
      KeyName: 'ops',
      SubnetId: subnet,
      PrivateIpAddress: '10.1.1.20',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30 } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 40, VolumeType: 'gp3', Encrypted: true } },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'new' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'of', Value: 'new' }] },
      ],
    });
    expect((await describeOne(id))['State']).toMatchObject({ Code: 0, Name: 'pending' });
    stage.advance(10);
    expect(await describeOne(id)).toMatchObject({
      State: { Code: 16, Name: 'running' },
      PrivateIpAddress: '10.1.1.20',
      KeyName: 'ops',
      SubnetId: subnet,
      Architecture: 'x86_64',
      RootDeviceName: '/dev/xvda',
      EnaSupport: true,
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true } },
        { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false } },
      ],
      Tags: [{ Key: 'Name', Value: 'new' }],
    });
    const { Volumes } = (await stage.aws('DescribeVolumes', {
      Filters: [{ Name: 'tag:of', Values: ['new'] }],
    })) as unknown as { Volumes: Shape[] };
    expect(Volumes.map((one) => [one['Size'], one['Encrypted']])).toEqual([
      [30, false],
      [40, true],
    ]);
  });
  it('without a subnet it lands in a default one and has a public address while it runs', async () => {
    const id = await launch();
    stage.advance(10);
    expect((await describeOne(id))['PublicIpAddress']).toMatch(/^\d+\./);
    await stage.aws('StopInstances', { InstanceIds: [id] });
    stage.advance(10);
    const stopped = await describeOne(id);
    expect([stopped['State']?.['Name'], stopped['PublicIpAddress'] ?? undefined]).toEqual(['stopped', undefined]);
  });
  it('several are launched at once with their index', async () => {
    const { Instances } = (await run({ MinCount: 2, MaxCount: 3 })) as unknown as { Instances: Shape[] };
    expect(Instances.map((one) => one['AmiLaunchIndex'])).toEqual([0, 1, 2]);
  });
  it('the same client token gives the same instance, with other wishes a refusal', async () => {
    const first = await launch({ ClientToken: 'once' });
    expect(await launch({ ClientToken: 'once' })).toBe(first);
    expect(await codeOf(run({ ClientToken: 'once', InstanceType: 't3.small' }))).toBe('IdempotentParameterMismatch');
  });
  it('a network interface given as such decides about subnet, groups and public address', async () => {
    const id = await launch({
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: subnet, AssociatePublicIpAddress: true, PrivateIpAddress: '10.1.1.30' },
      ],
    });
    expect(await describeOne(id)).toMatchObject({
      PrivateIpAddress: '10.1.1.30',
      NetworkInterfaces: [{ SubnetId: subnet, Attachment: { DeviceIndex: 0 } }],
    });
    expect((await describeOne(id))['PublicIpAddress']).toMatch(/^\d+\./);
  });
  it('a device of the image can be dropped only if it is not the root', async () => {
    expect(await codeOf(run({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', NoDevice: '' }] }))).toBe(
      'InvalidBlockDeviceMapping',
    );
    expect(await codeOf(run({ BlockDeviceMappings: [{ DeviceName: '/dev/sdg', NoDevice: '' }] }))).toBe('accepted');
  });
  it.each([
    ['an unknown image', { ImageId: 'ami-0123456789abcdef0' }, 'InvalidAMIID.NotFound'],
    ['a malformed image id', { ImageId: 'ami-x' }, 'InvalidAMIID.Malformed'],
    ['an unknown type', { InstanceType: 't99.huge' }, 'InvalidParameterValue'],
    ['a type of another architecture', { InstanceType: 'm6g.large' }, 'InvalidParameterValue'],
    ['an unknown key pair', { KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    ['an unknown subnet', { SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    ['a malformed subnet id', { SubnetId: 'subnet-x' }, 'InvalidSubnetID.Malformed'],
    ['an unknown group', { SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    ['an unknown profile', { IamInstanceProfile: { Name: 'nobody' } }, 'InvalidParameterValue'],
    ['an unknown placement group', { Placement: { GroupName: 'nobody' } }, 'InvalidPlacementGroup.Unknown'],
    ['an unknown zone', { Placement: { AvailabilityZone: 'us-east-1z' } }, 'InvalidParameterValue'],
    ['an unknown tenancy', { Placement: { Tenancy: 'penthouse' } }, 'InvalidParameterValue'],
    ['fewer at most than at least', { MinCount: 2, MaxCount: 1 }, 'InvalidParameterCombination'],
    ['none at least', { MinCount: 0, MaxCount: 1 }, 'InvalidParameterValue'],
    [
      'a root smaller than its snapshot',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 2 } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'a disk without size or snapshot',
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeType: 'gp3' } }] },
      'MissingParameter',
    ],
    [
      'two disks on one device',
      {
        BlockDeviceMappings: [
          { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } },
          { DeviceName: '/dev/xvdf', Ebs: { VolumeSize: 1 } },
        ],
      },
      'InvalidBlockDeviceMapping',
    ],
    [
      'another snapshot for the root',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'an unknown snapshot for a disk',
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] },
      'InvalidSnapshot.NotFound',
    ],
    ['a shutdown behaviour that is none', { InstanceInitiatedShutdownBehavior: 'explode' }, 'InvalidParameterValue'],
    ['a hop limit out of range', { MetadataOptions: { HttpPutResponseHopLimit: 99 } }, 'InvalidParameterValue'],
    [
      'credits for a type without',
      { InstanceType: 'm5.large', CreditSpecification: { CpuCredits: 'unlimited' } },
      'InvalidParameterCombination',
    ],
    [
      'credits that are none',
      { InstanceType: 't3.micro', CreditSpecification: { CpuCredits: 'endless' } },
      'InvalidParameterValue',
    ],
    [
      'hibernation on Xen',
      { InstanceType: 't2.micro', HibernationOptions: { Configured: true } },
      'UnsupportedHibernationConfiguration',
    ],
    [
      'an enclave on a burstable type',
      { InstanceType: 't3.micro', EnclaveOptions: { Enabled: true } },
      'InvalidParameterCombination',
    ],
    [
      'a partition without a group',
      { InstanceType: 'm5.large', Placement: { PartitionNumber: 1 } },
      'InvalidParameterCombination',
    ],
    [
      'an unknown host',
      { InstanceType: 'm5.large', Placement: { Tenancy: 'host', HostId: 'h-0123456789abcdef0' } },
      'InvalidHostID.NotFound',
    ],
    [
      'tags for what a launch does not make',
      { TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: 'b' }] }] },
      'InvalidParameterValue',
    ],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('a launch with %s is refused', async (_what, change, code) => {
    expect(await codeOf(run(change))).toBe(code);
  });
  it.each([
    ['an address outside the subnet', '10.9.9.9', 'InvalidParameterValue'],
    ['an address that AWS keeps', '10.1.1.1', 'InvalidParameterValue'],
    ['what is no address', 'here', 'InvalidParameterValue'],
  ])('%s is refused', async (_what, ip, code) => {
    expect(await codeOf(run({ SubnetId: subnet, PrivateIpAddress: ip }))).toBe(code);
  });
  it('an address in use is refused until its instance is gone', async () => {
    const id = await launch({ SubnetId: subnet, PrivateIpAddress: '10.1.1.40' });
    expect(await codeOf(run({ SubnetId: subnet, PrivateIpAddress: '10.1.1.40' }))).toBe('InvalidIPAddress.InUse');
    await stage.aws('TerminateInstances', { InstanceIds: [id] });
    stage.advance(10);
    expect(await codeOf(run({ SubnetId: subnet, PrivateIpAddress: '10.1.1.40' }))).toBe('accepted');
  });
  it('one address cannot serve two instances, nor can subnet and interface both decide', async () => {
    expect(await codeOf(run({ SubnetId: subnet, PrivateIpAddress: '10.1.1.41', MaxCount: 2 }))).toBe(
      'InvalidParameterCombination',
    );
    expect(await codeOf(run({ SubnetId: subnet, NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnet }] }))).toBe(
      'InvalidParameterCombination',
    );
    expect(
      await codeOf(run({ SecurityGroupIds: [group], NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnet }] })),
    ).toBe('InvalidParameterCombination');
  });
  it('a group of another network is refused', async () => {
    const other = await idsFrom('DescribeSecurityGroups', 'SecurityGroups', 'GroupId', { GroupNames: ['default'] });
    expect(await codeOf(run({ SubnetId: subnet, SecurityGroupIds: [other] }))).toBe('InvalidParameter');
  });
  it('a full subnet launches fewer, but never fewer than asked for at least', async () => {
    const { Instances } = (await run({ SubnetId: tiny, MinCount: 1, MaxCount: 20 })) as unknown as {
      Instances: Shape[];
    };
    expect(Instances).toHaveLength(11);
    expect(await codeOf(run({ SubnetId: tiny }))).toBe('InsufficientFreeAddressesInSubnet');
  });
  it('an account has so many virtual processors and no more', async () => {
    await stage.control('POST', 'settings', { limits: { vcpusPerRegion: 4 } });
    expect(await codeOf(run({ InstanceType: 't3.xlarge' }))).toBe('VcpuLimitExceeded');
  });
  it('an arm64 image starts on an arm64 type', async () => {
    expect(await describeOne(await launch({ ImageId: armImage, InstanceType: 't4g.micro' }))).toMatchObject({
      Architecture: 'arm64',
      BootMode: 'uefi',
    });
  });
  it('a disk under a key that cannot be used ends the launch after the call', async () => {
    const id = await launch({
      BlockDeviceMappings: [
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 5, Encrypted: true, KmsKeyId: 'alias/broken' } },
      ],
    });
    stage.advance(10);
    expect(await describeOne(id)).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Client.InternalError' },
    });
  });

  it('a stopped instance starts again and keeps its private address', async () => {
    const before = (await describeOne(web))['PrivateIpAddress'];
    expect((await stage.aws('StopInstances', { InstanceIds: [web] }))['StoppingInstances']).toMatchObject([
      { CurrentState: { Name: 'stopping' }, PreviousState: { Name: 'running' } },
    ]);
    expect(await codeOf(stage.aws('StartInstances', { InstanceIds: [web] }))).toBe('IncorrectInstanceState');
    stage.advance(10);
    expect((await stage.aws('StartInstances', { InstanceIds: [web] }))['StartingInstances']).toMatchObject([
      { CurrentState: { Name: 'pending' } },
    ]);
    stage.advance(10);
    expect(await describeOne(web)).toMatchObject({ State: { Name: 'running' }, PrivateIpAddress: before });
  });
  it('a terminated instance takes its own disks along, stays visible for an hour and is then unknown', async () => {
    await stage.aws('TerminateInstances', { InstanceIds: [web] });
    stage.advance(10);
    expect(await describeOne(web)).toMatchObject({ State: { Code: 48, Name: 'terminated' } });
    expect(await codeOf(stage.aws('DescribeVolumes', { VolumeIds: [root] }))).toBe('InvalidVolume.NotFound');
    const { Volumes } = (await stage.aws('DescribeVolumes', { VolumeIds: ['vol-0a00000000000000b'] })) as unknown as {
      Volumes: Shape[];
    };
    expect(Volumes[0]?.['State']).toBe('available');
    stage.advance(3700);
    expect(await codeOf(describeOne(web))).toBe('InvalidInstanceID.NotFound');
  });
  it('a protected instance cannot be terminated until the protection is taken off', async () => {
    await stage.aws('ModifyInstanceAttribute', { InstanceId: web, DisableApiTermination: { Value: true } });
    expect(await codeOf(stage.aws('TerminateInstances', { InstanceIds: [web] }))).toBe('OperationNotPermitted');
    await stage.aws('ModifyInstanceAttribute', { InstanceId: web, Attribute: 'disableApiTermination', Value: 'false' });
    expect(await codeOf(stage.aws('TerminateInstances', { InstanceIds: [web] }))).toBe('accepted');
  });
  it.each([
    ['unknown instance', 'StopInstances', { InstanceIds: ['i-0123456789abcdef0'] }, 'InvalidInstanceID.NotFound'],
    ['malformed id', 'StopInstances', { InstanceIds: ['nonsense'] }, 'InvalidInstanceID.Malformed'],
    [
      'unknown among known',
      'DescribeInstances',
      { InstanceIds: [web, 'i-0123456789abcdef0'] },
      'InvalidInstanceID.NotFound',
    ],
    ['named page', 'DescribeInstances', { InstanceIds: [web], MaxResults: 5 }, 'InvalidParameterCombination'],
    ['unknown attribute', 'DescribeInstanceAttribute', { InstanceId: web, Attribute: 'mood' }, 'InvalidParameterValue'],
    [
      'type change while running',
      'ModifyInstanceAttribute',
      { InstanceId: web, InstanceType: { Value: 't3.small' } },
      'IncorrectInstanceState',
    ],
    [
      'hibernation that was not set up',
      'StopInstances',
      { InstanceIds: [web], Hibernate: true },
      'UnsupportedHibernationConfiguration',
    ],
    ['reboot of a stopped instance', 'RebootInstances', { InstanceIds: [rest] }, 'IncorrectInstanceState'],
    [
      'device that is not mapped',
      'ModifyInstanceAttribute',
      { InstanceId: web, BlockDeviceMappings: [{ DeviceName: '/dev/sdz', Ebs: { DeleteOnTermination: true } }] },
      'InvalidInstanceAttributeValue',
    ],
  ])('the request with %s is refused', async (_what, action, params, code) => {
    expect(await codeOf(stage.aws(action, params))).toBe(code);
  });
  it('the attributes of a launch can be read back', async () => {
    const id = await launch({
      DisableApiTermination: true,
      InstanceInitiatedShutdownBehavior: 'terminate',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 3 },
      Monitoring: { Enabled: true },
    });
    expect(await attribute(id, 'disableApiTermination')).toMatchObject({ DisableApiTermination: { Value: true } });
    expect(await attribute(id, 'instanceInitiatedShutdownBehavior')).toMatchObject({
      InstanceInitiatedShutdownBehavior: { Value: 'terminate' },
    });
    expect(await attribute(id, 'rootDeviceName')).toMatchObject({ RootDeviceName: { Value: '/dev/xvda' } });
    expect(await describeOne(id)).toMatchObject({
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 3 },
      Monitoring: { State: 'enabled' },
    });
  });
  it('status checks pass a minute after the start, and stopped instances show only when asked for', async () => {
    const id = await launch();
    stage.advance(10);
    const status = async (more: object = {}) =>
      (await stage.aws('DescribeInstanceStatus', { InstanceIds: [id], ...more }))[
        'InstanceStatuses'
      ] as unknown as Shape[];
    expect(await status()).toMatchObject([{ InstanceStatus: { Status: 'initializing' } }]);
    stage.advance(120);
    expect(await status()).toMatchObject([{ InstanceStatus: { Status: 'ok' } }]);
    await stage.aws('StopInstances', { InstanceIds: [id] });
    stage.advance(10);
    expect(await status()).toHaveLength(0);
    expect(await status({ IncludeAllInstances: true })).toHaveLength(1);
  });
  it('a listing comes in pages', async () => {
    await run({ MinCount: 9, MaxCount: 9 });
    const count = (reply: Shape) =>
      (reply['Reservations'] as unknown as { Instances: Shape[] }[]).flatMap((one) => one.Instances).length;
    const first = await stage.aws('DescribeInstances', { MaxResults: 6 });
    const second = await stage.aws('DescribeInstances', { MaxResults: 6, NextToken: first['NextToken'] });
    expect([count(first), count(second)]).toEqual([6, 5]);
  });
  it.each([
    ['state', [{ Name: 'instance-state-name', Values: ['stopped'] }], 1],
    ['tag', [{ Name: 'tag:Name', Values: ['w*b'] }], 1],
    ['type', [{ Name: 'instance-type', Values: ['t3.*'] }], 2],
    ['volume', [{ Name: 'block-device-mapping.volume-id', Values: [root] }], 1],
    ['root device', [{ Name: 'root-device-type', Values: ['ebs'] }], 2],
    ['platform', [{ Name: 'platform', Values: ['windows'] }], 0],
  ])('instances are listed by %s', async (_what, filters, count) => {
    expect((await stage.aws('DescribeInstances', { Filters: filters }))['Reservations']).toHaveLength(count);
  });
  it('one account never touches the instances of another', async () => {
    expect(await codeOf(stage.aws('TerminateInstances', { InstanceIds: [web] }, beta))).toBe(
      'InvalidInstanceID.NotFound',
    );
  });
});
