import type { api } from '@cpm/contract';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';

/** Databases, database clusters and Redshift clusters out of their snapshots (REC-8). */
export function databaseRecoveryRoutes(
  _: ServerContext,
): Pick<
  Handlers<typeof api.recoveries>,
  | 'recoverDatabase'
  | 'planDatabase'
  | 'recoverDatabaseCluster'
  | 'planDatabaseCluster'
  | 'recoverRedshiftCluster'
  | 'planRedshiftCluster'
> {
  const notYet = () => Promise.reject(new Error('not built yet'));
  return {
    recoverDatabase: notYet,
    planDatabase: notYet,
    recoverDatabaseCluster: notYet,
    planDatabaseCluster: notYet,
    recoverRedshiftCluster: notYet,
    planRedshiftCluster: notYet,
  };
}
