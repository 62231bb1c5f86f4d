import {
  compareFields,
  inWords,
  tagsInWords,
  wishFor,
  type AskedInputs,
  type ComparedField,
  type FieldSpec,
} from './compare-configurations.ts';
import { compareInterfaces, PLACE_INPUTS } from './compare-interfaces.ts';
import type { ConfiguredVolume, InstanceConfiguration } from './instance-configuration.ts';

/** `userDataBase64` undefined: it could not be read, or what was asked for is no record. */
export type ComparedInstance = Omit<InstanceConfiguration, 'userDataBase64'> & {
  readonly userDataBase64: string | null | undefined;
  /** Attributes that AWS did not tell. */
  readonly untold: readonly string[];
};

type Instance = ComparedInstance;

/** A field that needs an attribute of its own: unknown where AWS did not tell it. */
const attribute =
  (name: string, of: (instance: Instance) => unknown) =>
  (instance: Instance): string | null =>
    instance.untold.includes(name) ? null : inWords(of(instance));

const FIELDS: readonly FieldSpec<Instance>[] = [
  {
    field: 'type',
    of: ({ instanceType }) => inWords(instanceType),
    wish: wishFor('instanceType'),
  },
  { field: 'architecture', of: ({ architecture }) => inWords(architecture), wish: wishFor('architecture') },
  { field: 'virtualization', of: ({ virtualizationType }) => inWords(virtualizationType) },
  {
    field: 'root device',
    of: ({ rootDeviceName, rootDeviceType }) => `${inWords(rootDeviceName)} (${rootDeviceType})`,
  },
  { field: 'boot mode', of: ({ bootMode }) => inWords(bootMode) },
  { field: 'boot mode now', of: ({ currentBootMode }) => inWords(currentBootMode), follows: ['instanceType'] },
  { field: 'ENA', of: ({ isEnaSupported }) => inWords(isEnaSupported) },
  { field: 'SR-IOV', of: ({ sriovNetSupport }) => inWords(sriovNetSupport), follows: ['instanceType'] },
  { field: 'TPM', of: ({ tpmSupport }) => inWords(tpmSupport) },
  { field: 'UEFI data', of: attribute('uefiData', ({ uefiData }) => (uefiData === null ? null : 'set')) },
  { field: 'kernel', of: ({ kernelId }) => inWords(kernelId), wish: wishFor('kernelId') },
  { field: 'RAM disk', of: ({ ramdiskId }) => inWords(ramdiskId), wish: wishFor('ramdiskId') },
  { field: 'platform', of: ({ platformDetails }) => inWords(platformDetails), follows: ['imageId'] },
  { field: 'billing', of: ({ usageOperation }) => inWords(usageOperation), follows: ['imageId'] },
  { field: 'key', of: ({ keyName }) => inWords(keyName), wish: wishFor('keyName') },
  {
    field: 'zone',
    of: ({ placement }) => inWords(placement.zone),
    wish: wishFor('zone'),
    follows: ['subnetId', 'place'],
  },
  { field: 'network', of: ({ vpcId }) => inWords(vpcId), follows: PLACE_INPUTS },
  {
    field: 'subnet',
    of: ({ subnetId }) => inWords(subnetId),
    wish: wishFor('subnetId'),
    follows: ['zone', 'place'],
  },
  {
    field: 'security groups',
    of: ({ securityGroups }) => inWords(securityGroups.map(({ groupId }) => groupId)),
    wish: wishFor('securityGroupIds'),
  },
  {
    field: 'private address',
    of: ({ privateIp }) => inWords(privateIp),
    wish: ({ privateIp }) => (typeof privateIp === 'string' ? privateIp : undefined),
    follows: [...PLACE_INPUTS, 'privateIp', 'count'],
  },
  {
    field: 'placement group',
    of: ({ placement }) => inWords(placement.groupName),
    wish: wishFor('placementGroup'),
    follows: PLACE_INPUTS,
  },
  {
    field: 'partition',
    of: ({ placement }) => inWords(placement.partitionNumber),
    follows: ['placementGroup', ...PLACE_INPUTS],
  },
  { field: 'tenancy', of: ({ placement }) => inWords(placement.tenancy), wish: wishFor('tenancy') },
  { field: 'host', of: ({ placement }) => inWords(placement.hostId), wish: wishFor('hostId'), follows: PLACE_INPUTS },
  {
    field: 'instance profile',
    of: ({ instanceProfileArn }) => inWords(instanceProfileArn),
    wish: wishFor('instanceProfileArn'),
  },
  { field: 'metadata service', of: ({ metadataOptions }) => inWords(metadataOptions?.httpEndpoint) },
  {
    field: 'metadata: token',
    of: ({ metadataOptions }) => inWords(metadataOptions?.httpTokens),
    wish: wishFor('requiresImdsV2', (asked) => (asked === true ? 'required' : 'optional')),
  },
  { field: 'metadata: hops', of: ({ metadataOptions }) => inWords(metadataOptions?.httpPutResponseHopLimit) },
  { field: 'metadata: tags', of: ({ metadataOptions }) => inWords(metadataOptions?.instanceMetadataTags) },
  { field: 'monitoring', of: ({ isMonitored }) => inWords(isMonitored), wish: wishFor('isMonitored') },
  {
    field: 'EBS-optimized',
    of: ({ isEbsOptimized }) => inWords(isEbsOptimized),
    wish: wishFor('isEbsOptimized'),
    follows: ['instanceType'],
  },
  {
    field: 'shutdown',
    of: attribute('instanceInitiatedShutdownBehavior', ({ shutdownBehavior }) => shutdownBehavior),
    wish: wishFor('shutdownBehavior'),
  },
  {
    field: 'termination protection',
    of: attribute('disableApiTermination', ({ isTerminationProtected }) => isTerminationProtected),
    wish: wishFor('isTerminationProtected'),
  },
  { field: 'stop protection', of: attribute('disableApiStop', ({ isStopProtected }) => isStopProtected) },
  {
    field: 'hibernation',
    of: ({ isHibernationConfigured }) => inWords(isHibernationConfigured),
    follows: ['instanceType'],
  },
  { field: 'enclaves', of: ({ isEnclaveEnabled }) => inWords(isEnclaveEnabled), follows: ['instanceType'] },
  { field: 'cores', of: ({ cpuOptions }) => inWords(cpuOptions?.coreCount), follows: ['instanceType'] },
  {
    field: 'threads of a core',
    of: ({ cpuOptions }) => inWords(cpuOptions?.threadsPerCore),
    follows: ['instanceType'],
  },
  {
    field: 'tags',
    of: ({ tags }) => tagsInWords(tags),
    wish: ({ preserveTags }) => (preserveTags === false ? inWords(null) : undefined),
  },
];

/** Of burstable types alone; what older backups did not record is not known. */
const CREDITS: FieldSpec<Instance> = {
  field: 'CPU credits',
  of: ({ cpuCredits }) => cpuCredits ?? null,
  follows: ['instanceType'],
};

/** An instance and what was made of it, field by field; user data are compared and never shown. */
export function compareInstances(original: Instance, recovered: Instance, inputs: AskedInputs): ComparedField[] {
  const hasCredits = [original, recovered].some(({ cpuCredits }) => (cpuCredits ?? null) !== null);
  const fields = hasCredits ? [...FIELDS, CREDITS] : FIELDS;
  return [
    ...compareFields(fields, { original, recovered }, inputs),
    ...compareInterfaces(original.networkInterfaces, recovered.networkInterfaces, inputs),
    compareUserData(original, recovered, inputs),
    ...compareLostRoot(original),
  ];
}

/** What was on instance store is in no snapshot: whatever came back has the root of an image. */
function compareLostRoot({ rootDeviceType }: Instance): ComparedField[] {
  if (rootDeviceType !== 'instance-store') return [];
  const original = 'on instance store, not backed up';
  return [{ field: 'contents of the root', original, recovered: 'those of the image', verdict: 'different' }];
}

function compareUserData(
  { userDataBase64: before }: Instance,
  { userDataBase64: now }: Instance,
  inputs: AskedInputs,
): ComparedField {
  const asked = inputs['userDataBase64'] !== undefined;
  const words = (value: string | null) => (value === null ? inWords(null) : 'set');
  if (before === undefined || now === undefined)
    return { field: 'user data', original: '', recovered: '', verdict: 'unknown' };
  const isSame = before === now;
  const recovered = isSame ? (now === null ? inWords(null) : 'the same') : now === null ? inWords(null) : 'another';
  return {
    field: 'user data',
    original: words(before),
    recovered,
    verdict: isSame ? 'same' : asked ? 'as-asked' : 'different',
  };
}

/** A volume as far as it is compared; null where nobody recorded it. */
export type ComparedVolume = Pick<ConfiguredVolume, 'sizeGiB' | 'volumeType' | 'tags'> & {
  readonly deviceName: string | null;
  readonly iops: number | null;
  readonly throughputMiBps: number | null;
  readonly isEncrypted: boolean | null;
  readonly kmsKeyId: string | null | undefined;
  readonly zone: string;
  readonly deleteOnTermination: boolean | null;
};

const orNull = (value: unknown): string | null => (value === undefined ? null : inWords(value));

const VOLUME_FIELDS: readonly FieldSpec<ComparedVolume>[] = [
  { field: 'size in GiB', of: ({ sizeGiB }) => inWords(sizeGiB), wish: wishFor('sizeGiB') },
  { field: 'type', of: ({ volumeType }) => inWords(volumeType), wish: wishFor('volumeType') },
  {
    field: 'IOPS',
    of: ({ iops }) => inWords(iops),
    wish: wishFor('iops'),
    follows: ['volumeType', 'sizeGiB'],
  },
  {
    field: 'MiB/s',
    of: ({ throughputMiBps }) => inWords(throughputMiBps),
    wish: wishFor('throughputMiBps'),
    follows: ['volumeType'],
  },
  {
    field: 'encrypted',
    of: ({ isEncrypted }) => inWords(isEncrypted),
    wish: ({ kmsKeyId }) => (kmsKeyId === undefined ? undefined : inWords(true)),
  },
  { field: 'encryption key', of: ({ kmsKeyId }) => orNull(kmsKeyId), follows: ['kmsKeyId'] },
  {
    field: 'tags',
    of: ({ tags }) => tagsInWords(tags),
    wish: ({ preserveTags }) => (preserveTags === false ? inWords(null) : undefined),
  },
];

const ALONE_FIELDS: readonly FieldSpec<ComparedVolume>[] = [
  ...VOLUME_FIELDS,
  { field: 'zone', of: ({ zone }) => inWords(zone), wish: wishFor('zone'), follows: ['place'] },
];

const ATTACHED_FIELDS: readonly FieldSpec<ComparedVolume>[] = [
  { field: 'device', of: ({ deviceName }) => inWords(deviceName), wish: wishFor('deviceName') },
  ...VOLUME_FIELDS,
  {
    field: 'goes with the instance',
    of: ({ deleteOnTermination }) => inWords(deleteOnTermination),
    wish: wishFor('deleteOnTermination'),
  },
];

/** A volume and the one that was made of it by itself; `inputs` are those of this volume. */
export const compareVolumes = (
  original: ComparedVolume,
  recovered: ComparedVolume,
  inputs: AskedInputs,
): ComparedField[] => compareFields(ALONE_FIELDS, { original, recovered }, inputs);

/** The same of a volume of an instance; `recovered` is null where the new instance has none. */
export function compareAttachedVolumes(
  original: ComparedVolume,
  recovered: ComparedVolume | null,
  inputs: AskedInputs,
): ComparedField[] {
  const name = `volume ${original.deviceName ?? ''}`;
  if (recovered === null) {
    const verdict = inputs['recover'] === false ? 'as-asked' : 'different';
    return [{ field: name, original: 'there', recovered: inWords(null), verdict }];
  }
  return compareFields(ATTACHED_FIELDS, { original, recovered }, inputs).map((compared) => ({
    ...compared,
    field: `${name}: ${compared.field}`,
  }));
}
