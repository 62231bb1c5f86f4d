import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttachableInstance } from './attach-volume.ts';
import { attached, buildVolume } from './configuration-builder.ts';
import { deviceKey, isDeviceTaken, suggestFreeDevice, validateDevice } from './devices.ts';
import type { VolumeType } from './instance-configuration.ts';
import { planVolumes } from './plan-volumes.ts';
import type { VolumePlan, VolumeRecoveryChoice, VolumesRequest } from './plan-volumes.ts';
import type { Planned } from './recoverable-volume.ts';
import { shapeVolume, validateShape } from './volume-rules.ts';
import type { VolumeShapeChoice } from './volume-rules.ts';

const data = buildVolume(2);
const instance: AttachableInstance = {
  instanceId: 'i-00000001',
  zone: 'eu-central-1a',
  state: 'running',
  virtualizationType: 'hvm',
  isWindows: false,
  isSpot: false,
  rootDeviceName: '/dev/xvda',
  devices: [attached('/dev/xvda'), attached('/dev/sdg')],
};

function plan(
  choices: readonly Partial<VolumeRecoveryChoice>[],
  parts: Partial<VolumesRequest> = {},
): Planned<readonly VolumePlan[]> {
  return planVolumes({
    volumes: [data, buildVolume(3)],
    choices: choices.map((choice) => ({ snapshotId: data.snapshotId, ...choice })),
    zones: ['eu-central-1a', 'eu-central-1b'],
    instances: [instance],
    ownTags: [],
    ...parts,
  });
}

function errorsOf(planned: Planned<unknown>): string[] {
  return planned.ok ? [] : planned.errors.map(({ path }) => path);
}

describe('the rules of volume types', () => {
  it.each<[VolumeType, number, number | null, number | null, string | null]>([
    ['gp3', 1, null, null, null],
    ['gp3', 65_536, 80_000, 2000, null],
    ['gp3', 65_537, null, null, 'sizeGiB'],
    ['gp3', 0, null, null, 'sizeGiB'],
    ['gp3', 160, 80_000, null, null],
    ['gp3', 500, 3000.5, null, 'iops'],
    ['gp3', 500, 8004, 2001, 'throughputMiBps'],
    ['gp3', 500, 3000, 125.5, 'throughputMiBps'],
    ['gp3', 500, 3000, 125, null],
    ['gp3', 8, 2999, null, 'iops'],
    ['gp3', 1, 3000, null, null],
    ['gp3', 8, 4000, null, null],
    ['gp3', 8, 4001, null, 'iops'],
    ['gp3', 500, 80_001, null, 'iops'],
    ['gp3', 8, null, 124, 'throughputMiBps'],
    ['gp3', 8, null, 750, null],
    ['gp3', 8, null, 751, 'throughputMiBps'],
    ['gp3', 500, 8000, 2000, null],
    ['gp3', 500, 7996, 2000, 'throughputMiBps'],
    ['gp2', 16_384, null, null, null],
    ['gp2', 16_385, null, null, 'sizeGiB'],
    ['gp2', 1, null, null, null],
    ['gp2', 0, null, null, 'sizeGiB'],
    ['gp2', 8, 100, null, 'iops'],
    ['gp2', 8, null, 125, 'throughputMiBps'],
    ['io1', 4, 200, null, null],
    ['io1', 4, 201, null, 'iops'],
    ['io1', 4, null, null, 'iops'],
    ['io1', 3, 100, null, 'sizeGiB'],
    ['io1', 16_384, 64_000, null, null],
    ['io1', 16_384, 64_001, null, 'iops'],
    ['io1', 16_385, 100, null, 'sizeGiB'],
    ['io1', 8, 100, 125, 'throughputMiBps'],
    ['io1', 8, 99, null, 'iops'],
    ['io1', 8, 100.5, null, 'iops'],
    ['io2', 4, 4000, null, null],
    ['io2', 4, 4001, null, 'iops'],
    ['io2', 65_536, 256_000, null, null],
    ['io2', 65_536, 256_001, null, 'iops'],
    ['io2', 65_537, 100, null, 'sizeGiB'],
    ['io2', 3, 100, null, 'sizeGiB'],
    ['io2', 4, 99, null, 'iops'],
    ['io2', 4, null, null, 'iops'],
    ['io2', 8, 1000, 125, 'throughputMiBps'],
    ['st1', 125, null, null, null],
    ['st1', 124, null, null, 'sizeGiB'],
    ['st1', 16_384, null, null, null],
    ['st1', 16_385, null, null, 'sizeGiB'],
    ['st1', 125, 500, null, 'iops'],
    ['st1', 125, null, 500, 'throughputMiBps'],
    ['sc1', 16_384, null, null, null],
    ['sc1', 16_385, null, null, 'sizeGiB'],
    ['sc1', 124, null, null, 'sizeGiB'],
    ['sc1', 125, 100, null, 'iops'],
    ['standard', 1, null, null, null],
    ['standard', 0, null, null, 'sizeGiB'],
    ['standard', 8, 100, null, 'iops'],
    ['standard', 8, null, 125, 'throughputMiBps'],
    ['standard', 1024, null, null, null],
    ['standard', 1025, null, null, 'sizeGiB'],
    ['gp3', 8.5, null, null, 'sizeGiB'],
  ])('%s of %d GiB, %s IOPS, %s MiB/s is wrong in %s', (volumeType, sizeGiB, iops, throughputMiBps, path) => {
    const errors = validateShape({ volumeType, sizeGiB, iops, throughputMiBps }, { snapshotSizeGiB: 1, isRoot: false });
    expect(errors.map((error) => error.path)).toEqual(path === null ? [] : [path]);
  });

  it.each(['st1', 'sc1'] as const)('%s cannot hold a root volume', (volumeType) => {
    const shape = { volumeType, sizeGiB: 125, iops: null, throughputMiBps: null };
    expect(validateShape(shape, { snapshotSizeGiB: 1, isRoot: true }).map(({ path }) => path)).toEqual(['volumeType']);
  });

  it.each(['gp3', 'gp2', 'standard'] as const)('%s can hold a root volume', (volumeType) => {
    const shape = { volumeType, sizeGiB: 8, iops: null, throughputMiBps: null };
    expect(validateShape(shape, { snapshotSizeGiB: 8, isRoot: true })).toEqual([]);
  });

  it('a volume is never smaller than its snapshot', () => {
    const shape = { volumeType: 'gp3', sizeGiB: 7, iops: null, throughputMiBps: null } as const;
    expect(validateShape(shape, { snapshotSizeGiB: 8, isRoot: false })).toEqual([
      { path: 'sizeGiB', message: 'must be at least 8 GiB, the size of the snapshot' },
    ]);
  });
});

describe('a recovered volume is shaped like the original unless asked otherwise', () => {
  it.each<
    [string, VolumeType, number | null, number | null, VolumeShapeChoice, [VolumeType, number | null, number | null]]
  >([
    ['gp3 keeps its IOPS and throughput', 'gp3', 4000, 500, {}, ['gp3', 4000, 500]],
    ['gp2 asks for no IOPS although AWS reports some', 'gp2', 300, null, {}, ['gp2', null, null]],
    ['io1 keeps its IOPS', 'io1', 200, null, {}, ['io1', 200, null]],
    ['io1 to io2 keeps them', 'io1', 200, null, { volumeType: 'io2' }, ['io2', 200, null]],
    ['gp2 to gp3 takes what gp3 has by itself', 'gp2', 300, null, { volumeType: 'gp3' }, ['gp3', null, null]],
    ['gp3 to gp2 drops both', 'gp3', 4000, 500, { volumeType: 'gp2' }, ['gp2', null, null]],
    ['standard stays standard', 'standard', null, null, {}, ['standard', null, null]],
    ['what is asked counts', 'gp3', 3000, 125, { iops: 3500, throughputMiBps: 200 }, ['gp3', 3500, 200]],
  ])('%s', (_, volumeType, iops, throughputMiBps, choice, expected) => {
    const { shape, errors } = shapeVolume(choice, {
      original: { volumeType, iops, throughputMiBps },
      snapshotSizeGiB: 8,
      isRoot: false,
    });
    expect([shape.volumeType, shape.iops, shape.throughputMiBps]).toEqual(expected);
    expect(errors).toEqual([]);
  });

  it.each([
    ['gp3 to io1 needs IOPS of its own', 'gp3', { volumeType: 'io1', sizeGiB: 100 }, ['iops']],
    ['an unknown type', 'gp3', { volumeType: 'nvme' }, ['volumeType']],
    ['IOPS for gp2', 'gp2', { iops: 3000 }, ['iops']],
  ] as const)('and refused: %s', (_, volumeType, choice, paths) => {
    const { errors } = shapeVolume(choice, {
      original: { volumeType, iops: 3000, throughputMiBps: 125 },
      snapshotSizeGiB: 8,
      isRoot: false,
    });
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });
});

describe('device names', () => {
  it.each([
    ['/dev/sdf', 'xvdf', true],
    ['/dev/sdf', '/dev/xvdf', true],
    ['sdf', '/dev/sdf', true],
    ['/dev/sda1', '/dev/xvda', true],
    ['/dev/sda1', '/dev/sda2', false],
    ['/dev/sdf', '/dev/sdg', false],
    ['/dev/xvdba', '/dev/sdb', false],
    ['/dev/xvdba', 'xvdba', true],
    ['/dev/sdb1', '/dev/sdb', false],
    ['something', 'something', true],
  ])('%s and %s are the same device: %s', (a, b, expected) => {
    expect(deviceKey(a) === deviceKey(b)).toBe(expected);
    expect(isDeviceTaken(a, [b])).toBe(expected);
  });

  it.each([
    ['/dev/sdf', 'hvm', true],
    ['xvdf', 'hvm', true],
    ['/dev/xvdcz', 'hvm', true],
    ['/dev/sda1', 'hvm', true],
    ['/dev/sda2', 'hvm', true],
    ['/dev/sda3', 'hvm', false],
    ['/dev/sdb1', 'hvm', false],
    ['/dev/sdf1', 'hvm', false],
    ['/dev/sdf1', 'paravirtual', true],
    ['/dev/sdf0', 'paravirtual', false],
    ['/dev/sdf15', 'paravirtual', true],
    ['/dev/sdf16', 'paravirtual', false],
    ['/dev/xvddz', 'hvm', false],
    ['/dev/nvme1n1', 'hvm', false],
    ['/dev/sdf; reboot', 'hvm', false],
    ['/dev/../sdf', 'hvm', false],
    ['', 'hvm', false],
  ])('%j on %s is accepted: %s', (deviceName, virtualizationType, expected) => {
    expect(validateDevice(deviceName, { virtualizationType, isWindows: false }) === null).toBe(expected);
  });

  it('that are free are suggested in the order AWS recommends', () => {
    expect(suggestFreeDevice([], false)).toBe('/dev/sdf');
    expect(suggestFreeDevice(['xvdf', '/dev/sdg'], false)).toBe('/dev/sdh');
    expect(suggestFreeDevice(['/dev/sdf'], true)).toBe('xvdg');
    const taken: string[] = [];
    for (let next = suggestFreeDevice(taken, false); next !== null; next = suggestFreeDevice(taken, false))
      taken.push(next);
    expect(new Set(taken.map(deviceKey)).size).toBe(21 + 52);
    expect(taken.every((name) => validateDevice(name, { virtualizationType: 'hvm', isWindows: false }) === null)).toBe(
      true,
    );
  });
});

describe('the recovery of volumes', () => {
  it('makes a volume like the original in its zone, with its tags behind those of CPM, attached to nothing', () => {
    const volume = buildVolume(2, {
      original: {
        tags: [
          { key: 'Name', value: 'data' },
          { key: 'aws:x', value: '' },
        ],
      },
    });
    expect(plan([{}], { volumes: [volume], ownTags: [{ key: 'cpm:recovery', value: 'r' }] })).toEqual({
      ok: true,
      warnings: [],
      plan: [
        {
          snapshotId: volume.snapshotId,
          awsSnapshotId: 'snap-00000002',
          zone: 'eu-central-1a',
          sizeGiB: 8,
          volumeType: 'gp3',
          iops: 3000,
          throughputMiBps: 125,
          tags: [
            { key: 'cpm:recovery', value: 'r' },
            { key: 'Name', value: 'data' },
          ],
          attach: null,
          replaces: null,
          kmsKeyId: null,
        },
      ],
    });
  });

  it('leaves the tags out on request and says which found no room', () => {
    const tags = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: '' }));
    const volumes = [buildVolume(2, { original: { tags } })];
    expect(plan([{ preserveTags: false }], { volumes })).toMatchObject({
      ok: true,
      plan: [{ tags: [] }],
      warnings: [],
    });
    expect(plan([{}], { volumes, ownTags: [{ key: 'cpm:recovery', value: 'r' }] })).toMatchObject({
      ok: true,
      warnings: ['no room for the tags k9 of vol-00000002'],
    });
  });

  it.each<[string, Partial<VolumeRecoveryChoice>, string]>([
    ['its own device, which is free', { attachTo: 'i-00000001' }, '/dev/sdf'],
    ['the device that was asked for', { attachTo: 'i-00000001', deviceName: '/dev/sdh' }, '/dev/sdh'],
  ])('attaches to %s', (_, choice, deviceName) => {
    expect(plan([choice])).toMatchObject({ ok: true, plan: [{ attach: { instanceId: 'i-00000001', deviceName } }] });
  });

  it('attaches a volume that had no device to the first free one', () => {
    const volumes = [buildVolume(2, { original: { deviceName: null } })];
    expect(plan([{ attachTo: 'i-00000001' }], { volumes })).toMatchObject({
      ok: true,
      plan: [{ attach: { deviceName: '/dev/sdf' } }],
    });
  });

  it('makes an ordinary volume of a root volume, of any type', () => {
    const volumes = [buildVolume(2, { isRoot: true, sizeGiB: 200 })];
    expect(plan([{ volumeType: 'st1' }], { volumes })).toMatchObject({ ok: true });
  });

  it.each<[string, Partial<VolumeRecoveryChoice>, string, string]>([
    [
      'a snapshot of another backup',
      { snapshotId: buildVolume(9).snapshotId },
      'snapshotId',
      'is no snapshot of this backup',
    ],
    ['an unknown zone', { zone: 'us-east-1a' }, 'zone', 'us-east-1a is no zone'],
    ["a size below the snapshot's", { sizeGiB: 7 }, 'sizeGiB', 'at least 8 GiB'],
    ['a device without an instance', { deviceName: '/dev/sdf' }, 'deviceName', 'without an instance'],
    ['an unknown instance', { attachTo: 'i-00000009' }, 'attachTo', 'no instance i-00000009'],
    [
      'an instance of another zone',
      { zone: 'eu-central-1b', attachTo: 'i-00000001' },
      'attachTo',
      'is in eu-central-1a',
    ],
    [
      'a busy device',
      { attachTo: 'i-00000001', deviceName: '/dev/sdg' },
      'deviceName',
      '/dev/sdg of i-00000001 is taken; /dev/sdf is free',
    ],
    ['a busy device in its other spelling', { attachTo: 'i-00000001', deviceName: 'xvdg' }, 'deviceName', 'is taken'],
    ['the root device', { attachTo: 'i-00000001', deviceName: '/dev/sda1' }, 'deviceName', 'is taken'],
    ['a name that is no device', { attachTo: 'i-00000001', deviceName: '/etc/passwd' }, 'deviceName', 'no device name'],
  ])('refuses %s', (_, choice, path, message) => {
    expect(plan([choice])).toEqual({
      ok: false,
      errors: [{ path: `volumes.0.${path}`, message: expect.stringContaining(message) }],
    });
  });

  it.each(['pending', 'stopping', 'terminated'])('refuses an instance that is %s', (state) => {
    expect(errorsOf(plan([{ attachTo: 'i-00000001' }], { instances: [{ ...instance, state }] }))).toEqual([
      'volumes.0.attachTo',
    ]);
  });

  it('refuses a snapshot that did not complete', () => {
    const volumes = [buildVolume(2, { isCompleted: false })];
    expect(plan([{}], { volumes })).toEqual({
      ok: false,
      errors: [{ path: 'volumes.0.snapshotId', message: 'the snapshot of vol-00000002 did not complete' }],
    });
  });

  it('refuses an instance without a free device', () => {
    const takenDevices: string[] = [];
    for (
      let next = suggestFreeDevice(takenDevices, false);
      next !== null;
      next = suggestFreeDevice(takenDevices, false)
    )
      takenDevices.push(next);
    const instances = [{ ...instance, devices: takenDevices.map((device) => attached(device)) }];
    const volumes = [buildVolume(2, { original: { deviceName: null } })];
    expect(errorsOf(plan([{ attachTo: 'i-00000001' }], { instances, volumes }))).toEqual(['volumes.0.deviceName']);
    expect(plan([{ attachTo: 'i-00000001' }], { instances })).toMatchObject({
      errors: [{ message: expect.stringContaining('has no free device') }],
    });
  });

  it('refuses nothing chosen, and a snapshot chosen twice', () => {
    expect(errorsOf(plan([]))).toEqual(['volumes']);
    expect(errorsOf(plan([{}, {}]))).toEqual(['volumes.1.snapshotId']);
  });

  it('refuses two volumes at one device', () => {
    const choices = [
      { attachTo: 'i-00000001' },
      { snapshotId: buildVolume(3).snapshotId, attachTo: 'i-00000001', deviceName: 'xvdf' },
    ];
    expect(errorsOf(plan(choices))).toEqual(['volumes.1.deviceName']);
  });

  it('names every error at once, each with its field', () => {
    expect(
      errorsOf(
        plan([
          { zone: 'x', sizeGiB: 1, attachTo: 'i-9' },
          { snapshotId: buildVolume(3).snapshotId, volumeType: 'x' },
        ]),
      ),
    ).toEqual(['volumes.0.zone', 'volumes.0.sizeGiB', 'volumes.0.attachTo', 'volumes.1.volumeType']);
  });

  it('never plans what AWS would refuse for its size, and never the same device twice', () => {
    const choice = fc.record({
      sizeGiB: fc.option(fc.integer({ min: 1, max: 70_000 }), { nil: undefined }),
      volumeType: fc.option(fc.constantFrom('gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard', 'x'), {
        nil: undefined,
      }),
      iops: fc.option(fc.integer({ min: 50, max: 300_000 }), { nil: undefined }),
      throughputMiBps: fc.option(fc.integer({ min: 100, max: 2100 }), { nil: undefined }),
      attachTo: fc.option(fc.constant('i-00000001'), { nil: undefined }),
    });
    fc.assert(
      fc.property(choice, choice, (first, second) => {
        const planned = plan([first, { ...second, snapshotId: buildVolume(3).snapshotId }]);
        const plans = planned.ok ? planned.plan : [];
        expect(plans.every((shape) => validateShape(shape, { snapshotSizeGiB: 8, isRoot: false }).length === 0)).toBe(
          true,
        );
        const devices = plans.flatMap(({ attach }) => (attach === null ? [] : [deviceKey(attach.deviceName)]));
        expect(new Set(devices).size).toBe(devices.length);
      }),
    );
  });
});
