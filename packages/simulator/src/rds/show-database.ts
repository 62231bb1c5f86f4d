import type { Database } from '../state/database-records.ts';
import { stateAt } from '../state/timeline.ts';
import type { Call, Reply } from '../wire/call.ts';
import { listOf, type Wire } from '../wire/xml.ts';
import { showSubnetGroup } from './groups.ts';
import { arnOf, kinds, lookFresh } from './kinds.ts';
import { showSecurityGroupsAs } from './placement.ts';
import { tagList } from './tag-rules.ts';

/** The last moment to which an instance or cluster with automated backups can be restored: five minutes ago. */
export const latestRestorable = (
  call: Call,
  thing: { readonly createdAt: number; readonly backupRetentionDays: number },
): Date | undefined =>
  thing.backupRetentionDays === 0 ? undefined : new Date(Math.max(thing.createdAt, call.now - 300_000));

const endpointOf = (call: Call, database: Database): Wire =>
  database.createdAt === call.now
    ? undefined
    : {
        Address: `${database.id}.${database.resourceId.slice(-12).toLowerCase()}.${call.region.name}.rds.amazonaws.com`,
        Port: database.port,
        HostedZoneId: 'Z2R2ITUGPM61AM',
      };

const showStorage = (database: Database): Reply => ({
  AllocatedStorage: database.allocatedGiB,
  MaxAllocatedStorage: database.maxAllocatedGiB,
  StorageType: database.storageType,
  Iops: database.iops,
  StorageThroughput: database.throughputMiBps,
  StorageEncrypted: database.encrypted,
  KmsKeyId: database.kmsKeyArn,
});

const showPlace = (call: Call, database: Database): Reply => {
  const group = lookFresh(call, kinds.subnetGroup, database.subnetGroup);
  return {
    Endpoint: endpointOf(call, database),
    DbInstancePort: 0,
    AvailabilityZone: database.zone,
    SecondaryAvailabilityZone: database.secondaryZone,
    MultiAZ: database.multiAz,
    PubliclyAccessible: database.publiclyAccessible,
    NetworkType: 'IPV4',
    DBSubnetGroup: group && showSubnetGroup(call, group),
    DBSecurityGroups: [],
    VpcSecurityGroups: showSecurityGroupsAs('VpcSecurityGroupMembership', database.securityGroupIds),
  };
};

/** A DB instance as DescribeDBInstances shows it. */
export const showDatabase = (call: Call, database: Database): Reply => ({
  DBInstanceIdentifier: database.id,
  DBInstanceArn: arnOf(call, kinds.database, database.id, database.ownerId),
  DbiResourceId: database.resourceId,
  DBInstanceClass: database.instanceClass,
  DBInstanceStatus: stateAt(database.states, call.now),
  InstanceCreateTime: new Date(database.createdAt),
  Engine: database.engine,
  EngineVersion: database.engineVersion,
  EngineLifecycleSupport: 'open-source-rds-extended-support',
  LicenseModel: database.licenseModel,
  MasterUsername: database.masterUsername,
  DBName: database.databaseName,
  ...showStorage(database),
  ...showPlace(call, database),
  PreferredBackupWindow: database.backupWindow,
  PreferredMaintenanceWindow: database.maintenanceWindow,
  BackupRetentionPeriod: database.backupRetentionDays,
  BackupTarget: 'region',
  LatestRestorableTime: latestRestorable(call, database),
  DBParameterGroups: listOf('DBParameterGroup', [
    { DBParameterGroupName: database.parameterGroup, ParameterApplyStatus: 'in-sync' },
  ]),
  OptionGroupMemberships: listOf('OptionGroupMembership', [
    { OptionGroupName: database.optionGroup, Status: 'in-sync' },
  ]),
  PendingModifiedValues: {},
  AutoMinorVersionUpgrade: database.autoMinorVersionUpgrade,
  ReadReplicaDBInstanceIdentifiers: [],
  DBClusterIdentifier: database.clusterId,
  PromotionTier: database.clusterId === undefined ? undefined : database.promotionTier,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  DomainMemberships: [],
  CopyTagsToSnapshot: database.copyTagsToSnapshot,
  MonitoringInterval: database.monitoring?.intervalSeconds ?? 0,
  MonitoringRoleArn: database.monitoring?.roleArn,
  IAMDatabaseAuthenticationEnabled: database.iamAuthentication,
  PerformanceInsightsEnabled: database.performanceInsightsDays !== undefined,
  PerformanceInsightsRetentionPeriod: database.performanceInsightsDays,
  DeletionProtection: database.deletionProtection,
  AssociatedRoles: [],
  TagList: tagList(database.tags),
  CustomerOwnedIpEnabled: false,
  DedicatedLogVolume: false,
});
