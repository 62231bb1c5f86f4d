import type { RdsRestores } from '../port/rds-restores.ts';
import { toDatabase, toDatabaseCluster } from './rds-shapes.ts';
import {
  toClusterMember,
  toDatabaseChange,
  toRestoreDatabase,
  toRestoreDatabaseCluster,
} from './rds-restore-shapes.ts';
import { goneIfMissing, type RdsCalls } from './service-calls.ts';

export function rdsRestores({ read, repeatable }: RdsCalls): RdsRestores {
  const change = async (databaseId: string, input: ReturnType<typeof toDatabaseChange>) => {
    const request = { ...input, DBInstanceIdentifier: databaseId, ApplyImmediately: true };
    await repeatable('ModifyDBInstance', (rds, sdk) => rds.send(new sdk.ModifyDBInstanceCommand(request)));
  };
  const changeCluster = async (
    clusterId: string,
    input: { PreferredMaintenanceWindow?: string | undefined; DeletionProtection?: boolean },
  ) => {
    const request = { ...input, DBClusterIdentifier: clusterId, ApplyImmediately: true };
    await repeatable('ModifyDBCluster', (rds, sdk) => rds.send(new sdk.ModifyDBClusterCommand(request)));
  };
  return {
    restoreDatabase: async (input) => {
      const { DBInstance = {} } = await repeatable('RestoreDBInstanceFromDBSnapshot', (rds, sdk) =>
        rds.send(new sdk.RestoreDBInstanceFromDBSnapshotCommand(toRestoreDatabase(input))),
      );
      return toDatabase(DBInstance);
    },
    restoreDatabaseCluster: async (input) => {
      const { DBCluster = {} } = await repeatable('RestoreDBClusterFromSnapshot', (rds, sdk) =>
        rds.send(new sdk.RestoreDBClusterFromSnapshotCommand(toRestoreDatabaseCluster(input))),
      );
      return toDatabaseCluster(DBCluster);
    },
    createClusterMember: async (input) => {
      const { DBInstance = {} } = await repeatable('CreateDBInstance', (rds, sdk) =>
        rds.send(new sdk.CreateDBInstanceCommand(toClusterMember(input))),
      );
      return toDatabase(DBInstance);
    },
    changeDatabase: (databaseId, wanted) => change(databaseId, toDatabaseChange(wanted)),
    changeDatabaseCluster: (clusterId, { maintenanceWindow }) =>
      changeCluster(clusterId, { PreferredMaintenanceWindow: maintenanceWindow }),
    deleteDatabase: (DBInstanceIdentifier) =>
      goneIfMissing(
        (async () => {
          const { DBInstances = [] } = await read('DescribeDBInstances', (rds, sdk) =>
            rds.send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier })),
          );
          if (DBInstances[0]?.DBInstanceStatus === 'deleting') return;
          if (DBInstances[0]?.DeletionProtection === true)
            await change(DBInstanceIdentifier, { DeletionProtection: false });
          // Members of a cluster have no last snapshot of their own, and backups only through it.
          const isMember = (DBInstances[0]?.DBClusterIdentifier ?? '') !== '';
          const own = isMember ? {} : { DeleteAutomatedBackups: true };
          const input = { DBInstanceIdentifier, SkipFinalSnapshot: true, ...own };
          await repeatable('DeleteDBInstance', (rds, sdk) => rds.send(new sdk.DeleteDBInstanceCommand(input)));
        })(),
        'deleted' as const,
      ),
    deleteDatabaseCluster: (DBClusterIdentifier) =>
      goneIfMissing(
        (async () => {
          const { DBClusters = [] } = await read('DescribeDBClusters', (rds, sdk) =>
            rds.send(new sdk.DescribeDBClustersCommand({ DBClusterIdentifier })),
          );
          if (DBClusters[0]?.Status === 'deleting') return;
          if (DBClusters[0]?.DeletionProtection === true)
            await changeCluster(DBClusterIdentifier, { DeletionProtection: false });
          const input = { DBClusterIdentifier, SkipFinalSnapshot: true };
          await repeatable('DeleteDBCluster', (rds, sdk) => rds.send(new sdk.DeleteDBClusterCommand(input)));
        })(),
        'deleted' as const,
      ),
  };
}
