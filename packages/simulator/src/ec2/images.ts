import { existsAt, imageState } from '../state/lifecycle.ts';
import type { Image } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, awsErrorOf, invalidValue } from '../wire/errors.ts';
import { showBlockDevice } from './block-devices.ts';
import { copyImage, createImage } from './create-image.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { isUnderDefaultKey } from './encryption.ts';
import { checkForm, findById, isAccessible, kinds, notFound } from './kinds.ts';
import { showImage, showProductCodes } from './make-image.ts';
import type { Operations } from './operation.ts';
import { readOwners, readPermissionChanges } from './permissions.ts';
import { registerImage } from './register-image.ts';
import { removeSnapshot } from './snapshots.ts';

const none = (): undefined => undefined;

const filters: FilterTable<Image> = {
  ...tagFilters,
  architecture: (image) => image.architecture,
  'block-device-mapping.delete-on-termination': (image) =>
    image.blockDevices.map(({ ebs }) => ebs?.deleteOnTermination),
  'block-device-mapping.device-name': (image) => image.blockDevices.map(({ device }) => device),
  'block-device-mapping.snapshot-id': (image) => image.blockDevices.map(({ ebs }) => ebs?.snapshotId),
  'block-device-mapping.volume-size': (image) => image.blockDevices.map(({ ebs }) => ebs?.sizeGiB),
  'block-device-mapping.volume-type': (image) => image.blockDevices.map(({ ebs }) => ebs?.type),
  'block-device-mapping.encrypted': (image) => image.blockDevices.map(({ ebs }) => ebs?.encrypted),
  'creation-date': (image) => new Date(image.createdAt),
  description: (image) => image.description,
  'ena-support': (image) => image.enaSupport,
  'free-tier-eligible': none,
  hypervisor: () => 'xen',
  'image-allowed': () => true,
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': (image) => image.launchPermissions.has('all'),
  'kernel-id': (image) => image.kernelId,
  'manifest-location': none,
  name: (image) => image.name,
  'owner-alias': (image) => image.ownerAlias,
  'owner-id': (image) => image.ownerId,
  platform: (image) => (image.platform === undefined ? undefined : 'windows'),
  'product-code': (image) => image.productCodes,
  'product-code.type': (image) => image.productCodes.map(() => 'marketplace'),
  'ramdisk-id': (image) => image.ramdiskId,
  'root-device-name': (image) => image.rootDeviceName,
  'root-device-type': (image) => image.rootDeviceType,
  'source-image-id': (image) => image.sourceImage?.imageId,
  'source-image-region': (image) => image.sourceImage?.region,
  'source-instance-id': (image) => image.sourceInstanceId,
  state: (image, call) => imageState(image, call.now),
  'state-reason-code': none,
  'state-reason-message': (image) => image.failure,
  'sriov-net-support': (image) => image.sriovNetSupport,
  'virtualization-type': (image) => image.virtualizationType,
};

const isOwnedBy = (call: Call, image: Image, owners: readonly string[]): boolean =>
  owners.length === 0 ||
  owners.some((owner) =>
    owner === 'self' ? image.ownerId === call.accountId : owner === image.ownerId || owner === image.ownerAlias,
  );

const mayLaunch = (call: Call, image: Image, users: readonly string[]): boolean =>
  users.length === 0 ||
  users.some((user) => {
    if (user === 'all') return image.launchPermissions.has('all');
    return image.launchPermissions.has(user === 'self' ? call.accountId : user);
  });

const describeImages = (call: Call): Reply => {
  const owners = readOwners(call, 'Owner');
  const users = readOwners(call, 'ExecutableBy');
  const visible = [...call.region.images.values()].filter(
    (image) => existsAt(image, call.readAt) && isAccessible(call.region, image, call.accountId),
  );
  // An own image that was deregistered, or one that the other parameters leave out, answers with nothing.
  const known = (id: string): boolean => {
    const image = call.region.images.get(id);
    return image !== undefined && isAccessible(call.region, image, call.accountId) && image.createdAt <= call.readAt;
  };
  const { shown, nextToken } = describeThings(call, {
    things: visible.filter((image) => isOwnedBy(call, image, owners) && mayLaunch(call, image, users)),
    kind: kinds.image,
    idParameter: 'ImageId',
    wireName: 'imageIdsSet',
    filters,
    silent: known,
  });
  return { imagesSet: shown.map((image) => showImage(call, image)), nextToken };
};

const ownImage = (call: Call): Image => {
  const image = findById(call, kinds.image, 'ImageId');
  if (image.ownerId !== call.accountId) throw awsError('AuthFailure', `Not authorized for image:${image.id}`, 403);
  return image;
};

const registeredImage = (call: Call): Image => {
  const id = call.params.requiredText('ImageId');
  checkForm(kinds.image, id, 'ImageId');
  const image = call.region.images.get(id);
  if (image?.ownerId === call.accountId && image.deletedAt !== undefined && image.deletedAt <= call.now) {
    throw awsError('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
  }
  if (image === undefined) throw notFound(kinds.image, id);
  return ownImage(call);
};

const deleteSnapshotOf = (call: Call, snapshotId: string): Reply => {
  const snapshot = call.region.snapshots.get(snapshotId);
  if (snapshot === undefined || !existsAt(snapshot, call.now)) return { snapshotId, returnCode: 'client-error' };
  const refusal = awsErrorOf(removeSnapshot(call, snapshot));
  if (refusal === undefined) return { snapshotId, returnCode: 'success' };
  return { snapshotId, returnCode: refusal.code === 'InvalidSnapshot.InUse' ? 'skipped' : 'missing-permissions' };
};

const deregister = (call: Call): Reply => {
  const image = registeredImage(call);
  image.deletedAt = call.now;
  image.deletedBy = madeBy(call);
  const ids = image.blockDevices.flatMap(({ ebs }) => ebs?.snapshotId ?? []);
  const results =
    call.params.flag('DeleteAssociatedSnapshots') === true ? ids.map((id) => deleteSnapshotOf(call, id)) : undefined;
  return { return: true, deleteSnapshotResultSet: results };
};

const readers: Readonly<Record<string, (image: Image) => Reply>> = {
  description: (image) => ({ description: { value: image.description } }),
  kernel: (image) => ({ kernel: { value: image.kernelId } }),
  ramdisk: (image) => ({ ramdisk: { value: image.ramdiskId } }),
  launchPermission: (image) => ({
    launchPermission: [...image.launchPermissions].map((name) => (name === 'all' ? { group: name } : { userId: name })),
  }),
  productCodes: (image) => ({ productCodes: showProductCodes(image.productCodes) }),
  blockDeviceMapping: (image) => ({ blockDeviceMapping: image.blockDevices.map(showBlockDevice) }),
  sriovNetSupport: (image) => ({ sriovNetSupport: { value: image.sriovNetSupport } }),
  bootMode: (image) => ({ bootMode: { value: image.bootMode } }),
  tpmSupport: (image) => ({ tpmSupport: { value: image.tpmSupport } }),
  uefiData: (image) => ({ uefiData: { value: image.uefiData } }),
  imdsSupport: (image) => ({ imdsSupport: { value: image.imdsSupport } }),
};

const describeAttribute = (call: Call): Reply => {
  const image = ownImage(call);
  const attribute = call.params.requiredText('Attribute');
  const read = Object.hasOwn(readers, attribute) ? readers[attribute] : undefined;
  if (read === undefined) throw invalidValue(attribute, 'attribute');
  return { imageId: image.id, ...read(image) };
};

const modifyAttribute = (call: Call): Reply => {
  const image = ownImage(call);
  const { params } = call;
  const description =
    params.text('Description.Value') ?? (params.text('Attribute') === 'description' ? params.text('Value') : undefined);
  const imds = params.text('ImdsSupport.Value');
  if (description !== undefined) image.description = description;
  if (imds !== undefined && imds !== 'v2.0') throw invalidValue(imds, 'imdsSupport');
  if (imds !== undefined) image.imdsSupport = imds;
  if (description !== undefined || imds !== undefined) return { return: true };
  const { add, remove } = readPermissionChanges(call, 'LaunchPermission', 'UserGroup');
  if (add.includes('all') && image.blockDevices.some(({ ebs }) => ebs?.encrypted === true)) {
    throw awsError('OperationNotPermitted', 'An image with encrypted snapshots cannot be made public.');
  }
  if (add.length > 0 && image.blockDevices.some(({ ebs }) => isUnderDefaultKey(call, ebs?.kmsKeyArn))) {
    throw awsError(
      'InvalidParameter',
      "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
    );
  }
  for (const name of add) image.launchPermissions.add(name);
  for (const name of remove) image.launchPermissions.delete(name);
  return { return: true };
};

const resetAttribute = (call: Call): Reply => {
  const image = ownImage(call);
  const attribute = call.params.requiredText('Attribute');
  if (attribute !== 'launchPermission') throw invalidValue(attribute, 'attribute');
  image.launchPermissions.clear();
  return { return: true };
};

/** Images: registered, made of instances, copied, shared, deregistered. */
export const imageOperations: Operations = {
  RegisterImage: { required: ['Name'], makes: ['image', 'snapshot'], run: registerImage },
  CreateImage: {
    required: ['InstanceId', 'Name'],
    targets: ['InstanceId'],
    makes: ['image', 'snapshot'],
    run: createImage,
  },
  CopyImage: {
    required: ['Name', 'SourceImageId', 'SourceRegion'],
    makes: ['image', 'snapshot'],
    run: copyImage,
    repeat: (_, first) => first,
  },
  DescribeImages: { run: describeImages },
  DeregisterImage: { required: ['ImageId'], run: deregister },
  DescribeImageAttribute: { required: ['ImageId', 'Attribute'], targets: ['ImageId'], run: describeAttribute },
  ModifyImageAttribute: { required: ['ImageId'], targets: ['ImageId'], run: modifyAttribute },
  ResetImageAttribute: { required: ['ImageId', 'Attribute'], targets: ['ImageId'], run: resetAttribute },
};
