import type * as sdk from '@aws-sdk/client-rds';
import type { Database, DatabaseCluster } from '../port/rds-databases.ts';
import { instantOf, orNull, tagsOf } from './shapes.ts';

export function toDatabase(from: sdk.DBInstance): Database {
  return {
    ...sharedFacts(from),
    ...databaseFacts(from),
    ...replicaFacts(from),
    databaseId: from.DBInstanceIdentifier ?? '',
    arn: orNull(from.DBInstanceArn),
    resourceId: orNull(from.DbiResourceId),
    clusterId: orNull(from.DBClusterIdentifier),
    state: from.DBInstanceStatus ?? '',
    databaseName: orNull(from.DBName),
    host: orNull(from.Endpoint?.Address),
    // The endpoint is told once the database runs; `DbInstancePort` is 0 but for members of clusters.
    port: orNull(from.Endpoint?.Port ?? (from.DbInstancePort === 0 ? undefined : from.DbInstancePort)),
    subnetGroup: orNull(from.DBSubnetGroup?.DBSubnetGroupName),
    vpcId: orNull(from.DBSubnetGroup?.VpcId),
    createdAt: instantOf(from.InstanceCreateTime),
    certificateAuthority: orNull(from.CACertificateIdentifier),
  };
}

function databaseFacts(from: sdk.DBInstance) {
  return {
    instanceClass: from.DBInstanceClass ?? '',
    allocatedGiB: from.AllocatedStorage ?? 0,
    maxAllocatedGiB: orNull(from.MaxAllocatedStorage),
    zone: orNull(from.AvailabilityZone),
    secondaryZone: orNull(from.SecondaryAvailabilityZone),
    parameterGroup: orNull(from.DBParameterGroups?.[0]?.DBParameterGroupName),
    optionGroup: orNull(from.OptionGroupMemberships?.[0]?.OptionGroupName),
    licenseModel: orNull(from.LicenseModel),
    nationalCharacterSet: orNull(from.NcharCharacterSetName),
    timezone: orNull(from.Timezone),
    tdeCredentialArn: orNull(from.TdeCredentialArn),
    dedicatedLogVolume: from.DedicatedLogVolume ?? false,
    processorFeatures: featuresOf(from.ProcessorFeatures),
    multiTenant: from.MultiTenant ?? false,
    customInstanceProfile: orNull(from.CustomIamInstanceProfile),
  };
}

function replicaFacts(from: sdk.DBInstance) {
  return {
    promotionTier: orNull(from.PromotionTier),
    replicaOf: orNull(from.ReadReplicaSourceDBInstanceIdentifier ?? from.ReadReplicaSourceDBClusterIdentifier),
    replicaIds: from.ReadReplicaDBInstanceIdentifiers ?? [],
  };
}

export function toDatabaseCluster(from: sdk.DBCluster): DatabaseCluster {
  return {
    ...sharedFacts(from),
    ...clusterFacts(from),
    clusterId: from.DBClusterIdentifier ?? '',
    arn: orNull(from.DBClusterArn),
    resourceId: orNull(from.DbClusterResourceId),
    state: from.Status ?? '',
    databaseName: orNull(from.DatabaseName),
    host: orNull(from.Endpoint),
    readerHost: orNull(from.ReaderEndpoint),
    port: orNull(from.Port),
    subnetGroup: orNull(from.DBSubnetGroup),
    createdAt: instantOf(from.ClusterCreateTime),
    certificateAuthority: orNull(from.CertificateDetails?.CAIdentifier),
  };
}

function clusterFacts(from: sdk.DBCluster) {
  const scaling = from.ServerlessV2ScalingConfiguration ?? from.ScalingConfigurationInfo;
  return {
    engineMode: orNull(from.EngineMode),
    members: (from.DBClusterMembers ?? []).map((member) => ({
      databaseId: member.DBInstanceIdentifier ?? '',
      writer: member.IsClusterWriter ?? false,
      promotionTier: orNull(member.PromotionTier),
      parameterGroupStatus: orNull(member.DBClusterParameterGroupStatus),
    })),
    zones: from.AvailabilityZones ?? [],
    parameterGroup: orNull(from.DBClusterParameterGroup),
    optionGroup: orNull(from.DBClusterOptionGroupMemberships?.[0]?.DBClusterOptionGroupName),
    allocatedGiB: orNull(from.AllocatedStorage),
    instanceClass: orNull(from.DBClusterInstanceClass),
    backtrackWindowSeconds: orNull(from.BacktrackWindow),
    serverlessScaling:
      scaling === undefined ? null : { minimum: orNull(scaling.MinCapacity), maximum: orNull(scaling.MaxCapacity) },
    httpEndpoint: from.HttpEndpointEnabled ?? false,
    globalClusterId: orNull(from.GlobalClusterIdentifier),
    replicaOf: orNull(from.ReplicationSourceIdentifier),
  };
}

function sharedFacts(from: sdk.DBInstance | sdk.DBCluster) {
  return {
    ...watchFacts(from),
    engine: from.Engine ?? '',
    engineVersion: orNull(from.EngineVersion),
    masterUsername: orNull(from.MasterUsername),
    masterSecretArn: orNull(from.MasterUserSecret?.SecretArn),
    securityGroupIds: (from.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    storageType: orNull(from.StorageType),
    iops: orNull(from.Iops),
    throughputMiBs: orNull(from.StorageThroughput),
    multiAz: from.MultiAZ ?? false,
    publiclyAccessible: orNull(from.PubliclyAccessible),
    encrypted: from.StorageEncrypted ?? false,
    kmsKeyId: orNull(from.KmsKeyId),
    deletionProtection: from.DeletionProtection ?? false,
    iamAuthentication: from.IAMDatabaseAuthenticationEnabled ?? false,
    characterSet: orNull(from.CharacterSetName),
    networkType: orNull(from.NetworkType),
    domains: (from.DomainMemberships ?? []).map((domain) => ({
      domainId: domain.Domain ?? '',
      fqdn: orNull(domain.FQDN),
      iamRoleName: orNull(domain.IAMRoleName),
      organizationalUnit: orNull(domain.OU),
    })),
    roles: (from.AssociatedRoles ?? []).map(({ RoleArn = '', FeatureName }) => ({
      roleArn: RoleArn,
      feature: orNull(FeatureName),
    })),
    tags: tagsOf(from.TagList),
  };
}

/** How AWS keeps, mends and watches it. */
function watchFacts(from: sdk.DBInstance | sdk.DBCluster) {
  return {
    copyTagsToSnapshot: from.CopyTagsToSnapshot ?? false,
    backupRetentionDays: orNull(from.BackupRetentionPeriod),
    backupWindow: orNull(from.PreferredBackupWindow),
    maintenanceWindow: orNull(from.PreferredMaintenanceWindow),
    autoMinorVersionUpgrade: orNull(from.AutoMinorVersionUpgrade),
    logExports: from.EnabledCloudwatchLogsExports ?? [],
    monitoringIntervalSeconds: orNull(from.MonitoringInterval),
    monitoringRoleArn: orNull(from.MonitoringRoleArn),
    performanceInsights: orNull(from.PerformanceInsightsEnabled),
    performanceInsightsKmsKeyId: orNull(from.PerformanceInsightsKMSKeyId),
    performanceInsightsRetentionDays: orNull(from.PerformanceInsightsRetentionPeriod),
  };
}

/** Such as `coreCount` and `threadsPerCore`. */
export function featuresOf(features: readonly sdk.ProcessorFeature[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((features ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));
}
