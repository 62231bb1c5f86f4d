import { expect, test } from 'vitest';
import { encodeUserData, instanceInput, parseEphemeral, type InstanceAbout } from './instance-input.ts';
import { changeGroups, chosenVpc, groupOptions, groupsInVpc, placementGroupOptions } from './instance-network.ts';
import { instanceFormPath, instanceProblems, nameOfInstanceField } from './instance-problems.ts';
import { initialInstance, type InstanceValues } from './instance-values.ts';
import { sampleChoices, sampleResource } from './sample-resources.ts';

const resource = sampleResource();
const about: InstanceAbout = {
  resourceId: resource.id,
  place: null,
  groups: [],
  wasInGroup: false,
  usualLaunch: 'snapshot',
};
const initial = initialInstance(resource);
const [rootId, dataId] = ['00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000a2'];
const asItWas = { resourceId: resource.id, volumes: [{ snapshotId: rootId }, { snapshotId: dataId }] };
const inputOf = (parts: Partial<InstanceValues>, more: Partial<InstanceAbout> = {}) =>
  instanceInput({ ...initial, ...parts }, { ...about, ...more });
const problemsOf = (parts: Partial<InstanceValues>) =>
  instanceProblems({ ...initial, ...parts }, resource).map(({ path }) => path);

test('A form that nobody touched asks for everything as it was, the root volume first', () => {
  expect(inputOf({})).toEqual(asItWas);
  expect(problemsOf({})).toEqual([]);
});

test.each<[string, Partial<InstanceValues>, object]>([
  ['a way to launch', { launchFrom: 'image-then-swap' }, { launchFrom: 'image-then-swap' }],
  ['an image', { launchFrom: 'image', imageId: ' ami-00000001 ' }, { launchFrom: 'image', imageId: 'ami-00000001' }],
  [
    'no image id where none is launched',
    { launchFrom: 'snapshot', imageId: 'ami-00000001' },
    { launchFrom: 'snapshot' },
  ],
  ['the image kept', { imageHandling: 'keep' }, { imageHandling: 'keep' }],
  ['no image handling where no image is made', { launchFrom: 'image', imageHandling: 'keep' }, { launchFrom: 'image' }],
  ['several', { count: 3, privateIp: '10.0.1.9' }, { count: 3 }],
  ['another type', { instanceType: 'm7i.xlarge ' }, { instanceType: 'm7i.xlarge' }],
  ['another key', { keyName: 'other' }, { keyName: 'other' }],
  ['no key', { keyName: 'other', without: { ...initial.without, keyName: true } }, { keyName: null }],
  ['an address', { privateIp: '10.0.1.9' }, { privateIp: '10.0.1.9' }],
  ['any address', { without: { ...initial.without, privateIp: true } }, { privateIp: null }],
  ['a public address', { associatePublicIp: 'yes' }, { associatePublicIp: true }],
  ['no public address', { associatePublicIp: 'no' }, { associatePublicIp: false }],
  ['a public address as the subnet has it', { associatePublicIp: 'subnet' }, { associatePublicIp: null }],
  ['an architecture', { architecture: 'arm64' }, { architecture: 'arm64' }],
  ['a zone', { placement: 'zone', zone: 'eu-central-1b', subnetId: 'subnet-0000000a' }, { zone: 'eu-central-1b' }],
  ['a subnet', { placement: 'subnet', subnetId: 'subnet-0000000b · b · 9 free' }, { subnetId: 'subnet-0000000b' }],
  ['a placement group', { placement: 'group', placementGroup: 'fast' }, { placementGroup: 'fast' }],
  ['the original placement, whatever was typed', { subnetId: 'subnet-0000000b', zone: 'x', placementGroup: 'y' }, {}],
  ['tenancy and host', { tenancy: 'host', hostId: 'h-00000001' }, { tenancy: 'host', hostId: 'h-00000001' }],
  ['any host', { without: { ...initial.without, hostId: true } }, { hostId: null }],
  ['a profile', { instanceProfileArn: 'arn:aws:iam::1:x' }, { instanceProfileArn: 'arn:aws:iam::1:x' }],
  ['no profile', { without: { ...initial.without, instanceProfileArn: true } }, { instanceProfileArn: null }],
  ['user data', { userData: '#!/bin/sh\nécho' }, { userDataBase64: 'IyEvYmluL3NoCsOpY2hv' }],
  ['no user data', { userData: 'x', without: { ...initial.without, userData: true } }, { userDataBase64: null }],
  ['a kernel and a RAM disk', { kernelId: 'aki-1', ramdiskId: 'ari-1' }, { kernelId: 'aki-1', ramdiskId: 'ari-1' }],
  [
    'instance store',
    { ephemeral: '/dev/sdb=ephemeral0' },
    { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] },
  ],
  ['no tags', { preserveTags: false }, { preserveTags: false }],
  ['shutdown', { shutdownBehavior: 'terminate' }, { shutdownBehavior: 'terminate' }],
  ['protection off', { isTerminationProtected: 'no' }, { isTerminationProtected: false }],
  ['monitoring', { isMonitored: 'yes' }, { isMonitored: true }],
  ['EBS optimised', { isEbsOptimized: 'yes' }, { isEbsOptimized: true }],
  ['metadata version 2', { requiresImdsV2: 'yes' }, { requiresImdsV2: true }],
])('The request asks for %s, and leaves the rest as it was', (_, parts, expected) => {
  expect(inputOf(parts)).toEqual({ ...asItWas, ...expected });
});

test('An image that is usual for the system can be named without asking for it', () => {
  const usual = { usualLaunch: 'image-then-swap' } as const;
  expect(inputOf({ imageId: 'ami-00000001', imageHandling: 'keep' }, usual)).toEqual({
    ...asItWas,
    imageId: 'ami-00000001',
  });
});

test('Another zone or subnet leaves the placement group of the original, the original placement does not', () => {
  const wasInGroup = { wasInGroup: true };
  expect(inputOf({ placement: 'zone', zone: 'eu-central-1b' }, wasInGroup).placementGroup).toBeNull();
  expect(inputOf({ placement: 'subnet', subnetId: 'subnet-0000000b' }, wasInGroup).placementGroup).toBeNull();
  expect(inputOf({}, wasInGroup)).not.toHaveProperty('placementGroup');
});

test('A place, groups and credentials are named where they were chosen, and credentials only while they are asked for', () => {
  const place = { accountId: resource.id, region: 'eu-west-1' };
  const credentials = { isAccounts: false, accessKeyId: ' AKIA ', secretAccessKey: 's', sessionToken: '' };
  expect(inputOf({ credentials }, { place, groups: ['sg-0000000a · web'] })).toEqual({
    ...asItWas,
    place,
    securityGroupIds: ['sg-0000000a'],
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
  });
  expect(inputOf({ credentials: { ...credentials, isAccounts: true } })).toEqual(asItWas);
});

test('A volume that is left out takes none of its other values along', () => {
  const [root, data] = initial.volumes;
  if (!root || !data) throw new Error('the sample has two volumes');
  const volumes = [
    { ...root, sizeGiB: 30, deleteOnTermination: 'no' as const, kmsKeyId: 'alias/x', preserveTags: false },
    { ...data, isRecovered: false, sizeGiB: 99 },
  ];
  expect(inputOf({ volumes }).volumes).toEqual([
    { snapshotId: rootId, sizeGiB: 30, kmsKeyId: 'alias/x', preserveTags: false, deleteOnTermination: false },
    { snapshotId: dataId, recover: false },
  ]);
});

test.each<[string, Partial<InstanceValues>]>([
  ['count', { count: 0 }],
  ['count', { count: 21 }],
  ['count', { count: '' }],
  ['zone', { placement: 'zone' }],
  ['subnetId', { placement: 'subnet' }],
  ['subnetId', { placement: 'subnet', subnetId: 'subnet-x' }],
  ['subnetId', { placement: 'group', placementGroup: 'g', subnetId: 'vpc-0000000a' }],
  ['placementGroup', { placement: 'group' }],
  ['securityGroupIds', { securityGroupIds: ['web'] }],
  ['imageId', { imageId: 'snap-00000001' }],
  ['userData', { userData: 'é'.repeat(8193) }],
  ['ephemeral', { ephemeral: '/dev/sdb=ephemeral24' }],
  ['ephemeral', { ephemeral: 'ephemeral0' }],
])('What can be seen to be wrong of %s is told before AWS is asked: %o', (path, parts) => {
  expect(problemsOf(parts)).toEqual([path]);
});

test('Groups follow the network: those of another one are set aside and count again when it is chosen again', () => {
  const picked = ['sg-0000000a · web', 'sg-0000000b · web', 'sg-0123456789abcdef0'];
  expect(groupsInVpc(picked, sampleChoices, 'vpc-0000000a')).toEqual([picked[0], picked[2]]);
  expect(groupsInVpc(picked, sampleChoices, null)).toEqual(picked);
  expect(changeGroups(picked, [picked[0] ?? ''], ['sg-0000000c'])).toEqual([picked[1], picked[2], 'sg-0000000c']);
  expect(groupOptions(sampleChoices, 'vpc-0000000b')).toEqual(['sg-0000000b · web']);
  expect(placementGroupOptions(sampleChoices)).toEqual(['fast']);
});

test.each<[Omit<Parameters<typeof chosenVpc>[0], 'zone'> & { readonly zone?: string }, string | null]>([
  [{ placement: 'original', subnetId: 'subnet-0000000b' }, 'vpc-0000000a'],
  [{ placement: 'subnet', subnetId: 'subnet-0000000b · b' }, 'vpc-0000000b'],
  [{ placement: 'group', subnetId: '' }, 'vpc-0000000a'],
  [{ placement: 'zone', subnetId: '', zone: 'eu-central-1b' }, 'vpc-0000000b'],
  [{ placement: 'zone', subnetId: '', zone: 'eu-central-1c' }, null],
  [{ placement: 'subnet', subnetId: 'subnet-0000000c' }, null],
])('The network of %o is %s', (placed, expected) => {
  expect(chosenVpc({ zone: '', ...placed }, sampleChoices, 'vpc-0000000a')).toBe(expected);
});

test('User data is encoded as UTF-8, and nothing stays nothing', () => {
  expect(encodeUserData('')).toBe('');
  expect(encodeUserData('✓')).toBe('4pyT');
});

test('Instance store is read from lines or commas', () => {
  expect(parseEphemeral(' /dev/sdb = ephemeral0,\n/dev/sdc=ephemeral1 ')).toEqual([
    { deviceName: '/dev/sdb', virtualName: 'ephemeral0' },
    { deviceName: '/dev/sdc', virtualName: 'ephemeral1' },
  ]);
});

test('What the server objects to is found by the field that it is in', () => {
  expect(instanceFormPath('userDataBase64')).toBe('userData');
  expect(instanceFormPath('securityGroupIds.0')).toBe('securityGroupIds');
  expect(instanceFormPath('volumes.1.recover')).toBe('volumes.1.isRecovered');
  expect(instanceFormPath('volumes.1.deviceName')).toBe('volumes.1.deviceName');
  expect(nameOfInstanceField('volumes.1.iops', ['vol-1', 'vol-2'])).toBe('vol-2, IOPS');
  expect(nameOfInstanceField('subnetId', [])).toBe('Subnet');
});
