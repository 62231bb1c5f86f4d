import type * as aws from '@aws-sdk/client-rds';
import type { DatabaseChangePlan } from '@cpm/core';
import type {
  CreateClusterMemberInput,
  RestoreDatabaseClusterInput,
  RestoreDatabaseInput,
} from '../port/rds-restores.ts';
import { orLeftOut, toSdkTags } from './shapes.ts';

export function toRestoreDatabase(input: RestoreDatabaseInput): aws.RestoreDBInstanceFromDBSnapshotCommandInput {
  return {
    ...shared(input),
    DBInstanceIdentifier: input.databaseId,
    DBSnapshotIdentifier: input.awsSnapshotId,
    DBInstanceClass: orLeftOut(input.instanceClass),
    DBParameterGroupName: orLeftOut(input.parameterGroup),
    AvailabilityZone: orLeftOut(input.zone),
    MultiAZ: input.multiAz,
    AllocatedStorage: orLeftOut(input.sizeGiB),
    StorageThroughput: orLeftOut(input.throughputMiBs),
    AutoMinorVersionUpgrade: orLeftOut(input.autoMinorVersionUpgrade),
    LicenseModel: orLeftOut(input.licenseModel),
    CACertificateIdentifier: orLeftOut(input.certificateAuthority),
    DedicatedLogVolume: orLeftOut(input.dedicatedLogVolume),
    ProcessorFeatures: featuresOf(input.processorFeatures),
    ManageMasterUserPassword: input.managesMasterPassword ? true : undefined,
  };
}

export function toRestoreDatabaseCluster(
  input: RestoreDatabaseClusterInput,
): aws.RestoreDBClusterFromSnapshotCommandInput {
  const { serverlessScaling: scaling } = input;
  return {
    ...shared(input),
    DBClusterIdentifier: input.clusterId,
    SnapshotIdentifier: input.awsSnapshotId,
    EngineVersion: orLeftOut(input.engineVersion),
    EngineMode: orLeftOut(input.engineMode),
    DBClusterInstanceClass: orLeftOut(input.instanceClass),
    DBClusterParameterGroupName: orLeftOut(input.parameterGroup),
    AvailabilityZones: ifAny(input.zones),
    BacktrackWindow: orLeftOut(input.backtrackWindowSeconds),
    ServerlessV2ScalingConfiguration:
      scaling === null ? undefined : { MinCapacity: scaling.minimum, MaxCapacity: scaling.maximum },
  };
}

export function toClusterMember(input: CreateClusterMemberInput): aws.CreateDBInstanceCommandInput {
  return {
    DBInstanceIdentifier: input.databaseId,
    DBClusterIdentifier: input.clusterId,
    Engine: input.engine,
    DBInstanceClass: input.instanceClass,
    DBParameterGroupName: orLeftOut(input.parameterGroup),
    AvailabilityZone: orLeftOut(input.zone),
    PromotionTier: orLeftOut(input.promotionTier),
    PubliclyAccessible: orLeftOut(input.publiclyAccessible),
    AutoMinorVersionUpgrade: orLeftOut(input.autoMinorVersionUpgrade),
    CopyTagsToSnapshot: orLeftOut(input.copyTagsToSnapshot),
    CACertificateIdentifier: orLeftOut(input.certificateAuthority),
    Tags: toSdkTags(input.tags),
  };
}

export function toDatabaseChange(
  change: DatabaseChangePlan,
): Omit<aws.ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'> {
  const { monitoring, performanceInsights: insights } = change;
  return {
    PreferredMaintenanceWindow: change.maintenanceWindow,
    MaxAllocatedStorage: change.maxAllocatedGiB,
    ...(monitoring === undefined
      ? {}
      : { MonitoringInterval: monitoring.intervalSeconds, MonitoringRoleArn: monitoring.roleArn }),
    ...(insights === undefined
      ? {}
      : {
          EnablePerformanceInsights: true,
          PerformanceInsightsKMSKeyId: orLeftOut(insights.kmsKeyId),
          PerformanceInsightsRetentionPeriod: orLeftOut(insights.retentionDays),
        }),
  };
}

function shared(input: RestoreDatabaseInput | RestoreDatabaseClusterInput) {
  return {
    Engine: input.engine,
    Port: orLeftOut(input.port),
    DBSubnetGroupName: orLeftOut(input.subnetGroup),
    VpcSecurityGroupIds: ifAny(input.securityGroupIds),
    // Its default AWS takes by itself.
    OptionGroupName: input.optionGroup?.startsWith('default:') === true ? undefined : orLeftOut(input.optionGroup),
    PubliclyAccessible: orLeftOut(input.publiclyAccessible),
    StorageType: orLeftOut(input.storageType),
    Iops: orLeftOut(input.iops),
    DeletionProtection: input.deletionProtection,
    CopyTagsToSnapshot: input.copyTagsToSnapshot,
    EnableIAMDatabaseAuthentication: orLeftOut(input.iamAuthentication),
    NetworkType: orLeftOut(input.networkType),
    EnableCloudwatchLogsExports: ifAny(input.logExports),
    BackupRetentionPeriod: orLeftOut(input.backupRetentionDays),
    PreferredBackupWindow: orLeftOut(input.backupWindow),
    Tags: toSdkTags(input.tags),
  };
}

/** An empty list is left out: AWS takes its default then. */
const ifAny = (values: readonly string[]): string[] | undefined => (values.length === 0 ? undefined : [...values]);

const featuresOf = (features: Readonly<Record<string, string>>): aws.ProcessorFeature[] | undefined => {
  const all = Object.entries(features).map(([Name, Value]) => ({ Name, Value }));
  return all.length === 0 ? undefined : all;
};
