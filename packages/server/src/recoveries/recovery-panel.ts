import type { RecoveryPanel } from '@cpm/contract';
import { unusualLaunch, waysToRecover } from '@cpm/core';
import type { BackupRow } from '../backups/backups.store.ts';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import { placesOf } from './recovery-places.ts';

type Holding = {
  readonly backup: BackupRow;
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
};

/** What can be brought back from a backup, how and where to, from the records alone: AWS is asked by the plan (F11). */
export function panelOf({ backup, resources, snapshots }: Holding): RecoveryPanel {
  const byResource = Map.groupBy(snapshots, ({ resourceId }) => resourceId);
  const shown = resources.map((resource) => shownResource(resource, byResource.get(resource.id) ?? [], backup));
  return { places: placesOf(backup, shown), resources: shown };
}

function shownResource(
  resource: ResourceRow,
  snapshots: readonly SnapshotRow[],
  backup: BackupRow,
): RecoveryPanel['resources'][number] {
  const { id, kind, region, state, message, resourceId: awsId, resourceName } = resource;
  const { configuration, databaseConfiguration } = resource;
  const copies = snapshots.map(({ isRoot, state: of }) => ({ isRoot, isCompleted: of === 'completed' }));
  const ways = waysToRecover({
    kind,
    message,
    backupObstacle: backupObstacle(backup),
    isRecorded: configuration !== null || databaseConfiguration !== null,
    isConfigurationOnly: state === 'configuration-only',
    unusualLaunch:
      configuration === null
        ? null
        : unusualLaunch(
            { ...configuration, userDataBase64: null },
            copies.some(({ isRoot, isCompleted }) => isRoot && isCompleted),
          ),
    snapshots: copies,
  });
  return {
    resourceId: id,
    kind,
    name: resourceName === '' ? awsId : resourceName,
    awsId,
    region,
    completedSnapshots: copies.filter(({ isCompleted }) => isCompleted).length,
    ways,
  };
}

function backupObstacle({ deletedAt, deletionMarkedAt, deletionReason }: BackupRow): string | null {
  if (deletedAt !== null) return 'the backup is deleted';
  if (deletionMarkedAt === null) return null;
  return `the backup is being deleted${deletionReason === null ? '' : `: ${deletionReason}`}`;
}
