import type { api } from '@cpm/contract';
import type {
  DatabaseClusterRecoveryChoice,
  DatabaseRecoveryChoice,
  RedshiftClusterRecoveryChoice,
  RecoveryKind,
} from '@cpm/core';
import type { ResourceRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import {
  planDatabaseClusterRecovery,
  planDatabaseRecovery,
  planRedshiftClusterRecovery,
} from './plan-database-recovery.ts';
import { planRequest, resourceOf, type CommonWish, type Planned, type Source } from './plan-request.ts';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { recoverySteps, type Asking } from './recovery-steps.ts';

type DatabaseKind = Extract<RecoveryKind, 'database' | 'database-cluster' | 'redshift-cluster'>;
type Wish<Choice> = CommonWish & Choice & { readonly resourceId: string };
type Planner<Choice> = (asked: Asked, resource: ResourceRow, choice: Choice) => Promise<PlannedRecovery>;

/** Databases, database clusters and Redshift clusters out of their snapshots (REC-8). */
export function databaseRecoveryRoutes(
  context: ServerContext,
): Pick<
  Handlers<typeof api.recoveries>,
  | 'recoverDatabase'
  | 'planDatabase'
  | 'recoverDatabaseCluster'
  | 'planDatabaseCluster'
  | 'recoverRedshiftCluster'
  | 'planRedshiftCluster'
> {
  const { start, look } = recoverySteps(context);
  const plannerOf =
    <Choice>(kind: DatabaseKind, plan: Planner<Choice>) =>
    ({ body }: Asking) =>
    (source: Source): Promise<Planned> => {
      // The contract has read it.
      const wish = body as unknown as Wish<Choice>;
      const resource = resourceOf(source, wish.resourceId, kind);
      return planRequest(context, { source, wish, region: resource.region }, (asked) => plan(asked, resource, wish));
    };
  const database = plannerOf<DatabaseRecoveryChoice>('database', planDatabaseRecovery);
  const cluster = plannerOf<DatabaseClusterRecoveryChoice>('database-cluster', planDatabaseClusterRecovery);
  const redshift = plannerOf<RedshiftClusterRecoveryChoice>('redshift-cluster', planRedshiftClusterRecovery);
  return {
    recoverDatabase: (asking) => start(asking, database(asking)),
    planDatabase: (asking) => look(asking, database(asking)),
    recoverDatabaseCluster: (asking) => start(asking, cluster(asking)),
    planDatabaseCluster: (asking) => look(asking, cluster(asking)),
    recoverRedshiftCluster: (asking) => start(asking, redshift(asking)),
    planRedshiftCluster: (asking) => look(asking, redshift(asking)),
  };
}
