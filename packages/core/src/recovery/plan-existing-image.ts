import type { FieldError } from '../errors.ts';
import type { InstanceRequest, LaunchPlan } from './instance-recovery.ts';
import { checkImage, imageIdOf, leftOutDevices } from './launch-image.ts';
import type { ExistingImagePlan, OfferedImage } from './launch-image.ts';
import type { PlannedDevices } from './plan-block-devices.ts';
import { isVolumeType, shapeVolume } from './volume-rules.ts';

export type PlannedExisting = {
  /** Its swap is not planned yet: that needs the place of the launch. */
  readonly existing: ExistingImagePlan;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** The request as it is against the image: that one's root device is where the root goes, and no data volume may. */
export function atRootOfImage(request: InstanceRequest): InstanceRequest {
  const rootDeviceName = request.image?.rootDeviceName ?? request.configuration.rootDeviceName;
  return { ...request, configuration: { ...request.configuration, rootDeviceName } };
}

/** A launch from an image that is there: what is wrong with it, its root volume as asked, its further devices left out. */
export function planExistingImage(
  request: InstanceRequest,
  { devices, isForSwap }: { readonly devices: PlannedDevices; readonly isForSwap: boolean },
): PlannedExisting {
  const { image } = request;
  const checked = checkImage(request, isForSwap);
  const imageId = imageIdOf(request);
  if (image === null) return { existing: { imageId, root: null, leftOut: [], swap: null }, ...checked };
  const root = isForSwap ? { plan: null, errors: [], warnings: [] } : planRootOfImage(request, image);
  return {
    existing: { imageId, root: root.plan, leftOut: leftOutDevices(image, devices.data), swap: null },
    errors: [...checked.errors, ...root.errors],
    warnings: [...checked.warnings, ...root.warnings],
  };
}

type PlannedRoot = {
  readonly plan: ExistingImagePlan['root'];
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** The image's own root volume, changed where that was asked of the backed-up one. */
function planRootOfImage({ volumes, choice }: InstanceRequest, image: OfferedImage): PlannedRoot {
  const backedUp = volumes.find(({ isRoot }) => isRoot);
  const lost = backedUp?.isCompleted === true ? ` and not the backed-up one in ${backedUp.awsSnapshotId}` : '';
  const warnings = [`the root volume will be that of ${image.imageId}${lost}: nothing that was on it comes back`];
  const none = { plan: null, errors: [], warnings };
  const index = (choice.volumes ?? []).findIndex(({ snapshotId }) => snapshotId === backedUp?.snapshotId);
  const asked = choice.volumes?.[index];
  const device = image.devices.find(({ deviceName, isEbs }) => isEbs && deviceName === image.rootDeviceName);
  if (asked === undefined || device === undefined) return none;
  const volumeType = device.volumeType ?? 'gp3';
  const { shape, errors } = shapeVolume(asked, {
    original: {
      volumeType: isVolumeType(volumeType) ? volumeType : 'gp3',
      iops: device.iops,
      throughputMiBps: device.throughputMiBps,
    },
    snapshotSizeGiB: device.sizeGiB ?? 1,
    isRoot: true,
  });
  const deleteOnTermination = asked.deleteOnTermination ?? device.deleteOnTermination ?? true;
  return {
    plan: { ...shape, deviceName: device.deviceName, deleteOnTermination, kmsKeyId: asked.kmsKeyId ?? null },
    errors: errors.map(({ path, message }) => ({ path: `volumes.${index}.${path}`, message })),
    warnings,
  };
}

/**
 * Turns a launch into one whose root volume is replaced: the image's system gets nothing to carry out, and may be stopped.
 * Source: EC2 User Guide, "Replace an Amazon EBS volume", "Hibernation prerequisites".
 */
export function planSwap(
  request: InstanceRequest,
  {
    existing,
    launch,
    devices,
  }: {
    readonly existing: ExistingImagePlan;
    readonly launch: LaunchPlan;
    readonly devices: PlannedDevices;
  },
): { readonly existing: ExistingImagePlan; readonly launch: LaunchPlan; readonly warnings: readonly string[] } {
  const { root: rootVolume } = devices;
  if (rootVolume === null) return { existing, launch, warnings: [] };
  const isRoot = ({ deviceName }: { readonly deviceName: string }) => deviceName === rootVolume.deviceName;
  const tags = [...request.ownTags, ...launch.volumeTags.filter(isRoot).flatMap((each) => each.tags)];
  const { userDataBase64, isStopProtected, isHibernationConfigured } = launch;
  return {
    existing: { ...existing, swap: { rootVolume, zone: launch.placement.zone, tags, userDataBase64 } },
    launch: {
      ...launch,
      userDataBase64: null,
      isStopProtected: false,
      isHibernationConfigured: false,
      volumeTags: launch.volumeTags.filter((each) => !isRoot(each)),
    },
    warnings: [
      ...(isStopProtected ? ['it has to be stopped, so its protection from stopping must be switched on again'] : []),
      ...(isHibernationConfigured
        ? ['it will not hibernate: that is for instances with the root they started with']
        : []),
      ...(request.configuration.uefiData === null
        ? []
        : ['its UEFI variables (Secure Boot) will be those of the image']),
    ],
  };
}
