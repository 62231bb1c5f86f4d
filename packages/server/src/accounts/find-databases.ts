import type { DatabaseConfiguration, DatabaseKind, InventoryDatabase } from '@cpm/core';
import {
  databaseClusterConfiguration,
  databaseConfiguration,
  redshiftConfiguration,
} from './database-configuration.ts';
import type { DatabasePorts } from './database-ports.ts';

/** A database or cluster as AWS shows it now, with all that a backup records of it. */
export type FoundDatabase = InventoryDatabase & { readonly configuration: DatabaseConfiguration };

/** Every database or cluster of a kind in the region, all pages; throws `AwsError`. */
export async function listDatabases(ports: DatabasePorts, kind: DatabaseKind): Promise<FoundDatabase[]> {
  const { rds, redshift, region } = ports;
  switch (kind) {
    case 'database':
      return (await rds.listDatabases()).map((each) => foundDatabase(region, each));
    case 'database-cluster': {
      const [clusters, databases] = await Promise.all([rds.listDatabaseClusters(), rds.listDatabases()]);
      return clusters.map((each) => foundCluster(region, each, databases));
    }
    case 'redshift-cluster':
      return (await redshift.listClusters()).map((each) => foundRedshift(region, each));
  }
}

/** Those of the identifiers that AWS shows now, in a complete answer; throws `AwsError`. None asked for, none called. */
export async function findDatabases(
  ports: DatabasePorts,
  kind: DatabaseKind,
  identifiers: readonly string[],
): Promise<FoundDatabase[]> {
  const { rds, redshift, region } = ports;
  switch (kind) {
    case 'database':
      return (await rds.describeDatabases(identifiers)).map((each) => foundDatabase(region, each));
    case 'database-cluster': {
      const clusters = await rds.describeDatabaseClusters(identifiers);
      const members = clusters.flatMap((cluster) => cluster.members.map(({ databaseId }) => databaseId));
      const databases = await rds.describeDatabases(members);
      return clusters.map((each) => foundCluster(region, each, databases));
    }
    case 'redshift-cluster':
      return (await redshift.describeClusters(identifiers)).map((each) => foundRedshift(region, each));
  }
}

type Rds = DatabasePorts['rds'];
type AwsDatabase = Awaited<ReturnType<Rds['listDatabases']>>[number];
type AwsCluster = Awaited<ReturnType<Rds['listDatabaseClusters']>>[number];
type AwsRedshift = Awaited<ReturnType<DatabasePorts['redshift']['listClusters']>>[number];

function foundDatabase(region: string, database: AwsDatabase): FoundDatabase {
  const { databaseId, clusterId } = database;
  return found('database', { region, identifier: databaseId, clusterId }, databaseConfiguration(database));
}

function foundCluster(region: string, cluster: AwsCluster, databases: readonly AwsDatabase[]): FoundDatabase {
  const { clusterId } = cluster;
  const members = databases.filter((database) => database.clusterId === clusterId);
  const configuration = databaseClusterConfiguration(cluster, members);
  return found('database-cluster', { region, identifier: clusterId, clusterId: null }, configuration);
}

function foundRedshift(region: string, cluster: AwsRedshift): FoundDatabase {
  const named = { region, identifier: cluster.clusterId, clusterId: null };
  return found('redshift-cluster', named, redshiftConfiguration(cluster));
}

type Named = Pick<FoundDatabase, 'region' | 'identifier' | 'clusterId'>;

function found(kind: DatabaseKind, named: Named, configuration: DatabaseConfiguration): FoundDatabase {
  const { state, engine, sizeGiB, tags } = configuration;
  return { kind, ...named, state, engine, sizeGiB, tags, configuration };
}
