import type { BlockDevice, Snapshot } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { planEbs, readDeviceWishes, type DeviceWish } from './block-devices.ts';
import { checkImageName, makeImage } from './make-image.ts';
import { requestedTags } from './tag-rules.ts';

const oneOf = (call: Call, parameter: string, allowed: readonly string[]): string | undefined => {
  const value = call.params.text(parameter);
  if (value === undefined || value === '') return undefined;
  if (!allowed.includes(value)) throw invalidValue(value, parameter.charAt(0).toLowerCase() + parameter.slice(1));
  return value;
};

const planDevice = (
  call: Call,
  wish: DeviceWish,
  rootDeviceName: string,
): BlockDevice & { readonly snapshot?: Snapshot | undefined } => {
  const { device, ebs, virtualName } = wish;
  if (ebs === undefined) return { device, virtualName, ebs: undefined };
  if (ebs.has('Encrypted') && ebs.has('SnapshotId')) {
    throw invalidCombination(
      "The parameter encrypted cannot be specified when a snapshot is given for the device '" + device + "'.",
    );
  }
  return {
    device,
    virtualName: undefined,
    ...planEbs(call, ebs, { base: undefined, isRoot: device === rootDeviceName }),
  };
};

const checkRoot = (rootDeviceName: string, devices: readonly BlockDevice[]): void => {
  if (devices.length === 0) {
    throw awsError(
      'InvalidRequest',
      'The request received was invalid: a block device mapping for the root device is required.',
    );
  }
  const root = devices.find(({ device }) => device === rootDeviceName);
  if (root?.ebs?.snapshotId === undefined) {
    throw awsError(
      'InvalidBlockDeviceMapping',
      `The root device '${rootDeviceName}' needs a block device mapping with a snapshot.`,
    );
  }
};

/**
 * RegisterImage, true to AWS's defaults: without Architecture an image is i386, without VirtualizationType paravirtual, and
 * without EnaSupport it has no ENA, whatever the snapshot holds.
 */
export const registerImage = (call: Call): Reply => {
  const { params } = call;
  const name = params.requiredText('Name');
  checkImageName(call, name);
  const architecture = oneOf(call, 'Architecture', ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac']) ?? 'i386';
  const virtualizationType = oneOf(call, 'VirtualizationType', ['hvm', 'paravirtual']) ?? 'paravirtual';
  const rootDeviceName = params.text('RootDeviceName') ?? '/dev/sda1';
  const wishes = readDeviceWishes(call).filter((wish) => !wish.noDevice);
  const devices = wishes.map((wish) => planDevice(call, wish, rootDeviceName));
  checkRoot(rootDeviceName, devices);
  const bootMode = oneOf(call, 'BootMode', ['legacy-bios', 'uefi', 'uefi-preferred']);
  if (architecture === 'arm64' && bootMode === 'legacy-bios')
    throw invalidCombination('An arm64 image boots by UEFI only.');
  if (virtualizationType === 'paravirtual' && (architecture === 'arm64' || bootMode === 'uefi')) {
    throw invalidCombination(
      `The virtualization type 'paravirtual' does not go with ${architecture === 'arm64' ? 'the architecture arm64' : 'the boot mode uefi'}.`,
    );
  }
  const root = devices.find(({ device }) => device === rootDeviceName);
  const platformDetails = root?.snapshot?.platformDetails ?? 'Linux/UNIX';
  const image = makeImage(call, {
    name,
    description: params.text('Description') ?? '',
    architecture,
    virtualizationType,
    rootDeviceName,
    rootDeviceType: 'ebs',
    blockDevices: devices.map(({ device, virtualName, ebs }) => ({ device, virtualName, ebs })),
    enaSupport: params.flag('EnaSupport') ?? false,
    sriovNetSupport: oneOf(call, 'SriovNetSupport', ['simple']),
    bootMode: bootMode ?? (architecture === 'arm64' ? 'uefi' : undefined),
    tpmSupport: oneOf(call, 'TpmSupport', ['v2.0']),
    uefiData: params.text('UefiData'),
    imdsSupport: oneOf(call, 'ImdsSupport', ['v2.0']),
    kernelId: params.text('KernelId'),
    ramdiskId: params.text('RamdiskId'),
    platformDetails,
    // EC2 User Guide, "Create an AMI from a snapshot": a Windows image made so cannot be launched successfully.
    startFailure: platformDetails.startsWith('Windows')
      ? 'Client.InternalError: a Windows image registered from a snapshot does not start'
      : undefined,
    tags: requestedTags(call, 'image'),
    availableAt: call.now,
  });
  return { imageId: image.id };
};
