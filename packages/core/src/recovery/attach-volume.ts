import type { FieldError } from '../errors.ts';
import { deviceKey, isDeviceTaken, suggestFreeDevice, validateDevice } from './devices.ts';
import { refuseSwitch, replacementOf, type Replacement } from './switch-volume.ts';

export const ATTACH_BEHAVIORS = ['only-if-free', 'switch', 'switch-and-delete'] as const;
/**
 * What to do where the device is taken (REC-7): attach to a free device only; on a stopped instance take the old volume off
 * and put the new one in its place; or delete the old one as well, once the new one is attached and verified.
 */
export type AttachBehavior = (typeof ATTACH_BEHAVIORS)[number];

/** A volume that an instance has at a device now. */
export type HeldDevice = {
  readonly deviceName: string;
  readonly volumeId: string;
  /** Its name tag; empty without one. */
  readonly name: string;
  /** `attached` unless something is under way. */
  readonly state: string;
  readonly deleteOnTermination: boolean;
  /** How many instances have it; null where AWS does not show the volume. */
  readonly attachedTo: number | null;
};

/** An instance of the target region that volumes could be attached to. */
export type AttachableInstance = {
  readonly instanceId: string;
  readonly zone: string;
  readonly state: string;
  readonly virtualizationType: string;
  readonly isWindows: boolean;
  readonly isSpot: boolean;
  readonly rootDeviceName: string | null;
  readonly devices: readonly HeldDevice[];
};

export type AttachWish = {
  readonly attachTo?: string | undefined;
  readonly deviceName?: string | undefined;
  readonly behavior: AttachBehavior;
  /** Of the new volume. */
  readonly zone: string;
  readonly originalDevice: string | null;
};

export type Attachment = {
  readonly attach: { readonly instanceId: string; readonly deviceName: string } | null;
  readonly replaces: Replacement | null;
  /** Whether the new volume becomes the one that the instance boots from. */
  readonly isRoot: boolean;
  readonly errors: readonly FieldError[];
};

const NOWHERE: Attachment = { attach: null, replaces: null, isRoot: false, errors: [] };
const refuse = (path: string, message: string): Attachment => ({ ...NOWHERE, errors: [{ path, message }] });

/**
 * Where a new volume is attached, and what it takes the place of; or why not, with the field. `promised` are the devices that
 * other volumes of the same recovery get; the one that is found is added to them.
 */
export function planAttachment(
  wish: AttachWish,
  instances: readonly AttachableInstance[],
  promised: Map<string, string[]>,
): Attachment {
  if (wish.attachTo === undefined) {
    return wish.deviceName === undefined
      ? NOWHERE
      : refuse('deviceName', 'names a device without an instance to attach to');
  }
  const instance = instances.find(({ instanceId }) => instanceId === wish.attachTo);
  if (instance === undefined) return refuse('attachTo', `there is no instance ${wish.attachTo} in this region`);
  const { instanceId, state, zone } = instance;
  if (state !== 'running' && state !== 'stopped')
    return refuse('attachTo', `${instanceId} is ${state}: volumes attach to running or stopped instances`);
  if (zone !== wish.zone) return refuse('attachTo', `${instanceId} is in ${zone} and the volume in ${wish.zone}`);
  const others = promised.get(instanceId) ?? [];
  const found = findDevice(wish, instance, others);
  if (found.errors.length > 0 || found.attach === null) return found;
  promised.set(instanceId, [...others, found.attach.deviceName]);
  return found;
}

function findDevice(wish: AttachWish, instance: AttachableInstance, others: readonly string[]): Attachment {
  const { instanceId, isWindows, devices, rootDeviceName } = instance;
  const held = devices.map(({ deviceName }) => deviceName);
  const free = suggestFreeDevice([...held, ...others], isWindows);
  const deviceName = wish.deviceName ?? ownDevice(wish, instance, others) ?? free;
  if (deviceName === null) return refuse('deviceName', `${instanceId} has no free device`);
  const wrong = validateDevice(deviceName, instance);
  if (wrong !== null) return refuse('deviceName', wrong);
  const advice = free === null ? 'no device is free' : `${free} is free`;
  if (isDeviceTaken(deviceName, others))
    return refuse(
      'deviceName',
      `${deviceName} of ${instanceId} is given to another volume of this recovery; ${advice}`,
    );
  const isRoot = rootDeviceName !== null && deviceKey(rootDeviceName) === deviceKey(deviceName);
  const old = devices.find((device) => isDeviceTaken(deviceName, [device.deviceName]));
  if (old === undefined) return { attach: { instanceId, deviceName }, replaces: null, isRoot, errors: [] };
  if (wish.behavior === 'only-if-free')
    return refuse('deviceName', `${deviceName} of ${instanceId} is taken; ${advice}`);
  const refused = refuseSwitch(old, instance, { isRoot });
  if (refused !== null) return { ...NOWHERE, errors: [refused] };
  // The instance knows its devices by the spelling they have: a root volume at another one would not be its root.
  const attach = { instanceId, deviceName: old.deviceName };
  return { attach, replaces: replacementOf(old, wish.behavior === 'switch-and-delete'), isRoot, errors: [] };
}

/** The device that the original had: free, or to be switched. */
function ownDevice(
  { originalDevice, behavior }: AttachWish,
  instance: AttachableInstance,
  others: readonly string[],
): string | null {
  if (originalDevice === null || validateDevice(originalDevice, instance) !== null) return null;
  const held = behavior === 'only-if-free' ? instance.devices.map(({ deviceName }) => deviceName) : [];
  return isDeviceTaken(originalDevice, [...held, ...others]) ? null : originalDevice;
}
