import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { alpha, beta, dataVolume, drivers, openStage, rest, root, spare, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Volumes, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const create = (params: object = {}) =>
    stage.aws('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 10, VolumeType: 'gp3', ...params });
  const volumeOf = async (id: string): Promise<Shape> =>
    ((await stage.aws('DescribeVolumes', { VolumeIds: [id] }))['Volumes'] as unknown as Shape[])[0] as Shape;
  const snapshotOf = async (volumeId: string): Promise<string> => {
    const made = await stage.aws('CreateSnapshot', { VolumeId: volumeId });
    stage.advance(60);
    return made['SnapshotId'] as string;
  };

  it('a volume is being created and then available', async () => {
    const made = await create();
    expect(made).toMatchObject({
      State: 'creating',
      Size: 10,
      VolumeType: 'gp3',
      Iops: 3000,
      Throughput: 125,
      Encrypted: false,
    });
    stage.advance(5);
    expect((await volumeOf(made['VolumeId'] as string))['State']).toBe('available');
  });
  it('without a type it is gp2', async () => {
    expect(await stage.aws('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 100 })).toMatchObject({
      VolumeType: 'gp2',
      Iops: 300,
    });
  });
  it('from a snapshot it has the size of the snapshot and remembers it', async () => {
    const id = await snapshotOf(dataVolume);
    expect(await create({ Size: undefined, SnapshotId: id })).toMatchObject({ Size: 20, SnapshotId: id });
  });
  it('from an encrypted snapshot it is encrypted under the same rules', async () => {
    const id = await snapshotOf('vol-0a00000000000000e');
    expect(await create({ Size: undefined, SnapshotId: id })).toMatchObject({ Encrypted: true });
  });
  it('encryption by default encrypts every new volume', async () => {
    await stage.aws('EnableEbsEncryptionByDefault');
    expect(await create()).toMatchObject({ Encrypted: true });
  });
  it('a key that cannot be used makes the volume fail after the call', async () => {
    const made = await create({ Encrypted: true, KmsKeyId: 'alias/broken' });
    stage.advance(5);
    expect((await volumeOf(made['VolumeId'] as string))['State']).toBe('error');
  });
  it('the same client token gives the same volume, with other wishes a refusal', async () => {
    const first = await create({ ClientToken: 'once' });
    expect((await create({ ClientToken: 'once' }))['VolumeId']).toBe(first['VolumeId']);
    expect(await codeOf(create({ ClientToken: 'once', Size: 11 }))).toBe('IdempotentParameterMismatch');
  });
  it.each([
    ['an unknown zone', { AvailabilityZone: 'us-east-1z' }, 'InvalidZone.NotFound'],
    ['neither size nor snapshot', { Size: undefined }, 'MissingParameter'],
    ['an unknown type', { VolumeType: 'gp9' }, 'InvalidParameterValue'],
    ['no IOPS for io1', { VolumeType: 'io1' }, 'InvalidParameterDependency'],
    ['too many IOPS for the size', { VolumeType: 'io1', Iops: 600 }, 'InvalidParameterValue'],
    ['too few IOPS', { Iops: 100 }, 'InvalidParameterValue'],
    ['IOPS for gp2', { VolumeType: 'gp2', Iops: 300 }, 'InvalidParameterCombination'],
    ['throughput for io2', { VolumeType: 'io2', Iops: 100, Throughput: 200 }, 'InvalidParameterCombination'],
    ['too much throughput for the IOPS', { Throughput: 1000 }, 'InvalidParameterValue'],
    ['a cold volume that is too small', { VolumeType: 'st1', Size: 10 }, 'InvalidParameterValue'],
    ['a volume that is too large', { VolumeType: 'gp2', Size: 20000 }, 'InvalidParameterValue'],
    ['sharing by several instances for gp3', { MultiAttachEnabled: true }, 'InvalidParameterCombination'],
    ['a key without encryption', { KmsKeyId: 'alias/private' }, 'InvalidParameterDependency'],
    ['an unknown snapshot', { SnapshotId: 'snap-0123456789abcdef0' }, 'InvalidSnapshot.NotFound'],
    ['a malformed snapshot id', { SnapshotId: 'snap-x' }, 'InvalidSnapshotID.Malformed'],
    ['a client token that is too long', { ClientToken: 'x'.repeat(65) }, 'InvalidParameterValue'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('a new volume with %s is refused', async (_what, change, code) => {
    expect(await codeOf(create(change))).toBe(code);
  });
  it('a volume smaller than its snapshot is refused, and one of a pending snapshot', async () => {
    expect(await codeOf(create({ Size: 5, SnapshotId: await snapshotOf(dataVolume) }))).toBe('InvalidParameterValue');
    const pending = await stage.aws('CreateSnapshot', { VolumeId: spare });
    expect(await codeOf(create({ SnapshotId: pending['SnapshotId'] }))).toBe('IncorrectState');
  });
  it('a snapshot of another account serves only once it is shared', async () => {
    const id = await snapshotOf(spare);
    const make = () => stage.aws('CreateVolume', { AvailabilityZone: 'us-east-1a', SnapshotId: id }, beta);
    expect(await codeOf(make())).toBe('InvalidSnapshot.NotFound');
    await stage.aws('ModifySnapshotAttribute', {
      SnapshotId: id,
      CreateVolumePermission: { Add: [{ UserId: '100000000002' }] },
    });
    expect(await codeOf(make())).toBe('accepted');
  });
  it('an account has so many volumes and no more', async () => {
    await stage.control('POST', 'settings', { limits: { volumesPerRegion: 8 } });
    expect(await codeOf(create())).toBe('VolumeLimitExceeded');
  });

  const attach = (params: object = {}) =>
    stage.aws('AttachVolume', { VolumeId: spare, InstanceId: web, Device: '/dev/sdg', ...params });
  it('an attached volume is in use and is not deleted with its instance', async () => {
    expect(await attach()).toMatchObject({ State: 'attaching', Device: '/dev/sdg', DeleteOnTermination: false });
    stage.advance(5);
    expect(await volumeOf(spare)).toMatchObject({
      State: 'in-use',
      Attachments: [{ InstanceId: web, State: 'attached' }],
    });
  });
  it.each([
    ['a busy device', { Device: '/dev/sdf' }, 'InvalidParameterValue'],
    ['a busy device in the other spelling', { Device: '/dev/xvdf' }, 'InvalidParameterValue'],
    ['a busy device without its folder', { Device: 'xvdf' }, 'InvalidParameterValue'],
    ['a name that is no device', { Device: '/dev/null/../x' }, 'InvalidParameterValue'],
    ['a volume of another zone', { VolumeId: 'vol-0a00000000000000d' }, 'InvalidVolume.ZoneMismatch'],
    ['a volume that is attached already', { VolumeId: dataVolume }, 'VolumeInUse'],
    ['an unknown volume', { VolumeId: 'vol-0123456789abcdef0' }, 'InvalidVolume.NotFound'],
    ['an unknown instance', { InstanceId: 'i-0123456789abcdef0' }, 'InvalidInstanceID.NotFound'],
  ])('attaching %s is refused', async (_what, change, code) => {
    expect(await codeOf(attach(change))).toBe(code);
  });
  it('nothing is attached to a terminated instance', async () => {
    await stage.aws('TerminateInstances', { InstanceIds: [web] });
    stage.advance(10);
    expect(await codeOf(attach())).toBe('IncorrectState');
  });
  it('a data volume is detached and available again', async () => {
    expect(await stage.aws('DetachVolume', { VolumeId: dataVolume })).toMatchObject({ State: 'detaching' });
    stage.advance(5);
    expect(await volumeOf(dataVolume)).toMatchObject({ State: 'available', Attachments: [] });
  });
  it.each([
    ['the root of a running instance', { VolumeId: root }, 'OperationNotPermitted'],
    ['what is not attached', { VolumeId: spare }, 'IncorrectState'],
    ['from the wrong instance', { VolumeId: dataVolume, InstanceId: rest }, 'InvalidAttachment.NotFound'],
    ['an unknown volume', { VolumeId: 'vol-0123456789abcdef0' }, 'InvalidVolume.NotFound'],
  ])('detaching %s is refused', async (_what, params, code) => {
    expect(await codeOf(stage.aws('DetachVolume', params))).toBe(code);
  });
  it('the root of a stopped instance is swapped for another volume, and the instance starts', async () => {
    await stage.aws('StopInstances', { InstanceIds: [web] });
    stage.advance(10);
    await stage.aws('DetachVolume', { VolumeId: root });
    stage.advance(5);
    expect(await codeOf(stage.aws('StartInstances', { InstanceIds: [web] }))).toBe('IncorrectInstanceState');
    await attach({ Device: '/dev/xvda' });
    await stage.aws('ModifyInstanceAttribute', {
      InstanceId: web,
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true } }],
    });
    await stage.aws('StartInstances', { InstanceIds: [web] });
    stage.advance(10);
    expect(await volumeOf(spare)).toMatchObject({ Attachments: [{ Device: '/dev/xvda', DeleteOnTermination: true }] });
  });

  it('a deleted volume is gone after a moment, an attached one cannot be deleted', async () => {
    expect(await codeOf(stage.aws('DeleteVolume', { VolumeId: dataVolume }))).toBe('VolumeInUse');
    await stage.aws('DeleteVolume', { VolumeId: spare });
    stage.advance(5);
    expect(await codeOf(stage.aws('DeleteVolume', { VolumeId: spare }))).toBe('InvalidVolume.NotFound');
  });
  it('a volume grows, shows its modification and cannot shrink', async () => {
    expect(await stage.aws('ModifyVolume', { VolumeId: spare, Size: 30 })).toMatchObject({
      VolumeModification: { ModificationState: 'modifying', OriginalSize: 10, TargetSize: 30 },
    });
    stage.advance(30);
    expect(
      (await stage.aws('DescribeVolumesModifications', { VolumeIds: [spare] }))['VolumesModifications'],
    ).toMatchObject([{ ModificationState: 'completed', Progress: 100 }]);
    expect(await codeOf(stage.aws('ModifyVolume', { VolumeId: spare, Size: 20 }))).toBe('InvalidParameterValue');
    expect(await codeOf(stage.aws('ModifyVolume', { VolumeId: spare, Size: 40 }))).toBe(
      'VolumeModificationRateExceeded',
    );
  });
  it('attributes and status of a volume can be read and set', async () => {
    await stage.aws('ModifyVolumeAttribute', { VolumeId: spare, AutoEnableIO: { Value: true } });
    expect(await stage.aws('DescribeVolumeAttribute', { VolumeId: spare, Attribute: 'autoEnableIO' })).toMatchObject({
      AutoEnableIO: { Value: true },
    });
    expect((await stage.aws('DescribeVolumeStatus', { VolumeIds: [spare] }))['VolumeStatuses']).toMatchObject([
      { VolumeStatus: { Status: 'ok' } },
    ]);
  });
  it.each([
    ['state', [{ Name: 'status', Values: ['available'] }], 5],
    ['the instance they are attached to', [{ Name: 'attachment.instance-id', Values: [web] }], 2],
    ['encryption', [{ Name: 'encrypted', Values: ['true'] }], 3],
    ['zone', [{ Name: 'availability-zone', Values: ['us-east-1b'] }], 2],
    ['a tag with a star', [{ Name: 'tag:Name', Values: ['sealed*'] }], 2],
    ['an escaped star', [{ Name: 'tag:Name', Values: [String.raw`sealed\*`] }], 0],
  ])('volumes are listed by %s', async (_what, filters, count) => {
    expect((await stage.aws('DescribeVolumes', { Filters: filters }))['Volumes']).toHaveLength(count);
  });
  it('one account never sees the volumes of another', async () => {
    expect((await stage.aws('DescribeVolumes', {}, beta))['Volumes']).toHaveLength(0);
    expect(await codeOf(stage.aws('DescribeVolumes', { VolumeIds: [spare] }, beta))).toBe('InvalidVolume.NotFound');
    expect((await stage.aws('DescribeVolumes', {}, { ...alpha, region: 'eu-west-1' }))['Volumes']).toHaveLength(0);
  });
});
