import { compareDatabases, type DatabaseConfiguration } from '@cpm/core';
import {
  databaseClusterConfiguration,
  databaseConfiguration,
  redshiftConfiguration,
} from '../accounts/database-configuration.ts';
import { unrecorded, type Compared, type ComparisonScene } from './comparison-scene.ts';
import type { RecoveryAccess } from './recovery-access.ts';

type DatabaseKind = 'database' | 'database-cluster' | 'redshift-cluster';

/** A database or cluster beside the one whose snapshot it came from; a cluster's members are compared with the cluster. */
export async function compareMadeDatabase(
  { access, inputs, resource }: ComparisonScene,
  kind: DatabaseKind,
  name: string,
): Promise<Compared> {
  if (resource !== undefined && resource.kind !== kind) return null;
  const recovered = await readNow(access, kind, name);
  if (recovered === null) return null;
  const original = resource?.databaseConfiguration ?? null;
  if (resource === undefined || original === null) return unrecorded(resource?.resourceId ?? '');
  return { original: resource.resourceId, fields: compareDatabases(original, recovered, inputs) };
}

async function readNow(
  { rds, redshift }: RecoveryAccess,
  kind: DatabaseKind,
  name: string,
): Promise<DatabaseConfiguration | null> {
  if (kind === 'database') {
    const [database] = await rds.describeDatabases([name]);
    return database === undefined ? null : databaseConfiguration(database);
  }
  if (kind === 'redshift-cluster') {
    const [cluster] = await redshift.describeClusters([name]);
    return cluster === undefined ? null : redshiftConfiguration(cluster);
  }
  const [cluster] = await rds.describeDatabaseClusters([name]);
  if (cluster === undefined) return null;
  const members = await rds.describeDatabases(cluster.members.map(({ databaseId }) => databaseId));
  return databaseClusterConfiguration(cluster, members);
}
