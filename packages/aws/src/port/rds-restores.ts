import type { DatabaseChangePlan, DatabaseClusterRestorePlan, DatabaseRestorePlan } from '@cpm/core';
import type { Tags } from './access.ts';
import type { Database, DatabaseCluster } from './rds-databases.ts';

/** Values of tags may hold letters, digits, spaces and `_.:/=+-@` only: AWS refuses the whole call otherwise. */
type Tagged = { readonly tags: Tags };

/** The plan's `databaseId` is the idempotency key. RDS API Reference, RestoreDBInstanceFromDBSnapshot. */
export type RestoreDatabaseInput = Omit<DatabaseRestorePlan, 'tags' | 'change'> & Tagged;

/** The plan's `clusterId` is the idempotency key. RDS API Reference, RestoreDBClusterFromSnapshot. */
export type RestoreDatabaseClusterInput = Omit<DatabaseClusterRestorePlan, 'tags' | 'change' | 'members'> & Tagged;

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
  readonly changeDatabase: (databaseId: string, change: DatabaseChangePlan) => Promise<void>;
  /** RDS API Reference, ModifyDBCluster. */
  readonly changeDatabaseCluster: (clusterId: string, change: DatabaseClusterRestorePlan['change']) => Promise<void>;
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
