import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, root, spare, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Regions, networks, keys and tags, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const names = (reply: Shape, list: string, name: string): unknown[] =>
    (reply[list] as unknown as Shape[]).map((one) => one[name]);

  it('only enabled regions are listed unless all are asked for', async () => {
    expect(names(await stage.aws('DescribeRegions'), 'Regions', 'RegionName')).toEqual([
      'us-east-1',
      'eu-west-1',
      'ap-east-1',
    ]);
    const all = await stage.aws('DescribeRegions', { AllRegions: true });
    expect(names(all, 'Regions', 'OptInStatus')).toEqual([
      'opt-in-not-required',
      'opt-in-not-required',
      'not-opted-in',
      'opted-in',
    ]);
  });
  it('a region has zones with names and ids', async () => {
    const zones = await stage.aws('DescribeAvailabilityZones');
    expect(names(zones, 'AvailabilityZones', 'ZoneName')).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(names(zones, 'AvailabilityZones', 'ZoneId')).toEqual(['use1-az1', 'use1-az2', 'use1-az3']);
  });
  it('a dedicated host is allocated, listed, launched on in its own zone only, and released', async () => {
    const wish = { AvailabilityZone: 'us-east-1b', InstanceType: 'm5.large', Quantity: 1 };
    const { HostIds } = (await stage.aws('AllocateHosts', wish)) as unknown as { HostIds: string[] };
    const listed = await stage.aws('DescribeHosts', { HostIds });
    expect(listed['Hosts']).toMatchObject([{ HostId: HostIds[0], State: 'available', AvailabilityZone: 'us-east-1b' }]);
    const images = await stage.aws('DescribeImages', {
      Owners: ['amazon'],
      Filters: [{ Name: 'name', Values: ['al2023-ami-2023*x86_64'] }],
    });
    const launch = (zone: string) =>
      stage.aws('RunInstances', {
        ImageId: (images['Images'] as unknown as Shape[])[0]?.['ImageId'],
        MinCount: 1,
        MaxCount: 1,
        InstanceType: 'm5.large',
        Placement: { Tenancy: 'host', HostId: HostIds[0], AvailabilityZone: zone },
      });
    expect(await codeOf(launch('us-east-1a'))).toBe('InvalidParameterCombination');
    const made = await launch('us-east-1b');
    expect((made['Instances'] as unknown as Shape[])[0]).toMatchObject({
      Placement: { Tenancy: 'host', HostId: HostIds[0] },
    });
    await stage.aws('ReleaseHosts', { HostIds });
    expect(await codeOf(stage.aws('DescribeHosts', { HostIds }))).toBe('InvalidHostID.NotFound');
  });
  it('burstable instances tell how they pay for CPU, others refuse the question', async () => {
    const credits = async () =>
      (await stage.aws('DescribeInstanceCreditSpecifications', { InstanceIds: [web] }))['InstanceCreditSpecifications'];
    expect(await credits()).toMatchObject([{ InstanceId: web, CpuCredits: 'unlimited' }]);
    await stage.aws('ModifyInstanceCreditSpecification', {
      InstanceCreditSpecifications: [{ InstanceId: web, CpuCredits: 'standard' }],
    });
    expect(await credits()).toMatchObject([{ CpuCredits: 'standard' }]);
  });
  it.each([
    ['an unknown region', 'DescribeRegions', { RegionNames: ['mars-north-1'] }, 'InvalidParameterValue'],
    ['an unknown zone', 'DescribeAvailabilityZones', { ZoneNames: ['us-east-1z'] }, 'InvalidParameterValue'],
    ['an unknown VPC', 'DescribeVpcs', { VpcIds: ['vpc-0123456789abcdef0'] }, 'InvalidVpcID.NotFound'],
    ['an unknown subnet', 'DescribeSubnets', { SubnetIds: ['subnet-0123456789abcdef0'] }, 'InvalidSubnetID.NotFound'],
    ['an unknown group', 'DescribeSecurityGroups', { GroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    ['a malformed group', 'DescribeSecurityGroups', { GroupIds: ['nonsense'] }, 'InvalidGroupId.Malformed'],
    [
      'an unknown interface',
      'DescribeNetworkInterfaces',
      { NetworkInterfaceIds: ['eni-0123456789abcdef0'] },
      'InvalidNetworkInterfaceID.NotFound',
    ],
    ['an unknown key pair', 'DescribeKeyPairs', { KeyNames: ['nobody'] }, 'InvalidKeyPair.NotFound'],
    ['a key pair twice', 'CreateKeyPair', { KeyName: 'ops' }, 'InvalidKeyPair.Duplicate'],
    [
      'an unknown placement group',
      'DescribePlacementGroups',
      { GroupNames: ['nobody'] },
      'InvalidPlacementGroup.Unknown',
    ],
    ['an unknown host', 'DescribeHosts', { HostIds: ['h-0123456789abcdef0'] }, 'InvalidHostID.NotFound'],
    [
      'a host for a type that runs on none',
      'AllocateHosts',
      { AvailabilityZone: 'us-east-1a', InstanceType: 't3.micro', Quantity: 1 },
      'InvalidParameterCombination',
    ],
    ['an unknown type', 'DescribeInstanceTypes', { InstanceTypes: ['t99.huge'] }, 'InvalidInstanceType'],
    ['a page of types too large', 'DescribeInstanceTypes', { MaxResults: 101 }, 'InvalidParameterValue'],
    ['tags for nothing known', 'CreateTags', { Resources: ['thing-1'], Tags: [{ Key: 'a', Value: 'b' }] }, 'InvalidID'],
    [
      'tags for an unknown volume',
      'CreateTags',
      { Resources: ['vol-0123456789abcdef0'], Tags: [{ Key: 'a', Value: 'b' }] },
      'InvalidVolume.NotFound',
    ],
    [
      'a reserved tag',
      'CreateTags',
      { Resources: [spare], Tags: [{ Key: 'AWS:a', Value: 'b' }] },
      'InvalidParameterValue',
    ],
    [
      'a tag key that is too long',
      'CreateTags',
      { Resources: [spare], Tags: [{ Key: 'k'.repeat(129), Value: '' }] },
      'InvalidParameterValue',
    ],
    [
      'a tag value that is too long',
      'CreateTags',
      { Resources: [spare], Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] },
      'InvalidParameterValue',
    ],
    [
      'a fifty-first tag',
      'CreateTags',
      { Resources: [spare], Tags: Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: '' })) },
      'TagLimitExceeded',
    ],
    [
      'a group named default',
      'CreateSecurityGroup',
      { GroupName: 'default', Description: 'x' },
      'InvalidParameterValue',
    ],
    ['a block that is none', 'CreateVpc', { CidrBlock: 'here' }, 'InvalidParameterValue'],
    ['a block that is too large', 'CreateVpc', { CidrBlock: '10.0.0.0/8' }, 'InvalidVpc.Range'],
    [
      'an unknown allocation',
      'ReleaseAddress',
      { AllocationId: 'eipalloc-0123456789abcdef0' },
      'InvalidAllocationID.NotFound',
    ],
  ])('%s is refused', async (_what, action, params, code) => {
    expect(await codeOf(stage.aws(action, params))).toBe(code);
  });
  it('every account has a default network', async () => {
    const vpcs = await stage.aws('DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] });
    expect(names(vpcs, 'Vpcs', 'CidrBlock')).toEqual(['172.31.0.0/16']);
    expect(
      names(
        await stage.aws('DescribeSubnets', { Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
        'Subnets',
        'AvailabilityZone',
      ),
    ).toHaveLength(3);
  });
  it('a subnet counts its free addresses', async () => {
    const subnets = await stage.aws('DescribeSubnets', { Filters: [{ Name: 'tag:Name', Values: ['tiny-a'] }] });
    expect(names(subnets, 'Subnets', 'AvailableIpAddressCount')).toEqual([11]);
  });
  it('a group gets rules and is deleted only when unused', async () => {
    const id = (await stage.aws('CreateSecurityGroup', { GroupName: 'web', Description: 'web' }))['GroupId'];
    const rule = {
      GroupId: id,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    };
    await stage.aws('AuthorizeSecurityGroupIngress', rule);
    expect(await codeOf(stage.aws('AuthorizeSecurityGroupIngress', rule))).toBe('InvalidPermission.Duplicate');
    expect((await stage.aws('DescribeSecurityGroups', { GroupIds: [id] }))['SecurityGroups']).toMatchObject([
      { IpPermissions: [{ FromPort: 443 }] },
    ]);
    expect(await codeOf(stage.aws('CreateSecurityGroup', { GroupName: 'web', Description: 'web' }))).toBe(
      'InvalidGroup.Duplicate',
    );
    expect(await codeOf(stage.aws('DeleteSecurityGroup', { GroupId: id }))).toBe('accepted');
  });
  it('a key pair is made with its private half and listed without', async () => {
    expect((await stage.aws('CreateKeyPair', { KeyName: 'new' }))['KeyMaterial']).toContain('PRIVATE KEY');
    expect(names(await stage.aws('DescribeKeyPairs'), 'KeyPairs', 'KeyName')).toEqual(['ops', 'new']);
    await stage.aws('DeleteKeyPair', { KeyName: 'new' });
    expect(await codeOf(stage.aws('DeleteKeyPair', { KeyName: 'new' }))).toBe('accepted');
  });
  it('a placement group is made, used and protected by its use', async () => {
    await stage.aws('CreatePlacementGroup', { GroupName: 'near', Strategy: 'cluster' });
    const images = (await stage.aws('DescribeImages', { Filters: [{ Name: 'name', Values: ['al2023*x86_64'] }] }))[
      'Images'
    ] as unknown as Shape[];
    await stage.aws('RunInstances', {
      ImageId: images[0]?.['ImageId'],
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
      Placement: { GroupName: 'near' },
    });
    expect(await codeOf(stage.aws('DeletePlacementGroup', { GroupName: 'near' }))).toBe('InvalidPlacementGroup.InUse');
    expect(await codeOf(stage.aws('CreatePlacementGroup', { GroupName: 'near', Strategy: 'cluster' }))).toBe(
      'InvalidPlacementGroup.Duplicate',
    );
  });
  it('tags are set, changed, listed and taken away', async () => {
    await stage.aws('CreateTags', { Resources: [spare, web], Tags: [{ Key: 'cpm backup', Value: 'ü <&> "quoted"' }] });
    const tagged = await stage.aws('DescribeTags', { Filters: [{ Name: 'key', Values: ['cpm backup'] }] });
    expect(names(tagged, 'Tags', 'Value')).toEqual(['ü <&> "quoted"', 'ü <&> "quoted"']);
    expect(names(tagged, 'Tags', 'ResourceType')).toEqual(['instance', 'volume']);
    await stage.aws('DeleteTags', { Resources: [web], Tags: [{ Key: 'cpm backup', Value: 'another value' }] });
    expect(
      (await stage.aws('DescribeTags', { Filters: [{ Name: 'tag:cpm backup', Values: ['*'] }] }))['Tags'],
    ).toHaveLength(2);
    await stage.aws('DeleteTags', { Resources: [web, spare], Tags: [{ Key: 'cpm backup' }] });
    expect(
      (await stage.aws('DescribeTags', { Filters: [{ Name: 'key', Values: ['cpm backup'] }] }))['Tags'],
    ).toHaveLength(0);
  });
  it('one unknown resource leaves all others without the tag', async () => {
    await codeOf(
      stage.aws('CreateTags', { Resources: [spare, 'vol-0123456789abcdef0'], Tags: [{ Key: 'half', Value: '' }] }),
    );
    expect((await stage.aws('DescribeTags', { Filters: [{ Name: 'key', Values: ['half'] }] }))['Tags']).toHaveLength(0);
  });
  it('types and where they are offered can be listed', async () => {
    expect((await stage.aws('DescribeInstanceTypes', { InstanceTypes: ['m6g.large'] }))['InstanceTypes']).toMatchObject(
      [
        {
          ProcessorInfo: { SupportedArchitectures: ['arm64'] },
          Hypervisor: 'nitro',
          NetworkInfo: { EnaSupport: 'required' },
        },
      ],
    );
    const offered = await stage.aws('DescribeInstanceTypeOfferings', {
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
    });
    expect(names(offered, 'InstanceTypeOfferings', 'Location')).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
  });
  it('an Elastic IP is tied to an instance and stays when it stops', async () => {
    const { AllocationId, PublicIp } = (await stage.aws('AllocateAddress', { Domain: 'vpc' })) as unknown as {
      AllocationId: string;
      PublicIp: string;
    };
    await stage.aws('AssociateAddress', { AllocationId, InstanceId: web });
    await stage.aws('StopInstances', { InstanceIds: [web] });
    stage.advance(10);
    expect(
      (await stage.aws('DescribeInstances', { Filters: [{ Name: 'ip-address', Values: [PublicIp] }] }))['Reservations'],
    ).toHaveLength(1);
    expect(await codeOf(stage.aws('ReleaseAddress', { AllocationId }))).toBe('InvalidIPAddress.InUse');
  });
  it('a network interface is listed with its instance', async () => {
    const found = await stage.aws('DescribeNetworkInterfaces', {
      Filters: [{ Name: 'attachment.instance-id', Values: [web] }],
    });
    expect(found['NetworkInterfaces']).toMatchObject([
      { Status: 'in-use', Attachment: { InstanceId: web, DeviceIndex: 0 } },
    ]);
  });
  it('a network interface is changed in one attribute at a time; its instance stands for it only where it is the only one', async () => {
    const of = (instance: string) => ({ Filters: [{ Name: 'attachment.instance-id', Values: [instance] }] });
    const interfaceOf = async (instance: string): Promise<Shape> => {
      const found = await stage.aws('DescribeNetworkInterfaces', of(instance));
      return (found['NetworkInterfaces'] as unknown as Shape[])[0] as Shape;
    };
    const { NetworkInterfaceId, VpcId, SubnetId } = await interfaceOf(web);
    const change = (params: object) => stage.aws('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...params });
    await change({ SourceDestCheck: { Value: false } });
    await change({ Description: { Value: 'front' } });
    const { GroupId } = await stage.aws('CreateSecurityGroup', { GroupName: 'front', Description: 'front', VpcId });
    await change({ Groups: [GroupId] });
    expect(await interfaceOf(web)).toMatchObject({
      SourceDestCheck: false,
      Description: 'front',
      Groups: [{ GroupId }],
    });
    const shown = await stage.aws('DescribeInstances', { InstanceIds: [web] });
    expect(shown['Reservations']).toMatchObject([
      { Instances: [{ SourceDestCheck: false, NetworkInterfaces: [{ SourceDestCheck: false }] }] },
    ]);
    await stage.aws('ModifyInstanceAttribute', { InstanceId: web, SourceDestCheck: { Value: true } });
    expect(await interfaceOf(web)).toMatchObject({ SourceDestCheck: true });

    expect(await codeOf(change({}))).toBe('InvalidParameterCombination');
    const two = { SourceDestCheck: { Value: false }, Description: { Value: 'both' } };
    expect(await codeOf(change(two))).toBe('InvalidParameterCombination');
    const nobody = { NetworkInterfaceId: 'eni-0bad0bad0bad0bad0', SourceDestCheck: { Value: false } };
    expect(await codeOf(stage.aws('ModifyNetworkInterfaceAttribute', nobody))).toBe(
      'InvalidNetworkInterfaceID.NotFound',
    );

    const images = await stage.aws('DescribeImages', { Owners: ['amazon'] });
    const launched = await stage.aws('RunInstances', {
      ImageId: (images['Images'] as unknown as Shape[])[0]?.['ImageId'],
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 't3.micro',
      NetworkInterfaces: [0, 1].map((DeviceIndex) => ({ DeviceIndex, SubnetId })),
    });
    const InstanceId = (launched['Instances'] as unknown as Shape[])[0]?.['InstanceId'];
    const both = stage.aws('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
    expect(await codeOf(both)).toBe('InvalidInstanceID');
  });
  it('a volume that was just named root is found by its tag', async () => {
    expect(
      names(
        await stage.aws('DescribeVolumes', { Filters: [{ Name: 'tag:Part', Values: ['s?stem'] }] }),
        'Volumes',
        'VolumeId',
      ),
    ).toEqual([root]);
  });
});
