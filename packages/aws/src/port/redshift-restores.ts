import type { RedshiftRestorePlan } from '@cpm/core';
import type { Tags } from './access.ts';
import type { DatabaseSubnetGroup, ParameterGroup } from './rds-places.ts';
import type { RedshiftCluster } from './redshift.ts';

/** The plan's `clusterId` is the idempotency key. It takes no tags: see `tagCluster`. */
export type RestoreClusterInput = Omit<RedshiftRestorePlan, 'tags'>;

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
