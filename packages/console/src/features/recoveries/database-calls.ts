import type { Recovery, RecoveryPlan } from '@cpm/contract';
import { call } from '../../app/api.ts';
import { databaseClusterInput, databaseInput, redshiftClusterInput, type DatabaseValues } from './database-values.ts';
import type { RecoverySource } from './recovery-frame.tsx';

type Calls = {
  readonly plan: (body: object) => Promise<RecoveryPlan>;
  readonly start: (body: object, idempotencyKey: string) => Promise<Recovery>;
  readonly path: string;
};

/** The request that the form makes, and the calls that take it, by kind. */
export function databaseCalls(
  kind: 'database' | 'database-cluster' | 'redshift-cluster',
  source: RecoverySource,
  values: DatabaseValues,
): { readonly body: object; readonly calls: Calls } {
  const { backup } = source;
  const params = { backupId: backup.id };
  const path = `/backups/${backup.id}/recoveries/${kind}s`;
  if (kind === 'database') {
    const body = databaseInput(values, source);
    return {
      body,
      calls: {
        plan: () => call('POST /backups/:backupId/recovery-plans/databases', { params, body }),
        start: (_, idempotencyKey) =>
          call('POST /backups/:backupId/recoveries/databases', { params, body, idempotencyKey }),
        path,
      },
    };
  }
  if (kind === 'database-cluster') {
    const body = databaseClusterInput(values, source);
    return {
      body,
      calls: {
        plan: () => call('POST /backups/:backupId/recovery-plans/database-clusters', { params, body }),
        start: (_, idempotencyKey) =>
          call('POST /backups/:backupId/recoveries/database-clusters', { params, body, idempotencyKey }),
        path,
      },
    };
  }
  const body = redshiftClusterInput(values, source);
  return {
    body,
    calls: {
      plan: () => call('POST /backups/:backupId/recovery-plans/redshift-clusters', { params, body }),
      start: (_, idempotencyKey) =>
        call('POST /backups/:backupId/recoveries/redshift-clusters', { params, body, idempotencyKey }),
      path,
    },
  };
}
