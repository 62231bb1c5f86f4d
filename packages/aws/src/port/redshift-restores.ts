import type { Tags } from './access.ts';
import type { DatabaseSubnetGroup, ParameterGroup } from './rds-places.ts';
import type { RedshiftCluster } from './redshift.ts';

/** `clusterId` is the name to be and the idempotency key; null leaves a thing to AWS. It takes no tags: see `tagCluster`. */
export type RestoreClusterInput = {
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
};

/** New clusters out of snapshots, and taking them away again; all of it may be repeated. */
export type RedshiftRestores = {
  /**
   * In `creating`; it is usable once its `restore` is `completed`. What was carried out before ends in `conflict` (see
   * `isAlreadyThere`). Redshift API Reference, RestoreFromClusterSnapshot.
   */
  readonly restoreCluster: (input: RestoreClusterInput) => Promise<RedshiftCluster>;
  /** Adds or replaces tags; the cluster's ARN is made of account and name. Redshift API Reference, CreateTags. */
  readonly tagCluster: (
    cluster: { readonly accountNumber: string; readonly clusterId: string },
    tags: Tags,
  ) => Promise<void>;
  /** Without a last snapshot. `conflict` (`InvalidClusterState`) while it is being made. Redshift API Reference, DeleteCluster. */
  readonly deleteCluster: (clusterId: string) => Promise<'deleted' | 'alreadyGone'>;
};

/** What the recovery of a cluster chooses from. Each list is complete or an error. */
export type RedshiftPlaces = {
  readonly listSubnetGroups: () => Promise<readonly DatabaseSubnetGroup[]>;
  readonly listParameterGroups: () => Promise<readonly ParameterGroup[]>;
};
