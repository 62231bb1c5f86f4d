import type { RedshiftSnapshot } from '../state/database-records.ts';
import { lookNamed, ownNamed } from '../state/named.ts';
import type { RedshiftCluster } from '../state/database-records.ts';
import { makingState, stateAt } from '../state/timeline.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

export const arnOf = (
  call: Call,
  type: 'cluster' | 'snapshot' | 'subnetgroup' | 'parametergroup',
  id: string,
): string => `arn:aws:redshift:${call.region.name}:${call.accountId}:${type}:${id}`;

/** A snapshot's ARN names its cluster too. */
export const snapshotArn = (call: Call, snapshot: RedshiftSnapshot): string =>
  `arn:aws:redshift:${call.region.name}:${snapshot.ownerId}:snapshot:${snapshot.cluster.id}/${snapshot.id}`;

export const lookCluster = (call: Call, id: string): RedshiftCluster | undefined =>
  lookNamed(call.region.redshiftClusters, { accountId: call.accountId, id, at: call.readAt });

/** The cluster a parameter names. Throws ClusterNotFound (404). */
export const findCluster = (call: Call, parameter = 'ClusterIdentifier'): RedshiftCluster => {
  const id = call.params.requiredText(parameter);
  const cluster = lookCluster(call, id);
  if (cluster === undefined) throw awsError('ClusterNotFound', `Cluster ${id} not found.`, 404);
  return cluster;
};

export const lookSnapshot = (call: Call, id: string): RedshiftSnapshot | undefined =>
  lookNamed(call.region.redshiftSnapshots, { accountId: call.accountId, id, at: call.readAt });

export const snapshotNotFound = (id: string): Error =>
  awsError('ClusterSnapshotNotFound', `Snapshot ${id} not found.`, 404);

/** The snapshot a parameter names. Throws ClusterSnapshotNotFound (404). */
export const findSnapshot = (call: Call, parameter = 'SnapshotIdentifier'): RedshiftSnapshot => {
  const id = call.params.requiredText(parameter);
  const snapshot = lookSnapshot(call, id);
  if (snapshot === undefined) throw snapshotNotFound(id);
  return snapshot;
};

export const ownClusters = (call: Call): RedshiftCluster[] =>
  ownNamed(call.region.redshiftClusters, call.accountId, call.readAt);

export const ownSnapshots = (call: Call, at = call.readAt): RedshiftSnapshot[] =>
  ownNamed(call.region.redshiftSnapshots, call.accountId, at);

/** Throws InvalidClusterState unless the cluster is in the state that an action needs. */
export const demandState = (call: Call, cluster: RedshiftCluster, state: string): void => {
  const now = stateAt(cluster.states, call.now);
  if (now === state) return;
  throw awsError(
    'InvalidClusterState',
    `There is an operation running on the Cluster or it is not ${state}: ${cluster.id} is ${now}.`,
  );
};

/** A snapshot's status as Redshift words it. */
export const snapshotStatus = (snapshot: RedshiftSnapshot, at: number): string => {
  if (snapshot.deletedAt !== undefined && snapshot.deletedAt <= at) return 'deleted';
  return makingState(snapshot, at);
};

/** A name for something new, in lower case. Throws InvalidParameterValue (Redshift API Reference, CreateClusterSnapshot). */
export const newName = (call: Call, parameter: string, longest: number): string => {
  const name = call.params.requiredText(parameter);
  if (name.length <= longest && /^[a-z](?:-?[a-z0-9])*$/i.test(name)) return name.toLowerCase();
  throw awsError(
    'InvalidParameterValue',
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
  );
};
