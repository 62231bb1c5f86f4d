import { imageState } from '../state/lifecycle.ts';
import type { BlockDevice, Image } from '../state/records.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { showBlockDevice } from './block-devices.ts';
import { isShown } from './kinds.ts';
import { tagSet } from './tag-rules.ts';

type NewImage = Pick<
  Image,
  | 'name'
  | 'description'
  | 'architecture'
  | 'virtualizationType'
  | 'rootDeviceName'
  | 'rootDeviceType'
  | 'enaSupport'
  | 'sriovNetSupport'
  | 'bootMode'
  | 'tpmSupport'
  | 'uefiData'
  | 'imdsSupport'
  | 'kernelId'
  | 'ramdiskId'
  | 'platformDetails'
> & {
  readonly id?: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  readonly blockDevices: readonly BlockDevice[];
  readonly availableAt: number;
  readonly failure?: string | undefined;
  readonly ownerAlias?: string | undefined;
  readonly sourceInstanceId?: string | undefined;
  readonly sourceImage?: Image['sourceImage'];
  readonly startFailure?: string | undefined;
};

const usageOperations: Readonly<Record<string, string>> = {
  'Linux/UNIX': 'RunInstances',
  Windows: 'RunInstances:0002',
  'Red Hat Enterprise Linux': 'RunInstances:0010',
  'SUSE Linux': 'RunInstances:000g',
};

/** Refuses a name outside AWS's rules or one the account already uses for an image in the region. */
export const checkImageName = (call: Call, name: string): void => {
  if (!/^[\w()[\] ./\-'@]{3,128}$/.test(name)) {
    throw awsError(
      'InvalidAMIName.Malformed',
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
    );
  }
  for (const image of call.region.images.values()) {
    if (image.ownerId === call.accountId && image.name === name && isShown(call, image)) {
      throw awsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${image.id}`);
    }
  }
};

/** Registers an image; it becomes available when its snapshots are complete, or fails with them. */
export const makeImage = (call: Call, wish: NewImage): Image => {
  const failure = wish.failure ?? call.failWith;
  const snapshots = wish.blockDevices.map(({ ebs }) => call.region.snapshots.get(ebs?.snapshotId ?? ''));
  const image: Image = {
    ...wish,
    ...newThing(call, wish.id ?? call.world.ids.id('ami'), wish.tags),
    platform: wish.platformDetails.startsWith('Windows') ? 'Windows' : undefined,
    usageOperation: usageOperations[wish.platformDetails] ?? 'RunInstances',
    productCodes: [...new Set(snapshots.flatMap((snapshot) => snapshot?.productCodes ?? []))],
    startFailure: wish.startFailure,
    ownerAlias: wish.ownerAlias,
    sourceInstanceId: wish.sourceInstanceId,
    sourceImage: wish.sourceImage,
    failsAt: failure === undefined ? undefined : wish.availableAt,
    failure,
    launchPermissions: new Set(),
  };
  call.region.images.set(image.id, image);
  return image;
};

/** Codes of AWS Marketplace as images and instances list them. */
export const showProductCodes = (codes: readonly string[]): Reply[] =>
  codes.map((productCode) => ({ productCode, type: 'marketplace' }));

/** An image as DescribeImages shows it. */
export const showImage = (call: Call, image: Image): Reply => {
  const state = imageState(image, call.now);
  return {
    imageId: image.id,
    imageLocation: `${image.ownerAlias ?? image.ownerId}/${image.name}`,
    imageState: state,
    imageOwnerId: image.ownerId,
    imageOwnerAlias: image.ownerAlias,
    creationDate: new Date(image.createdAt),
    isPublic: image.launchPermissions.has('all'),
    productCodes: showProductCodes(image.productCodes),
    architecture: image.architecture,
    imageType: 'machine',
    kernelId: image.kernelId,
    ramdiskId: image.ramdiskId,
    platform: image.platform === undefined ? undefined : 'windows',
    platformDetails: image.platformDetails,
    usageOperation: image.usageOperation,
    blockDeviceMapping: image.blockDevices.map(showBlockDevice),
    description: image.description === '' ? undefined : image.description,
    enaSupport: image.enaSupport ? true : undefined,
    hypervisor: 'xen',
    name: image.name,
    rootDeviceName: image.rootDeviceName,
    rootDeviceType: image.rootDeviceType,
    sriovNetSupport: image.sriovNetSupport,
    stateReason: state === 'failed' ? { code: 'Client.InternalError', message: image.failure } : undefined,
    tagSet: tagSet(call, image),
    virtualizationType: image.virtualizationType,
    bootMode: image.bootMode,
    tpmSupport: image.tpmSupport,
    imdsSupport: image.imdsSupport,
    sourceInstanceId: image.sourceInstanceId,
    sourceImageId: image.sourceImage?.imageId,
    sourceImageRegion: image.sourceImage?.region,
    deregistrationProtection: 'disabled',
    imageAllowed: true,
  };
};
