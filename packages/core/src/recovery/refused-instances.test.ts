import { describe, expect, it } from 'vitest';
import { buildConfiguration, buildRoot, buildVolume } from './configuration-builder.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice } from './instance-recovery.ts';
import { launchObstacle } from './launch-support.ts';
import { isUsableInSubnet } from './plan-network.ts';
import { data, errorsOf, root } from './request-builder.ts';

describe('no image is made of the root snapshot', () => {
  it.each<[string, Partial<InstanceConfiguration>, string]>([
    [
      'for Windows by its platform',
      { platform: 'windows', platformDetails: null },
      'windows cannot be registered from a snapshot',
    ],
    [
      'for Windows by its details',
      { platformDetails: 'Windows with SQL Server', usageOperation: 'RunInstances:0102' },
      'Windows with SQL Server cannot',
    ],
    [
      'for Red Hat',
      { platformDetails: 'Red Hat Enterprise Linux', usageOperation: 'RunInstances:0010' },
      'Red Hat Enterprise Linux is billed',
    ],
    ['for SUSE', { platformDetails: 'SUSE Linux', usageOperation: 'RunInstances:000g' }, 'SUSE Linux is billed'],
    [
      'for anything billed that nobody named',
      { platformDetails: null, usageOperation: 'RunInstances:0200' },
      'this system is billed',
    ],
    ['for an instance-store root', { rootDeviceType: 'instance-store' }, 'instance store'],
    ['for a Mac', { architecture: 'arm64_mac' }, 'arm64_mac'],
    ['for paravirtual without a kernel', { virtualizationType: 'paravirtual' }, 'kernel was not recorded'],
    ['without a root device', { rootDeviceName: null }, 'root device was not recorded'],
  ])('%s', (_, configuration, message) => {
    expect(launchObstacle(buildConfiguration(configuration))).toContain(message);
  });

  it.each(['Linux/UNIX', null])('unless it is plain Linux that AWS calls %s', (platformDetails) => {
    expect(launchObstacle(buildConfiguration({ platformDetails, usageOperation: null }))).toBeNull();
    expect(launchObstacle(buildConfiguration({ platformDetails, usageOperation: '' }))).toBeNull();
  });
});

describe('a launch is refused', () => {
  it('without a completed snapshot of the root volume', () => {
    const expected = [['', 'this backup holds no completed snapshot of the root volume']];
    expect(errorsOf({ launchFrom: 'snapshot' }, { request: { volumes: [data] } })).toEqual(expected);
    expect(errorsOf({ launchFrom: 'image-then-swap' }, { request: { volumes: [data] } })).toEqual(expected);
    expect(
      errorsOf({ imageHandling: 'create-only' }, { request: { volumes: [buildRoot({ isCompleted: false }), data] } }),
    ).toEqual(expected);
  });

  it.each<[string, InstanceRecoveryChoice, string, string]>([
    ['no instances', { count: 0 }, 'count', 'from 1 to 100'],
    ['too many instances', { count: 101 }, 'count', 'from 1 to 100'],
    ['a wrong type', { instanceType: 'big; rm' }, 'instanceType', 'is no instance type'],
    ['an unknown key', { keyName: 'gone' }, 'keyName', 'no key pair "gone"'],
    ['a wrong profile', { instanceProfileArn: 'admin' }, 'instanceProfileArn', 'no ARN'],
    ['user data that is not base64', { userDataBase64: '#!/bin/sh' }, 'userDataBase64', 'base64'],
    ['user data above 16 KiB', { userDataBase64: 'AAAA'.repeat(5462) }, 'userDataBase64', '16 KiB'],
    ['an unknown subnet', { subnetId: 'subnet-00000009' }, 'subnetId', 'no subnet subnet-00000009'],
    ['a full subnet', { subnetId: 'subnet-00000002', count: 2 }, 'subnetId', '1 free addresses for 2'],
    ['an unknown group', { securityGroupIds: ['sg-00000009'] }, 'securityGroupIds', 'no security group sg-00000009'],
    [
      'a group of another network',
      { securityGroupIds: ['sg-00000001', 'sg-00000002'] },
      'securityGroupIds',
      'sg-00000002 is not in vpc-00000001',
    ],
    ['no group', { securityGroupIds: [] }, 'securityGroupIds', 'at least one'],
    [
      'another network without groups',
      { subnetId: 'subnet-00000003' },
      'securityGroupIds',
      'choose security groups of vpc-00000002',
    ],
    ['an address outside the subnet', { privateIp: '10.0.2.20' }, 'privateIp', 'not usable in subnet-00000001'],
    ['an address that is none', { privateIp: '10.0.1' }, 'privateIp', 'no IPv4 address'],
    ['an address in use', { privateIp: '10.0.1.30' }, 'privateIp', 'is in use'],
    ['one address for two instances', { privateIp: '10.0.1.40', count: 2 }, 'privateIp', 'several instances'],
    [
      'the root left out',
      { volumes: [{ snapshotId: root.snapshotId, recover: false }] },
      'volumes.0.recover',
      'cannot be left out',
    ],
    [
      'the root at another device',
      { volumes: [{ snapshotId: root.snapshotId, deviceName: '/dev/sdz' }] },
      'volumes.0.deviceName',
      'stays at /dev/xvda',
    ],
    [
      'the root on st1',
      { volumes: [{ snapshotId: root.snapshotId, volumeType: 'st1', sizeGiB: 125 }] },
      'volumes.0.volumeType',
      'root volume',
    ],
    [
      'a volume below its snapshot',
      { volumes: [{ snapshotId: data.snapshotId, sizeGiB: 4 }] },
      'volumes.0.sizeGiB',
      'at least 8',
    ],
    [
      'a volume at the root device',
      { volumes: [{ snapshotId: data.snapshotId, deviceName: '/dev/sda1' }] },
      'volumes.0.deviceName',
      "another volume's device; /dev/sdg is free",
    ],
    [
      'a device with a digit',
      { volumes: [{ snapshotId: data.snapshotId, deviceName: '/dev/sdf1' }] },
      'volumes.0.deviceName',
      'must not end in a digit',
    ],
    [
      'a volume of another instance',
      { volumes: [{ snapshotId: buildVolume(9).snapshotId }] },
      'volumes.0.snapshotId',
      'no snapshot of this instance',
    ],
    [
      'a volume chosen twice',
      { volumes: [{ snapshotId: data.snapshotId }, { snapshotId: data.snapshotId }] },
      'volumes.1.snapshotId',
      'twice',
    ],
  ])('for %s', (_, choice, path, message) => {
    expect(errorsOf(choice)).toEqual([[path, expect.stringContaining(message)]]);
  });

  it('for a volume that was asked for and did not complete', () => {
    const broken = buildVolume(2, { isCompleted: false });
    const parts = { request: { volumes: [root, broken] } };
    expect(errorsOf({ volumes: [{ snapshotId: broken.snapshotId }] }, parts)).toEqual([
      ['volumes.0.recover', 'the snapshot of vol-00000002 did not complete'],
    ]);
    expect(errorsOf({ volumes: [{ snapshotId: broken.snapshotId, recover: false }] }, parts)).toEqual([]);
  });

  it('for an image name that AWS would not take', () => {
    expect(errorsOf({}, { request: { imageName: 'a{b}' } }).map(([path]) => path)).toEqual(['imageName']);
    expect(errorsOf({ imageHandling: 'create-only' }, { request: { imageName: '' } }).map(([path]) => path)).toEqual([
      'imageName',
    ]);
  });

  it('for an original without a subnet until one is chosen', () => {
    const parts = { configuration: { subnetId: null, vpcId: null, privateIp: null } };
    expect(errorsOf({}, parts)).toEqual([['subnetId', 'choose a subnet: the original was in none']]);
    expect(errorsOf({ subnetId: 'subnet-00000001', securityGroupIds: ['sg-00000001'] }, parts)).toEqual([]);
  });

  it('for a volume without a device when none is free, and for two at one', () => {
    const loose = Array.from({ length: 2 }, (_, n) => buildVolume(n + 4, { original: { deviceName: '/dev/sdf' } }));
    expect(errorsOf({}, { request: { volumes: [root, ...loose] } })).toEqual([
      ['volumes.vol-00000005.deviceName', expect.stringContaining("another volume's")],
    ]);
  });

  it('with every error at once', () => {
    const choice = { count: 0, keyName: 'gone', subnetId: 'x', volumes: [{ snapshotId: data.snapshotId, sizeGiB: 1 }] };
    expect(errorsOf(choice).map(([path]) => path)).toEqual([
      'volumes.0.sizeGiB',
      'subnetId',
      'count',
      'keyName',
      'subnetId',
    ]);
  });
});

describe('an address of a subnet', () => {
  it.each([
    ['10.0.1.4', '10.0.1.0/24', true],
    ['10.0.1.3', '10.0.1.0/24', false],
    ['10.0.1.254', '10.0.1.0/24', true],
    ['10.0.1.255', '10.0.1.0/24', false],
    ['10.0.0.255', '10.0.1.0/24', false],
    ['10.9.255.254', '10.9.0.0/16', true],
    ['010.0.1.4', '10.0.1.0/24', false],
    ['10.0.1.256', '10.0.1.0/24', false],
    ['::1', '10.0.1.0/24', false],
    ['10.0.1.4', '10.0.1.0', false],
    ['10.0.1.4', '10.0.1.0/33', false],
    ['10.0.1.4', 'x/24', false],
    ['255.255.255.20', '255.255.255.0/24', true],
  ])('%s in %s is usable: %s', (address, cidrBlock, expected) => {
    expect(isUsableInSubnet(address, cidrBlock)).toBe(expected);
  });
});
