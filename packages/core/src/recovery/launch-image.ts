import { isEc2Id } from '../aws-names.ts';
import type { FieldError } from '../errors.ts';
import { deviceKey } from './devices.ts';
import type { InstanceConfiguration, Tag } from './instance-configuration.ts';
import type { BlockDevicePlan, InstanceRequest } from './instance-recovery.ts';
import { billingDifference, isWindows } from './launch-support.ts';
import type { VolumeShape } from './volume-rules.ts';

/** An image of the target region as far as launching from it needs; null means that AWS told nothing. */
export type OfferedImage = {
  readonly imageId: string;
  readonly state: string;
  readonly architecture: string | null;
  readonly virtualizationType: string | null;
  readonly rootDeviceName: string | null;
  readonly rootDeviceType: string | null;
  readonly bootMode: string | null;
  readonly isEnaSupported: boolean;
  readonly tpmSupport: string | null;
  readonly platform: string | null;
  readonly platformDetails: string | null;
  readonly usageOperation: string | null;
  readonly productCodes: readonly string[];
  readonly devices: readonly {
    readonly deviceName: string;
    readonly isEbs: boolean;
    readonly sizeGiB: number | null;
    readonly volumeType: string | null;
    readonly iops: number | null;
    readonly throughputMiBps: number | null;
    readonly deleteOnTermination: boolean | null;
  }[];
};

/** The root volume made of the snapshot, and what the instance is given only once it has that one. */
export type RootSwapPlan = {
  readonly rootVolume: BlockDevicePlan;
  readonly zone: string;
  readonly tags: readonly Tag[];
  /** For the backed-up system alone: the one of the image would carry it out as well. */
  readonly userDataBase64: string | null;
};

/** A launch from an image that is there already. */
export type ExistingImagePlan = {
  readonly imageId: string;
  /** What its root volume shall be instead of what the image says; null: as the image has it. */
  readonly root:
    | (VolumeShape & {
        readonly deviceName: string;
        readonly deleteOnTermination: boolean;
        readonly kmsKeyId: string | null;
      })
    | null;
  /** Devices that the image would bring along and the original has not. */
  readonly leftOut: readonly string[];
  readonly swap: RootSwapPlan | null;
};

export type CheckedImage = { readonly errors: readonly FieldError[]; readonly warnings: readonly string[] };

const WHERE_TO_LOOK = 'choose another one; the AMI assistant finds those that are like it';

/** Which image the launch is from: the chosen or the recorded one. */
export const imageIdOf = ({ choice, configuration }: Pick<InstanceRequest, 'choice' | 'configuration'>): string =>
  choice.imageId ?? configuration.image.imageId;

/**
 * Whether the instance can be launched from the image, and where `isForSwap`, whether the backed-up root volume boots in what
 * the image makes and is billed alike there (EC2 API Reference, AttachVolume, RegisterImage, Image).
 */
export function checkImage(request: InstanceRequest, isForSwap: boolean): CheckedImage {
  const { image } = request;
  const imageId = imageIdOf(request);
  const refuse = (message: string): CheckedImage => ({ errors: [{ path: 'imageId', message }], warnings: [] });
  if (imageId === '') return refuse(`the image of the original was not recorded: ${WHERE_TO_LOOK}`);
  if (!isEc2Id('ami', imageId)) return refuse('is no id of an image such as ami-0123456789abcdef0');
  if (image === null) return refuse(`AWS does not show ${imageId} to this account in this region: ${WHERE_TO_LOOK}`);
  if (image.state !== 'available') return refuse(`${imageId} is ${image.state}: ${WHERE_TO_LOOK}`);
  const { configuration, choice } = request;
  const hard = [...machineDifferences(image, configuration), ...(isForSwap ? swapObstacles(image, configuration) : [])];
  const soft = systemDifferences(image, configuration);
  // An image of another kind serves an instance of another type; a root volume of another kind does not boot there.
  const isTypeChosen = !isForSwap && choice.instanceType !== undefined;
  const wrong = [...(isTypeChosen ? [] : hard), ...(isForSwap ? soft : [])];
  return {
    errors: wrong.map((message) => ({ path: 'imageId', message: `${imageId} ${message}` })),
    warnings: [...(isForSwap ? [] : soft), ...losses(image, configuration)].map((text) => `${imageId} ${text}`),
  };
}

/** What another kind of machine has to run. */
function machineDifferences(
  image: OfferedImage,
  { architecture, virtualizationType }: InstanceConfiguration,
): string[] {
  return [
    ...(image.architecture === null || image.architecture === architecture
      ? []
      : [`is for ${image.architecture}, and the original is ${architecture}`]),
    ...(image.virtualizationType === null || image.virtualizationType === virtualizationType
      ? []
      : [`is ${image.virtualizationType}, and the original is ${virtualizationType}`]),
  ];
}

function swapObstacles(image: OfferedImage, { currentBootMode, bootMode }: InstanceConfiguration): string[] {
  const firmware = firmwareOf(image);
  const original = currentBootMode ?? bootMode;
  return [
    ...(image.rootDeviceType === 'instance-store'
      ? ['has its root on instance store: an instance of it cannot be stopped']
      : []),
    ...(image.rootDeviceName === null ? ['tells no root device to put a volume at'] : []),
    ...(original === null || firmware === 'any' || original === 'uefi-preferred' || firmware === original
      ? []
      : [`boots by ${firmware}, and the root volume by ${original}`]),
  ];
}

/** What an instance of the image boots by; an image that says nothing leaves it to the type (EC2 User Guide, "Boot modes"). */
const firmwareOf = ({ bootMode, architecture }: OfferedImage): string => {
  if (bootMode === 'uefi-preferred') return 'any';
  return bootMode ?? (architecture === 'arm64' ? 'uefi' : 'legacy-bios');
};

/** In what the system, its licence and its Marketplace codes differ. */
function systemDifferences(image: OfferedImage, configuration: InstanceConfiguration): string[] {
  const kind = (each: Parameters<typeof isWindows>[0]) => (isWindows(each) ? 'Windows' : 'Linux or UNIX');
  if (kind(image) !== kind(configuration))
    return [`holds ${kind(image)}, and the original runs ${kind(configuration)}`];
  const billing = billingDifference(configuration, image);
  const codes = configuration.productCodes.map(({ productCodeId }) => productCodeId);
  const isSame = codes.length === image.productCodes.length && codes.every((code) => image.productCodes.includes(code));
  const list = (each: readonly string[]) => (each.length === 0 ? 'none' : each.join(', '));
  return [
    ...(billing === null ? [] : [`does not fit: ${billing}`]),
    ...(isSame ? [] : [`has the Marketplace codes ${list(image.productCodes)}, and the original has ${list(codes)}`]),
  ];
}

function losses(image: OfferedImage, { isEnaSupported, tpmSupport }: InstanceConfiguration): string[] {
  return [
    ...(isEnaSupported && !image.isEnaSupported
      ? ['has no enhanced networking (ENA), which the original had: current instance types do not start without it']
      : []),
    ...(tpmSupport !== null && image.tpmSupport === null
      ? ['has no NitroTPM, which the original had: what was sealed with it stays closed']
      : []),
  ];
}

/** The volumes that the image would bring along beside its root, and that no volume of the original takes the place of. */
export function leftOutDevices(image: OfferedImage, dataVolumes: readonly BlockDevicePlan[]): string[] {
  const isRoot = (name: string) => image.rootDeviceName !== null && deviceKey(name) === deviceKey(image.rootDeviceName);
  // A mapping replaces the image's only under the very same name; under another spelling both would want the slot.
  return image.devices.flatMap(({ deviceName, isEbs }) => {
    const isTaken = dataVolumes.some((volume) => deviceKey(volume.deviceName) === deviceKey(deviceName));
    const isReplaced = dataVolumes.some((volume) => volume.deviceName === deviceName);
    return isRoot(deviceName) || isReplaced || (!isEbs && !isTaken) ? [] : [deviceName];
  });
}
