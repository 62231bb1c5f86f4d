import { describe, expect, it } from 'vitest';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice, LaunchOffer } from './instance-recovery.ts';
import { data, errorsOf, MODERN, planned, root } from './request-builder.ts';

type Refused = [string, InstanceRecoveryChoice, Partial<LaunchOffer>, Partial<InstanceConfiguration>, [string, string]];

const ON_HOST = {
  zone: 'eu-central-1a',
  groupName: null,
  tenancy: 'host',
  hostId: 'h-00000001',
  partitionNumber: null,
};
const PV = { virtualizationType: 'paravirtual', kernelId: 'aki-00000001', bootMode: null };

describe('an option that cannot be honoured is refused beside its field, before anything is made', () => {
  it.each<Refused>([
    ['ARM for an x86 system', { architecture: 'arm64' }, {}, {}, ['architecture', 'x86_64 does not start as arm64']],
    [
      'x86 for an ARM system',
      { architecture: 'x86_64' },
      {},
      { architecture: 'arm64' },
      ['architecture', 'arm64 does not start as x86_64'],
    ],
    ['an unknown type', { instanceType: 'm99.huge' }, { instanceType: null }, {}, ['instanceType', 'no type m99.huge']],
    [
      'a type of another architecture',
      { instanceType: 'm7g.large' },
      { instanceType: { ...MODERN, architectures: ['arm64'] } },
      {},
      ['instanceType', 'is for arm64, and the system is x86_64'],
    ],
    [
      'a type that its zone has not',
      {},
      { instanceTypeZones: ['eu-central-1c'] },
      {},
      ['instanceType', 'not offered in eu-central-1a; it is in eu-central-1c'],
    ],
    ['a type that no zone has', {}, { instanceTypeZones: [] }, {}, ['instanceType', 'it is in no zone']],
    [
      'a Nitro type without ENA',
      { instanceType: MODERN.instanceType },
      { instanceType: MODERN },
      { isEnaSupported: false, instanceType: 'm3.large' },
      ['instanceType', 'ENA'],
    ],
    [
      'a Nitro type for a paravirtual system',
      {},
      { instanceType: MODERN },
      PV,
      ['instanceType', 'this one is paravirtual'],
    ],
    [
      'a BIOS type for UEFI',
      {},
      { instanceType: { ...MODERN, bootModes: ['legacy-bios'] } },
      { bootMode: 'uefi' },
      ['instanceType', 'starts by legacy-bios, and the system by uefi'],
    ],
    [
      'a type without TPM',
      {},
      { instanceType: { ...MODERN, hasNitroTpm: false } },
      { bootMode: 'uefi', tpmSupport: 'v2.0' },
      ['instanceType', 'no NitroTPM'],
    ],
    [
      'a zone beside a subnet',
      { zone: 'eu-central-1b', subnetId: 'subnet-00000003' },
      {},
      {},
      ['zone', 'either a zone or a subnet'],
    ],
    ['an unknown zone', { zone: 'eu-central-1x' }, {}, {}, ['zone', 'no zone eu-central-1x']],
    ['a zone without a default subnet', { zone: 'eu-central-1a' }, {}, {}, ['zone', 'no default subnet']],
    [
      'a placement group that is not there',
      { placementGroup: 'far' },
      {},
      {},
      ['placementGroup', 'no placement group "far"'],
    ],
    ['one that is going', { placementGroup: 'going' }, {}, {}, ['placementGroup', 'is deleting']],
    [
      'one whose strategy the type cannot',
      { placementGroup: 'near' },
      { instanceType: { ...MODERN, placementStrategies: ['spread'] } },
      {},
      ['placementGroup', 'is a cluster group, which takes no m7i.large'],
    ],
    [
      "the original's group when it is gone",
      {},
      { placementGroups: [] },
      { placement: { ...ON_HOST, groupName: 'old', tenancy: 'default', hostId: null } },
      ['placementGroup', 'where the original was; choose another one or none'],
    ],
    [
      'a group for a dedicated host',
      { placementGroup: 'near', tenancy: 'host' },
      {},
      {},
      ['placementGroup', 'a dedicated host cannot be in'],
    ],
    [
      'a host of a type that runs on none',
      { tenancy: 'host' },
      { instanceType: { ...MODERN, supportsDedicatedHosts: false } },
      {},
      ['tenancy', 'does not run on a dedicated host'],
    ],
    ['a host with another tenancy', { hostId: 'h-00000001' }, {}, {}, ['hostId', 'only with the tenancy host']],
    ['a host that is none', { tenancy: 'host', hostId: 'host-1' }, {}, {}, ['hostId', 'is no id of a dedicated host']],
    ['an unknown host', { tenancy: 'host', hostId: 'h-00000009' }, {}, {}, ['hostId', 'no dedicated host h-00000009']],
    [
      'a host of another zone',
      { tenancy: 'host', hostId: 'h-00000002' },
      {},
      {},
      ['hostId', 'stands in eu-central-1b, not in eu-central-1a'],
    ],
    [
      'a host that is not available',
      { tenancy: 'host', hostId: 'h-00000003' },
      {},
      {},
      ['hostId', 'is under-assessment'],
    ],
    [
      "the original's host when it is gone",
      {},
      { hosts: [] },
      { placement: ON_HOST },
      ['hostId', 'where the original was'],
    ],
    ['a kernel for HVM', { kernelId: 'aki-00000002' }, {}, {}, ['kernelId', 'only for paravirtual']],
    ['a RAM disk for HVM', { ramdiskId: 'ari-00000002' }, {}, {}, ['ramdiskId', 'only for paravirtual']],
    ['a kernel that is none', { kernelId: 'ami-00000002' }, {}, PV, ['kernelId', 'no id such as aki-']],
    [
      'instance store without a number',
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral' }] },
      {},
      {},
      ['ephemeral.0.virtualName', 'ephemeral0 to ephemeral23'],
    ],
    [
      'instance store beyond the last',
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral24' }] },
      {},
      {},
      ['ephemeral.0.virtualName', 'ephemeral0 to ephemeral23'],
    ],
    [
      'instance store at no device',
      { ephemeral: [{ deviceName: 'disk', virtualName: 'ephemeral0' }] },
      {},
      {},
      ['ephemeral.0.deviceName', 'no device name'],
    ],
    [
      "instance store at a volume's device",
      { ephemeral: [{ deviceName: 'xvdf', virtualName: 'ephemeral0' }] },
      {},
      {},
      ['ephemeral.0.deviceName', 'the device of a volume'],
    ],
    [
      'a key that is none',
      { volumes: [{ snapshotId: data.snapshotId, kmsKeyId: 'my key' }] },
      {},
      {},
      ['volumes.0.kmsKeyId', '"my key" is no key'],
    ],
    [
      'a key for the root of an image alone',
      { imageHandling: 'create-only', volumes: [{ snapshotId: root.snapshotId, kmsKeyId: 'alias/x' }] },
      {},
      {},
      ['volumes.0.kmsKeyId', 'keeps the encryption of its snapshot'],
    ],
  ])('%s', (_, choice, offer, configuration, [path, message]) => {
    expect(errorsOf(choice, { offer, configuration })).toEqual([[path, expect.stringContaining(message)]]);
  });

  it('two mappings of one device, or of one disk', () => {
    const [first, second] = [
      { deviceName: '/dev/sdb', virtualName: 'ephemeral0' },
      { deviceName: '/dev/xvdb', virtualName: 'ephemeral1' },
    ];
    expect(errorsOf({ ephemeral: [first, second] })).toEqual([['ephemeral.1.deviceName', '/dev/xvdb is named twice']]);
    expect(errorsOf({ ephemeral: [first, { ...first, deviceName: '/dev/sdc' }] })).toEqual([
      ['ephemeral.1.virtualName', 'ephemeral0 is named twice'],
    ]);
  });

  it('all at once, each beside its own field', () => {
    const choice = {
      architecture: 'arm64',
      zone: 'nowhere',
      placementGroup: 'far',
      hostId: 'h-00000001',
      keyName: 'gone',
      count: 0,
    };
    expect(
      errorsOf(choice)
        .map(([path]) => path)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['architecture', 'count', 'hostId', 'keyName', 'placementGroup', 'zone']);
  });
});

describe('an option is taken over into the plan', () => {
  it.each<[string, InstanceRecoveryChoice, object, Partial<InstanceConfiguration>?]>([
    [
      'a zone by its default subnet',
      { zone: 'eu-central-1b', securityGroupIds: ['sg-00000002'] },
      { network: { subnetId: 'subnet-00000003', privateIp: null }, placement: { zone: 'eu-central-1b' } },
    ],
    ['a placement group', { placementGroup: 'near' }, { placement: { groupName: 'near', partitionNumber: null } }],
    [
      'no placement group',
      { placementGroup: null },
      { placement: { groupName: null } },
      { placement: { ...ON_HOST, groupName: 'near', tenancy: 'default', hostId: null } },
    ],
    ['a tenancy', { tenancy: 'dedicated' }, { placement: { tenancy: 'dedicated', hostId: null } }],
    [
      'a dedicated host',
      { tenancy: 'host', hostId: 'h-00000001' },
      { placement: { tenancy: 'host', hostId: 'h-00000001' } },
    ],
    ['any dedicated host', { hostId: null }, { placement: { tenancy: 'host', hostId: null } }, { placement: ON_HOST }],
    [
      'leaving the dedicated host',
      { tenancy: 'default' },
      { placement: { tenancy: 'default', hostId: null } },
      { placement: ON_HOST },
    ],
    [
      'instance store',
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] },
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] },
    ],
    [
      'tokens required, the rest as recorded',
      { requiresImdsV2: true },
      {
        metadataOptions: {
          httpTokens: 'required',
          httpPutResponseHopLimit: 3,
          httpEndpoint: 'enabled',
          instanceMetadataTags: 'enabled',
        },
      },
      {
        metadataOptions: {
          httpTokens: 'optional',
          httpPutResponseHopLimit: 3,
          httpEndpoint: 'enabled',
          instanceMetadataTags: 'enabled',
        },
      },
    ],
    [
      'tokens not required where nothing was recorded',
      { requiresImdsV2: false },
      { metadataOptions: { httpTokens: 'optional', httpPutResponseHopLimit: null } },
      { metadataOptions: null },
    ],
    [
      'a key for a data volume',
      { volumes: [{ snapshotId: data.snapshotId, kmsKeyId: 'alias/vault' }] },
      { rootVolume: null, dataVolumes: [{ kmsKeyId: 'alias/vault' }] },
    ],
    [
      'a key for the root, in the launch',
      { volumes: [{ snapshotId: root.snapshotId, kmsKeyId: 'alias/vault' }] },
      { rootVolume: { deviceName: '/dev/xvda', kmsKeyId: 'alias/vault' }, dataVolumes: [{ kmsKeyId: null }] },
    ],
  ])('%s', (_, choice, launch, configuration) => {
    expect(planned(choice, configuration === undefined ? {} : { configuration }).plan.launch).toMatchObject(launch);
  });

  it('another architecture of the same kind, with a warning', () => {
    const { plan, warnings } = planned(
      { architecture: 'i386' },
      { offer: { instanceType: { ...MODERN, architectures: ['i386', 'x86_64'] } } },
    );
    expect(plan.image?.architecture).toBe('i386');
    expect(warnings).toEqual([expect.stringContaining('was x86_64: it starts only if the system is made for it')]);
  });

  it('cores and threads that somebody chose, and not those that the type has anyway', () => {
    const cpuOptions = { coreCount: 1, threadsPerCore: 2 };
    const own = { instanceType: { ...MODERN, defaultCpu: cpuOptions } };
    expect(planned({}, { offer: own }).plan.launch?.cpuOptions).toBeNull();
    const configuration = { cpuOptions: { coreCount: 1, threadsPerCore: 1 } };
    expect(planned({}, { offer: own, configuration }).plan.launch).toMatchObject(configuration);
  });

  it('a kernel and a RAM disk, also where none was recorded', () => {
    const choice = { kernelId: 'aki-00000002', ramdiskId: 'ari-00000002' };
    expect(planned(choice, { configuration: { ...PV, kernelId: null } }).plan.image).toMatchObject(choice);
  });

  it('a TPM for a system that only prefers UEFI', () => {
    const configuration = { bootMode: 'uefi-preferred', tpmSupport: 'v2.0', uefiData: 'abc' };
    expect(planned({}, { configuration }).plan.image).toMatchObject(configuration);
  });
});

describe('the person is warned', () => {
  it.each<[string, InstanceRecoveryChoice, Partial<LaunchOffer>, string]>([
    [
      'where AWS did not tell about the type',
      {},
      { instanceType: 'untold' },
      'whether it fits shows when it is launched',
    ],
    [
      'where the type has no instance store',
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] },
      { instanceType: MODERN },
      'm7i.large has no instance store',
    ],
    [
      'where instance store appears by itself',
      { ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] },
      { instanceType: { ...MODERN, instanceStore: 'nvme' } },
      'appears by itself',
    ],
    [
      'of what was on the instance store of the original',
      {},
      { instanceType: { ...MODERN, instanceStore: 'nvme' } },
      'the instance store of m7i.large comes back empty',
    ],
    [
      'of a host that stands elsewhere',
      { subnetId: 'subnet-00000002', tenancy: 'host' },
      {},
      'the dedicated host h-00000001 stands in eu-central-1a',
    ],
    [
      'of what another type cannot',
      { instanceType: 'm6i.large' },
      { instanceType: { ...MODERN, instanceType: 'm6i.large' } },
      'without hibernation, enclaves, CPU credits',
    ],
  ])('%s', (_, choice, offer, warning) => {
    const configuration = {
      placement: ON_HOST,
      isHibernationConfigured: true,
      isEnclaveEnabled: true,
      cpuCredits: 'unlimited',
    };
    expect(planned({ ...choice }, { offer, configuration }).warnings.join('; ')).toContain(warning);
  });

  it('of the very type that the original ran on, whatever was told of its network driver', () => {
    const parts = {
      offer: { instanceType: MODERN },
      configuration: { isEnaSupported: false, instanceType: MODERN.instanceType },
    };
    expect(errorsOf({}, parts)).toEqual([]);
  });

  it('and not stopped by what AWS would not tell', () => {
    const untold = {
      placementGroups: 'untold',
      hosts: 'untold',
      instanceType: 'untold',
      instanceTypeZones: 'untold',
    } as const;
    expect(errorsOf({ placementGroup: 'far' }, { offer: untold })).toEqual([]);
    expect(errorsOf({ tenancy: 'host', hostId: 'h-00000009' }, { offer: untold })).toEqual([]);
  });
});
