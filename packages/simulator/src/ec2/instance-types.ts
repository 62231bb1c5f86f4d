import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';
import { applyFilters, unmet, type FilterTable } from './filters.ts';
import type { Operations } from './operation.ts';
import { page } from './paging.ts';
import { typeCatalogue, typeNamed, type InstanceType } from './type-catalogue.ts';

const show = (type: InstanceType): Reply => {
  const cores = Math.max(1, type.vcpus / type.threadsPerCore);
  const hasDisk = type.localDiskGb > 0;
  return {
    instanceType: type.name,
    currentGeneration: type.current,
    freeTierEligible: type.name === 't2.micro' || type.name === 't3.micro',
    supportedUsageClasses: ['on-demand', 'spot'],
    supportedRootDeviceTypes: hasDisk && !type.nitro ? ['ebs', 'instance-store'] : ['ebs'],
    supportedVirtualizationTypes: type.paravirtual ? ['hvm', 'paravirtual'] : ['hvm'],
    bareMetal: false,
    hypervisor: type.nitro ? 'nitro' : 'xen',
    processorInfo: {
      supportedArchitectures: type.architectures,
      sustainedClockSpeedInGhz: 2.5,
      manufacturer: type.architectures.includes('arm64') ? 'AWS' : 'Intel',
    },
    vCpuInfo: { defaultVCpus: type.vcpus, defaultCores: cores, defaultThreadsPerCore: type.threadsPerCore },
    memoryInfo: { sizeInMiB: type.memoryMiB },
    instanceStorageSupported: hasDisk,
    instanceStorageInfo: hasDisk
      ? {
          totalSizeInGB: type.localDiskGb,
          disks: [{ sizeInGB: type.localDiskGb, count: 1, type: 'ssd' }],
          nvmeSupport: type.nitro ? 'required' : 'unsupported',
        }
      : undefined,
    ebsInfo: {
      ebsOptimizedSupport: type.nitro ? 'default' : 'supported',
      encryptionSupport: 'supported',
      nvmeSupport: type.nitro ? 'required' : 'unsupported',
      maximumEbsAttachments: type.attachmentLimit,
      attachmentLimitType: type.attachmentLimit > 40 ? 'dedicated' : 'shared',
    },
    networkInfo: {
      networkPerformance: 'Up to 10 Gigabit',
      maximumNetworkInterfaces: type.networkInterfaces,
      maximumNetworkCards: 1,
      defaultNetworkCardIndex: 0,
      ipv4AddressesPerInterface: type.ipsPerInterface,
      ipv6AddressesPerInterface: type.ipsPerInterface,
      ipv6Supported: true,
      enaSupport: type.nitro ? 'required' : 'unsupported',
      efaSupported: false,
      encryptionInTransitSupported: false,
    },
    placementGroupInfo: {
      supportedStrategies: type.burstable ? ['partition', 'spread'] : ['cluster', 'partition', 'spread'],
    },
    hibernationSupported: type.nitro,
    burstablePerformanceSupported: type.burstable,
    dedicatedHostsSupported: !type.burstable,
    autoRecoverySupported: true,
    supportedBootModes: type.bootModes,
    nitroEnclavesSupport: type.nitro && !type.burstable ? 'supported' : 'unsupported',
    nitroTpmSupport: type.nitro ? 'supported' : 'unsupported',
    nitroTpmInfo: type.nitro ? { supportedVersions: ['2.0'] } : undefined,
  };
};

const filters: FilterTable<InstanceType> = {
  ...unmet(
    'ebs-info.attachment-limit-type',
    'ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps',
    'ebs-info.ebs-optimized-info.baseline-iops',
    'ebs-info.ebs-optimized-info.baseline-throughput-in-mbps',
    'ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps',
    'ebs-info.ebs-optimized-info.maximum-iops',
    'ebs-info.ebs-optimized-info.maximum-throughput-in-mbps',
    'instance-storage-info.disk.count',
    'instance-storage-info.disk.size-in-gb',
    'instance-storage-info.disk.type',
    'instance-storage-info.encryption-support',
    'instance-storage-info.nvme-support',
    'instance-storage-info.total-size-in-gb',
    'network-info.bandwidth-weightings',
    'network-info.efa-info.maximum-efa-interfaces',
    'network-info.encryption-in-transit-supported',
    'network-info.flexible-ena-queues-support',
    'network-info.ipv4-addresses-per-interface',
    'network-info.ipv6-addresses-per-interface',
    'processor-info.sustained-clock-speed-in-ghz',
    'processor-info.supported-features',
    'reboot-migration-support',
    'vcpu-info.valid-cores',
    'vcpu-info.valid-threads-per-core',
  ),
  'network-info.efa-supported': () => false,
  'network-info.maximum-network-cards': () => 1,
  'nitro-enclaves-support': (type) => (type.nitro && !type.burstable ? 'supported' : 'unsupported'),
  'nitro-tpm-info.supported-versions': (type) => (type.nitro ? '2.0' : undefined),
  'auto-recovery-supported': () => true,
  'bare-metal': () => false,
  'burstable-performance-supported': (type) => type.burstable,
  'current-generation': (type) => type.current,
  'dedicated-hosts-supported': (type) => !type.burstable,
  'ebs-info.ebs-optimized-support': (type) => (type.nitro ? 'default' : 'supported'),
  'ebs-info.encryption-support': () => 'supported',
  'ebs-info.maximum-ebs-attachments': (type) => type.attachmentLimit,
  'ebs-info.nvme-support': (type) => (type.nitro ? 'required' : 'unsupported'),
  'free-tier-eligible': (type) => type.name === 't2.micro' || type.name === 't3.micro',
  'hibernation-supported': (type) => type.nitro,
  hypervisor: (type) => (type.nitro ? 'nitro' : 'xen'),
  'instance-storage-supported': (type) => type.localDiskGb > 0,
  'instance-type': (type) => type.name,
  'memory-info.size-in-mib': (type) => type.memoryMiB,
  'network-info.ena-support': (type) => (type.nitro ? 'required' : 'unsupported'),
  'network-info.ipv6-supported': () => true,
  'network-info.maximum-network-interfaces': (type) => type.networkInterfaces,
  'network-info.network-performance': () => 'Up to 10 Gigabit',
  'nitro-tpm-support': (type) => (type.nitro ? 'supported' : 'unsupported'),
  'processor-info.supported-architecture': (type) => type.architectures,
  'supported-boot-mode': (type) => type.bootModes,
  'supported-root-device-type': () => 'ebs',
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-virtualization-type': (type) => (type.paravirtual ? ['hvm', 'paravirtual'] : ['hvm']),
  'vcpu-info.default-cores': (type) => Math.max(1, type.vcpus / type.threadsPerCore),
  'vcpu-info.default-threads-per-core': (type) => type.threadsPerCore,
  'vcpu-info.default-vcpus': (type) => type.vcpus,
};

const describeTypes = (call: Call): Reply => {
  const names = call.params.texts('InstanceType');
  if (names.length > 100)
    throw awsError('InvalidParameterValue', 'At most 100 instance types can be named in one request.');
  const unknown = names.filter((name) => typeNamed(name) === undefined);
  if (unknown.length > 0)
    throw awsError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  const listed = typeCatalogue
    .map((type, seq) => ({ ...type, seq }))
    .filter((type) => names.length === 0 || names.includes(type.name));
  const { shown, nextToken } = page(call, applyFilters(call, listed, filters), {
    most: 100,
    ids: { parameter: 'InstanceType', wireName: 'instanceTypeSet' },
  });
  return { instanceTypeSet: shown.map(show), nextToken };
};

type Offering = { readonly seq: number; readonly type: string; readonly location: string };

// As in AWS, an old type is missing in the youngest zone of a region.
const isOffered = (type: InstanceType, zoneIndex: number): boolean => type.current || zoneIndex < 2;

const locations = (call: Call, kind: string): readonly string[] => {
  if (kind === 'region') return [call.region.name];
  if (kind === 'availability-zone') return call.region.zones.map((zone) => zone.name);
  if (kind === 'availability-zone-id') return call.region.zones.map((zone) => zone.id);
  throw invalidValue(kind, 'locationType');
};

const offeringFilters: FilterTable<Offering> = {
  'instance-type': ({ type }) => type,
  location: ({ location }) => location,
};

const describeOfferings = (call: Call): Reply => {
  const locationType = call.params.text('LocationType') ?? 'region';
  const rows = locations(call, locationType).flatMap((location, zone) =>
    typeCatalogue
      .filter((type) => locationType === 'region' || isOffered(type, zone))
      .map((type) => ({ type: type.name, location })),
  );
  const { shown, nextToken } = page(
    call,
    applyFilters(
      call,
      rows.map((row, seq) => ({ ...row, seq })),
      offeringFilters,
    ),
  );
  return {
    instanceTypeOfferingSet: shown.map(({ type, location }) => ({ instanceType: type, locationType, location })),
    nextToken,
  };
};

/** What can be launched and where. */
export const instanceTypeOperations: Operations = {
  DescribeInstanceTypes: { run: describeTypes },
  DescribeInstanceTypeOfferings: { run: describeOfferings },
};
