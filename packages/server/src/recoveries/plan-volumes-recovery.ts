import {
  planVolumes,
  type AttachableInstance,
  type AttachBehavior,
  sortErrors,
  summarizeChecks,
  type FieldError,
  type PlannedObject,
  type PreflightCheckName,
  type Replacement,
  type VolumePlan,
  type VolumeRecoveryChoice,
} from '@cpm/core';
import type { Ec2Port, InstanceDetails } from '@cpm/aws/port';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import type { NewObject } from './recovery-objects.store.ts';
import { GONE, lostError, lostSnapshots, recoverable, recoveryTags } from './recoverable-volumes.ts';
import { volumesUse } from './recovery-uses.ts';

/** What the job of a recovery of volumes is given. */
export type VolumesJobPlan = readonly VolumePlan[];

/** The steps of a recovery of volumes, those of them that it has. */
export const VOLUME_STEPS = {
  make: 'make volumes',
  takeOff: 'take the old volumes off',
  attach: 'attach the new ones',
  verify: 'verify',
  deleteOld: 'delete the old volumes',
} as const;

export type VolumesWish = {
  readonly volumes: readonly VolumeRecoveryChoice[];
  readonly attachBehavior?: AttachBehavior | undefined;
};

const HEADINGS: readonly PreflightCheckName[] = ['snapshots', 'place', 'volumes', 'devices'];

/** Plans new volumes against what the region has now (REC-7, REC-9). */
export async function planVolumesRecovery(
  asked: Asked,
  { volumes: choices, attachBehavior }: VolumesWish,
): Promise<PlannedRecovery> {
  const { access, context, recoveryId } = asked;
  const { ec2 } = access;
  const attachTo = [...new Set(choices.flatMap(({ attachTo: id }) => (id === undefined ? [] : [id])))];
  const chosen = new Set(choices.map(({ snapshotId }) => snapshotId));
  const [zones, instances, lost] = await Promise.all([
    ec2.describeZones(),
    ec2.describeInstances(attachTo),
    lostSnapshots(
      ec2,
      asked.snapshots.filter(({ id, service }) => chosen.has(id) && service === 'ebs'),
    ),
  ]);
  const planned = planVolumes({
    volumes: asked.snapshots.filter(({ service }) => service === 'ebs').map((snapshot) => recoverable(snapshot, asked)),
    choices,
    zones: zones.filter(({ state }) => state === 'available').map(({ name }) => name),
    attachBehavior,
    instances: await attachable(
      ec2,
      instances.filter(({ state }) => !GONE.has(state)),
    ),
    ownTags: recoveryTags(context, recoveryId),
  });
  const databases = databaseErrors(asked, choices);
  const errors = [
    ...databases,
    ...(planned.ok ? [] : planned.errors.filter(({ path }) => !databases.some((error) => error.path === path))),
    ...choices.flatMap(({ snapshotId }, index) => lostError(lost, snapshotId, `volumes.${index}.snapshotId`)),
  ];
  const plan = planned.ok && errors.length === 0 ? planned.plan : null;
  return {
    kind: 'volumes',
    sourceName: sourceNameOf(asked, choices),
    plan,
    checks: summarizeChecks(sortErrors(errors, HEADINGS, headingOf)),
    warnings: planned.ok ? planned.warnings : [],
    objects: plannedObjects(plan ?? []),
    steps: stepsOf(plan ?? []),
    uses: volumesUse(choices, asked.snapshots, plan),
  };
}

/** The instances with what they have at each device: a volume that is switched is named, and may not be another's too. */
async function attachable(ec2: Ec2Port, instances: readonly InstanceDetails[]): Promise<AttachableInstance[]> {
  const ids = instances.flatMap(({ blockDevices }) => blockDevices.map(({ volumeId }) => volumeId));
  const volumes = new Map((await ec2.describeVolumes(ids)).map((volume) => [volume.volumeId, volume]));
  return instances.map((instance) => ({
    instanceId: instance.instanceId,
    zone: instance.zone,
    state: instance.state,
    virtualizationType: instance.virtualizationType ?? 'hvm',
    isWindows: instance.platform === 'windows',
    isSpot: instance.lifecycle === 'spot',
    rootDeviceName: instance.rootDeviceName,
    devices: instance.blockDevices.map(({ deviceName, volumeId, state, deleteOnTermination }) => ({
      deviceName,
      volumeId,
      state,
      deleteOnTermination,
      name: volumes.get(volumeId)?.tags['Name'] ?? '',
      attachedTo: volumes.get(volumeId)?.attachments.length ?? null,
    })),
  }));
}

function stepsOf(plans: VolumesJobPlan): readonly string[] {
  const { make, takeOff, attach, verify, deleteOld } = VOLUME_STEPS;
  const attaches = plans.some((plan) => plan.attach !== null);
  return [
    make,
    ...(plans.some(({ replaces }) => replaces !== null) ? [takeOff] : []),
    ...(attaches ? [attach, verify] : []),
    ...(plans.some(({ replaces }) => replaces?.isDeleted === true) ? [deleteOld] : []),
  ];
}

function headingOf(path: string): PreflightCheckName {
  const field = path.split('.').at(-1);
  if (field === 'zone') return 'place';
  if (field === 'attachTo' || field === 'deviceName') return 'devices';
  return field === 'snapshotId' ? 'snapshots' : 'volumes';
}

/** The snapshot of a database or cluster has no volume in it that EC2 could make. */
function databaseErrors({ snapshots }: Asked, choices: readonly VolumeRecoveryChoice[]): FieldError[] {
  const databases = new Map(snapshots.filter(({ service }) => service !== 'ebs').map((row) => [row.id, row]));
  return choices.flatMap(({ snapshotId }, index) => {
    const database = databases.get(snapshotId);
    const path = `volumes.${index}.snapshotId`;
    const message = `is a snapshot of the database ${database?.sourceId ?? ''}: no volume can be made from it`;
    return database === undefined ? [] : [{ path, message }];
  });
}

/** The backed-up volumes by name and id. */
const sourceNameOf = ({ snapshots }: Asked, choices: readonly VolumeRecoveryChoice[]): string =>
  choices
    .flatMap(({ snapshotId }) => snapshots.find(({ id }) => id === snapshotId) ?? [])
    .map(({ sourceId, volumeTags }) => {
      const name = volumeTags.find(({ key }) => key === 'Name')?.value ?? '';
      return name === '' ? sourceId : `${name} (${sourceId})`;
    })
    .join(', ');

/** What a planned volume will be, in words. */
export const describeVolume = ({ awsSnapshotId, sizeGiB, volumeType, zone, attach }: VolumePlan): string =>
  `${sizeGiB} GiB ${volumeType} in ${zone} from ${awsSnapshotId}${attach === null ? '' : `, for ${attach.instanceId} at ${attach.deviceName}`}`;

const named = ({ volumeId, name }: Replacement): string => (name === '' ? volumeId : `${volumeId} (${name})`);

/** What becomes of the volume that a new one takes the place of, in words. */
const fateOf = ({ attach }: VolumePlan, { isDeleted, deviceName }: Replacement): string =>
  `taken off ${attach?.instanceId} at ${deviceName}, ${isDeleted ? 'and deleted once the new one is attached and verified' : 'and kept'}`;

/** The record of the volume that a planned one takes the place of. */
export const describeReplaced = (plan: VolumePlan): NewObject[] =>
  plan.replaces === null
    ? []
    : [
        {
          kind: 'volume',
          role: 'replaced',
          awsId: plan.replaces.volumeId,
          state: 'kept',
          note: `${plan.replaces.name === '' ? '' : `${plan.replaces.name}: `}${fateOf(plan, plan.replaces)}`,
        },
      ];

/** New ones first, then what they take the place of. */
function plannedObjects(plans: VolumesJobPlan): PlannedObject[] {
  const made = plans.map((plan): PlannedObject => ({
    action: 'create',
    kind: 'volume',
    name: 'a new volume',
    note: describeVolume(plan),
  }));
  const replaced = plans.flatMap((plan): PlannedObject[] =>
    plan.replaces === null
      ? []
      : [
          {
            action: plan.replaces.isDeleted ? 'delete' : 'change',
            kind: 'volume',
            name: named(plan.replaces),
            note: fateOf(plan, plan.replaces),
          },
        ],
  );
  return [...made, ...replaced];
}
