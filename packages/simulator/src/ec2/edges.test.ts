import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { beta, drivers, openStage, rest, root, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('At the edges of EC2, asked with %s', (_name, makeDriver) => {
  let stage: Stage;
  let image = '';
  beforeAll(async () => {
    stage = await openStage(makeDriver());
    const listed = (await stage.aws('DescribeImages', {
      Owners: ['amazon'],
      Filters: [{ Name: 'name', Values: ['al2023-ami-*-x86_64'] }],
    })) as unknown as { Images: Shape[] };
    image = listed.Images[0]?.['ImageId'] ?? '';
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const run = (params: object = {}) =>
    stage.aws('RunInstances', { ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...params });
  const launch = async (params: object = {}): Promise<Shape> =>
    ((await run(params))['Instances'] as unknown as Shape[])[0] as Shape;
  const stateOf = async (id: string): Promise<string> => {
    const { Reservations } = (await stage.aws('DescribeInstances', { InstanceIds: [id] })) as unknown as {
      Reservations: { Instances: { State: { Name: string } }[] }[];
    };
    return Reservations[0]?.Instances[0]?.State.Name ?? '';
  };
  const modify = (params: object) => stage.aws('ModifyInstanceAttribute', { InstanceId: rest, ...params });

  it.each([
    ['a hyphen', 'web-1', 'web-*'],
    ['a slash', 'a/b', 'a/*'],
    ['signs of their own meaning', '^$.+()[]{}|-\\', String.raw`^$.+()[]{}|-\\*`],
    ['a star taken literally', 'five*', String.raw`five\*`],
    ['a letter of two halves', 'a🎉b', 'a?b'],
  ])('a filter with a wildcard and %s finds the name', async (_what, name, pattern) => {
    await stage.aws('CreateTags', { Resources: [root], Tags: [{ Key: 'Name', Value: name }] });
    const found = await stage.aws('DescribeVolumes', { Filters: [{ Name: 'tag:Name', Values: [pattern] }] });
    expect(found['Volumes']).toMatchObject([{ VolumeId: root }]);
  });
  it('the tags on a shared snapshot do not lead another account to it', async () => {
    const made = await stage.aws('CreateSnapshot', {
      VolumeId: root,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'op', Value: '1' }] }],
    });
    await stage.aws('ModifySnapshotAttribute', {
      SnapshotId: made['SnapshotId'],
      CreateVolumePermission: { Add: [{ UserId: '100000000002' }] },
    });
    const find = async (as: object) =>
      (await stage.aws('DescribeSnapshots', { Filters: [{ Name: 'tag:op', Values: ['1'] }] }, as))['Snapshots'];
    expect(await find({})).toMatchObject([{ SnapshotId: made['SnapshotId'] }]);
    expect(await find(beta)).toEqual([]);
  });
  it('a listing takes filters that nothing here meets', async () => {
    const none = await stage.aws('DescribeInstances', {
      Filters: [{ Name: 'network-interface.ipv6-addresses.ipv6-address', Values: ['*'] }],
    });
    expect(none['Reservations']).toEqual([]);
    const efa = await stage.aws('DescribeInstanceTypes', {
      Filters: [{ Name: 'network-info.efa-supported', Values: ['true'] }],
    });
    expect(efa['InstanceTypes']).toEqual([]);
    const dns = await stage.aws('DescribeSubnets', { Filters: [{ Name: 'enable-dns64', Values: ['true'] }] });
    expect(dns['Subnets']).toEqual([]);
  });
  it('an instance is found by its Elastic IP', async () => {
    const { AllocationId } = await stage.aws('AllocateAddress');
    await stage.aws('AssociateAddress', { AllocationId, InstanceId: web });
    const found = await stage.aws('DescribeInstances', {
      Filters: [{ Name: 'network-interface.association.allocation-id', Values: [AllocationId] }],
    });
    expect(found['Reservations']).toMatchObject([{ Instances: [{ InstanceId: web }] }]);
  });

  it.each([
    ['a key without encryption', [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, KmsKeyId: 'alias/private' } }]],
    [
      'a key beside encryption turned off',
      [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, Encrypted: false, KmsKeyId: 'alias/private' } }],
    ],
  ])('a launch with %s is refused', async (_what, BlockDeviceMappings) => {
    expect(await codeOf(run({ BlockDeviceMappings }))).toBe('InvalidParameterDependency');
  });
  it.each([
    ['/dev/sdf ', { VolumeSize: 1 }, 'InvalidBlockDeviceMapping'],
    ['sdF', { VolumeSize: 1 }, 'InvalidBlockDeviceMapping'],
    ['/dev/xvda', { VolumeSize: 500, VolumeType: 'st1' }, 'InvalidParameterCombination'],
    ['/dev/sdf', { VolumeSize: 500, VolumeType: 'st1' }, 'accepted'],
  ])('a launch with a disk at "%s" of %j is %s', async (DeviceName, Ebs, code) => {
    expect(await codeOf(run({ BlockDeviceMappings: [{ DeviceName, Ebs }] }))).toBe(code);
  });
  it('a cluster takes no burstable type, a spread does', async () => {
    await stage.aws('CreatePlacementGroup', { GroupName: 'near', Strategy: 'cluster' });
    await stage.aws('CreatePlacementGroup', { GroupName: 'apart', Strategy: 'spread' });
    expect(await codeOf(run({ Placement: { GroupName: 'near' } }))).toBe('InvalidParameterCombination');
    expect(await codeOf(run({ Placement: { GroupName: 'near' }, InstanceType: 'm5.large' }))).toBe('accepted');
    expect(await codeOf(run({ Placement: { GroupName: 'apart' } }))).toBe('accepted');
  });
  it('a launch says that it is pending, and the token of an ended one is spent', async () => {
    const made = await launch({ ClientToken: 'once' });
    expect(made).toMatchObject({
      StateReason: { Code: 'pending' },
      StateTransitionReason: '',
      Operator: { Managed: false },
    });
    expect((await launch({ ClientToken: 'once' }))['InstanceId']).toBe(made['InstanceId']);
    await stage.aws('TerminateInstances', { InstanceIds: [made['InstanceId']] });
    expect(await codeOf(run({ ClientToken: 'once' }))).toBe('IdempotentInstanceTerminated');
  });

  it('a token answers with its instances also while other reads do not show them yet', async () => {
    await stage.control('POST', 'settings', { consistencyMs: 20_000 });
    const made = await launch({ ClientToken: 'unseen' });
    expect((await launch({ ClientToken: 'unseen' }))['InstanceId']).toBe(made['InstanceId']);
    await stage.control('POST', 'settings', { consistencyMs: 0 });
  });

  it('a volume waits until the instance has finished starting, or stopping', async () => {
    const made = await launch({ Placement: { AvailabilityZone: 'us-east-1a' } });
    const fresh = (await stage.aws('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 1 }))['VolumeId'];
    stage.advance(2);
    const attach = () =>
      codeOf(stage.aws('AttachVolume', { VolumeId: fresh, InstanceId: made['InstanceId'], Device: '/dev/sdp' }));
    expect(await attach()).toBe('IncorrectState');
    stage.advance(10);
    await stage.aws('StopInstances', { InstanceIds: [made['InstanceId']] });
    expect(await attach()).toBe('IncorrectState');
    stage.advance(10);
    expect(await attach()).toBe('accepted');
  });
  it('a protected instance keeps the others of its zone alive, those of other zones end', async () => {
    const other = (await launch({ Placement: { AvailabilityZone: 'us-east-1a' } }))['InstanceId'] as string;
    stage.advance(10);
    await stage.aws('ModifyInstanceAttribute', { InstanceId: web, DisableApiTermination: { Value: true } });
    expect(await codeOf(stage.aws('TerminateInstances', { InstanceIds: [web, other, rest] }))).toBe(
      'OperationNotPermitted',
    );
    expect([await stateOf(web), await stateOf(other), await stateOf(rest)]).toEqual([
      'running',
      'running',
      'shutting-down',
    ]);
  });
  it.each([
    ['groups', (group: string) => ({ Groups: [group] })],
    ['disks', () => ({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }] })],
  ])('an attribute and %s cannot be changed in one request', async (_what, more) => {
    const groups = (await stage.aws('DescribeSecurityGroups', { GroupNames: ['default'] })) as unknown as {
      SecurityGroups: Shape[];
    };
    const change = more(groups.SecurityGroups[0]?.['GroupId'] ?? '');
    expect(await codeOf(modify({ DisableApiTermination: { Value: true }, ...change }))).toBe(
      'InvalidParameterCombination',
    );
    expect(await codeOf(modify(change))).toBe('accepted');
  });
  it('an instance takes no group of another network', async () => {
    const { VpcId } = (await stage.aws('CreateVpc', { CidrBlock: '10.77.0.0/16' }))['Vpc'] as Shape;
    const group = await stage.aws('CreateSecurityGroup', { GroupName: 'away', Description: 'away', VpcId });
    expect(await codeOf(modify({ Groups: [group['GroupId']] }))).toBe('InvalidGroup.NotFound');
  });
  it("an image whose snapshots are under AWS's own key cannot be shared", async () => {
    const made = await launch({
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, Encrypted: true } }],
    });
    stage.advance(10);
    const imageOf = async (id: string | undefined, name: string) => {
      const { ImageId } = await stage.aws('CreateImage', { InstanceId: id, Name: name });
      stage.advance(60);
      return ImageId;
    };
    const share = async (ImageId: string | undefined) =>
      codeOf(stage.aws('ModifyImageAttribute', { ImageId, LaunchPermission: { Add: [{ UserId: '100000000002' }] } }));
    expect(await share(await imageOf(made['InstanceId'], 'sealed'))).toBe('InvalidParameter');
    expect(await share(await imageOf(web, 'open'))).toBe('accepted');
  });
});
