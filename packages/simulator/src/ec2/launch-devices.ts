import type { BlockDevice, Image } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { parseParams } from '../wire/params.ts';
import { isDeviceName } from './attachments.ts';
import { planEbs, readDeviceWishes, type DeviceWish, type PlannedDevice } from './block-devices.ts';

const nothing = parseParams([]);

const key = (device: string): string => device.replace(/^\/dev\//, '').replace(/^xvd/, 'sd');

const plan = (
  call: Call,
  image: Image,
  base: BlockDevice | undefined,
  wish: DeviceWish | undefined,
): PlannedDevice[] => {
  const device = wish?.device ?? base?.device ?? '';
  const isRoot = device === image.rootDeviceName;
  if (wish?.noDevice === true) {
    if (isRoot) throw awsError('InvalidBlockDeviceMapping', 'The root device cannot be suppressed.');
    return [];
  }
  const virtualName = wish?.virtualName ?? (wish?.ebs === undefined ? base?.virtualName : undefined);
  if (virtualName !== undefined) {
    if (!/^ephemeral\d{1,2}$/.test(virtualName))
      throw awsError('InvalidBlockDeviceMapping', `Invalid virtual name '${virtualName}'`);
    return [{ device, virtualName, ebs: undefined, snapshot: undefined, keyRefused: false }];
  }
  if (wish !== undefined && wish.ebs === undefined && base?.ebs === undefined) {
    throw awsError(
      'InvalidBlockDeviceMapping',
      `The mapping of '${device}' names neither an EBS volume nor a virtual device.`,
    );
  }
  const snapshotId = wish?.ebs?.text('SnapshotId');
  if (isRoot && snapshotId !== undefined && snapshotId !== base?.ebs?.snapshotId) {
    throw awsError('InvalidBlockDeviceMapping', 'snapshotId cannot be modified on root device');
  }
  const planned = planEbs(call, wish?.ebs ?? nothing, { base: base?.ebs, isRoot });
  if (isRoot && (planned.ebs.type === 'st1' || planned.ebs.type === 'sc1'))
    throw invalidCombination(`A volume of the type '${planned.ebs.type}' cannot be a boot volume.`);
  return [{ device, virtualName: undefined, ...planned }];
};

/** The disks of a launch: the image's, changed, dropped or added to by the request. Throws InvalidBlockDeviceMapping and the like. */
export const planLaunchDevices = (call: Call, image: Image): PlannedDevice[] => {
  const wishes = readDeviceWishes(call);
  const strange = wishes.find((wish) => !isDeviceName(wish.device));
  if (strange !== undefined) throw awsError('InvalidBlockDeviceMapping', `Invalid device name ${strange.device}`);
  const ofImage = image.blockDevices.flatMap((base) =>
    plan(
      call,
      image,
      base,
      wishes.find((wish) => wish.device === base.device),
    ),
  );
  const added = wishes.filter(
    (wish) => !image.blockDevices.some((base) => base.device === wish.device) && !wish.noDevice,
  );
  const devices = [...ofImage, ...added.flatMap((wish) => plan(call, image, undefined, wish))];
  const keys = devices.map(({ device }) => key(device));
  const twice = devices.find((_, at) => keys.indexOf(keys[at] ?? '') !== at);
  if (twice !== undefined)
    throw awsError(
      'InvalidBlockDeviceMapping',
      `The device '${twice.device}' is used in more than one block-device mapping`,
    );
  return devices;
};
