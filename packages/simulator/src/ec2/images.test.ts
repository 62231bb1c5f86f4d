import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { beta, drivers, openStage, root, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Images, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  let snapshot = '';
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.reset();
    snapshot = (await stage.aws('CreateSnapshot', { VolumeId: root }))['SnapshotId'] as string;
    stage.advance(60);
  });

  const bootable = { Architecture: 'x86_64', VirtualizationType: 'hvm', EnaSupport: true };
  const register = (params: object = {}) =>
    stage.aws('RegisterImage', {
      Name: 'mine',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot } }],
      ...params,
    });
  const imageOf = async (id: string, as = {}): Promise<Shape> =>
    ((await stage.aws('DescribeImages', { ImageIds: [id] }, as))['Images'] as unknown as Shape[])[0] as Shape;
  const launch = (id: string, more: object = {}, as = {}) =>
    stage.aws('RunInstances', { ImageId: id, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...more }, as);

  it('a registered image keeps every parameter and boots', async () => {
    const id = (
      await register({
        ...bootable,
        Description: 'of a backup',
        BootMode: 'uefi-preferred',
        SriovNetSupport: 'simple',
        ImdsSupport: 'v2.0',
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot, VolumeType: 'gp3', VolumeSize: 12 } },
          { DeviceName: '/dev/sdf', Ebs: { SnapshotId: snapshot, VolumeType: 'gp3', DeleteOnTermination: true } },
        ],
      })
    )['ImageId'] as string;
    expect(await imageOf(id)).toMatchObject({
      State: 'available',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceName: '/dev/xvda',
      BootMode: 'uefi-preferred',
      EnaSupport: true,
      ImdsSupport: 'v2.0',
      PlatformDetails: 'Linux/UNIX',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot, VolumeSize: 12, DeleteOnTermination: true } },
        { DeviceName: '/dev/sdf', Ebs: { SnapshotId: snapshot, VolumeSize: 8 } },
      ],
    });
    const made = await launch(id);
    expect(made['Instances']).toMatchObject([
      { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 }, ImageId: id },
    ]);
    stage.advance(10);
    const { Volumes } = (await stage.aws('DescribeVolumes', {
      Filters: [{ Name: 'snapshot-id', Values: [snapshot] }],
    })) as unknown as { Volumes: Shape[] };
    expect(Volumes.map((one) => one['Size'])).toEqual([12, 8]);
  });
  it("the defaults of AWS make an image that today's types do not boot", async () => {
    const id = (await register())['ImageId'] as string;
    expect(await imageOf(id)).toMatchObject({ Architecture: 'i386', VirtualizationType: 'paravirtual' });
    expect(await codeOf(launch(id))).toBe('InvalidParameterValue');
  });
  it.each([
    ['paravirtual', { ...bootable, VirtualizationType: 'paravirtual' }, 'InvalidParameterCombination'],
    ['without the network driver', { ...bootable, EnaSupport: false }, 'InvalidParameterCombination'],
    ['for another processor', { ...bootable, Architecture: 'arm64' }, 'InvalidParameterValue'],
  ])('an image registered %s does not start on a Nitro type', async (_what, params, code) => {
    expect(await codeOf(launch((await register(params))['ImageId'] as string))).toBe(code);
  });
  it('an image that boots by UEFI only does not start on an old type', async () => {
    expect(
      await codeOf(
        launch((await register({ ...bootable, BootMode: 'uefi' }))['ImageId'] as string, { InstanceType: 't2.micro' }),
      ),
    ).toBe('InvalidParameterValue');
  });
  it('the billing of a Windows volume stays with its snapshots and images', async () => {
    const windows = (
      (await stage.aws('DescribeImages', { Filters: [{ Name: 'platform', Values: ['windows'] }] }))[
        'Images'
      ] as unknown as Shape[]
    )[0] as Shape;
    const made = (await launch(windows['ImageId'] as string, { InstanceType: 'm5.large' }))[
      'Instances'
    ] as unknown as Shape[];
    stage.advance(10);
    const volumes = (
      await stage.aws('DescribeVolumes', {
        Filters: [{ Name: 'attachment.instance-id', Values: [made[0]?.['InstanceId']] }],
      })
    )['Volumes'] as unknown as Shape[];
    snapshot = (await stage.aws('CreateSnapshot', { VolumeId: volumes[0]?.['VolumeId'] }))['SnapshotId'] as string;
    stage.advance(60);
    expect(await imageOf((await register(bootable))['ImageId'] as string)).toMatchObject({
      PlatformDetails: 'Windows',
      UsageOperation: 'RunInstances:0002',
    });
  });
  it.each([
    ['a name in use', { Name: 'taken' }, 'InvalidAMIName.Duplicate'],
    ['a name that is too short', { Name: 'ab' }, 'InvalidAMIName.Malformed'],
    ['a name with strange letters', { Name: 'what?!' }, 'InvalidAMIName.Malformed'],
    ['a root without a mapping', { RootDeviceName: '/dev/sda1' }, 'InvalidBlockDeviceMapping'],
    [
      'an unknown snapshot',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] },
      'InvalidSnapshot.NotFound',
    ],
    ['an unknown architecture', { Architecture: 'vax' }, 'InvalidParameterValue'],
    ['an unknown boot mode', { BootMode: 'floppy' }, 'InvalidParameterValue'],
    ['no disks', { BlockDeviceMappings: [] }, 'InvalidRequest'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('an image with %s is refused', async (_what, change, code) => {
    await register({ Name: 'taken' });
    expect(await codeOf(register(change))).toBe(code);
  });
  it('encryption cannot be named beside a snapshot', async () => {
    expect(
      await codeOf(
        register({
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot, Encrypted: true } }],
        }),
      ),
    ).toBe('InvalidParameterCombination');
  });
  it('an image of a pending snapshot is refused', async () => {
    snapshot = (await stage.aws('CreateSnapshot', { VolumeId: root }))['SnapshotId'] as string;
    expect(await codeOf(register())).toBe('IncorrectState');
  });
  it('a snapshot an image uses cannot be deleted until the image is deregistered', async () => {
    const id = (await register())['ImageId'] as string;
    expect(await codeOf(stage.aws('DeleteSnapshot', { SnapshotId: snapshot }))).toBe('InvalidSnapshot.InUse');
    await stage.aws('DeregisterImage', { ImageId: id });
    expect(await codeOf(stage.aws('DeregisterImage', { ImageId: id }))).toBe('InvalidAMIID.Unavailable');
    expect((await stage.aws('DescribeImages', { ImageIds: [id] }))['Images']).toHaveLength(0);
    expect(await codeOf(stage.aws('DeleteSnapshot', { SnapshotId: snapshot }))).toBe('accepted');
  });
  it('deregistering can take the snapshots along', async () => {
    const id = (await register())['ImageId'] as string;
    expect(await stage.aws('DeregisterImage', { ImageId: id, DeleteAssociatedSnapshots: true })).toMatchObject({
      DeleteSnapshotResults: [{ SnapshotId: snapshot, ReturnCode: 'success' }],
    });
    expect(await codeOf(stage.aws('DeleteSnapshot', { SnapshotId: snapshot }))).toBe('InvalidSnapshot.NotFound');
  });
  it('an instance started from an image does not mind that the image goes', async () => {
    const id = (await register(bootable))['ImageId'] as string;
    await launch(id);
    await stage.aws('DeregisterImage', { ImageId: id });
    stage.advance(10);
    expect(
      (
        await stage.aws('DescribeInstances', {
          Filters: [
            { Name: 'image-id', Values: [id] },
            { Name: 'instance-state-name', Values: ['running'] },
          ],
        })
      )['Reservations'],
    ).toHaveLength(1);
  });

  it('an image made of an instance is pending until its snapshots are complete', async () => {
    const id = (await stage.aws('CreateImage', { InstanceId: web, Name: 'golden', NoReboot: true }))[
      'ImageId'
    ] as string;
    expect((await imageOf(id))['State']).toBe('pending');
    expect(await codeOf(launch(id))).toBe('InvalidAMIID.Unavailable');
    stage.advance(60);
    const seen = await imageOf(id);
    expect(seen).toMatchObject({ State: 'available', SourceInstanceId: web, Architecture: 'x86_64' });
    expect(seen['BlockDeviceMappings']).toHaveLength(2);
    expect(await codeOf(launch(id))).toBe('accepted');
  });
  it('an image is copied to another region with its snapshots', async () => {
    const id = (await register(bootable))['ImageId'] as string;
    const there = { region: 'eu-west-1' };
    const copy = (
      await stage.aws(
        'CopyImage',
        { Name: 'copy', SourceImageId: id, SourceRegion: 'us-east-1', ClientToken: 'one' },
        there,
      )
    )['ImageId'] as string;
    expect(
      (
        await stage.aws(
          'CopyImage',
          { Name: 'copy', SourceImageId: id, SourceRegion: 'us-east-1', ClientToken: 'one' },
          there,
        )
      )['ImageId'],
    ).toBe(copy);
    expect((await imageOf(copy, there))['State']).toBe('pending');
    stage.advance(60);
    expect(await imageOf(copy, there)).toMatchObject({ State: 'available', Architecture: 'x86_64', EnaSupport: true });
    expect(await codeOf(launch(copy, {}, there))).toBe('accepted');
  });
  it('another account launches an image once it may', async () => {
    const id = (await register(bootable))['ImageId'] as string;
    expect(await codeOf(launch(id, {}, beta))).toBe('InvalidAMIID.NotFound');
    await stage.aws('ModifyImageAttribute', { ImageId: id, LaunchPermission: { Add: [{ UserId: '100000000002' }] } });
    expect(await stage.aws('DescribeImageAttribute', { ImageId: id, Attribute: 'launchPermission' })).toMatchObject({
      LaunchPermissions: [{ UserId: '100000000002' }],
    });
    expect(await codeOf(launch(id, {}, beta))).toBe('accepted');
    expect(
      await codeOf(stage.aws('DescribeImageAttribute', { ImageId: id, Attribute: 'launchPermission' }, beta)),
    ).toBe('AuthFailure');
    expect(await codeOf(stage.aws('DeregisterImage', { ImageId: id }, beta))).toBe('AuthFailure');
    await stage.aws('ResetImageAttribute', { ImageId: id, Attribute: 'launchPermission' });
    expect(await codeOf(launch(id, {}, beta))).toBe('InvalidAMIID.NotFound');
  });
  it("one's own images are listed apart from those of all", async () => {
    await register();
    expect((await stage.aws('DescribeImages', { Owners: ['self'] }))['Images']).toHaveLength(1);
    expect(((await stage.aws('DescribeImages'))['Images'] as unknown as Shape[]).length).toBeGreaterThan(3);
  });
});
