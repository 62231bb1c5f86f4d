import type { FieldError } from '../errors.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import type { Tag } from './instance-configuration.ts';

/** What may be asked of the recovery of a database or cluster of any kind; what is absent is as the original had it. */
type CommonChoice = {
  readonly port?: number | undefined;
  readonly subnetGroup?: string | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly parameterGroup?: string | undefined;
  readonly isPubliclyAccessible?: boolean | undefined;
  readonly preserveTags?: boolean | undefined;
};

export type StorageChoice = {
  readonly storageType?: string | undefined;
  readonly sizeGiB?: number | undefined;
  readonly iops?: number | undefined;
  readonly throughputMiBps?: number | undefined;
};

export type DatabaseRecoveryChoice = CommonChoice &
  StorageChoice & {
    readonly databaseId?: string | undefined;
    readonly instanceClass?: string | undefined;
    /** Null: AWS chooses. */
    readonly zone?: string | null | undefined;
    readonly isMultiAz?: boolean | undefined;
    readonly optionGroup?: string | undefined;
    readonly hasDeletionProtection?: boolean | undefined;
  };

export type DatabaseClusterRecoveryChoice = CommonChoice & {
  readonly clusterId?: string | undefined;
  /** The first becomes the writer. */
  readonly members?:
    | readonly { readonly databaseId: string; readonly instanceClass?: string | undefined }[]
    | undefined;
  readonly hasDeletionProtection?: boolean | undefined;
};

export type RedshiftClusterRecoveryChoice = CommonChoice & {
  readonly clusterId?: string | undefined;
  readonly zone?: string | null | undefined;
  readonly nodeType?: string | undefined;
  readonly nodeCount?: number | undefined;
};

export type OfferedSubnetGroup = { readonly name: string; readonly vpcId: string; readonly zones: readonly string[] };
export type OfferedParameterGroup = { readonly name: string; readonly family: string };
export type OfferedOptionGroup = {
  readonly name: string;
  readonly engine: string;
  readonly majorVersion: string;
  readonly vpcId: string | null;
};
export type OfferedClass = {
  readonly instanceClass: string;
  readonly storageType: string | null;
  readonly zones: readonly string[];
  readonly canBeMultiAz: boolean;
};
export type UsedQuota = { readonly used: number; readonly max: number };

/** What the region has now; null is what AWS does not tell, which forbids nothing. */
export type DatabaseOffer = {
  /** Names of databases, members of clusters included. */
  readonly databaseIds: readonly string[];
  /** Names of clusters, of the kind that is recovered. */
  readonly clusterIds: readonly string[];
  readonly subnetGroups: readonly OfferedSubnetGroup[] | null;
  readonly securityGroups: readonly { readonly groupId: string; readonly vpcId: string | null }[] | null;
  readonly parameterGroups: readonly OfferedParameterGroup[] | null;
  readonly optionGroups: readonly OfferedOptionGroup[] | null;
  /** The offers of each class that is asked for; a class without any is not offered, one without a key not known. */
  readonly classes: Readonly<Record<string, readonly OfferedClass[]>>;
  readonly quotas: {
    readonly databases: UsedQuota | null;
    readonly databaseClusters: UsedQuota | null;
    readonly storageGiB: UsedQuota | null;
  };
};

/** The snapshot as AWS shows it now. */
export type DatabaseSource = {
  readonly awsSnapshotId: string;
  /** The database or cluster that it is of, by its name then. */
  readonly sourceId: string;
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly sizeGiB: number | null;
  /** Of Redshift: the node types that it can be restored to; empty where AWS does not say. */
  readonly restorableNodeTypes: readonly string[];
};

export type DatabaseRequest<Choice> = {
  readonly configuration: DatabaseConfiguration;
  readonly source: DatabaseSource;
  readonly choice: Choice;
  readonly offer: DatabaseOffer;
  /** CPM's own tags for what it makes; they come before the original's. */
  readonly ownTags: readonly Tag[];
};

/** What is put right once a database is there, because a restore does not take it; undefined leaves a thing as it is. */
export type DatabaseChangePlan = {
  readonly maintenanceWindow?: string | undefined;
  readonly maxAllocatedGiB?: number | undefined;
  readonly monitoring?: { readonly intervalSeconds: number; readonly roleArn: string } | undefined;
  readonly performanceInsights?:
    | { readonly kmsKeyId: string | null; readonly retentionDays: number | null }
    | undefined;
};

/** What restored databases and clusters have in common; null leaves it to AWS, which takes its defaults, not the original's. */
type RestorePlan = {
  readonly awsSnapshotId: string;
  readonly engine: string;
  readonly port: number | null;
  readonly subnetGroup: string | null;
  /** Empty takes the default group of the VPC. */
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly publiclyAccessible: boolean | null;
  readonly storageType: string | null;
  readonly iops: number | null;
  readonly deletionProtection: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly iamAuthentication: boolean | null;
  readonly networkType: string | null;
  readonly logExports: readonly string[];
  readonly backupRetentionDays: number | null;
  readonly backupWindow: string | null;
  readonly tags: readonly Tag[];
};

/** `databaseId` is the name to be. RestoreDBInstanceFromDBSnapshot, and ModifyDBInstance behind it. */
export type DatabaseRestorePlan = RestorePlan & {
  readonly databaseId: string;
  readonly instanceClass: string | null;
  /** Not together with `multiAz`. */
  readonly zone: string | null;
  readonly multiAz: boolean;
  readonly sizeGiB: number | null;
  readonly throughputMiBs: number | null;
  readonly autoMinorVersionUpgrade: boolean | null;
  readonly licenseModel: string | null;
  readonly certificateAuthority: string | null;
  readonly dedicatedLogVolume: boolean | null;
  readonly processorFeatures: Readonly<Record<string, string>>;
  /** Whether AWS keeps its master password in a secret of its own, a new one. */
  readonly managesMasterPassword: boolean;
  readonly change: DatabaseChangePlan;
};

export type ClusterMemberPlan = {
  readonly databaseId: string;
  readonly instanceClass: string;
  readonly promotionTier: number | null;
};

/** `clusterId` is the name to be. RestoreDBClusterFromSnapshot, and CreateDBInstance for each member. */
export type DatabaseClusterRestorePlan = RestorePlan & {
  readonly clusterId: string;
  /** Null takes that of the snapshot. */
  readonly engineVersion: string | null;
  readonly engineMode: string | null;
  /** Of a Multi-AZ DB cluster, whose members AWS makes itself. */
  readonly instanceClass: string | null;
  readonly zones: readonly string[];
  readonly backtrackWindowSeconds: number | null;
  readonly serverlessScaling: { readonly minimum: number; readonly maximum: number } | null;
  readonly members: readonly ClusterMemberPlan[];
  readonly change: Pick<DatabaseChangePlan, 'maintenanceWindow'>;
};

/** `clusterId` is the name to be; null leaves a thing to AWS. RestoreFromClusterSnapshot, and CreateTags behind it. */
export type RedshiftRestorePlan = {
  readonly clusterId: string;
  readonly awsSnapshotId: string;
  readonly nodeType: string | null;
  readonly nodeCount: number | null;
  readonly port: number | null;
  readonly zone: string | null;
  /** Needed for a snapshot of a cluster in a VPC. */
  readonly subnetGroup: string | null;
  /** Empty takes the default group of the VPC. */
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string | null;
  readonly publiclyAccessible: boolean | null;
  readonly enhancedVpcRouting: boolean | null;
  readonly zoneRelocation: boolean | null;
  readonly multiAz: boolean | null;
  readonly kmsKeyId: string | null;
  readonly iamRoleArns: readonly string[];
  readonly defaultIamRoleArn: string | null;
  readonly maintenanceWindow: string | null;
  readonly maintenanceTrack: string | null;
  readonly allowVersionUpgrade: boolean | null;
  readonly automatedRetentionDays: number | null;
  readonly snapshotSchedule: string | null;
  /** Whether AWS keeps its master password in a secret of its own, a new one. */
  readonly managesMasterPassword: boolean;
  readonly tags: readonly Tag[];
};

/** A value of the plan with what is wrong about it. */
export type Chosen<Value> = { readonly value: Value; readonly errors: readonly FieldError[] };
