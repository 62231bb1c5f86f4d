import { describe, expect, it } from 'vitest';
import { buildConfiguration, buildRoot, buildVolume } from './configuration-builder.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice, InstanceRequest } from './instance-recovery.ts';
import type { OfferedImage } from './launch-image.ts';
import { billingDifference } from './launch-support.ts';
import { unusualLaunch, usualLaunchSource } from './launch-source.ts';
import { buildImage, MODERN, buildImageDevice, data, errorsOf, planned, root } from './request-builder.ts';

const WINDOWS = { platform: 'windows', platformDetails: 'Windows', usageOperation: 'RunInstances:0002' } as const;
const RED_HAT = { platformDetails: 'Red Hat Enterprise Linux', usageOperation: 'RunInstances:0010' } as const;
const windowsImage = (parts: Partial<OfferedImage> = {}) => buildImage({ ...WINDOWS, ...parts });
const windows = (choice: InstanceRecoveryChoice = {}, image: OfferedImage | null = windowsImage()) =>
  [choice, { configuration: WINDOWS, request: { image } }] as const;

const withVolumes = ([choice, parts]: ReturnType<typeof windows>, volumes: InstanceRequest['volumes']) =>
  [choice, { ...parts, request: { ...parts.request, volumes } }] as const;

describe('what an instance is launched from, unless it is told', () => {
  it.each<[string, Partial<InstanceConfiguration>, boolean, string]>([
    ['plain Linux', {}, true, 'snapshot'],
    ['plain Linux without a snapshot of its root', {}, false, 'image'],
    ['Windows', WINDOWS, true, 'image-then-swap'],
    ['Windows without a snapshot of its root', WINDOWS, false, 'image'],
    ['Red Hat', RED_HAT, true, 'image-then-swap'],
    ['one on instance store', { rootDeviceType: 'instance-store' }, false, 'image'],
    ['a paravirtual one without its kernel', { virtualizationType: 'paravirtual' }, true, 'image-then-swap'],
  ])('%s', (_, parts, hasRoot, expected) => {
    const configuration = buildConfiguration(parts);
    expect(usualLaunchSource(configuration, hasRoot)).toBe(expected);
    expect(unusualLaunch(configuration, hasRoot) === null).toBe(expected === 'snapshot');
  });
});

describe('a launch from an image', () => {
  it('has the root of the image, its own data volumes, and nothing else that the image would bring along', () => {
    const devices = [
      buildImageDevice(),
      buildImageDevice({ deviceName: '/dev/sdb' }),
      buildImageDevice({ deviceName: 'xvdf' }),
      buildImageDevice({ deviceName: '/dev/sdc', isEbs: false }),
    ];
    const { plan, warnings } = planned({ launchFrom: 'image' }, { request: { image: buildImage({ devices }) } });
    expect(plan).toMatchObject({
      image: null,
      existing: { imageId: 'ami-00000001', root: null, leftOut: ['/dev/sdb', 'xvdf'], swap: null },
      launch: { dataVolumes: [{ deviceName: '/dev/sdf', awsSnapshotId: 'snap-00000002' }] },
    });
    expect(warnings.join()).toContain('nothing that was on it comes back');
  });

  it('keeps a device of the image that one of its own takes the place of', () => {
    const devices = [buildImageDevice(), buildImageDevice({ deviceName: '/dev/sdf' })];
    const { plan } = planned({ launchFrom: 'image' }, { request: { image: buildImage({ devices }) } });
    expect(plan.existing?.leftOut).toEqual([]);
  });

  it('changes the root of the image where that was asked, and not below its size', () => {
    const volumes = [{ snapshotId: root.snapshotId, sizeGiB: 20, volumeType: 'gp2', deleteOnTermination: false }];
    const { existing } = planned({ launchFrom: 'image', volumes }).plan;
    expect(existing?.root).toMatchObject({ sizeGiB: 20, volumeType: 'gp2', iops: null, deleteOnTermination: false });
    expect(errorsOf({ launchFrom: 'image', volumes: [{ snapshotId: root.snapshotId, sizeGiB: 3 }] })).toEqual([
      ['volumes.0.sizeGiB', expect.stringContaining('at least 4')],
    ]);
  });

  it('needs no snapshot of the root, and says that the root is not the backed-up one', () => {
    const { plan, warnings } = planned({}, { request: { volumes: [buildRoot({ isCompleted: false }), data] } });
    expect(plan).toMatchObject({ image: null, existing: { swap: null } });
    expect(warnings.join()).toContain('no completed snapshot of its root volume');
  });

  it('takes an image of another kind of machine for another type of instance only', () => {
    const request = { image: buildImage({ architecture: 'arm64', bootMode: 'uefi' }) };
    expect(errorsOf({ launchFrom: 'image' }, { request })).toEqual([
      ['imageId', expect.stringContaining('is for arm64')],
    ]);
    const offer = { instanceType: { ...MODERN, architectures: ['arm64'], bootModes: ['uefi'] } };
    expect(errorsOf({ launchFrom: 'image', instanceType: 'm7g.large' }, { request, offer })).toEqual([]);
    expect(errorsOf({ launchFrom: 'image', instanceType: 'm7i.large' }, { request })).toEqual([
      ['instanceType', expect.stringContaining('is for x86_64, and the system is arm64')],
    ]);
  });

  it('warns of another system, licence or Marketplace code', () => {
    const request = { image: windowsImage({ productCodes: ['abc'] }) };
    expect(planned({ launchFrom: 'image' }, { request }).warnings.join()).toContain('holds Windows');
    const codes = { image: buildImage({ ...RED_HAT, productCodes: ['abc'] }) };
    const { warnings } = planned({ launchFrom: 'image' }, { request: codes });
    expect(warnings.join()).toContain('RunInstances:0010');
    expect(warnings.join()).toContain('Marketplace codes abc');
  });
});

describe('a launch whose root volume is replaced', () => {
  it('makes the root from the snapshot in the zone of the subnet, at the root device of the image', () => {
    const parts = { image: windowsImage({ rootDeviceName: '/dev/sda1', devices: [] }) };
    const asked = { subnetId: 'subnet-00000002', privateIp: null, securityGroupIds: ['sg-00000001'] };
    const { plan, warnings } = planned(asked, {
      configuration: { ...WINDOWS, userDataBase64: 'QUJD', isStopProtected: true, isHibernationConfigured: true },
      request: parts,
    });
    expect(plan.existing?.swap).toMatchObject({
      rootVolume: { awsSnapshotId: 'snap-00000001', deviceName: '/dev/sda1', deleteOnTermination: true, sizeGiB: 8 },
      zone: 'eu-central-1b',
      userDataBase64: 'QUJD',
      tags: [{ key: 'cpm:recovery', value: 'r' }],
    });
    expect(plan.launch).toMatchObject({ userDataBase64: null, isStopProtected: false, isHibernationConfigured: false });
    for (const lost of ['protection from stopping', 'will not hibernate', 'root volume is then replaced'])
      expect(warnings.join()).toContain(lost);
  });

  it('gives the root its own tags with its making, and not once more after the launch', () => {
    const tags = [{ key: 'Name', value: 'C' }];
    const { plan } = planned(...withVolumes(windows(), [buildRoot({ original: { tags } }), data]));
    expect(plan.existing?.swap?.tags).toEqual([{ key: 'cpm:recovery', value: 'r' }, ...tags]);
    expect(plan.launch?.volumeTags).toEqual([]);
  });

  it('keeps the device names of Windows', () => {
    const loose = buildVolume(3, { original: { deviceName: null } });
    const { plan } = planned(...withVolumes(windows(), [root, data, loose]));
    expect(plan.launch?.dataVolumes.map(({ deviceName }) => deviceName)).toEqual(['/dev/sdf', 'xvdg']);
  });

  it.each<[string, OfferedImage | null, string]>([
    ['that is gone', null, 'choose another one'],
    ['that is pending', windowsImage({ state: 'pending' }), 'is pending'],
    ['of another architecture', windowsImage({ architecture: 'arm64' }), 'is for arm64'],
    ['of another virtualization', windowsImage({ virtualizationType: 'paravirtual' }), 'is paravirtual'],
    ['on instance store', windowsImage({ rootDeviceType: 'instance-store' }), 'cannot be stopped'],
    ['without a root device', windowsImage({ rootDeviceName: null }), 'no root device'],
    ['that boots otherwise', windowsImage({ bootMode: 'legacy-bios' }), 'boots by legacy-bios'],
    ['that boots otherwise by default', windowsImage({ bootMode: null }), 'boots by legacy-bios'],
    ['with another system', buildImage(), 'holds Linux'],
    ['with another licence', windowsImage({ usageOperation: 'RunInstances:0102' }), 'billed'],
    ['that lost its licence', windowsImage({ usageOperation: null }), 'nothing that AWS tells'],
    ['with a Marketplace code', windowsImage({ productCodes: ['abc'] }), 'Marketplace codes abc'],
  ])('is refused for an image %s', (_, image, message) => {
    expect(errorsOf(...windows({}, image))).toEqual([['imageId', expect.stringContaining(message)]]);
  });

  it('warns where the image has no network driver or no TPM as the original had', () => {
    const [choice, parts] = windows({}, windowsImage({ isEnaSupported: false }));
    const { warnings } = planned(choice, { ...parts, configuration: { ...WINDOWS, tpmSupport: 'v2.0' } });
    expect(warnings.join()).toMatch(/ENA.*NitroTPM/);
  });
});

describe('a source of the launch is refused', () => {
  it.each<[string, InstanceRecoveryChoice, Partial<InstanceConfiguration>, [string, string]]>([
    ['a snapshot of Windows', { launchFrom: 'snapshot' }, WINDOWS, ['launchFrom', 'cannot be registered']],
    ['an image of Windows', { imageHandling: 'create-only' }, WINDOWS, ['imageHandling', 'cannot be registered']],
    [
      'a snapshot of instance store',
      { launchFrom: 'snapshot' },
      { rootDeviceType: 'instance-store' },
      ['launchFrom', 'instance store'],
    ],
    [
      'a swap of instance store',
      { launchFrom: 'image-then-swap' },
      { rootDeviceType: 'instance-store' },
      ['launchFrom', 'image alone'],
    ],
    ['an image for a snapshot', { imageId: 'ami-00000002' }, {}, ['imageId', 'image or image-then-swap']],
    ['an image kept that is not made', { launchFrom: 'image', imageHandling: 'keep' }, {}, ['imageHandling', 'makes']],
    ['several at once', { launchFrom: 'image-then-swap', count: 2 }, {}, ['count', 'one at a time']],
    ['no image id', { launchFrom: 'image', imageId: 'my image' }, {}, ['imageId', 'no id of an image']],
  ])('%s', (_, choice, configuration, [path, message]) => {
    expect(errorsOf(choice, { configuration })).toEqual([[path, expect.stringContaining(message)]]);
  });

  it('an original whose image nobody recorded, until one is chosen', () => {
    const parts = { configuration: { image: { imageId: '', details: null } }, request: { image: null } };
    expect(errorsOf({ launchFrom: 'image' }, parts)).toEqual([['imageId', expect.stringContaining('not recorded')]]);
  });

  it('a licensed Linux may be tried from its snapshot, with a warning', () => {
    const { plan, warnings } = planned({ launchFrom: 'snapshot' }, { configuration: RED_HAT });
    expect(plan.image?.billing).toEqual(RED_HAT);
    expect(warnings.join()).toContain('thrown away');
  });
});

describe('the billing of an image', () => {
  const of = (usageOperation: string | null) => ({ platformDetails: null, usageOperation });
  it.each([
    ['RunInstances', 'RunInstances', true],
    ['RunInstances', null, true],
    ['RunInstances', '', true],
    ['RunInstances', 'RunInstances:0010', false],
    ['RunInstances:0010', 'RunInstances:0010', true],
    ['RunInstances:0010', null, false],
    ['RunInstances:0010', 'RunInstances', false],
    ['RunInstances:0010', 'RunInstances:000g', false],
    [null, 'RunInstances', true],
    [null, 'RunInstances:0010', true],
  ])('recorded %s, found %s: alike is %s', (was, is, expected) => {
    expect(billingDifference(of(was), of(is)) === null).toBe(expected);
  });
});
