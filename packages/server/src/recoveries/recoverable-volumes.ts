import type { Ec2Port } from '@cpm/aws/port';
import type { FieldError, RecoverableVolume, RecoveryId, Tag, VolumeType } from '@cpm/core';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';

/** The tag that says which recovery made a thing. */
export const RECOVERY_TAG = 'cpm:recovery';
const INSTALLATION_TAG = 'cpm:installation';

/** CPM's own tags on everything that a recovery makes. */
export const recoveryTags = ({ installationId }: ServerContext, recoveryId: RecoveryId): Tag[] => [
  { key: INSTALLATION_TAG, value: installationId },
  { key: RECOVERY_TAG, value: recoveryId },
];

/** Instances that nothing can be attached to, and whose addresses are free again. */
export const GONE: ReadonlySet<string> = new Set(['terminated', 'shutting-down']);

/** CPM's records of the snapshots that AWS does not show: deleted outside CPM, perhaps. */
export async function lostSnapshots(ec2: Ec2Port, snapshots: readonly SnapshotRow[]): Promise<Map<string, string>> {
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

export function lostError(lost: ReadonlyMap<string, string>, snapshotId: string, path: string): FieldError[] {
  const awsSnapshotId = lost.get(snapshotId);
  return awsSnapshotId === undefined
    ? []
    : [{ path, message: `AWS does not show the snapshot ${awsSnapshotId} any more` }];
}

/** A snapshot with what its backup recorded of the volume. */
export function recoverable(
  snapshot: SnapshotRow,
  { resources }: { readonly resources: readonly ResourceRow[] },
): RecoverableVolume {
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
