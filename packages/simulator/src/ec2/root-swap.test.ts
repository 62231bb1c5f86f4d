import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, type Stage } from '../testing/stage.ts';

describe.each(drivers)('The root volume of an instance, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.reset());

  const imageNamed = async (name: string) => {
    const { Images } = (await stage.aws('DescribeImages', {
      Filters: [{ Name: 'name', Values: [`${name}*`] }],
    })) as unknown as { Images: Shape[] };
    return Images[0] as Shape;
  };
  const show = async (id: unknown) => {
    const { Reservations } = (await stage.aws('DescribeInstances', { InstanceIds: [id] })) as unknown as {
      Reservations: { Instances: Shape[] }[];
    };
    return Reservations[0]?.Instances[0] as Shape & { BlockDeviceMappings: { Ebs: Shape }[] };
  };
  const launch = async (name: string, more: object = {}) => {
    const image = (await imageNamed(name))['ImageId'];
    const wish = { ImageId: image, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, ...more };
    const { Instances } = (await stage.aws('RunInstances', wish)) as unknown as { Instances: Shape[] };
    stage.advance(30);
    return show(Instances[0]?.['InstanceId']);
  };
  const rootOf = (instance: Awaited<ReturnType<typeof show>>) => instance.BlockDeviceMappings[0]?.Ebs['VolumeId'];
  const stop = async (instance: Shape) => {
    await stage.aws('StopInstances', { InstanceIds: [instance['InstanceId']] });
    stage.advance(120);
  };
  const volumeOf = async (volumeId: unknown, zone: unknown) => {
    const { SnapshotId } = await stage.aws('CreateSnapshot', { VolumeId: volumeId });
    stage.advance(120);
    const { VolumeId } = await stage.aws('CreateVolume', { SnapshotId, AvailabilityZone: zone, VolumeType: 'gp3' });
    stage.advance(30);
    return { SnapshotId, VolumeId };
  };
  const zoneOf = (instance: Shape) => (instance['Placement'] as unknown as Shape)['AvailabilityZone'];

  it('leaves a stopped instance only, which keeps its private address and starts with the new one alone', async () => {
    const instance = await launch('Windows_Server-2022');
    const id = instance['InstanceId'];
    const { VolumeId } = await volumeOf(rootOf(instance), zoneOf(instance));
    const detach = () => stage.aws('DetachVolume', { VolumeId: rootOf(instance), InstanceId: id });
    expect(await codeOf(detach())).toBe('OperationNotPermitted');
    await stop(instance);
    await detach();
    stage.advance(30);
    expect(await codeOf(stage.aws('StartInstances', { InstanceIds: [id] }))).toBe('IncorrectInstanceState');
    await stage.aws('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sda1' });
    stage.advance(30);
    const attached = await show(id);
    expect(attached.BlockDeviceMappings).toMatchObject([
      { DeviceName: '/dev/sda1', Ebs: { VolumeId, DeleteOnTermination: false } },
    ]);
    await stage.aws('ModifyInstanceAttribute', {
      InstanceId: id,
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { DeleteOnTermination: true } }],
    });
    await stage.aws('StartInstances', { InstanceIds: [id] });
    stage.advance(60);
    const started = await show(id);
    expect(started).toMatchObject({
      State: { Name: 'running' },
      PrivateIpAddress: instance['PrivateIpAddress'],
      BlockDeviceMappings: [{ Ebs: { VolumeId, DeleteOnTermination: true } }],
    });
  });

  it('is one whose deletion can be changed only at a device that holds a volume', async () => {
    const instance = await launch('al2023');
    const change = {
      InstanceId: instance['InstanceId'],
      BlockDeviceMappings: [{ DeviceName: '/dev/sdz', Ebs: { DeleteOnTermination: true } }],
    };
    expect(await codeOf(stage.aws('ModifyInstanceAttribute', change))).toBe('InvalidInstanceAttributeValue');
  });

  it('makes a Windows image when it is registered, which does not start', async () => {
    const instance = await launch('Windows_Server-2022');
    const { SnapshotId } = await volumeOf(rootOf(instance), zoneOf(instance));
    const { ImageId } = await stage.aws('RegisterImage', {
      Name: 'windows of a snapshot',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId } }],
    });
    const made = await launch('windows of a snapshot');
    expect(made).toMatchObject({
      ImageId,
      State: { Name: 'terminated' },
      StateReason: { Code: 'Client.InternalError' },
    });
  });

  it('makes an image of the same licence, or of none where it never held one', async () => {
    const register = async (Name: string, SnapshotId: unknown) => {
      const device = { DeviceName: '/dev/sda1', Ebs: { SnapshotId } };
      await stage.aws('RegisterImage', { Name, RootDeviceName: '/dev/sda1', BlockDeviceMappings: [device] });
      return imageNamed(Name);
    };
    const instance = await launch('RHEL-9.6');
    expect(instance).toMatchObject({
      PlatformDetails: 'Red Hat Enterprise Linux',
      UsageOperation: 'RunInstances:0010',
    });
    const zone = zoneOf(instance);
    const { SnapshotId } = await volumeOf(rootOf(instance), zone);
    expect(await register('of red hat', SnapshotId)).toMatchObject({ UsageOperation: 'RunInstances:0010' });
    const empty = await stage.aws('CreateVolume', { AvailabilityZone: zone, Size: 8, VolumeType: 'gp3' });
    stage.advance(30);
    const filled = await volumeOf(empty['VolumeId'], zone);
    expect(await register('of nobody', filled.SnapshotId)).toMatchObject({ UsageOperation: 'RunInstances' });
  });

  it('carries its Marketplace codes to images and instances, and to none of another system', async () => {
    const appliance = await launch('appliance-of', { InstanceType: 't3.medium' });
    const codes = [{ ProductCodeId: '8l0nsvpcm0ry1x2s3t4u5v6w7', ProductCodeType: 'marketplace' }];
    expect(appliance['ProductCodes']).toEqual(codes);
    expect((await imageNamed('appliance-of'))['ProductCodes']).toEqual(codes);
    const place = { Placement: { AvailabilityZone: zoneOf(appliance) } };
    const { VolumeId } = await volumeOf(rootOf(appliance), zoneOf(appliance));
    const linux = await launch('al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64', place);
    const windows = await launch('Windows_Server-2022', place);
    const attach = (to: Shape) =>
      stage.aws('AttachVolume', { VolumeId, InstanceId: to['InstanceId'], Device: '/dev/sdk' });
    expect(await codeOf(attach(linux))).toBe('IncorrectInstanceState');
    for (const each of [linux, windows]) await stop(each);
    expect(await codeOf(attach(windows))).toBe('OperationNotPermitted');
    await attach(linux);
    expect((await show(linux['InstanceId']))['ProductCodes']).toEqual(codes);
  });

  it('on instance store is no volume, and its instance cannot be stopped', async () => {
    const instance = await launch('amzn-ami-hvm', { InstanceType: 'm3.medium' });
    expect(instance).toMatchObject({ RootDeviceType: 'instance-store', BlockDeviceMappings: [] });
    const stopping = stage.aws('StopInstances', { InstanceIds: [instance['InstanceId']] });
    expect(await codeOf(stopping)).toBe('UnsupportedOperation');
  });
});
