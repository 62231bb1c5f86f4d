import type { BackedUpResource, RecoveryChoices, Snapshot, VolumeRecoveryInput } from '@cpm/contract';
import {
  isDeviceTaken,
  isEc2Id,
  suggestFreeDevice,
  validateDevice,
  type ATTACH_BEHAVIORS,
  type FieldError,
} from '@cpm/core';
import {
  ACCOUNTS_CREDENTIALS,
  credentialsInput,
  credentialsProblems,
  type CredentialsValues,
} from './credentials-values.ts';
import { readId, textInput } from './form-parts.ts';
import type { Place } from './place-search.ts';
import { AS_BACKED_UP, recordedVolume, shapeInput, shapeProblems, type ShapeValues } from './volume-shape.ts';

type AttachBehavior = (typeof ATTACH_BEHAVIORS)[number];

/** One volume of the form. */
export type VolumeValues = ShapeValues & {
  readonly snapshotId: string;
  readonly isChosen: boolean;
  readonly zone: string;
  /** As picked from the list (`i-… · name`) or typed; empty: it stays unattached. */
  readonly attachTo: string;
  /** Empty: the original one, or one that is free. */
  readonly deviceName: string;
};

export type VolumesValues = {
  readonly attachBehavior: AttachBehavior;
  readonly volumes: VolumeValues[];
  readonly credentials: CredentialsValues;
};

/** A snapshot that a volume can be made of, with what it is of. */
export type VolumeItem = { readonly resource: BackedUpResource; readonly snapshot: Snapshot };

/** The snapshots of the resources that a volume can be made of. */
export function volumeItems(resources: readonly BackedUpResource[]): readonly VolumeItem[] {
  return resources.flatMap((resource) =>
    resource.snapshots
      .filter(({ state, service }) => state === 'completed' && service === 'ebs')
      .map((snapshot) => ({ resource, snapshot })),
  );
}

/** Every volume chosen, in the zone of the original where that is known, attached to nothing. */
export function initialVolumes(items: readonly VolumeItem[], choices: RecoveryChoices): VolumesValues {
  const volumes = items.map(({ resource, snapshot }) => {
    const zone = recordedVolume(resource, snapshot)?.zone ?? resource.zone;
    return {
      ...AS_BACKED_UP,
      snapshotId: snapshot.id,
      isChosen: true,
      zone: choices.zones.includes(zone) ? zone : (choices.zones[0] ?? ''),
      attachTo: '',
      deviceName: '',
    };
  });
  return { attachBehavior: 'only-if-free', volumes, credentials: ACCOUNTS_CREDENTIALS };
}

/** Instances that a volume of the zone can be attached to, as the list shows them; a switch needs a stopped one. */
export function attachableInstances(
  { instances }: RecoveryChoices,
  { zone, behavior }: { readonly zone: string; readonly behavior: AttachBehavior },
): readonly string[] {
  const states = behavior === 'only-if-free' ? ['running', 'stopped'] : ['stopped'];
  return instances
    .filter((instance) => instance.zone === zone && states.includes(instance.state))
    .map(({ id, name, state }) => [id, name, state].filter(Boolean).join(' · '));
}

/**
 * The device to put a volume on: where others are switched the original's own, else one that is free, counting those that
 * other volumes of this form take. Empty where nothing is known of the instance.
 */
export function suggestDevice(
  choices: RecoveryChoices,
  { volumes, attachBehavior }: VolumesValues,
  { index, device }: { readonly index: number; readonly device: string | null },
): string {
  const id = readId(volumes[index]?.attachTo ?? '');
  const instance = choices.instances.find((one) => one.id === id);
  if (!instance) return '';
  if (attachBehavior !== 'only-if-free') return device ?? '';
  const others = volumes.filter((one, other) => other !== index && one.isChosen && readId(one.attachTo) === id);
  return suggestFreeDevice([...instance.devices, ...others.map(({ deviceName }) => deviceName)], false) ?? '';
}

/** All that can be seen to be wrong with the form, by its field paths. */
export function volumeProblems(
  values: VolumesValues,
  items: readonly VolumeItem[],
  choices: RecoveryChoices,
): FieldError[] {
  if (!values.volumes.some(({ isChosen }) => isChosen)) {
    return [{ path: 'volumes', message: 'choose at least one volume' }];
  }
  const ofVolumes = values.volumes.flatMap((volume, index) => {
    const item = items[index];
    if (!volume.isChosen || !item) return [];
    const problems = [
      // A root volume becomes an ordinary one here.
      ...shapeProblems(volume, { ...item.snapshot, isRoot: false }, recordedVolume(item.resource, item.snapshot)),
      ...(volume.zone === '' ? [{ path: 'zone', message: 'choose a zone' }] : []),
      ...attachProblems(volume, values.attachBehavior, choices),
    ];
    return problems.map(({ path, message }) => ({ path: `volumes.${index}.${path}`, message }));
  });
  return [...ofVolumes, ...credentialsProblems(values.credentials)];
}

function attachProblems(volume: VolumeValues, behavior: AttachBehavior, choices: RecoveryChoices): FieldError[] {
  const { zone, deviceName } = volume;
  const id = readId(volume.attachTo);
  if (id === '') return [];
  if (!isEc2Id('i', id)) return [{ path: 'attachTo', message: `"${id}" is no instance id` }];
  const instance = choices.instances.find((one) => one.id === id);
  const isElsewhere = instance !== undefined && instance.zone !== zone;
  const mustStop = behavior !== 'only-if-free' && instance !== undefined && instance.state !== 'stopped';
  return [
    ...(isElsewhere ? [{ path: 'attachTo', message: `${id} is in ${instance.zone}, the volume in ${zone}` }] : []),
    ...(mustStop
      ? [{ path: 'attachTo', message: `${id} is ${instance.state}: volumes are switched on a stopped instance only` }]
      : []),
    ...deviceProblems({ id, deviceName, behavior, taken: instance?.devices ?? [] }),
  ];
}

type OnDevice = {
  readonly id: string;
  readonly deviceName: string;
  readonly behavior: AttachBehavior;
  readonly taken: readonly string[];
};

function deviceProblems({ id, deviceName, behavior, taken }: OnDevice): FieldError[] {
  if (deviceName === '') return [];
  // The widest family: what exactly this instance takes, the server knows.
  const wrong = validateDevice(deviceName, { virtualizationType: 'paravirtual', isWindows: false });
  if (wrong !== null) return [{ path: 'deviceName', message: wrong }];
  const isTaken = behavior === 'only-if-free' && isDeviceTaken(deviceName, taken);
  return isTaken ? [{ path: 'deviceName', message: `${deviceName} of ${id} is taken` }] : [];
}

/** The request for the volumes that are chosen, in their order. */
export function volumesInput(values: VolumesValues, place: Place | null): VolumeRecoveryInput {
  const chosen = values.volumes.filter(({ isChosen }) => isChosen);
  const isAttached = chosen.some(({ attachTo }) => readId(attachTo) !== '');
  return {
    ...(place === null ? {} : { place }),
    ...(isAttached && values.attachBehavior !== 'only-if-free' ? { attachBehavior: values.attachBehavior } : {}),
    volumes: chosen.map((volume) => {
      const { snapshotId, zone, attachTo, deviceName } = volume;
      const instanceId = readId(attachTo);
      const attach = instanceId === '' ? {} : { attachTo: instanceId, ...textInput('deviceName', deviceName) };
      return { snapshotId, ...textInput('zone', zone), ...shapeInput(volume), ...attach };
    }),
    ...credentialsInput(values.credentials),
  };
}

/** Which volumes of the form are in the request, in its order. */
export function chosenIndexes(volumes: readonly VolumeValues[]): readonly number[] {
  return volumes.flatMap(({ isChosen }, index) => (isChosen ? [index] : []));
}

/** The server's path of a field (`volumes.0.deviceName`, counted among those chosen) as the form counts. */
export function volumeFormPath(path: string, chosen: readonly number[]): string {
  const [, index, rest = ''] = /^volumes\.(\d+)(.*)$/.exec(path) ?? [];
  return index === undefined ? path : `volumes.${chosen[Number(index)] ?? index}${rest}`;
}

const FIELD_NAMES: Record<string, string> = {
  zone: 'zone',
  sizeGiB: 'size',
  volumeType: 'type',
  iops: 'IOPS',
  throughputMiBps: 'throughput',
  kmsKeyId: 'encryption key',
  attachTo: 'attach to',
  deviceName: 'device',
  snapshotId: 'snapshot',
};
const WHOLE_NAMES: Record<string, string> = {
  volumes: 'Volumes',
  attachBehavior: 'Where a device is taken',
  'credentials.accessKeyId': 'Access key id',
  'credentials.secretAccessKey': 'Secret access key',
};

/** What a field is called on the screen. */
export function nameOfVolumeField(path: string, items: readonly VolumeItem[]): string {
  const [, index, field = ''] = /^volumes\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (index === undefined) return WHOLE_NAMES[path] ?? (path === '' ? 'Recovery' : path);
  return `${items[Number(index)]?.snapshot.sourceId ?? 'Volume'}, ${FIELD_NAMES[field] ?? field}`;
}
