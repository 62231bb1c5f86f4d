/**
 * Device names of attached volumes. Source: EC2 User Guide, "Device names for volumes": `/dev/sd[a-z]` and
 * `/dev/xvd[b-c][a-z]`, a trailing digit on HVM only for the root; guests may show other names, EC2 keeps this one.
 */
const DEVICE = /^(?:\/dev\/)?(?:sd|xvd)(?:([a-z])(\d{1,2})?|([bc][a-z]))$/;

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
/** The first letters that AWS recommends for data volumes. */
const DATA_LETTERS = LETTERS.slice(LETTERS.indexOf('f'));

export type DeviceFamily = {
  readonly virtualizationType: string;
  readonly isWindows: boolean;
};

/** One text for one device: `/dev/sdf`, `xvdf` and `/dev/xvdf` are the same slot, and so are `/dev/sda1` and `/dev/xvda`. */
export function deviceKey(deviceName: string): string {
  const match = DEVICE.exec(deviceName);
  if (match === null) return deviceName;
  const [, letter = '', partition = '', pair] = match;
  return pair ?? (letter === 'a' && partition === '1' ? 'a' : letter + partition);
}

/** What is wrong with a device name for an instance of that kind; null when AWS accepts the form. */
export function validateDevice(deviceName: string, family: DeviceFamily): string | null {
  const match = DEVICE.exec(deviceName);
  if (match === null) return `"${deviceName}" is no device name such as /dev/sdf`;
  const [, letter, partition] = match;
  if (partition === undefined) return null;
  const isRootPartition = letter === 'a' && (partition === '1' || partition === '2');
  if (family.virtualizationType === 'hvm') {
    return isRootPartition ? null : `"${deviceName}" must not end in a digit on this kind of instance`;
  }
  return Number(partition) >= 1 && Number(partition) <= 15 ? null : `"${deviceName}" must end in 1 to 15`;
}

/** Whether the device is taken, in whatever spelling. */
export function isDeviceTaken(deviceName: string, takenDevices: readonly string[]): boolean {
  const key = deviceKey(deviceName);
  return takenDevices.some((taken) => deviceKey(taken) === key);
}

/** The first free device in the order that AWS recommends for data volumes; null when all are taken. */
export function suggestFreeDevice(takenDevices: readonly string[], isWindows: boolean): string | null {
  const taken = new Set(takenDevices.map(deviceKey));
  const singles = DATA_LETTERS.map((letter) => (isWindows ? `xvd${letter}` : `/dev/sd${letter}`));
  const prefix = isWindows ? 'xvd' : '/dev/xvd';
  const pairs = ['b', 'c'].flatMap((first) => LETTERS.map((second) => `${prefix}${first}${second}`));
  return [...singles, ...pairs].find((deviceName) => !taken.has(deviceKey(deviceName))) ?? null;
}
