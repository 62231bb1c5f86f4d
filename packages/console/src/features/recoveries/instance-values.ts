import type { BackedUpResource, InstanceRecoveryInput, RecoveryChoices, Snapshot } from '@cpm/contract';
import { isEc2Id, type FieldError } from '@cpm/core';
import { AS_BACKED_UP, recordedVolume, shapeInput, shapeProblems, type ShapeValues } from './volume-shape.ts';

type DataVolumeValues = ShapeValues & {
  readonly snapshotId: string;
  readonly isRecovered: boolean;
  readonly device: string;
  /** `''`: as backed up. */
  readonly deleteOnTermination: '' | 'yes' | 'no';
};

/** The instance form; what is empty is as backed up. */
export type InstanceValues = {
  readonly count: number | string;
  readonly instanceType: string;
  readonly keyName: string;
  readonly hasNoKey: boolean;
  /** As picked from the list (`subnet-… · zone · …`) or typed. */
  readonly subnet: string;
  readonly privateIp: string;
  readonly securityGroups: string[];
  readonly preserveTags: boolean;
  readonly volumes: DataVolumeValues[];
};

/** Everything as it was backed up. */
export function initialInstance(resource: BackedUpResource): InstanceValues {
  return {
    count: 1,
    instanceType: '',
    keyName: '',
    hasNoKey: false,
    subnet: '',
    privateIp: '',
    securityGroups: [],
    preserveTags: true,
    volumes: launchSnapshots(resource).map(({ id }) => ({
      ...AS_BACKED_UP,
      snapshotId: id,
      isRecovered: true,
      device: '',
      deleteOnTermination: '',
    })),
  };
}

/** The snapshots that the instance can be launched with, its root first. */
export function launchSnapshots({ snapshots }: BackedUpResource): readonly Snapshot[] {
  return snapshots
    .filter(({ state }) => state === 'completed')
    .toSorted((left, right) => Number(right.isRoot) - Number(left.isRoot));
}

/** The id out of what was picked or typed. */
export const readId = (text: string): string => text.trim().split(/\s/)[0] ?? '';

/** The subnets, as the list shows them. */
export function subnetOptions({ subnets }: RecoveryChoices): readonly string[] {
  return subnets.map(({ id, name, zone, cidr, freeAddresses }) =>
    [id, name, zone, cidr, `${freeAddresses} free`].filter(Boolean).join(' · '),
  );
}

/** The network that the instance will be in: that of the chosen subnet, or the recorded one. */
export function chosenVpc(values: InstanceValues, choices: RecoveryChoices, recordedVpc: string | null): string | null {
  if (values.subnet === '') return recordedVpc;
  return choices.subnets.find(({ id }) => id === readId(values.subnet))?.vpcId ?? null;
}

/** The security groups of the network, as the list shows them; all of them while the network is not known. */
export function groupOptions({ securityGroups }: RecoveryChoices, vpcId: string | null): readonly string[] {
  return securityGroups
    .filter((group) => vpcId === null || group.vpcId === vpcId)
    .map(({ id, name }) => [id, name].filter(Boolean).join(' · '));
}

/** All that is wrong with the form, by its field paths. */
export function instanceProblems(
  values: InstanceValues,
  source: { readonly resource: BackedUpResource; readonly choices: RecoveryChoices; readonly vpcId: string | null },
): FieldError[] {
  const count = Number(values.count || Number.NaN);
  const subnetId = readId(values.subnet);
  return [
    ...(Number.isInteger(count) && count >= 1 && count <= 20
      ? []
      : [{ path: 'count', message: 'must be a whole number from 1 to 20' }]),
    ...(subnetId === '' || isEc2Id('subnet', subnetId)
      ? []
      : [{ path: 'subnet', message: `"${subnetId}" is no subnet id` }]),
    ...(values.privateIp !== '' && count > 1 ? [{ path: 'privateIp', message: 'only one instance can have it' }] : []),
    ...groupProblems(values, source),
    ...values.volumes.flatMap((volume, index) => {
      const snapshot = source.resource.snapshots.find(({ id }) => id === volume.snapshotId);
      if (!snapshot || !volume.isRecovered) return [];
      const problems = shapeProblems(volume, snapshot, recordedVolume(source.resource, snapshot));
      return problems.map(({ path, message }) => ({ path: `volumes.${index}.${path}`, message }));
    }),
  ];
}

function groupProblems(
  { securityGroups }: InstanceValues,
  { choices, vpcId }: { readonly choices: RecoveryChoices; readonly vpcId: string | null },
): FieldError[] {
  const ids = securityGroups.map(readId);
  const malformed = ids.find((id) => !isEc2Id('sg', id));
  if (malformed !== undefined) return [{ path: 'securityGroups', message: `"${malformed}" is no security group id` }];
  const elsewhere = choices.securityGroups.find(
    (group) => ids.includes(group.id) && vpcId !== null && group.vpcId !== vpcId,
  );
  return elsewhere
    ? [
        {
          path: 'securityGroups',
          message: `${elsewhere.id} is in ${elsewhere.vpcId}, the instance will be in ${vpcId}`,
        },
      ]
    : [];
}

/** The request; what is left out is as backed up. */
export function instanceInput(resourceId: string, values: InstanceValues): InstanceRecoveryInput {
  const { instanceType, subnet, privateIp, securityGroups, preserveTags } = values;
  return {
    resourceId,
    preserveTags,
    count: Number(values.count),
    ...keyInput(values),
    ...(instanceType.trim() === '' ? {} : { instanceType: instanceType.trim() }),
    ...(subnet.trim() === '' ? {} : { subnetId: readId(subnet) }),
    ...(privateIp.trim() === '' ? {} : { privateIp: privateIp.trim() }),
    ...(securityGroups.length === 0 ? {} : { securityGroupIds: securityGroups.map(readId) }),
    volumes: values.volumes.map(volumeInput),
  };
}

function keyInput({ keyName, hasNoKey }: InstanceValues) {
  if (hasNoKey) return { keyName: null };
  return keyName.trim() === '' ? {} : { keyName: keyName.trim() };
}

function volumeInput(volume: DataVolumeValues) {
  const { snapshotId, isRecovered, device, deleteOnTermination } = volume;
  return {
    snapshotId,
    recover: isRecovered,
    ...shapeInput(volume),
    ...(device.trim() === '' ? {} : { deviceName: device.trim() }),
    ...(deleteOnTermination === '' ? {} : { deleteOnTermination: deleteOnTermination === 'yes' }),
  };
}

const FORM_PATHS: Record<string, string> = { subnetId: 'subnet', recover: 'isRecovered', deviceName: 'device' };

/** What the server objects to, with its path as the form calls it. */
export function asInForm({ path, message }: FieldError): FieldError {
  const [first = '', ...rest] = path.split('.');
  if (first === 'securityGroupIds') return { path: 'securityGroups', message };
  const last = FORM_PATHS[rest.at(-1) ?? ''] ?? rest.at(-1);
  return { path: [FORM_PATHS[first] ?? first, ...rest.slice(0, -1), last].filter(Boolean).join('.'), message };
}
