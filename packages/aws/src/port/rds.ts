import type { Tags } from './access.ts';
import type { NamedSnapshot } from './named-snapshots.ts';
import type { Database, DatabaseCluster } from './rds-databases.ts';
import type { RdsPlaces } from './rds-places.ts';
import type { RdsRestores } from './rds-restores.ts';
import type { Reservation } from './reservation.ts';

type RdsSnapshotBase = NamedSnapshot & {
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly licenseModel: string | null;
  readonly masterUsername: string | null;
  readonly port: number | null;
  readonly vpcId: string | null;
  readonly storageType: string | null;
  readonly throughputMiBs: number | null;
  readonly iamAuthentication: boolean;
  /** AWS's id of the source, never given twice. */
  readonly sourceResourceId: string | null;
};

/** RDS API Reference, DBSnapshot. */
export type DatabaseSnapshot = RdsSnapshotBase & {
  readonly zone: string | null;
  readonly iops: number | null;
  readonly optionGroup: string | null;
  readonly timezone: string | null;
  readonly tdeCredentialArn: string | null;
  readonly dedicatedLogVolume: boolean;
  readonly processorFeatures: Readonly<Record<string, string>>;
};

/** RDS API Reference, DBClusterSnapshot. */
export type DatabaseClusterSnapshot = RdsSnapshotBase & {
  readonly engineMode: string | null;
  readonly zones: readonly string[];
};

/** `awsSnapshotId` is the name to be and the idempotency key: letters, digits and single hyphens, first a letter. */
export type CreateDatabaseSnapshotInput = {
  readonly awsSnapshotId: string;
  readonly databaseId: string;
  /** Values may hold letters, digits, spaces and `_.:/=+-@` only: AWS refuses the whole call otherwise. */
  readonly tags: Tags;
};

export type CreateDatabaseClusterSnapshotInput = {
  readonly awsSnapshotId: string;
  readonly clusterId: string;
  readonly tags: Tags;
};

/** How much of a limit of the account is used in the region; null where AWS does not tell it. */
export type Quota = { readonly used: number; readonly max: number };

export type RdsQuotas = {
  readonly manualSnapshots: Quota | null;
  readonly manualClusterSnapshots: Quota | null;
  /** Members of clusters count too. */
  readonly databases: Quota | null;
  readonly databaseClusters: Quota | null;
  /** In GiB, of databases outside clusters. */
  readonly storageGiB: Quota | null;
};

/** Databases and clusters of one account and region, as they are now. */
export type RdsDatabases = {
  /** Every DB instance, members of clusters included, all pages, or an error: never a part. */
  readonly listDatabases: () => Promise<readonly Database[]>;
  /** Those of the names that AWS shows now; missing ones are absent: no proof that they are gone. */
  readonly describeDatabases: (databaseIds: readonly string[]) => Promise<readonly Database[]>;
  /** Every Aurora and Multi-AZ DB cluster (Neptune and DocumentDB ones too: see `engine`), or an error. */
  readonly listDatabaseClusters: () => Promise<readonly DatabaseCluster[]>;
  readonly describeDatabaseClusters: (clusterIds: readonly string[]) => Promise<readonly DatabaseCluster[]>;
  /** What the account uses and may use in the region. RDS API Reference, DescribeAccountAttributes. */
  readonly readQuotas: () => Promise<RdsQuotas>;
};

/**
 * Manual snapshots of databases and clusters. The name is the idempotency key: a create may be repeated, and one that
 * was carried out before ends in `conflict` (see `isAlreadyThere`): describe it and look at its tags. `isSourceBusy`: the
 * source is not available now. `aws_limit` with `SnapshotQuotaExceeded`: the account is full of manual snapshots. With
 * `outcomeUnknown`, whatever the code, look the name up first: the source may be busy with this very snapshot.
 */
export type RdsSnapshots = {
  /** In `creating`; the point in time is the database's own, within minutes. RDS API Reference, CreateDBSnapshot. */
  readonly createDatabaseSnapshot: (input: CreateDatabaseSnapshotInput) => Promise<DatabaseSnapshot>;
  /** RDS API Reference, CreateDBClusterSnapshot. */
  readonly createDatabaseClusterSnapshot: (
    input: CreateDatabaseClusterSnapshotInput,
  ) => Promise<DatabaseClusterSnapshot>;
  /** Those of the account's own that AWS shows now; missing ones are absent: no proof that they are gone. */
  readonly describeDatabaseSnapshots: (awsSnapshotIds: readonly string[]) => Promise<readonly DatabaseSnapshot[]>;
  readonly describeDatabaseClusterSnapshots: (
    awsSnapshotIds: readonly string[],
  ) => Promise<readonly DatabaseClusterSnapshot[]>;
  /** All manual ones with their tags, or an error: never a part. Their tags cost no further call. */
  readonly listManualDatabaseSnapshots: () => Promise<readonly DatabaseSnapshot[]>;
  readonly listManualDatabaseClusterSnapshots: () => Promise<readonly DatabaseClusterSnapshot[]>;
  /** May be repeated; it is shown as `deleting` for a while. `conflict` (`InvalidDBSnapshotState`) while it is being made or copied. RDS API Reference, DeleteDBSnapshot. */
  readonly deleteDatabaseSnapshot: (awsSnapshotId: string) => Promise<'deleted' | 'alreadyGone'>;
  readonly deleteDatabaseClusterSnapshot: (awsSnapshotId: string) => Promise<'deleted' | 'alreadyGone'>;
};

export type RdsSnapshotAction = 'CreateDBSnapshot' | 'CreateDBClusterSnapshot';

/** RDS as CPM uses it, for one account and one region; empty lists of names answer empty without a call. */
export type RdsPort = RdsDatabases &
  RdsPlaces &
  RdsRestores &
  RdsSnapshots & {
    readonly region: string;
    /** Takes request tokens in advance and keeps connections open: see `Reservation`. */
    readonly reserve: (calls: Readonly<Partial<Record<RdsSnapshotAction, number>>>) => Promise<Reservation<RdsPort>>;
  };
