import { describe, expect, it } from 'vitest';
import type { AttachableInstance, AttachBehavior } from './attach-volume.ts';
import { attached, buildVolume } from './configuration-builder.ts';
import { planVolumes, type VolumePlan, type VolumeRecoveryChoice } from './plan-volumes.ts';
import type { Planned, RecoverableVolume } from './recoverable-volume.ts';

const data = buildVolume(2);
const old = attached('/dev/xvdf', { volumeId: 'vol-old', name: 'web data', deleteOnTermination: true });
const stopped: AttachableInstance = {
  instanceId: 'i-1',
  zone: 'eu-central-1a',
  state: 'stopped',
  virtualizationType: 'hvm',
  isWindows: false,
  isSpot: false,
  rootDeviceName: '/dev/xvda',
  devices: [attached('/dev/xvda', { volumeId: 'vol-root' }), old],
};

type Asked = {
  readonly behavior?: AttachBehavior;
  readonly instance?: Partial<AttachableInstance>;
  readonly volumes?: readonly RecoverableVolume[];
  readonly choices?: readonly Partial<VolumeRecoveryChoice>[];
};

const plan = ({ behavior = 'switch', instance = {}, volumes = [data], choices = [{}] }: Asked) =>
  planVolumes({
    volumes,
    choices: choices.map((choice, index) => ({
      snapshotId: (volumes[index] ?? data).snapshotId,
      attachTo: 'i-1',
      ...choice,
    })),
    attachBehavior: behavior,
    zones: ['eu-central-1a'],
    instances: [{ ...stopped, ...instance }],
    ownTags: [],
  });

const errorsOf = (planned: Planned<readonly VolumePlan[]>): string[] =>
  planned.ok ? [] : planned.errors.map(({ path, message }) => `${path}: ${message}`);

describe('switching volumes', () => {
  it.each([
    ['switch', false],
    ['switch-and-delete', true],
  ] as const)('%s finds the volume at the original device, and what becomes of it', (behavior, isDeleted) => {
    expect(plan({ behavior })).toMatchObject({
      ok: true,
      plan: [
        {
          attach: { instanceId: 'i-1', deviceName: '/dev/xvdf' },
          replaces: {
            volumeId: 'vol-old',
            name: 'web data',
            deviceName: '/dev/xvdf',
            deleteOnTermination: true,
            isDeleted,
          },
        },
      ],
    });
  });

  it('takes the device in the spelling that the instance has it in', () => {
    expect(plan({ choices: [{ deviceName: 'sda1' }] })).toMatchObject({
      plan: [{ attach: { deviceName: '/dev/xvda' }, replaces: { volumeId: 'vol-root' } }],
    });
  });

  it.each(['switch', 'switch-and-delete'] as const)('%s attaches simply where the device is free', (behavior) => {
    const choices = [{ deviceName: '/dev/sdk' }];
    for (const state of ['running', 'stopped'])
      expect(plan({ behavior, choices, instance: { state } })).toMatchObject({
        ok: true,
        plan: [{ attach: { deviceName: '/dev/sdk' }, replaces: null }],
      });
  });

  it('only-if-free takes another device than the original one where that is taken, and none off', () => {
    expect(plan({ behavior: 'only-if-free' })).toMatchObject({
      plan: [{ attach: { deviceName: '/dev/sdg' }, replaces: null }],
    });
  });

  it.each<[string, Asked, string]>([
    [
      'a running instance',
      { instance: { state: 'running' } },
      'attachTo: i-1 is running: vol-old at /dev/xvdf can be switched only while it is stopped',
    ],
    [
      'the root volume of a spot instance',
      { instance: { isSpot: true }, choices: [{ deviceName: '/dev/xvda' }] },
      'attachTo: i-1 is a spot instance: its root volume cannot be switched',
    ],
    [
      'a volume that other instances have too',
      { instance: { devices: [{ ...old, attachedTo: 2 }] } },
      'deviceName: vol-old at /dev/xvdf of i-1 is attached to 2 instances: only one of them is meant',
    ],
    [
      'a volume that AWS does not show',
      { instance: { devices: [{ ...old, attachedTo: null }] } },
      'deviceName: AWS does not show vol-old at /dev/xvdf of i-1',
    ],
    [
      'a volume that is just being taken off',
      { instance: { devices: [{ ...old, state: 'detaching' }] } },
      'deviceName: vol-old at /dev/xvdf of i-1 is detaching: wait until it is attached',
    ],
    [
      'a type that cannot hold a root volume, for the root device',
      {
        volumes: [buildVolume(2, { sizeGiB: 200 })],
        choices: [{ deviceName: '/dev/xvda', volumeType: 'st1' }],
      },
      'volumeType: st1 cannot hold a root volume',
    ],
    [
      'an instance that is being stopped',
      { instance: { state: 'stopping' } },
      'attachTo: i-1 is stopping: volumes attach to running or stopped instances',
    ],
  ])('is refused for %s', (_, asked, message) => {
    expect(errorsOf(plan(asked))).toEqual([`volumes.0.${message}`]);
  });

  it('is refused for two volumes at one device', () => {
    const choices = [{ deviceName: '/dev/sdf' }, { deviceName: 'xvdf' }];
    expect(errorsOf(plan({ volumes: [data, buildVolume(3)], choices }))).toEqual([
      'volumes.1.deviceName: xvdf of i-1 is given to another volume of this recovery; /dev/sdg is free',
    ]);
  });

  it('never takes off the same volume twice: a second one with the same original device goes to a free one', () => {
    expect(plan({ volumes: [data, buildVolume(3)], choices: [{}, {}] })).toMatchObject({
      plan: [
        { attach: { deviceName: '/dev/xvdf' }, replaces: { volumeId: 'vol-old' } },
        { attach: { deviceName: '/dev/sdg' }, replaces: null },
      ],
    });
  });
});

describe('the key of a recovered volume', () => {
  it.each([
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'mrk-1234abcd12ab34cd56ef1234567890ab',
    'alias/backups',
    'alias/team/backups_1-a',
    'arn:aws:kms:eu-central-1:100000000001:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws-cn:kms:cn-north-1:100000000001:alias/backups',
  ])('may be %s', (kmsKeyId) => {
    expect(plan({ choices: [{ kmsKeyId }] })).toMatchObject({ ok: true, plan: [{ kmsKeyId }] });
  });

  it.each([
    '',
    'backups',
    'alias/',
    'alias/with space',
    '1234abcd',
    'arn:aws:kms:eu-central-1:100000000001:key/backups',
    'arn:aws:iam::100000000001:role/x',
    'key/1234abcd-12ab-34cd-56ef-1234567890ab',
  ])('is refused as %j, beside its field', (kmsKeyId) => {
    expect(errorsOf(plan({ choices: [{ kmsKeyId }] }))).toEqual([
      `volumes.0.kmsKeyId: "${kmsKeyId}" is no key: give its id, its ARN, or an alias such as alias/name`,
    ]);
  });
});
