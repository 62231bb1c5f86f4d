import { isCpmError, type RecoveryObjectKind } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { RECOVERY_TAG } from './recoverable-volumes.ts';
import type { RecoveryRow } from './recoveries.store.ts';
import { recoveryAccess, type RecoveryAccess } from './recovery-access.ts';
import type { ObjectRow } from './recovery-objects.store.ts';

export type Left = { readonly kind: RecoveryObjectKind; readonly awsId: string };

type Told = {
  readonly kind: RecoveryObjectKind;
  readonly awsId: string;
  readonly tags: Readonly<Record<string, string>>;
};

/**
 * What bears the tag of a recovery and is not on its record: the answer that named it was lost. Looks with the account's own
 * credentials; null where those may not look.
 */
export async function findLeft(
  context: ServerContext,
  recovery: RecoveryRow,
  objects: readonly ObjectRow[],
): Promise<readonly Left[] | null> {
  const known = new Set(objects.map(({ kind, awsId }) => `${kind} ${awsId}`));
  try {
    const told = await LISTS[recovery.kind](recoveryAccess(context, recovery));
    return told
      .filter(({ tags }) => tags[RECOVERY_TAG] === recovery.id)
      .map(({ kind, awsId }) => ({ kind, awsId }))
      .filter(({ kind, awsId }) => !known.has(`${kind} ${awsId}`));
  } catch (error) {
    if (!isCpmError(error)) throw error;
    return null;
  }
}

type List = (access: RecoveryAccess) => Promise<readonly Told[]>;

const volumes: List = async ({ ec2 }) =>
  (await ec2.listVolumes()).map(({ volumeId, tags }) => ({ kind: 'volume', awsId: volumeId, tags }));

const instances: List = async (access) => {
  const living = (await access.ec2.listInstances()).filter(({ state }) => state !== 'terminated');
  return [
    ...living.map(({ instanceId, tags }) => ({ kind: 'instance' as const, awsId: instanceId, tags })),
    ...(await volumes(access)),
  ];
};

const databases: List = async ({ rds }) =>
  (await rds.listDatabases()).map(({ databaseId, tags }) => ({ kind: 'database', awsId: databaseId, tags }));

const databaseClusters: List = async (access) => [
  ...(await databases(access)),
  ...(await access.rds.listDatabaseClusters()).map(({ clusterId, tags }) => ({
    kind: 'database-cluster' as const,
    awsId: clusterId,
    tags,
  })),
];

const redshiftClusters: List = async ({ redshift }) =>
  (await redshift.listClusters()).map(({ clusterId, tags }) => ({ kind: 'redshift-cluster', awsId: clusterId, tags }));

const LISTS: Readonly<Record<RecoveryRow['kind'], List>> = {
  volumes,
  instance: instances,
  database: databases,
  'database-cluster': databaseClusters,
  'redshift-cluster': redshiftClusters,
};
