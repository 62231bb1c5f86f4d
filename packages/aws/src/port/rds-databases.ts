import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';

/** Free text of AWS; only an `available` (or `storage-optimization`) source takes a snapshot. */
export type DatabaseState =
  | 'available'
  | 'backing-up'
  | 'creating'
  | 'deleting'
  | 'failed'
  | 'modifying'
  | 'rebooting'
  | 'starting'
  | 'stopped'
  | 'stopping'
  | 'storage-full'
  | 'storage-optimization'
  | (string & {});

/** What database instances and clusters have in common. */
type DatabaseBase = {
  readonly arn: string | null;
  readonly state: DatabaseState;
  /** Such as `postgres`, `aurora-mysql`: the list grows. */
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly databaseName: string | null;
  readonly masterUsername: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly subnetGroup: string | null;
  readonly securityGroupIds: readonly string[];
  readonly storageType: string | null;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly multiAz: boolean;
  readonly publiclyAccessible: boolean | null;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly deletionProtection: boolean;
  readonly iamAuthentication: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly backupRetentionDays: number | null;
  readonly backupWindow: string | null;
  readonly maintenanceWindow: string | null;
  readonly autoMinorVersionUpgrade: boolean | null;
  readonly networkType: string | null;
  readonly logExports: readonly string[];
  readonly monitoringIntervalSeconds: number | null;
  readonly monitoringRoleArn: string | null;
  readonly performanceInsights: boolean | null;
  readonly performanceInsightsKmsKeyId: string | null;
  readonly performanceInsightsRetentionDays: number | null;
  /** The domain directories that it is a member of. */
  readonly domains: readonly DatabaseDomain[];
  readonly roles: readonly DatabaseRole[];
  readonly certificateAuthority: string | null;
  /** Where AWS keeps the master password itself: a restore makes a new secret. */
  readonly masterSecretArn: string | null;
  readonly characterSet: string | null;
  readonly createdAt: Instant | null;
  readonly tags: Tags;
};

export type DatabaseDomain = {
  readonly domainId: string;
  readonly fqdn: string | null;
  readonly iamRoleName: string | null;
  readonly organizationalUnit: string | null;
};

export type DatabaseRole = { readonly roleArn: string; readonly feature: string | null };

/** An RDS DB instance: all that DescribeDBInstances tells and a restore has to be given (RDS API Reference, DBInstance). */
export type Database = DatabaseBase & {
  readonly databaseId: string;
  /** AWS's id, never given twice: another one under the same name is another database. */
  readonly resourceId: string | null;
  /** Set for a member of a cluster: only the cluster can be snapshotted. */
  readonly clusterId: string | null;
  readonly instanceClass: string;
  readonly allocatedGiB: number;
  readonly maxAllocatedGiB: number | null;
  readonly zone: string | null;
  readonly secondaryZone: string | null;
  readonly vpcId: string | null;
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly licenseModel: string | null;
  readonly nationalCharacterSet: string | null;
  readonly timezone: string | null;
  readonly tdeCredentialArn: string | null;
  readonly dedicatedLogVolume: boolean;
  readonly processorFeatures: Readonly<Record<string, string>>;
  readonly promotionTier: number | null;
  readonly multiTenant: boolean;
  readonly customInstanceProfile: string | null;
  /** The database that this one is a read replica of. */
  readonly replicaOf: string | null;
  readonly replicaIds: readonly string[];
};

export type ClusterMember = {
  readonly databaseId: string;
  readonly writer: boolean;
  readonly promotionTier: number | null;
  readonly parameterGroupStatus: string | null;
};

/** An Aurora or Multi-AZ DB cluster; its members are databases of their own (RDS API Reference, DBCluster). */
export type DatabaseCluster = DatabaseBase & {
  readonly clusterId: string;
  readonly resourceId: string | null;
  /** `provisioned`, `serverless`, …; null where AWS does not say. */
  readonly engineMode: string | null;
  readonly members: readonly ClusterMember[];
  readonly zones: readonly string[];
  readonly readerHost: string | null;
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly allocatedGiB: number | null;
  /** Of a Multi-AZ DB cluster, whose instances are not made one by one. */
  readonly instanceClass: string | null;
  readonly backtrackWindowSeconds: number | null;
  /** Capacity units of Aurora Serverless; null for anything else. */
  readonly serverlessScaling: { readonly minimum: number | null; readonly maximum: number | null } | null;
  readonly httpEndpoint: boolean;
  readonly globalClusterId: string | null;
  readonly replicaOf: string | null;
};
