import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';
import type { NamedSnapshot } from './named-snapshots.ts';
import type { RedshiftPlaces, RedshiftRestores } from './redshift-restores.ts';
import type { Reservation } from './reservation.ts';

/** Free text of AWS; only an `available` cluster takes a snapshot. */
export type RedshiftClusterState =
  | 'available'
  | 'creating'
  | 'deleting'
  | 'modifying'
  | 'paused'
  | 'rebooting'
  | 'resizing'
  | (string & {});

/** All that DescribeClusters tells and a restore has to be given (Redshift API Reference, Cluster). */
export type RedshiftCluster = {
  readonly clusterId: string;
  /** AWS's id, never given twice. */
  readonly namespaceArn: string | null;
  readonly state: RedshiftClusterState;
  readonly availability: string | null;
  /** Of a restored one: `starting`, `restoring`, `completed` or `failed`, and how far; null for any other. */
  readonly restore: { readonly state: string; readonly progressPercent: number | null } | null;
  readonly nodeType: string;
  readonly nodeCount: number;
  readonly version: string | null;
  readonly databaseName: string | null;
  readonly masterUsername: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly zone: string | null;
  readonly multiAz: boolean;
  readonly vpcId: string | null;
  readonly subnetGroup: string | null;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroups: readonly string[];
  readonly publiclyAccessible: boolean;
  readonly elasticIp: string | null;
  readonly enhancedVpcRouting: boolean;
  readonly zoneRelocation: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly masterSecretArn: string | null;
  readonly iamRoleArns: readonly string[];
  readonly defaultIamRoleArn: string | null;
  readonly maintenanceWindow: string | null;
  readonly maintenanceTrack: string | null;
  readonly allowVersionUpgrade: boolean;
  readonly automatedRetentionDays: number | null;
  readonly snapshotSchedule: string | null;
  readonly totalStorageMiB: number | null;
  readonly createdAt: Instant | null;
  readonly tags: Tags;
};

/** Redshift API Reference, Snapshot. `sizeGiB` is what the whole backup holds, not what this snapshot added. */
export type RedshiftSnapshot = NamedSnapshot & {
  readonly nodeType: string | null;
  readonly nodeCount: number | null;
  readonly version: string | null;
  readonly databaseName: string | null;
  readonly masterUsername: string | null;
  readonly port: number | null;
  readonly zone: string | null;
  readonly vpcId: string | null;
  readonly enhancedVpcRouting: boolean;
  readonly maintenanceTrack: string | null;
  readonly restorableNodeTypes: readonly string[];
  readonly secondsToCompletion: number | null;
  /** Accounts that may restore it: AWS deletes it only when there is none. */
  readonly sharedWith: readonly string[];
};

/** `awsSnapshotId` is the name to be and the idempotency key: letters, digits and single hyphens, first a letter. */
export type CreateClusterSnapshotInput = {
  readonly awsSnapshotId: string;
  readonly clusterId: string;
  readonly tags: Tags;
};

export type RedshiftSnapshotAction = 'CreateClusterSnapshot';

/**
 * Redshift as CPM uses it, for one account and one region; empty lists of names answer empty without a call. Names are
 * idempotency keys as in RDS: see `isAlreadyThere` and `isSourceBusy`; `aws_limit` with `ClusterSnapshotQuotaExceeded`.
 */
export type RedshiftPort = RedshiftPlaces &
  RedshiftRestores & {
    readonly region: string;
    /** Every cluster, all pages, or an error: never a part. */
    readonly listClusters: () => Promise<readonly RedshiftCluster[]>;
    /** Those of the names that AWS shows now; missing ones are absent: no proof that they are gone. */
    readonly describeClusters: (clusterIds: readonly string[]) => Promise<readonly RedshiftCluster[]>;
    /** May be repeated; kept until CPM deletes it. Redshift API Reference, CreateClusterSnapshot. */
    readonly createClusterSnapshot: (input: CreateClusterSnapshotInput) => Promise<RedshiftSnapshot>;
    /** Those of the account's own that AWS shows now; missing ones are absent: no proof that they are gone. */
    readonly describeClusterSnapshots: (awsSnapshotIds: readonly string[]) => Promise<readonly RedshiftSnapshot[]>;
    /** All manual ones with their tags, or an error: never a part. */
    readonly listManualSnapshots: () => Promise<readonly RedshiftSnapshot[]>;
    /** May be repeated. `conflict` while it is being made or another account may restore it. Redshift API Reference, DeleteClusterSnapshot. */
    readonly deleteClusterSnapshot: (awsSnapshotId: string) => Promise<'deleted' | 'alreadyGone'>;
    /** Takes request tokens in advance and keeps connections open: see `Reservation`. */
    readonly reserve: (
      calls: Readonly<Partial<Record<RedshiftSnapshotAction, number>>>,
    ) => Promise<Reservation<RedshiftPort>>;
  };
