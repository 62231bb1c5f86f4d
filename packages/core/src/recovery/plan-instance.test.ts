import { describe, expect, it } from 'vitest';
import { buildConfiguration, buildRoot, buildVolume } from './configuration-builder.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstancePlan, InstanceRecoveryChoice, InstanceRequest, LaunchOffer } from './instance-recovery.ts';
import { planInstance } from './plan-instance.ts';
import { isUsableInSubnet } from './plan-network.ts';

const root = buildRoot();
const data = buildVolume(2);
const OFFER: LaunchOffer = {
  subnets: [
    {
      subnetId: 'subnet-00000001',
      vpcId: 'vpc-00000001',
      zone: 'eu-central-1a',
      cidrBlock: '10.0.1.0/24',
      freeAddresses: 200,
    },
    {
      subnetId: 'subnet-00000002',
      vpcId: 'vpc-00000001',
      zone: 'eu-central-1b',
      cidrBlock: '10.0.2.0/24',
      freeAddresses: 1,
    },
    {
      subnetId: 'subnet-00000003',
      vpcId: 'vpc-00000002',
      zone: 'eu-central-1b',
      cidrBlock: '10.9.0.0/16',
      freeAddresses: 200,
    },
  ],
  securityGroups: [
    { groupId: 'sg-00000001', vpcId: 'vpc-00000001' },
    { groupId: 'sg-00000002', vpcId: 'vpc-00000002' },
  ],
  keyNames: ['ops', 'spare'],
  takenPrivateIps: ['10.0.1.30'],
};

type Parts = { readonly configuration?: Partial<InstanceConfiguration>; readonly request?: Partial<InstanceRequest> };

function request(choice: InstanceRecoveryChoice = {}, { configuration, request: rest }: Parts = {}): InstanceRequest {
  return {
    configuration: buildConfiguration(configuration),
    volumes: [data, root],
    choice,
    offer: OFFER,
    imageName: 'cpm-recovery-0192f3a4-5b6c-7d8e-9f01-23456789abcd',
    ownTags: [{ key: 'cpm:recovery', value: 'r' }],
    ...rest,
  };
}

function planned(
  choice: InstanceRecoveryChoice = {},
  parts: Parts = {},
): { plan: InstancePlan; warnings: readonly string[] } {
  const result = planInstance(request(choice, parts));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
}

function errorsOf(choice: InstanceRecoveryChoice = {}, parts: Parts = {}): [string, string][] {
  const result = planInstance(request(choice, parts));
  return result.ok ? [] : result.errors.map(({ path, message }) => [path, message]);
}

describe('an instance from its root snapshot', () => {
  it('is registered as the backed-up instance was and launched as it was, data volumes mapped at launch', () => {
    const { plan, warnings } = planned();
    expect(plan).toEqual({
      imageHandling: 'deregister',
      image: {
        name: 'cpm-recovery-0192f3a4-5b6c-7d8e-9f01-23456789abcd',
        description: 'CPM recovery of i-00000001',
        architecture: 'x86_64',
        virtualizationType: 'hvm',
        rootDeviceName: '/dev/xvda',
        rootVolume: {
          deviceName: '/dev/xvda',
          snapshotId: root.snapshotId,
          awsSnapshotId: 'snap-00000001',
          deleteOnTermination: true,
          sizeGiB: 8,
          volumeType: 'gp3',
          iops: 3000,
          throughputMiBps: 125,
        },
        isEnaSupported: true,
        sriovNetSupport: null,
        bootMode: 'uefi-preferred',
        tpmSupport: null,
        uefiData: null,
        kernelId: null,
        ramdiskId: null,
        tags: [{ key: 'cpm:recovery', value: 'r' }],
      },
      launch: {
        count: 1,
        instanceType: 'm7i.large',
        keyName: 'ops',
        network: {
          subnetId: 'subnet-00000001',
          securityGroupIds: ['sg-00000001'],
          privateIp: '10.0.1.20',
          associatePublicIp: null,
        },
        placement: { zone: 'eu-central-1a', groupName: null, tenancy: 'default', hostId: null, partitionNumber: null },
        dataVolumes: [
          {
            deviceName: '/dev/sdf',
            snapshotId: data.snapshotId,
            awsSnapshotId: 'snap-00000002',
            deleteOnTermination: true,
            sizeGiB: 8,
            volumeType: 'gp3',
            iops: 3000,
            throughputMiBps: 125,
          },
        ],
        instanceProfileArn: null,
        userDataBase64: null,
        isMonitored: false,
        isEbsOptimized: true,
        shutdownBehavior: 'stop',
        isTerminationProtected: true,
        isStopProtected: false,
        isHibernationConfigured: false,
        isEnclaveEnabled: false,
        cpuOptions: { coreCount: 1, threadsPerCore: 2 },
        cpuCredits: null,
        metadataOptions: {
          httpEndpoint: 'enabled',
          httpTokens: 'required',
          httpPutResponseHopLimit: 2,
          instanceMetadataTags: null,
        },
        instanceTags: [
          { key: 'cpm:recovery', value: 'r' },
          { key: 'Name', value: 'web-1' },
        ],
        ownTags: [{ key: 'cpm:recovery', value: 'r' }],
        volumeTags: [],
      },
    });
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<InstanceConfiguration>, object]>([
    [
      'ARM boots by UEFI whatever was recorded',
      { architecture: 'arm64', bootMode: null },
      { architecture: 'arm64', bootMode: 'uefi' },
    ],
    ['an unknown boot mode is left to AWS', { bootMode: null }, { bootMode: null }],
    [
      'a legacy BIOS takes no UEFI data',
      { bootMode: 'legacy-bios', uefiData: 'abc', tpmSupport: 'v2.0' },
      { bootMode: 'legacy-bios', uefiData: null, tpmSupport: null },
    ],
    [
      'secure boot and TPM come back',
      { bootMode: 'uefi', uefiData: 'abc', tpmSupport: 'v2.0' },
      { uefiData: 'abc', tpmSupport: 'v2.0' },
    ],
    [
      'ENA off stays off',
      { isEnaSupported: false, sriovNetSupport: 'simple' },
      { isEnaSupported: false, sriovNetSupport: 'simple' },
    ],
    [
      'paravirtual takes its kernel and no boot mode',
      { virtualizationType: 'paravirtual', kernelId: 'aki-00000001', ramdiskId: 'ari-00000001' },
      { kernelId: 'aki-00000001', ramdiskId: 'ari-00000001', bootMode: null },
    ],
    ['a kernel is nothing for HVM', { kernelId: 'aki-00000001' }, { kernelId: null }],
  ])('%s', (_, configuration, image) => {
    expect(planned({}, { configuration }).plan.image).toMatchObject(image);
  });

  it.each<[string, InstanceRecoveryChoice, object]>([
    [
      'a type',
      { instanceType: 't4g.small' },
      { instanceType: 't4g.small', cpuOptions: null, cpuCredits: null, isEbsOptimized: null },
    ],
    ['a key', { keyName: 'spare' }, { keyName: 'spare' }],
    ['no key', { keyName: null }, { keyName: null }],
    [
      'an instance profile',
      { instanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/web' },
      { instanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/web' },
    ],
    ['user data', { userDataBase64: 'ZWNobw==' }, { userDataBase64: 'ZWNobw==' }],
    ['no tags of the original', { preserveTags: false }, { instanceTags: [{ key: 'cpm:recovery', value: 'r' }] }],
    [
      'shutdown, protection, monitoring',
      { shutdownBehavior: 'terminate', isTerminationProtected: false, isMonitored: true, isEbsOptimized: false },
      { shutdownBehavior: 'terminate', isTerminationProtected: false, isMonitored: true, isEbsOptimized: false },
    ],
    ['a public address', { associatePublicIp: true }, { network: { associatePublicIp: true } }],
    ['a private address', { privateIp: '10.0.1.99' }, { network: { privateIp: '10.0.1.99' } }],
    ['any private address', { privateIp: null }, { network: { privateIp: null } }],
    [
      'another subnet',
      { subnetId: 'subnet-00000002' },
      { network: { subnetId: 'subnet-00000002', privateIp: null }, placement: { zone: 'eu-central-1b' } },
    ],
    [
      'another network with its groups',
      { subnetId: 'subnet-00000003', securityGroupIds: ['sg-00000002'] },
      { network: { securityGroupIds: ['sg-00000002'] } },
    ],
    ['several instances, each with its own address', { count: 3 }, { count: 3, network: { privateIp: null } }],
  ])('takes %s where asked', (_, choice, launch) => {
    expect(planned(choice).plan.launch).toMatchObject(launch);
  });

  it('takes over what the original had beside that', () => {
    const configuration = {
      instanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/web',
      userDataBase64: 'ZWNobw==',
      isHibernationConfigured: true,
      isEnclaveEnabled: true,
      cpuCredits: 'unlimited',
      placement: { zone: 'eu-central-1a', groupName: 'near', tenancy: 'host', hostId: 'h-1', partitionNumber: 2 },
    };
    expect(planned({}, { configuration }).plan.launch).toMatchObject(configuration);
    const elsewhere = planned({ subnetId: 'subnet-00000002', instanceType: 'm7i.xlarge' }, { configuration }).plan
      .launch;
    expect(elsewhere).toMatchObject({
      placement: { hostId: null, groupName: 'near' },
      isHibernationConfigured: false,
      isEnclaveEnabled: false,
      cpuCredits: null,
    });
  });

  it('can be kept as an image, or made as an image only', () => {
    expect(planned({ imageHandling: 'keep' }).plan).toMatchObject({ imageHandling: 'keep', launch: { count: 1 } });
    const onlyImage = planned({ imageHandling: 'create-only', subnetId: 'subnet-00000009', keyName: 'gone' });
    expect(onlyImage.plan).toMatchObject({
      imageHandling: 'create-only',
      launch: null,
      image: { rootDeviceName: '/dev/xvda' },
    });
  });

  it("takes another address, and says so, where the original's is in use", () => {
    const { plan, warnings } = planned({}, { configuration: { privateIp: '10.0.1.30' } });
    expect(plan.launch?.network.privateIp).toBeNull();
    expect(warnings).toEqual(['the address 10.0.1.30 is in use; the new instance gets another one']);
  });
});

describe('the volumes of a recovered instance', () => {
  it('can each be left out, enlarged, moved and kept beyond the instance', () => {
    const volumes = [
      {
        snapshotId: data.snapshotId,
        sizeGiB: 100,
        volumeType: 'io2',
        iops: 5000,
        deviceName: '/dev/sdk',
        deleteOnTermination: false,
      },
    ];
    expect(planned({ volumes }).plan.launch?.dataVolumes).toMatchObject([
      {
        sizeGiB: 100,
        volumeType: 'io2',
        iops: 5000,
        throughputMiBps: null,
        deviceName: '/dev/sdk',
        deleteOnTermination: false,
      },
    ]);
    expect(planned({ volumes: [{ snapshotId: data.snapshotId, recover: false }] }).plan.launch?.dataVolumes).toEqual(
      [],
    );
  });

  it('the root can be enlarged, at its own device', () => {
    const volumes = [{ snapshotId: root.snapshotId, sizeGiB: 20, deviceName: '/dev/sda1' }];
    expect(planned({ volumes }).plan.image.rootVolume).toMatchObject({ sizeGiB: 20, deviceName: '/dev/xvda' });
  });

  it('get their own tags back once they exist, unless asked otherwise', () => {
    const tagged = buildVolume(2, {
      original: {
        tags: [
          { key: 'Name', value: 'data' },
          { key: 'aws:x', value: '' },
        ],
      },
    });
    const parts = { request: { volumes: [root, tagged] } };
    expect(planned({}, parts).plan.launch?.volumeTags).toEqual([
      { deviceName: '/dev/sdf', tags: [{ key: 'Name', value: 'data' }] },
    ]);
    expect(
      planned({ volumes: [{ snapshotId: tagged.snapshotId, preserveTags: false }] }, parts).plan.launch?.volumeTags,
    ).toEqual([]);
  });

  it('get a free device where they had none', () => {
    const loose = buildVolume(3, { original: { deviceName: null } });
    expect(
      planned({}, { request: { volumes: [root, data, loose] } }).plan.launch?.dataVolumes.map(
        ({ deviceName }) => deviceName,
      ),
    ).toEqual(['/dev/sdf', '/dev/sdg']);
  });

  it('without a completed snapshot stay out, and the user is told', () => {
    const { plan, warnings } = planned({}, { request: { volumes: [root, buildVolume(2, { isCompleted: false })] } });
    expect(plan.launch?.dataVolumes).toEqual([]);
    expect(warnings).toEqual(['vol-00000002 at /dev/sdf has no completed snapshot in this backup and stays out']);
  });
});

describe('a launch is refused', () => {
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
    expect(errorsOf({}, { configuration })).toEqual([['', expect.stringContaining(message)]]);
  });

  it.each(['Linux/UNIX', null])('not for plain Linux that AWS calls %s', (platformDetails) => {
    expect(errorsOf({}, { configuration: { platformDetails, usageOperation: null } })).toEqual([]);
    expect(errorsOf({}, { configuration: { platformDetails, usageOperation: '' } })).toEqual([]);
  });

  it('without a completed snapshot of the root volume', () => {
    const expected = [['', 'this backup holds no completed snapshot of the root volume']];
    expect(errorsOf({}, { request: { volumes: [data] } })).toEqual(expected);
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

describe('what a new instance will not have is told', () => {
  const nic = {
    interfaceId: 'eni-00000001',
    deviceIndex: 0,
    subnetId: null,
    vpcId: null,
    privateIp: '10.0.1.20',
    secondaryPrivateIps: [],
    ipv6Addresses: [],
    publicIp: null,
    groupIds: [],
    description: null,
    deleteOnTermination: true,
    isSourceDestChecked: true,
  };

  it.each<[string, Partial<InstanceConfiguration>, string[]]>([
    ['nothing for one plain interface', { networkInterfaces: [nic] }, []],
    ['a spot instance', { lifecycle: 'spot' }, ['the original was a spot instance; the new one is on demand']],
    [
      'further interfaces',
      {
        networkInterfaces: [
          { ...nic, interfaceId: 'eni-00000002', deviceIndex: 1, privateIp: '10.0.1.21' },
          nic,
          { ...nic, interfaceId: 'eni-00000003', deviceIndex: 2, privateIp: null },
        ],
      },
      [
        'the network interface eni-00000002 (10.0.1.21) is not made again',
        'the network interface eni-00000003 is not made again',
      ],
    ],
    [
      'secondary addresses',
      { networkInterfaces: [{ ...nic, secondaryPrivateIps: ['10.0.1.22'] }] },
      ['the secondary addresses 10.0.1.22 are not assigned again'],
    ],
    [
      'a public address',
      { networkInterfaces: [{ ...nic, publicIp: '203.0.113.7' }] },
      ['the public address 203.0.113.7 stays with the original; the new instance gets another or none'],
    ],
    [
      'a router',
      { networkInterfaces: [{ ...nic, isSourceDestChecked: false }] },
      ['source/destination check has to be switched off again'],
    ],
    [
      'Marketplace codes',
      { productCodes: [{ productCodeId: 'abc', productCodeType: 'marketplace' }] },
      ['it carries product codes of AWS Marketplace: the account must be subscribed to them'],
    ],
  ])('%s', (_, configuration, warnings) => {
    expect(planned({}, { configuration }).warnings).toEqual(warnings);
  });

  it('tags that found no room', () => {
    const tags = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: '' }));
    expect(planned({}, { configuration: { tags } }).warnings).toEqual(['no room for the tags k9 of the instance']);
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
