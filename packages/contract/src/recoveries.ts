import { PREFLIGHT_CHECKS, RECOVERY_KINDS, RECOVERY_OBJECT_KINDS, RECOVERY_WAYS, TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { logLine, logQuery } from './backups.ts';
import { id, pageOf, pageQuery, region, time } from './common.ts';
import {
  databaseClusterRecovery,
  databaseRecovery,
  instanceRecovery,
  instancesRecovery,
  redshiftClusterRecovery,
  volumeRecovery,
} from './recovery-wishes.ts';
import { route } from './route.ts';

export const recoveryStatus = z.enum(['in-progress', 'successful', 'partial', 'failed']);

const objectKind = z.enum(RECOVERY_OBJECT_KINDS);

const plannedObject = z.object({
  action: z.enum(['create', 'change', 'delete']),
  kind: objectKind,
  name: z.string().meta({ description: 'Its id, or what it will be called.' }),
  note: z.string(),
});

/** Everything a recovery made, replaced or met on its way, also what was cleaned up. */
const madeObject = z.object({
  kind: objectKind,
  role: z.enum(['made', 'replaced']),
  awsId: z.string().nullable(),
  region: z.string(),
  state: z.enum(['creating', 'kept', 'removed', 'failed']),
  note: z.string(),
  madeAt: time,
});

export const recovery = z
  .object({
    id,
    backupId: id,
    policyName: z.string(),
    accountName: z.string(),
    kind: z.enum(RECOVERY_KINDS),
    region: z.string(),
    sourceName: z.string(),
    groupId: id.nullable().meta({ description: 'The same for recoveries that were asked for together.' }),
    usesOwnCredentials: z.boolean().meta({ description: "Whether other credentials than the account's were given." }),
    status: recoveryStatus,
    statusText: z.string(),
    step: z.string().meta({ description: 'What is being done, in words.' }),
    steps: z.array(z.object({ text: z.string(), state: z.enum(['waiting', 'running', 'done', 'failed']) })),
    progressPercent: z.number(),
    reasons: z.array(z.string()),
    warnings: z.array(z.string()).meta({ description: 'What will differ from the original.' }),
    startedAt: time,
    endedAt: time.nullable(),
    planned: z.array(plannedObject),
    objects: z.array(madeObject),
    inputs: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for, without what is secret.' }),
    rollBack: z
      .object({
        state: z.enum(['impossible', 'offered', 'kept', 'running', 'done', 'failed']),
        reasons: z.array(z.string()).meta({ description: 'Why it is impossible, or failed.' }),
        objects: z
          .array(plannedObject)
          .meta({ description: 'What rolling back deletes, and what it puts back into its place.' }),
      })
      .meta({ description: 'Whether what it made can be taken away again, or was.' }),
  })
  .meta({ id: 'Recovery' });

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

/** What can be brought back from a backup, and where to (REC-1). */
export const recoveryPanel = z
  .object({
    places: z.array(
      z.object({
        accountId: id,
        accountName: z.string(),
        region: z.string(),
        kind: z.enum(['origin']).meta({ description: 'Where the backup was made.' }),
        resourceIds: z.array(id).meta({ description: 'What can be brought back there.' }),
      }),
    ),
    resources: z.array(
      z.object({
        resourceId: id,
        kind: z.enum(TARGET_KINDS),
        name: z.string().meta({ description: "Its name tag, or AWS's id." }),
        awsId: z.string(),
        region: z.string(),
        completedSnapshots: z.number(),
        ways: z.array(
          z.object({
            way: z.enum(RECOVERY_WAYS),
            isOffered: z.boolean(),
            why: z.string().nullable().meta({ description: 'Why not; or how, where it is not the usual way.' }),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'RecoveryPanel' });

/** An original and what was made of it, side by side, read from AWS now. */
export const recoveryComparison = z
  .object({
    items: z.array(
      z.object({
        kind: objectKind,
        original: z.string(),
        recovered: z.string(),
        fields: z.array(
          z.object({
            field: z.string(),
            original: z.string(),
            recovered: z.string(),
            verdict: z
              .enum(['same', 'as-asked', 'different', 'unknown'])
              .meta({ description: 'as-asked: it differs because the recovery was asked for it.' }),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'RecoveryComparison' });

/** Something that was ever backed up and can be brought back. */
export const recoverableResource = z
  .object({
    accountId: id,
    accountName: z.string(),
    kind: z.enum(TARGET_KINDS),
    region: z.string(),
    awsId: z.string(),
    name: z.string(),
    points: z.number().meta({ description: 'From how many backups.' }),
    newestAt: time,
    oldestAt: time,
  })
  .meta({ id: 'RecoverableResource' });

/** One backup of a resource: a moment to which it can be brought back. */
export const recoveryPoint = z
  .object({
    backupId: id,
    resourceId: id.meta({ description: 'The resource in that backup, as `listBackedUpResources` names it.' }),
    at: time,
    policyName: z.string(),
    backupStatus: z.enum(['successful', 'partial', 'failed']),
    isFrozen: z.boolean(),
    completedSnapshots: z.number(),
    snapshots: z.number(),
  })
  .meta({ id: 'RecoveryPoint' });

const match = z.enum(['exact', 'similar']);

/** AMI Assistant (REC-5): what the original image was, and which of today's are like it. */
export const imageMatches = z
  .object({
    original: z.object({
      imageId: z.string(),
      isThere: z.boolean().meta({ description: 'Whether AWS still shows it to this account.' }),
      details: z
        .record(z.string(), z.unknown())
        .nullable()
        .meta({ description: 'As recorded at the backup; null where it was gone by then.' }),
    }),
    items: z.array(
      z.object({
        imageId: z.string(),
        name: z.string(),
        description: z.string(),
        ownerId: z.string(),
        ownerAlias: z.string().nullable(),
        createdAt: time.nullable(),
        likenessPercent: z.number(),
        differences: z.array(z.object({ field: z.string(), original: z.string(), found: z.string() })),
      }),
    ),
  })
  .meta({ id: 'ImageMatches' });

const backupParams = z.object({ backupId: id });
const params = z.object({ recoveryId: id });
const errors = [
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
  params: backupParams,
  errors: [...errors],
  idempotent: true,
} as const;
/** Looking at what it would be: everything is checked, nothing is made. */
const plans = {
  method: 'POST',
  access: 'backup.recover',
  params: backupParams,
  ok: { status: 200, schema: recoveryPlan },
  errors: [...errors],
} as const;
const started = { status: 202, schema: recovery } as const;

export const recoveries = {
  panel: route({
    id: 'showRecoveryPanel',
    method: 'GET',
    path: '/backups/:backupId/recovery-panel',
    summary: 'What can be brought back from a backup, how, and where to.',
    access: 'backup.read',
    params: backupParams,
    ok: { status: 200, schema: recoveryPanel },
  }),
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
  images: route({
    id: 'findImages',
    method: 'GET',
    path: '/backups/:backupId/resources/:resourceId/images',
    summary: 'Which images of today are like the one that a backed-up instance was launched from.',
    access: 'backup.recover',
    params: backupParams.extend({ resourceId: id }),
    query: z.object({
      match: match
        .optional()
        .meta({ description: 'exact: alike in all; similar: versions and kin (exact unless told).' }),
      region: region.optional().meta({ description: 'Where to look; absent: where the instance was.' }),
    }),
    ok: { status: 200, schema: imageMatches },
    errors: [...errors],
  }),
  resources: route({
    id: 'listRecoverableResources',
    method: 'GET',
    path: '/recoverable-resources',
    summary: 'Everything that can be brought back, by name, whichever policies backed it up.',
    access: 'recovery.read',
    query: pageQuery.extend({
      search: z.string().max(255).optional().meta({ description: 'Part of a name or AWS id, in any case.' }),
      kind: z.enum(TARGET_KINDS).optional(),
    }),
    ok: { status: 200, schema: pageOf(recoverableResource) },
  }),
  points: route({
    id: 'listRecoveryPoints',
    method: 'GET',
    path: '/recovery-points',
    summary: 'The moments to which a resource can be brought back, newest first.',
    access: 'recovery.read',
    query: pageQuery.extend({
      accountId: id,
      kind: z.enum(TARGET_KINDS),
      region,
      awsId: z.string().min(1).max(255),
      before: z.iso
        .datetime({ offset: true, error: 'a time such as 2026-01-31T02:00:00Z' })
        .optional()
        .meta({ description: 'Only what was backed up by then: the first is the state at that time.' }),
    }),
    ok: { status: 200, schema: pageOf(recoveryPoint) },
  }),
  list: route({
    id: 'listRecoveries',
    method: 'GET',
    path: '/recoveries',
    summary: 'The recoveries, newest first.',
    access: 'recovery.read',
    query: pageQuery.extend({ backupId: id.optional(), groupId: id.optional() }),
    ok: { status: 200, schema: pageOf(recovery) },
  }),
  show: route({
    id: 'showRecovery',
    method: 'GET',
    path: '/recoveries/:recoveryId',
    summary: 'One recovery with all it made.',
    access: 'recovery.read',
    params,
    ok: { status: 200, schema: recovery },
  }),
  log: route({
    id: 'showRecoveryLog',
    method: 'GET',
    path: '/recoveries/:recoveryId/log',
    summary: 'The log of a recovery, also while it runs.',
    access: 'recovery.read',
    params,
    query: logQuery,
    ok: { status: 200, schema: z.object({ items: z.array(logLine), ended: z.boolean() }) },
  }),
  compare: route({
    id: 'compareRecovery',
    method: 'GET',
    path: '/recoveries/:recoveryId/comparison',
    summary: 'What was made beside what it was made of, field by field, as AWS has it now.',
    access: 'recovery.read',
    params,
    ok: { status: 200, schema: recoveryComparison },
    errors: ['conflict_still_running', 'aws_denied', 'aws_unavailable', 'aws_throttled', 'aws_credentials_refused'],
  }),
  keep: route({
    id: 'keepRecovered',
    method: 'POST',
    path: '/recoveries/:recoveryId/keep',
    summary: 'Decides that what an ended recovery made stays.',
    access: 'backup.recover',
    params,
    ok: { status: 200, schema: recovery },
    errors: ['conflict_still_running', 'conflict_settled'],
  }),
  rollBack: route({
    id: 'rollBackRecovery',
    method: 'POST',
    path: '/recoveries/:recoveryId/roll-back',
    summary: 'Takes everything that an ended recovery made away again, and puts back what it replaced.',
    access: 'backup.recover',
    params,
    body: z.strictObject({
      confirmObjects: z
        .number()
        .meta({ description: 'How many objects it deletes and puts back, as the recovery names them.' }),
      credentials: volumeRecovery.shape.credentials,
    }),
    ok: { status: 202, schema: recovery },
    errors: [
      'conflict_still_running',
      'conflict_settled',
      'conflict_not_confirmed',
      'recovery_refused',
      'aws_credentials_refused',
      'aws_unavailable',
    ],
  }),
};
export type Recovery = z.output<typeof recovery>;
export type RecoveryPlan = z.output<typeof recoveryPlan>;
export type RecoveryPanel = z.output<typeof recoveryPanel>;
export type RecoveryComparison = z.output<typeof recoveryComparison>;
export type RecoverableResource = z.output<typeof recoverableResource>;
export type RecoveryPoint = z.output<typeof recoveryPoint>;
export type ImageMatches = z.output<typeof imageMatches>;
