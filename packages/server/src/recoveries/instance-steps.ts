import type { BlockDevicePlan, InstancePlan, LaunchPlan, PlannedObject } from '@cpm/core';
import type { NewObject } from './recovery-objects.store.ts';

/** The steps of an instance's recovery as a person follows them. */
export const INSTANCE_STEPS = {
  register: 'register an image',
  makeRoot: 'make the root volume',
  launch: 'launch',
  run: 'wait until it runs',
  stop: 'stop',
  swap: 'put the root volume in',
  start: 'start',
  tidyUp: 'tidy up',
} as const;

/** The steps that the plan takes; of one that could not be made, those of a launch from the snapshot. */
export function stepsOf(plan: InstancePlan | null): string[] {
  const { register, makeRoot, launch, run, stop, swap, start, tidyUp } = INSTANCE_STEPS;
  if (plan === null) return [register, launch, run, tidyUp];
  if (plan.existing === null) return plan.launch === null ? [register] : [register, launch, run, tidyUp];
  return plan.existing.swap === null ? [launch, run] : [makeRoot, launch, run, stop, swap, start, tidyUp];
}

/** Where a step comes among those of a recovery, counted from 0. */
export const stepAt = ({ steps }: { readonly steps: readonly string[] }, text: string): number =>
  Math.max(0, steps.indexOf(text));

/** What a planned launch will be, in words. */
export const describeLaunch = ({ count, instanceType, placement }: LaunchPlan): string =>
  `${count === 1 ? 'one' : count} ${instanceType} in ${placement.zone}`;

/** What is going to be made, as it is on record before the first call. */
export function newObjects({ image, existing, launch }: InstancePlan): NewObject[] {
  const swap = existing?.swap ?? null;
  return [
    ...(image === null
      ? []
      : [{ kind: 'image' as const, note: `${image.name} from ${image.rootVolume.awsSnapshotId}` }]),
    ...(swap === null
      ? []
      : [{ kind: 'volume' as const, note: `the root volume, from ${swap.rootVolume.awsSnapshotId}` }]),
    ...(launch === null ? [] : [{ kind: 'instance' as const, note: describeLaunch(launch) }]),
  ];
}

/** What a person is told beforehand that will be made and deleted. */
export function plannedObjects({ image, existing, launch, imageHandling }: InstancePlan): PlannedObject[] {
  const objects: PlannedObject[] = [];
  if (image !== null) {
    const from = `from ${image.rootVolume.awsSnapshotId}`;
    const note = imageHandling === 'deregister' ? `${from}, deregistered in the end` : from;
    objects.push({ action: 'create', kind: 'image', name: image.name, note });
  }
  const swap = existing?.swap ?? null;
  if (swap !== null) {
    const { awsSnapshotId, sizeGiB, volumeType } = swap.rootVolume;
    const note = `${sizeGiB} GiB ${volumeType} in ${swap.zone} from ${awsSnapshotId}`;
    objects.push({ action: 'create', kind: 'volume', name: 'its root volume', note });
  }
  if (launch !== null) {
    const from = existing === null ? '' : `, from ${existing.imageId}`;
    const note = `${describeLaunch(launch)}${from}`;
    objects.push({ action: 'create', kind: 'instance', name: 'a new instance', note: note + forwarding(launch) });
    objects.push(...launchedVolumes(launch, { image, existing }));
  }
  if (swap !== null && existing !== null) {
    const note = 'made with the instance, deleted once that runs with its own';
    objects.push({ action: 'delete', kind: 'volume', name: `the root volume of ${existing.imageId}`, note });
  }
  return objects;
}

/** What is changed of an instance once it runs. */
const forwarding = ({ network: { forwardingInterfaces: indexes } }: LaunchPlan): string =>
  indexes.length === 0 ? '' : `, source/destination check off at network interface ${indexes.join(' and ')}`;

/** The volumes that AWS makes with the instance; a root that is only there to be replaced has a line of its own. */
function launchedVolumes(
  { count, rootVolume, dataVolumes }: LaunchPlan,
  { image, existing }: Pick<InstancePlan, 'image' | 'existing'>,
): PlannedObject[] {
  const each = count === 1 ? '' : `, for each of the ${count}`;
  const volume = (name: string, what: string): PlannedObject => ({
    action: 'create',
    kind: 'volume',
    name,
    note: `${what}${each}`,
  });
  const mapped = ({ deviceName, sizeGiB, volumeType, awsSnapshotId }: BlockDevicePlan): PlannedObject =>
    volume(`its volume at ${deviceName}`, `${sizeGiB} GiB ${volumeType} from ${awsSnapshotId}`);
  const root = rootVolume ?? image?.rootVolume ?? null;
  if (existing?.swap != null) return dataVolumes.map(mapped);
  if (root !== null) return [root, ...dataVolumes].map(mapped);
  return [volume('its root volume', `as ${existing?.imageId ?? 'its image'} has it`), ...dataVolumes.map(mapped)];
}
