import type { NamedSnapshot, Tags } from '@cpm/aws/port';
import type { DatabaseService } from '@cpm/core';
import type { DatabasePorts } from './database-ports.ts';

export type NewNamedSnapshot = {
  readonly service: DatabaseService;
  /** The name to be: the key by which AWS refuses a second one. */
  readonly awsSnapshotId: string;
  readonly sourceId: string;
  readonly tags: Tags;
};

/** Makes a snapshot of a database or cluster. May be repeated: what was made before ends in `isAlreadyThere`. */
export async function createNamedSnapshot(
  { rds, redshift }: DatabasePorts,
  { service, awsSnapshotId, sourceId, tags }: NewNamedSnapshot,
): Promise<NamedSnapshot> {
  switch (service) {
    case 'rds':
      return rds.createDatabaseSnapshot({ awsSnapshotId, databaseId: sourceId, tags });
    case 'rds-cluster':
      return rds.createDatabaseClusterSnapshot({ awsSnapshotId, clusterId: sourceId, tags });
    case 'redshift':
      return redshift.createClusterSnapshot({ awsSnapshotId, clusterId: sourceId, tags });
  }
}

/** Those of the names that AWS shows now; missing ones are absent: no proof that they are gone. */
export async function describeNamedSnapshots(
  { rds, redshift }: DatabasePorts,
  service: DatabaseService,
  awsSnapshotIds: readonly string[],
): Promise<readonly NamedSnapshot[]> {
  switch (service) {
    case 'rds':
      return rds.describeDatabaseSnapshots(awsSnapshotIds);
    case 'rds-cluster':
      return rds.describeDatabaseClusterSnapshots(awsSnapshotIds);
    case 'redshift':
      return redshift.describeClusterSnapshots(awsSnapshotIds);
  }
}

/** Deletes a snapshot by its name; whose it is must have been looked at before. May be repeated. */
export async function deleteNamedSnapshot(
  { rds, redshift }: DatabasePorts,
  service: DatabaseService,
  awsSnapshotId: string,
): Promise<'deleted' | 'alreadyGone'> {
  switch (service) {
    case 'rds':
      return rds.deleteDatabaseSnapshot(awsSnapshotId);
    case 'rds-cluster':
      return rds.deleteDatabaseClusterSnapshot(awsSnapshotId);
    case 'redshift':
      return redshift.deleteClusterSnapshot(awsSnapshotId);
  }
}
