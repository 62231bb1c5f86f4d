import type { DatabaseCluster } from '../state/database-records.ts';
import { stateAt } from '../state/timeline.ts';
import type { Call, Reply } from '../wire/call.ts';
import { listOf, type Wire } from '../wire/xml.ts';
import { arnOf, kinds, own } from './kinds.ts';
import { showSecurityGroupsAs } from './placement.ts';
import { latestRestorable } from './show-database.ts';
import { tagList } from './tag-rules.ts';

const membersOf = (call: Call, cluster: DatabaseCluster): Wire =>
  listOf(
    'DBClusterMember',
    own(call, kinds.database)
      .filter((one) => one.clusterId === cluster.id)
      .map((one, at) => ({
        DBInstanceIdentifier: one.id,
        IsClusterWriter: at === 0,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: one.promotionTier,
      })),
  );

/** A DB cluster as DescribeDBClusters shows it; its first member is the writer. */
export const showCluster = (call: Call, cluster: DatabaseCluster): Reply => {
  const host = `${cluster.resourceId.slice(-12).toLowerCase()}.${call.region.name}.rds.amazonaws.com`;
  const isAurora = cluster.storageType === 'aurora';
  return {
    DBClusterIdentifier: cluster.id,
    DBClusterArn: arnOf(call, kinds.cluster, cluster.id, cluster.ownerId),
    DbClusterResourceId: cluster.resourceId,
    Status: stateAt(cluster.states, call.now),
    ClusterCreateTime: new Date(cluster.createdAt),
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    EngineMode: cluster.engineMode,
    DBClusterInstanceClass: cluster.instanceClass,
    MasterUsername: cluster.masterUsername,
    DatabaseName: cluster.databaseName,
    AllocatedStorage: cluster.allocatedGiB,
    StorageType: isAurora ? undefined : cluster.storageType,
    Iops: cluster.iops,
    StorageThroughput: cluster.throughputMiBps,
    StorageEncrypted: cluster.encrypted,
    KmsKeyId: cluster.kmsKeyArn,
    AvailabilityZones: listOf('AvailabilityZone', cluster.zones),
    MultiAZ: isAurora ? own(call, kinds.database).filter((one) => one.clusterId === cluster.id).length > 1 : true,
    Endpoint: `${cluster.id}.cluster-${host}`,
    ReaderEndpoint: `${cluster.id}.cluster-ro-${host}`,
    Port: cluster.port,
    DBSubnetGroup: cluster.subnetGroup,
    VpcSecurityGroups: showSecurityGroupsAs('VpcSecurityGroupMembership', cluster.securityGroupIds),
    DBClusterParameterGroup: cluster.parameterGroup,
    DBClusterOptionGroupMemberships: listOf('DBClusterOptionGroup', [
      { DBClusterOptionGroupName: cluster.optionGroup, Status: 'in-sync' },
    ]),
    DBClusterMembers: membersOf(call, cluster),
    BackupRetentionPeriod: cluster.backupRetentionDays,
    PreferredBackupWindow: cluster.backupWindow,
    PreferredMaintenanceWindow: cluster.maintenanceWindow,
    EarliestRestorableTime: latestRestorable(call, cluster) && new Date(cluster.createdAt),
    LatestRestorableTime: latestRestorable(call, cluster),
    HostedZoneId: 'Z2R2ITUGPM61AM',
    AssociatedRoles: [],
    ReadReplicaIdentifiers: [],
    IAMDatabaseAuthenticationEnabled: cluster.iamAuthentication,
    CopyTagsToSnapshot: cluster.copyTagsToSnapshot,
    DeletionProtection: cluster.deletionProtection,
    HttpEndpointEnabled: false,
    CrossAccountClone: false,
    DomainMemberships: [],
    AutoMinorVersionUpgrade: true,
    NetworkType: 'IPV4',
    TagList: tagList(cluster.tags),
  };
};
