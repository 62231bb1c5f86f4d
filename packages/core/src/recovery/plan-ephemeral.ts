import type { FieldError } from '../errors.ts';
import { deviceKey, isDeviceTaken, validateDevice } from './devices.ts';
import type { EphemeralMapping, InstanceRequest } from './instance-recovery.ts';

/** EC2 User Guide, "Block device mapping": ephemeral0 to ephemeral23. */
const VIRTUAL_NAME = /^ephemeral(?:\d|1\d|2[0-3])$/;

export type PlannedEphemeral = {
  readonly mappings: readonly EphemeralMapping[];
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** The instance store of the new instance (REC-4): devices that no volume has, on a type that has any. */
export function planEphemeral(
  { choice, configuration, offer }: InstanceRequest,
  volumeDevices: readonly string[],
): PlannedEphemeral {
  const mappings = choice.ephemeral ?? [];
  const { virtualizationType } = configuration;
  const errors = mappings.flatMap(({ deviceName, virtualName }, index): FieldError[] => {
    const before = mappings.slice(0, index);
    const at = (field: string, message: string): FieldError[] => [{ path: `ephemeral.${index}.${field}`, message }];
    const wrong = validateDevice(deviceName, { virtualizationType, isWindows: false });
    return [
      ...(VIRTUAL_NAME.test(virtualName)
        ? []
        : at('virtualName', `"${virtualName}" is not one of ephemeral0 to ephemeral23`)),
      ...(before.some((other) => other.virtualName === virtualName)
        ? at('virtualName', `${virtualName} is named twice`)
        : []),
      ...(wrong === null ? [] : at('deviceName', wrong)),
      ...(isDeviceTaken(deviceName, volumeDevices) ? at('deviceName', `${deviceName} is the device of a volume`) : []),
      ...(before.some((other) => deviceKey(other.deviceName) === deviceKey(deviceName))
        ? at('deviceName', `${deviceName} is named twice`)
        : []),
    ];
  });
  return { mappings, errors, warnings: storeWarnings(mappings, configuration.instanceType, offer.instanceType) };
}

/** What is lost with an instance store, and which mappings of it are for nothing. */
function storeWarnings(
  mappings: readonly EphemeralMapping[],
  original: string,
  facts: InstanceRequest['offer']['instanceType'],
): string[] {
  if (facts === null || facts === 'untold') return [];
  const { instanceType: name, instanceStore } = facts;
  const hadSome = instanceStore === 'nvme' && name === original;
  const isVain = mappings.length > 0 && instanceStore !== 'mapped';
  const vain = 'the mappings of it stay without effect';
  return [
    ...(hadSome ? [`the instance store of ${name} comes back empty: no snapshot holds what was on it`] : []),
    ...(!isVain
      ? []
      : instanceStore === 'none'
        ? [`${name} has no instance store: ${vain}`]
        : [`the NVMe instance store of ${name} appears by itself: ${vain}`]),
  ];
}
