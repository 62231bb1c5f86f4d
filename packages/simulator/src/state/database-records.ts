import type { Encryption, Thing } from './records.ts';

/** What something does and when: the state that holds is the last entry that is not in the future. */
export type Timeline = { readonly at: number; readonly state: string }[];

/** What RDS instances and clusters and the snapshots of both have in common; their ids are lower-case names. */
type Engine = {
  /** The id that outlives a name: `db-…` or `cluster-…`. */
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly licenseModel: string;
  readonly masterUsername: string;
  readonly allocatedGiB: number;
  readonly storageType: string;
  readonly iops: number | undefined;
  readonly throughputMiBps: number | undefined;
  readonly port: number;
  readonly backupRetentionDays: number;
  readonly backupWindow: string;
  readonly vpcId: string;
  readonly iamAuthentication: boolean;
  readonly databaseName?: string | undefined;
};

type Placed = {
  readonly subnetGroup: string;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string;
  readonly optionGroup: string;
  maintenanceWindow: string;
  readonly copyTagsToSnapshot: boolean;
  deletionProtection: boolean;
  readonly states: Timeline;
  /** Set by an estate: every snapshot of it ends as failed. */
  snapshotsFail?: boolean | undefined;
};

/** An RDS DB instance, on its own or a member of a cluster. */
export type Database = Thing &
  Encryption &
  Engine &
  Placed & {
    readonly instanceClass: string;
    readonly multiAz: boolean;
    readonly zone: string;
    readonly secondaryZone: string | undefined;
    readonly publiclyAccessible: boolean;
    readonly autoMinorVersionUpgrade: boolean;
    readonly clusterId: string | undefined;
    readonly promotionTier: number;
    /** Up to where its storage grows by itself. */
    maxAllocatedGiB?: number | undefined;
    monitoring?: { readonly intervalSeconds: number; readonly roleArn: string } | undefined;
    performanceInsightsDays?: number | undefined;
  };

/** An RDS DB cluster: Aurora, or Multi-AZ when it has an instance class of its own. */
export type DatabaseCluster = Thing &
  Encryption &
  Engine &
  Placed & {
    readonly engineMode: string;
    readonly instanceClass: string | undefined;
    readonly zones: readonly string[];
  };

type Kept = {
  readonly type: 'manual' | 'automated';
  readonly sourceCreatedAt: number;
  readonly completesAt: number;
  failsAt: number | undefined;
  /** When its deletion was asked for; `deletedAt` comes a moment later. */
  deletingAt: number | undefined;
  /** Accounts it is shared with; `all` makes it public. */
  readonly sharedWith: Set<string>;
  /** Set on a copy. */
  readonly copiedFrom: { readonly region: string; readonly arn: string } | undefined;
};

export type DatabaseSnapshot = Thing &
  Encryption &
  Engine &
  Kept & { readonly databaseId: string; readonly zone: string; readonly optionGroup: string };

export type ClusterSnapshot = Thing &
  Encryption &
  Engine &
  Kept & { readonly clusterId: string; readonly engineMode: string; readonly zones: readonly string[] };

/** The subnets in which RDS or Redshift may put something. */
export type SubnetGroup = Thing & {
  readonly description: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
};

/** A parameter or option group of RDS. */
export type EngineGroup = Thing & {
  /** A parameter group's family, an option group's engine and major version: `mysql 8.0`. */
  readonly family: string;
  readonly description: string;
};

export type RedshiftCluster = Thing &
  Encryption & {
    readonly nodeType: string;
    readonly nodes: number;
    readonly version: string;
    readonly masterUsername: string;
    readonly databaseName: string;
    readonly port: number;
    readonly zone: string;
    readonly vpcId: string;
    readonly subnetGroup: string;
    readonly securityGroupIds: readonly string[];
    readonly parameterGroup: string;
    readonly publiclyAccessible: boolean;
    readonly enhancedVpcRouting: boolean;
    readonly allowVersionUpgrade: boolean;
    readonly maintenanceWindow: string;
    readonly automatedRetentionDays: number;
    readonly manualRetentionDays: number;
    readonly sizeMiB: number;
    readonly states: Timeline;
    readonly restoredAt: number | undefined;
    snapshotsFail?: boolean | undefined;
  };

export type RedshiftSnapshot = Thing &
  Encryption & {
    readonly type: 'manual' | 'automated';
    /** The cluster as it was when the snapshot was made. */
    readonly cluster: Omit<RedshiftCluster, 'states' | 'tags' | 'snapshotsFail'>;
    readonly manualRetentionDays: number;
    readonly completesAt: number;
    failsAt: number | undefined;
    readonly sharedWith: Set<string>;
    readonly copied: boolean;
  };
