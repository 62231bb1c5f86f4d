import type { FieldError } from '../errors.ts';
import type { AttachableInstance, HeldDevice } from './attach-volume.ts';

/** The volume that a new one takes the place of. */
export type Replacement = {
  readonly volumeId: string;
  /** Its name tag; empty without one. */
  readonly name: string;
  readonly deviceName: string;
  /** Of its attachment: the new one gets the same. */
  readonly deleteOnTermination: boolean;
  /** Whether it is deleted once the new one is attached and verified. */
  readonly isDeleted: boolean;
};

export const replacementOf = (
  { volumeId, name, deviceName, deleteOnTermination }: HeldDevice,
  isDeleted: boolean,
): Replacement => ({ volumeId, name, deviceName, deleteOnTermination, isDeleted });

/** Why an attached volume may not be switched for another one (REC-7; EC2 User Guide, "Replace a root volume"); null where it may. */
export function refuseSwitch(
  { volumeId, deviceName, state, attachedTo }: HeldDevice,
  instance: AttachableInstance,
  { isRoot }: { readonly isRoot: boolean },
): FieldError | null {
  const at = `${volumeId} at ${deviceName} of ${instance.instanceId}`;
  if (isRoot && instance.isSpot)
    return {
      path: 'attachTo',
      message: `${instance.instanceId} is a spot instance: its root volume cannot be switched`,
    };
  if (instance.state !== 'stopped') {
    const message = `${instance.instanceId} is ${instance.state}: ${volumeId} at ${deviceName} can be switched only while it is stopped`;
    return { path: 'attachTo', message };
  }
  if (attachedTo === null) return { path: 'deviceName', message: `AWS does not show ${at}` };
  if (attachedTo > 1)
    return { path: 'deviceName', message: `${at} is attached to ${attachedTo} instances: only one of them is meant` };
  if (state !== 'attached') return { path: 'deviceName', message: `${at} is ${state}: wait until it is attached` };
  return null;
}
