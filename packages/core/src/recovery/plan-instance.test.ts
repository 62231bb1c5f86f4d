import { describe, expect, it } from 'vitest';
import { buildVolume } from './configuration-builder.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice } from './instance-recovery.ts';
import { data, planned, root } from './request-builder.ts';

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
          kmsKeyId: null,
        },
        isEnaSupported: true,
        sriovNetSupport: null,
        bootMode: 'uefi-preferred',
        tpmSupport: null,
        uefiData: null,
        kernelId: null,
        ramdiskId: null,
        tags: [{ key: 'cpm:recovery', value: 'r' }],
        billing: { platformDetails: 'Linux/UNIX', usageOperation: 'RunInstances' },
      },
      existing: null,
      launch: {
        count: 1,
        instanceType: 'm7i.large',
        keyName: 'ops',
        network: {
          subnetId: 'subnet-00000001',
          securityGroupIds: ['sg-00000001'],
          privateIp: '10.0.1.20',
          associatePublicIp: null,
          description: null,
          secondaryPrivateIps: [],
          furtherInterfaces: [],
          forwardingInterfaces: [],
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
            kmsKeyId: null,
          },
        ],
        rootVolume: null,
        ephemeral: [],
        kernelId: null,
        ramdiskId: null,
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
    ['as many as CPM launches at once', { count: 100 }, { count: 100 }],
    ['16 KiB of user data', { userDataBase64: `${'AAAA'.repeat(5461)}AA==` }, { count: 1 }],
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
      placement: { zone: 'eu-central-1a', groupName: 'near', tenancy: 'dedicated', hostId: null, partitionNumber: 2 },
    };
    expect(planned({}, { configuration }).plan.launch).toMatchObject(configuration);
    const elsewhere = planned({ subnetId: 'subnet-00000002', instanceType: 'm7i.xlarge' }, { configuration }).plan
      .launch;
    expect(elsewhere).toMatchObject({
      placement: { groupName: 'near', tenancy: 'dedicated' },
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
    expect(planned({ volumes }).plan.image?.rootVolume).toMatchObject({ sizeGiB: 20, deviceName: '/dev/xvda' });
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
      'a public address',
      { networkInterfaces: [{ ...nic, publicIp: '203.0.113.7' }] },
      ['the public address 203.0.113.7 stays with the original; the new instance gets another or none'],
    ],
    ['nothing of a router, which routes again', { networkInterfaces: [{ ...nic, isSourceDestChecked: false }] }, []],
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
