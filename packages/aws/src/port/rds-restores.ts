import type { Tags } from './access.ts';
import type { Database, DatabaseCluster } from './rds-databases.ts';

/** What restored databases and clusters have in common; null leaves it to AWS, which takes its defaults, not the original's. */
type RestoreBase = {
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
  /** Values may hold letters, digits, spaces and `_.:/=+-@` only: AWS refuses the whole call otherwise. */
  readonly tags: Tags;
};

/** `databaseId` is the name to be and the idempotency key. RDS API Reference, RestoreDBInstanceFromDBSnapshot. */
export type RestoreDatabaseInput = RestoreBase & {
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
};

/** `clusterId` is the name to be and the idempotency key. RDS API Reference, RestoreDBClusterFromSnapshot. */
export type RestoreDatabaseClusterInput = RestoreBase & {
  readonly clusterId: string;
  /** Null takes that of the snapshot. */
  readonly engineVersion: string | null;
  readonly engineMode: string | null;
  /** Of a Multi-AZ DB cluster, whose members AWS makes itself. */
  readonly instanceClass: string | null;
  readonly zones: readonly string[];
  readonly backtrackWindowSeconds: number | null;
  readonly serverlessScaling: { readonly minimum: number; readonly maximum: number } | null;
};

/** An instance in a restored Aurora cluster; the first one becomes its writer. RDS API Reference, CreateDBInstance. */
export type CreateClusterMemberInput = {
  readonly databaseId: string;
  readonly clusterId: string;
  readonly engine: string;
  readonly instanceClass: string;
  readonly parameterGroup: string | null;
  readonly zone: string | null;
  readonly promotionTier: number | null;
  readonly publiclyAccessible: boolean | null;
  readonly autoMinorVersionUpgrade: boolean | null;
  readonly copyTagsToSnapshot: boolean | null;
  readonly certificateAuthority: string | null;
  readonly tags: Tags;
};

/** What a restore does not take and is put right once it is there; undefined leaves a thing as it is. */
export type DatabaseChange = {
  readonly maintenanceWindow?: string | undefined;
  readonly maxAllocatedGiB?: number | undefined;
  readonly monitoring?: { readonly intervalSeconds: number; readonly roleArn: string } | undefined;
  readonly performanceInsights?:
    | { readonly kmsKeyId: string | null; readonly retentionDays: number | null }
    | undefined;
};

/**
 * New databases and clusters out of snapshots, and taking them away again. A name is the idempotency key: what was carried out
 * before ends in `conflict` (see `isAlreadyThere`): describe it and look at its tags. All of it may be repeated.
 */
export type RdsRestores = {
  /** In `creating`, which takes minutes to hours. */
  readonly restoreDatabase: (input: RestoreDatabaseInput) => Promise<Database>;
  /** In `creating`; it has no members yet. */
  readonly restoreDatabaseCluster: (input: RestoreDatabaseClusterInput) => Promise<DatabaseCluster>;
  /** Only in a cluster that is `available`. */
  readonly createClusterMember: (input: CreateClusterMemberInput) => Promise<Database>;
  /** At once, not in the next maintenance window; it may be `modifying` for a while. RDS API Reference, ModifyDBInstance. */
  readonly changeDatabase: (databaseId: string, change: DatabaseChange) => Promise<void>;
  /** RDS API Reference, ModifyDBCluster. */
  readonly changeDatabaseCluster: (
    clusterId: string,
    change: Pick<DatabaseChange, 'maintenanceWindow'>,
  ) => Promise<void>;
  /**
   * Without a last snapshot, and with the backups that AWS made of it; its deletion protection is lifted first. It is shown as
   * `deleting` for a while. `conflict` (`InvalidDBInstanceState`) while it is being made. RDS API Reference, DeleteDBInstance.
   */
  readonly deleteDatabase: (databaseId: string) => Promise<'deleted' | 'alreadyGone'>;
  /**
   * Without a last snapshot; its deletion protection is lifted first. `conflict` (`InvalidDBClusterState`) while it is being made
   * or has members that are not being deleted: delete those first. RDS API Reference, DeleteDBCluster.
   */
  readonly deleteDatabaseCluster: (clusterId: string) => Promise<'deleted' | 'alreadyGone'>;
};
