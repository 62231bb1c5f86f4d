import type * as aws from '@aws-sdk/client-rds';
import type { RdsSnapshots } from '../port/rds.ts';
import { describeByNames } from './described-names.ts';
import { NAMED_PAGE_SIZE, readAllPages } from './pages.ts';
import { toDatabaseClusterSnapshot, toDatabaseSnapshot } from './rds-snapshot-shapes.ts';
import { goneIfMissing, type RdsCalls } from './service-calls.ts';
import { toSdkTags } from './shapes.ts';

export function rdsSnapshots({ read, repeatable }: RdsCalls): RdsSnapshots {
  const ofDatabases = (input: aws.DescribeDBSnapshotsCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeDBSnapshots', (rds, sdk) =>
          rds.send(new sdk.DescribeDBSnapshotsCommand({ ...input, MaxRecords: NAMED_PAGE_SIZE, Marker })),
        ),
      (page) => (page.DBSnapshots ?? []).map((snapshot) => toDatabaseSnapshot(snapshot)),
    );
  const ofClusters = (input: aws.DescribeDBClusterSnapshotsCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeDBClusterSnapshots', (rds, sdk) =>
          rds.send(new sdk.DescribeDBClusterSnapshotsCommand({ ...input, MaxRecords: NAMED_PAGE_SIZE, Marker })),
        ),
      (page) => (page.DBClusterSnapshots ?? []).map((snapshot) => toDatabaseClusterSnapshot(snapshot)),
    );
  const nameOf = ({ awsSnapshotId }: { readonly awsSnapshotId: string }) => awsSnapshotId;

  return {
    createDatabaseSnapshot: async ({ awsSnapshotId, databaseId, tags }) => {
      const input = { DBSnapshotIdentifier: awsSnapshotId, DBInstanceIdentifier: databaseId, Tags: toSdkTags(tags) };
      const { DBSnapshot = {} } = await repeatable('CreateDBSnapshot', (rds, sdk) =>
        rds.send(new sdk.CreateDBSnapshotCommand(input)),
      );
      return toDatabaseSnapshot(DBSnapshot, tags);
    },
    createDatabaseClusterSnapshot: async ({ awsSnapshotId, clusterId, tags }) => {
      const input = {
        DBClusterSnapshotIdentifier: awsSnapshotId,
        DBClusterIdentifier: clusterId,
        Tags: toSdkTags(tags),
      };
      const { DBClusterSnapshot = {} } = await repeatable('CreateDBClusterSnapshot', (rds, sdk) =>
        rds.send(new sdk.CreateDBClusterSnapshotCommand(input)),
      );
      return toDatabaseClusterSnapshot(DBClusterSnapshot, tags);
    },
    describeDatabaseSnapshots: (awsSnapshotIds) =>
      describeByNames(awsSnapshotIds, {
        read: (Values) => ofDatabases({ Filters: [{ Name: 'db-snapshot-id', Values }] }),
        nameOf,
      }),
    describeDatabaseClusterSnapshots: (awsSnapshotIds) =>
      describeByNames(awsSnapshotIds, {
        read: (Values) => ofClusters({ Filters: [{ Name: 'db-cluster-snapshot-id', Values }] }),
        nameOf,
      }),
    listManualDatabaseSnapshots: () => ofDatabases({ SnapshotType: 'manual' }),
    listManualDatabaseClusterSnapshots: () => ofClusters({ SnapshotType: 'manual' }),
    deleteDatabaseSnapshot: (DBSnapshotIdentifier) =>
      goneIfMissing(
        repeatable('DeleteDBSnapshot', (rds, sdk) =>
          rds.send(new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier })),
        ),
        'deleted' as const,
      ),
    deleteDatabaseClusterSnapshot: (DBClusterSnapshotIdentifier) =>
      goneIfMissing(
        repeatable('DeleteDBClusterSnapshot', (rds, sdk) =>
          rds.send(new sdk.DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier })),
        ),
        'deleted' as const,
      ),
  };
}
