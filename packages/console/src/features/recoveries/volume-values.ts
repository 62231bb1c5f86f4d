import type { BackedUpResource, RecoveryChoices, Snapshot, VolumeRecoveryInput } from '@cpm/contract';
import { isDeviceTaken, isEc2Id, suggestFreeDevice, validateDevice, type FieldError } from '@cpm/core';
import { AS_BACKED_UP, recordedVolume, shapeInput, shapeProblems, type ShapeValues } from './volume-shape.ts';

/** One volume of the form. */
export type VolumeValues = ShapeValues & {
  readonly snapshotId: string;
  readonly isChosen: boolean;
  readonly zone: string;
  /** As picked from the list (`i-… · name`) or typed; empty: it stays unattached. */
  readonly instance: string;
  readonly device: string;
};

/** Every completed snapshot of the resource, chosen, in the zone of the original where that is known. */
export function initialVolumes(resource: BackedUpResource, choices: RecoveryChoices): VolumeValues[] {
  const zone = choices.zones.includes(resource.zone) ? resource.zone : (choices.zones[0] ?? '');
  return recoverableSnapshots(resource).map((snapshot) => ({
    ...AS_BACKED_UP,
    snapshotId: snapshot.id,
    isChosen: true,
    zone: recordedVolume(resource, snapshot)?.zone ?? zone,
    instance: '',
    device: '',
  }));
}

/** The snapshots that a volume can be made of. */
export function recoverableSnapshots({ snapshots }: BackedUpResource): readonly Snapshot[] {
  return snapshots.filter(({ state }) => state === 'completed');
}

/** The id out of what was picked or typed. */
export const readInstanceId = (text: string): string => text.trim().split(/\s/)[0] ?? '';

/** Instances that a volume of the zone can be attached to, as the list shows them. */
export function attachableInstances({ instances }: RecoveryChoices, zone: string): readonly string[] {
  return instances
    .filter((instance) => instance.zone === zone && ['running', 'stopped'].includes(instance.state))
    .map(({ id, name, state }) => [id, name, state].filter(Boolean).join(' · '));
}

/** A device of the instance that is free, counting those that other volumes of this form take. */
export function freeDevice(choices: RecoveryChoices, volumes: readonly VolumeValues[], index: number): string {
  const id = readInstanceId(volumes[index]?.instance ?? '');
  const instance = choices.instances.find((one) => one.id === id);
  if (!instance) return '';
  const others = volumes.filter((one, other) => other !== index && one.isChosen && readInstanceId(one.instance) === id);
  return suggestFreeDevice([...instance.devices, ...others.map(({ device }) => device)], false) ?? '';
}

/** All that is wrong with the form, by its field paths. */
export function volumeProblems(
  volumes: readonly VolumeValues[],
  resource: BackedUpResource,
  choices: RecoveryChoices,
): FieldError[] {
  if (!volumes.some(({ isChosen }) => isChosen)) return [{ path: 'volumes', message: 'choose at least one volume' }];
  return volumes.flatMap((volume, index) => {
    const snapshot = resource.snapshots.find(({ id }) => id === volume.snapshotId);
    if (!volume.isChosen || !snapshot) return [];
    const problems = [
      // A root volume becomes an ordinary one here.
      ...shapeProblems(volume, { ...snapshot, isRoot: false }, recordedVolume(resource, snapshot)),
      ...(volume.zone === '' ? [{ path: 'zone', message: 'choose a zone' }] : []),
      ...attachProblems(volume, choices),
    ];
    return problems.map(({ path, message }) => ({ path: `volumes.${index}.${path}`, message }));
  });
}

function attachProblems({ instance: text, zone, device }: VolumeValues, choices: RecoveryChoices): FieldError[] {
  const id = readInstanceId(text);
  if (id === '') return [];
  if (!isEc2Id('i', id)) return [{ path: 'instance', message: `"${id}" is no instance id` }];
  const instance = choices.instances.find((one) => one.id === id);
  const zoneProblem =
    instance && instance.zone !== zone
      ? [{ path: 'instance', message: `${id} is in ${instance.zone}, the volume in ${zone}` }]
      : [];
  // The widest family: what exactly this instance takes, the server knows.
  const formProblem = validateDevice(device, { virtualizationType: 'paravirtual', isWindows: false });
  if (device === '') return [...zoneProblem, { path: 'device', message: 'give a device such as /dev/sdf' }];
  if (formProblem !== null) return [...zoneProblem, { path: 'device', message: formProblem }];
  const isTaken = instance !== undefined && isDeviceTaken(device, instance.devices);
  return isTaken ? [...zoneProblem, { path: 'device', message: `${device} of ${id} is taken` }] : zoneProblem;
}

/** The request for the volumes that are chosen, and which volume of the form each one is. */
export function volumesInput(volumes: readonly VolumeValues[]): VolumeRecoveryInput {
  return {
    volumes: chosenIndexes(volumes).flatMap((index) => {
      const volume = volumes[index];
      if (!volume) return [];
      const { snapshotId, zone, instance, device } = volume;
      const instanceId = readInstanceId(instance);
      const attach = instanceId === '' ? {} : { attachTo: instanceId, deviceName: device };
      return [{ snapshotId, zone, ...shapeInput(volume), ...attach }];
    }),
  };
}

/** Which volumes of the form are in the request, in its order. */
export function chosenIndexes(volumes: readonly VolumeValues[]): readonly number[] {
  return volumes.flatMap(({ isChosen }, index) => (isChosen ? [index] : []));
}

/** The server's path of a wrong field (`volumes.0.deviceName`) as the form calls it. */
export function formPath(path: string, chosen: readonly number[]): string {
  const [, index, rest = ''] = /^volumes\.(\d+)\.?(.*)$/.exec(path) ?? [];
  if (index === undefined) return path;
  const field = { attachTo: 'instance', deviceName: 'device' }[rest] ?? rest;
  return `volumes.${chosen[Number(index)] ?? index}.${field}`;
}
