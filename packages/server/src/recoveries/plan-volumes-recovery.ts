import {
  planVolumes,
  sortErrors,
  summarizeChecks,
  type FieldError,
  type PlannedObject,
  type PreflightCheckName,
  type VolumePlan,
  type VolumeRecoveryChoice,
} from '@cpm/core';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { GONE, lostError, lostSnapshots, recoverable, recoveryTags } from './recoverable-volumes.ts';
import { volumesUse } from './recovery-uses.ts';

/** What the job of a recovery of volumes is given. */
export type VolumesJobPlan = readonly VolumePlan[];

const HEADINGS: readonly PreflightCheckName[] = ['snapshots', 'place', 'volumes', 'devices'];

/** Plans new volumes against what the region has now (REC-7, REC-9). */
export async function planVolumesRecovery(
  asked: Asked,
  choices: readonly VolumeRecoveryChoice[],
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
    instances: instances
      .filter(({ state }) => !GONE.has(state))
      .map((instance) => ({
        instanceId: instance.instanceId,
        zone: instance.zone,
        state: instance.state,
        virtualizationType: instance.virtualizationType ?? 'hvm',
        isWindows: instance.platform === 'windows',
        takenDevices: instance.blockDevices.map(({ deviceName }) => deviceName),
      })),
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
    objects: (plan ?? []).map((each) => plannedObject(each)),
    steps: ['make volumes', 'attach them'],
    uses: volumesUse(choices, asked.snapshots, plan),
  };
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

const sourceNameOf = ({ snapshots }: Asked, choices: readonly VolumeRecoveryChoice[]): string =>
  choices
    .map(({ snapshotId }) => snapshots.find(({ id }) => id === snapshotId)?.awsSnapshotId ?? '')
    .filter(Boolean)
    .join(', ');

/** What a planned volume will be, in words. */
export const describeVolume = ({ awsSnapshotId, sizeGiB, volumeType, zone, attach }: VolumePlan): string =>
  `${sizeGiB} GiB ${volumeType} in ${zone} from ${awsSnapshotId}${attach === null ? '' : `, for ${attach.instanceId} at ${attach.deviceName}`}`;

const plannedObject = (plan: VolumePlan): PlannedObject => ({
  action: 'create',
  kind: 'volume',
  name: 'a new volume',
  note: describeVolume(plan),
});
