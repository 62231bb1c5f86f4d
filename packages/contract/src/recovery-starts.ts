import { PREFLIGHT_CHECKS } from '@cpm/core';
import { z } from 'zod';
import { id } from './common.ts';
import { plannedObject, recovery } from './recovery.ts';
import {
  databaseClusterRecovery,
  databaseRecovery,
  instanceRecovery,
  instancesRecovery,
  redshiftClusterRecovery,
  volumeRecovery,
} from './recovery-wishes.ts';
import { route } from './route.ts';

export const preflightCheck = z.object({
  name: z.enum(PREFLIGHT_CHECKS),
  result: z.enum(['pass', 'warn', 'fail']),
  findings: z.array(
    z.object({
      path: z.string().meta({ description: 'The field it belongs to; empty for the whole.' }),
      message: z.string(),
      result: z.enum(['warn', 'fail']),
      fix: z.string().nullable(),
    }),
  ),
});

export const recoveryPlan = z
  .object({
    canStart: z.boolean(),
    checks: z.array(preflightCheck),
    objects: z.array(plannedObject).meta({ description: 'What would be made, changed and deleted; nothing was.' }),
    steps: z.array(z.string()),
    warnings: z.array(z.string()).meta({ description: 'What will differ from the original.' }),
    missingPermissions: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'An IAM policy with what the credentials lack; null when nothing is known to be missing.' }),
  })
  .meta({ id: 'RecoveryPlan' });

const params = z.object({ backupId: id });

/** What stands in the way of one, by AWS or by ourselves. */
export const recoveryErrors = [
  'recovery_refused',
  'conflict_not_recoverable',
  'conflict_being_deleted',
  'aws_credentials_refused',
  'aws_denied',
  'aws_unavailable',
  'aws_throttled',
  'aws_refused',
] as const;

/** Starting a recovery. */
const starts = {
  method: 'POST',
  access: 'backup.recover',
  params: params,
  errors: [...recoveryErrors],
  idempotent: true,
} as const;
/** Looking at what it would be: everything is checked, nothing is made. */
const plans = {
  method: 'POST',
  access: 'backup.recover',
  params: params,
  ok: { status: 200, schema: recoveryPlan },
  errors: [...recoveryErrors],
} as const;
const started = { status: 202, schema: recovery } as const;

export const recoveryStarts = {
  recoverVolumes: route({
    ...starts,
    id: 'recoverVolumes',
    path: '/backups/:backupId/recoveries/volumes',
    summary: 'Makes new volumes out of snapshots, and attaches them where asked; checked before anything is made.',
    body: volumeRecovery,
    ok: started,
  }),
  planVolumes: route({
    ...plans,
    id: 'planVolumeRecovery',
    path: '/backups/:backupId/recovery-plans/volumes',
    summary: 'Checks a recovery of volumes and tells what it would make, change and delete.',
    body: volumeRecovery,
  }),
  recoverInstance: route({
    ...starts,
    id: 'recoverInstance',
    path: '/backups/:backupId/recoveries/instances',
    summary: 'Launches a new instance out of its snapshots or an image; checked before anything is made.',
    body: instanceRecovery,
    ok: started,
  }),
  planInstance: route({
    ...plans,
    id: 'planInstanceRecovery',
    path: '/backups/:backupId/recovery-plans/instances',
    summary: 'Checks the recovery of an instance and tells what it would make.',
    body: instanceRecovery,
  }),
  recoverInstances: route({
    ...starts,
    id: 'recoverInstances',
    path: '/backups/:backupId/recoveries/several-instances',
    summary: 'Brings several instances back in one go, each as a recovery of its own; all are checked first.',
    body: instancesRecovery,
    ok: { status: 202, schema: z.object({ items: z.array(recovery) }) },
  }),
  recoverDatabase: route({
    ...starts,
    id: 'recoverDatabase',
    path: '/backups/:backupId/recoveries/databases',
    summary: 'Makes a new RDS database out of its snapshot; checked before anything is made.',
    body: databaseRecovery,
    ok: started,
  }),
  planDatabase: route({
    ...plans,
    id: 'planDatabaseRecovery',
    path: '/backups/:backupId/recovery-plans/databases',
    summary: 'Checks the recovery of a database and tells what it would make.',
    body: databaseRecovery,
  }),
  recoverDatabaseCluster: route({
    ...starts,
    id: 'recoverDatabaseCluster',
    path: '/backups/:backupId/recoveries/database-clusters',
    summary: 'Makes a new database cluster with its members out of its snapshot; checked before anything is made.',
    body: databaseClusterRecovery,
    ok: started,
  }),
  planDatabaseCluster: route({
    ...plans,
    id: 'planDatabaseClusterRecovery',
    path: '/backups/:backupId/recovery-plans/database-clusters',
    summary: 'Checks the recovery of a database cluster and tells what it would make.',
    body: databaseClusterRecovery,
  }),
  recoverRedshiftCluster: route({
    ...starts,
    id: 'recoverRedshiftCluster',
    path: '/backups/:backupId/recoveries/redshift-clusters',
    summary: 'Makes a new Redshift cluster out of its snapshot; checked before anything is made.',
    body: redshiftClusterRecovery,
    ok: started,
  }),
  planRedshiftCluster: route({
    ...plans,
    id: 'planRedshiftClusterRecovery',
    path: '/backups/:backupId/recovery-plans/redshift-clusters',
    summary: 'Checks the recovery of a Redshift cluster and tells what it would make.',
    body: redshiftClusterRecovery,
  }),
};

export type RecoveryPlan = z.output<typeof recoveryPlan>;
