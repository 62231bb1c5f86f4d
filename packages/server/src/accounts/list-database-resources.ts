import type { Resource } from '@cpm/contract';
import { databaseObstacle, isDatabaseGone, type DatabaseConfiguration, type DatabaseKind } from '@cpm/core';
import type { DatabasePorts } from './database-ports.ts';
import { listDatabases, type FoundDatabase } from './find-databases.ts';

/** The databases or clusters of a region as a picker shows them, those that are being deleted left out. */
export async function listDatabaseResources(
  ports: DatabasePorts,
  kind: DatabaseKind,
): Promise<Omit<Resource, 'policies'>[]> {
  const found = await listDatabases(ports, kind);
  return found.filter(({ state }) => !isDatabaseGone(state)).map(databaseResource);
}

function databaseResource(database: FoundDatabase): Omit<Resource, 'policies'> {
  const { kind, region, identifier, state, clusterId, configuration } = database;
  const { engine, engineVersion, isMultiAz, nodeCount, members, zones, sizeGiB, tags } = configuration;
  const obstacle = databaseObstacle(database);
  return {
    kind,
    id: identifier,
    name: tags.find(({ key }) => key === 'Name')?.value ?? '',
    region,
    // A cluster may be in all of them; a single database is in the first.
    zone: kind === 'database-cluster' ? zones.join(', ') : (zones[0] ?? ''),
    type: typeOf(configuration),
    state,
    sizeGiB: sizeGiB ?? 0,
    platform: [engine, engineVersion].filter(Boolean).join(' '),
    tags: [...tags],
    volumes: [],
    attachedTo: null,
    database: {
      engine,
      engineVersion,
      isMultiAz,
      clusterId,
      nodeCount,
      members: members.map((member) => ({
        id: member.identifier,
        type: member.instanceClass,
        isWriter: member.isWriter,
      })),
    },
    cannotBeTarget: obstacle === null ? null : `It ${obstacle}.`,
  };
}

/** `db.m6g.large`; of a cluster the classes of its members; with how many nodes. */
function typeOf({ instanceClass, nodeCount, members }: DatabaseConfiguration): string {
  if (nodeCount !== null) return `${instanceClass ?? ''} × ${nodeCount}`;
  if (instanceClass !== null) return instanceClass;
  return [...new Set(members.map((member) => member.instanceClass))].filter(Boolean).join(', ');
}
