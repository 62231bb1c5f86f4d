import { buildConfiguration, buildRoot, buildVolume } from './configuration-builder.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstancePlan, InstanceRecoveryChoice, InstanceRequest, LaunchOffer } from './instance-recovery.ts';
import type { InstanceTypeFacts } from './instance-type-facts.ts';
import type { OfferedImage } from './launch-image.ts';
import { planInstance } from './plan-instance.ts';

export const root = buildRoot();
export const data = buildVolume(2);
/** What the region says of a type of today; a test tells where another differs. */
export const MODERN: InstanceTypeFacts = {
  instanceType: 'm7i.large',
  architectures: ['x86_64'],
  virtualizationTypes: ['hvm'],
  bootModes: ['legacy-bios', 'uefi'],
  ena: 'required',
  hasNitroTpm: true,
  placementStrategies: ['cluster', 'partition', 'spread'],
  supportsDedicatedHosts: true,
  mostInterfaces: 3,
  supportsHibernation: true,
  supportsEnclaves: true,
  isBurstable: false,
  defaultCpu: null,
  instanceStore: 'none',
};

/** Three zones; two networks with three subnets, of which the second has room for one instance and the third is a default. */
const OFFER: LaunchOffer = {
  zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  subnets: [
    {
      subnetId: 'subnet-00000001',
      vpcId: 'vpc-00000001',
      zone: 'eu-central-1a',
      cidrBlock: '10.0.1.0/24',
      freeAddresses: 200,
      isDefaultForZone: false,
    },
    {
      subnetId: 'subnet-00000002',
      vpcId: 'vpc-00000001',
      zone: 'eu-central-1b',
      cidrBlock: '10.0.2.0/24',
      freeAddresses: 1,
      isDefaultForZone: false,
    },
    {
      subnetId: 'subnet-00000003',
      vpcId: 'vpc-00000002',
      zone: 'eu-central-1b',
      cidrBlock: '10.9.0.0/16',
      freeAddresses: 200,
      isDefaultForZone: true,
    },
  ],
  securityGroups: [
    { groupId: 'sg-00000001', vpcId: 'vpc-00000001' },
    { groupId: 'sg-00000002', vpcId: 'vpc-00000002' },
  ],
  keyNames: ['ops', 'spare'],
  takenPrivateIps: ['10.0.1.30'],
  placementGroups: [
    { name: 'near', strategy: 'cluster', state: 'available' },
    { name: 'going', strategy: 'spread', state: 'deleting' },
  ],
  hosts: [
    { hostId: 'h-00000001', zone: 'eu-central-1a', state: 'available' },
    { hostId: 'h-00000002', zone: 'eu-central-1b', state: 'available' },
    { hostId: 'h-00000003', zone: 'eu-central-1a', state: 'under-assessment' },
  ],
  instanceType: MODERN,
  instanceTypeZones: ['eu-central-1a', 'eu-central-1b'],
};

/** The image that the original was launched from, as AWS shows it still. */
export const buildImage = (parts: Partial<OfferedImage> = {}): OfferedImage => ({
  imageId: 'ami-00000001',
  state: 'available',
  architecture: 'x86_64',
  virtualizationType: 'hvm',
  rootDeviceName: '/dev/xvda',
  rootDeviceType: 'ebs',
  bootMode: 'uefi-preferred',
  isEnaSupported: true,
  tpmSupport: null,
  platform: null,
  platformDetails: 'Linux/UNIX',
  usageOperation: 'RunInstances',
  productCodes: [],
  devices: [buildImageDevice()],
  ...parts,
});

/** A gp3 volume of an image: its root, unless told. */
export const buildImageDevice = (parts: Partial<OfferedImage['devices'][number]> = {}) => ({
  deviceName: '/dev/xvda',
  isEbs: true,
  sizeGiB: 4,
  volumeType: 'gp3',
  iops: 3000,
  throughputMiBps: 125,
  deleteOnTermination: true,
  ...parts,
});

type RequestParts = {
  readonly configuration?: Partial<InstanceConfiguration>;
  readonly request?: Partial<InstanceRequest>;
  readonly offer?: Partial<LaunchOffer>;
};

/** The type that is asked for, as one on which the system starts; a test of the type itself says what it is. */
function fittingType({ architecture, virtualizationType, instanceType }: InstanceConfiguration): InstanceTypeFacts {
  const system = { architectures: [architecture], virtualizationTypes: [virtualizationType] };
  return { ...MODERN, ...system, instanceType, ena: 'supported' };
}

function request(
  choice: InstanceRecoveryChoice = {},
  { configuration: parts, request: rest, offer }: RequestParts = {},
): InstanceRequest {
  const configuration = buildConfiguration(parts);
  const wanted = { ...configuration, instanceType: choice.instanceType ?? configuration.instanceType };
  return {
    configuration,
    volumes: [data, root],
    choice,
    offer: { ...OFFER, instanceType: fittingType(wanted), ...offer },
    image: buildImage(),
    imageName: 'cpm-recovery-0192f3a4-5b6c-7d8e-9f01-23456789abcd',
    ownTags: [{ key: 'cpm:recovery', value: 'r' }],
    ...rest,
  };
}

/** The plan of a recovery that a test expects to be possible. */
export function planned(
  choice: InstanceRecoveryChoice = {},
  parts: RequestParts = {},
): { plan: InstancePlan; warnings: readonly string[] } {
  const result = planInstance(request(choice, parts));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
}

/** What is wrong with a recovery: path and message of each error, none when it can be planned. */
export function errorsOf(choice: InstanceRecoveryChoice = {}, parts: RequestParts = {}): [string, string][] {
  const result = planInstance(request(choice, parts));
  return result.ok ? [] : result.errors.map(({ path, message }) => [path, message]);
}
