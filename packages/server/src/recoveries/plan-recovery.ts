import type { Ec2Port } from '@cpm/aws/port';
import {
  cpmError,
  planInstance,
  planVolumes,
  type FieldError,
  type InstancePlan,
  type InstanceRecoveryChoice,
  type Planned,
  type RecoverableVolume,
  type RecoveryId,
  type Tag,
  type VolumePlan,
  type VolumeRecoveryChoice,
  type VolumeType,
} from '@cpm/core';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import { userDataBinding } from '../backups/record-configurations.ts';
import type { ServerContext } from '../context.ts';

/** The tag that says which recovery made a thing. */
const RECOVERY_TAG = 'cpm:recovery';
const INSTALLATION_TAG = 'cpm:installation';

const GONE = new Set(['terminated', 'shutting-down']);

/** A plan with what the person should know; throws `recovery_refused` with every wrong field, before anything is made. */
export type MadePlan<Plan> = { readonly plan: Plan; readonly warnings: readonly string[] };

type Backed = { readonly resources: readonly ResourceRow[]; readonly snapshots: readonly SnapshotRow[] };
type Asked = Backed & { readonly context: ServerContext; readonly ec2: Ec2Port; readonly recoveryId: RecoveryId };

/** Plans new volumes against what the region has now (REC-7, REC-9). */
export async function planVolumeRecovery(
  asked: Asked,
  choices: readonly VolumeRecoveryChoice[],
): Promise<MadePlan<readonly VolumePlan[]>> {
  const { ec2, context, recoveryId } = asked;
  refuseDatabases(asked, choices);
  const attachTo = [...new Set(choices.flatMap(({ attachTo: id }) => (id === undefined ? [] : [id])))];
  const chosen = new Set(choices.map(({ snapshotId }) => snapshotId));
  const [zones, instances, lost] = await Promise.all([
    ec2.describeZones(),
    ec2.describeInstances(attachTo),
    lostSnapshots(
      ec2,
      asked.snapshots.filter(({ id }) => chosen.has(id)),
    ),
  ]);
  const errors = choices.flatMap(({ snapshotId }, index) => lostError(lost, snapshotId, `volumes.${index}.snapshotId`));
  const planned = planVolumes({
    volumes: asked.snapshots.map((snapshot) => recoverable(snapshot, asked)),
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
    ownTags: ownTags(context, recoveryId),
  });
  return accept(planned, errors);
}

/** The snapshot of a database or cluster has no volume in it that EC2 could make. */
function refuseDatabases({ snapshots }: Backed, choices: readonly VolumeRecoveryChoice[]): void {
  const databases = new Map(snapshots.filter(({ service }) => service !== 'ebs').map((row) => [row.id, row]));
  const fields = choices.flatMap(({ snapshotId }, index) => {
    const database = databases.get(snapshotId);
    const path = `volumes.${index}.snapshotId`;
    const message = `is a snapshot of the database ${database?.sourceId ?? ''}: no volume can be made from it`;
    return database === undefined ? [] : [{ path, message }];
  });
  if (fields.length > 0) throw cpmError('recovery_refused', { fields });
}

/** Plans a new instance against what the region has now (REC-3, REC-4, REC-9). */
export async function planInstanceRecovery(
  asked: Asked,
  resource: ResourceRow,
  choice: InstanceRecoveryChoice,
): Promise<MadePlan<InstancePlan>> {
  const { ec2, context, recoveryId } = asked;
  if (resource.configuration === null) throw cpmError('conflict_not_recoverable');
  const snapshots = asked.snapshots.filter(({ resourceId }) => resourceId === resource.id);
  const subnetId = choice.subnetId ?? resource.configuration.subnetId;
  const [subnets, groups, keys, lost, instances] = await Promise.all([
    ec2.describeSubnets(),
    ec2.describeSecurityGroups(),
    ec2.describeKeyPairs(),
    lostSnapshots(ec2, snapshots),
    ec2.listInstances(),
  ]);
  const userDataBase64 =
    resource.sealedUserData === null
      ? null
      : context.secrets.open(resource.sealedUserData, userDataBinding(resource.id));
  const planned = planInstance({
    configuration: { ...resource.configuration, userDataBase64 },
    volumes: snapshots.map((snapshot) => recoverable(snapshot, asked)),
    choice,
    offer: {
      subnets: subnets.map((subnet) => ({
        subnetId: subnet.subnetId,
        vpcId: subnet.vpcId,
        zone: subnet.zone,
        cidrBlock: subnet.cidr,
        freeAddresses: subnet.freeAddresses,
      })),
      securityGroups: groups.map(({ groupId, vpcId }) => ({ groupId, vpcId })),
      keyNames: keys.map(({ name }) => name),
      takenPrivateIps: instances
        .filter((instance) => instance.subnetId === subnetId && !GONE.has(instance.state))
        .flatMap(({ privateIp }) => (privateIp === null ? [] : [privateIp])),
    },
    imageName: `cpm-recovery-${recoveryId}`,
    ownTags: ownTags(context, recoveryId),
  });
  return accept(
    planned,
    snapshots.flatMap(({ id }) => lostError(lost, id, 'volumes')),
  );
}

function accept<Plan>(planned: Planned<Plan>, errors: readonly FieldError[]): MadePlan<Plan> {
  if (!planned.ok || errors.length > 0) {
    throw cpmError('recovery_refused', { fields: [...(planned.ok ? [] : planned.errors), ...errors] });
  }
  return { plan: planned.plan, warnings: planned.warnings };
}

const ownTags = ({ installationId }: ServerContext, recoveryId: RecoveryId): Tag[] => [
  { key: INSTALLATION_TAG, value: installationId },
  { key: RECOVERY_TAG, value: recoveryId },
];

/** CPM's records of the snapshots that AWS does not show: deleted outside CPM, perhaps. */
async function lostSnapshots(ec2: Ec2Port, snapshots: readonly SnapshotRow[]): Promise<Map<string, string>> {
  const wanted = snapshots.flatMap(({ state, awsSnapshotId }) =>
    state === 'completed' && awsSnapshotId !== null ? [awsSnapshotId] : [],
  );
  const seen = new Set((await ec2.describeSnapshots(wanted)).map(({ awsSnapshotId }) => awsSnapshotId));
  return new Map(
    snapshots.flatMap(({ id, state, awsSnapshotId }) =>
      state === 'completed' && awsSnapshotId !== null && !seen.has(awsSnapshotId) ? [[id, awsSnapshotId] as const] : [],
    ),
  );
}

function lostError(lost: ReadonlyMap<string, string>, snapshotId: string, path: string): FieldError[] {
  const awsSnapshotId = lost.get(snapshotId);
  return awsSnapshotId === undefined
    ? []
    : [{ path, message: `AWS does not show the snapshot ${awsSnapshotId} any more` }];
}

function recoverable(snapshot: SnapshotRow, { resources }: Backed): RecoverableVolume {
  const resource = resources.find(({ id }) => id === snapshot.resourceId);
  const configured = resource?.configuration?.volumes.find(({ volumeId }) => volumeId === snapshot.sourceId);
  return {
    snapshotId: snapshot.id,
    awsSnapshotId: snapshot.awsSnapshotId ?? '',
    isCompleted: snapshot.state === 'completed',
    sizeGiB: snapshot.sizeGiB,
    isRoot: snapshot.isRoot,
    original: {
      volumeId: snapshot.sourceId,
      zone: snapshot.zone || (resource?.configuration?.placement.zone ?? ''),
      volumeType: (snapshot.volumeType || 'gp3') as VolumeType,
      iops: snapshot.iops,
      throughputMiBps: snapshot.throughputMiBs,
      deviceName: snapshot.device,
      deleteOnTermination: configured?.deleteOnTermination ?? false,
      tags: snapshot.volumeTags,
    },
  };
}
