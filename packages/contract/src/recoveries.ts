import { IMAGE_HANDLINGS, VOLUME_TYPES } from '@cpm/core';
import { z } from 'zod';
import { logLine, logQuery } from './backups.ts';
import { id, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

/** Size, type and speed of a volume; what is absent is as the original's. Checked by core against today's EBS limits. */
const shape = {
  sizeGiB: z.number().optional(),
  volumeType: z.enum(VOLUME_TYPES).optional(),
  iops: z.number().optional(),
  throughputMiBps: z.number().optional(),
};

const volumeRecovery = z.strictObject({
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id.meta({ description: "CPM's record of the snapshot." }),
        zone: z.string().max(32).optional(),
        ...shape,
        preserveTags: z.boolean().optional(),
        attachTo: z.string().max(32).optional().meta({ description: 'The instance to attach it to; absent: to none.' }),
        deviceName: z.string().max(32).optional().meta({ description: 'Must be free; absent: a free one is chosen.' }),
      }),
    )
    .min(1, 'name at least one volume')
    .max(40, 'at most 40 at once'),
});

/** Whatever is absent is as the backed-up instance was. */
const instanceRecovery = z.strictObject({
  resourceId: id.meta({ description: 'The backed-up instance, as `listBackedUpResources` names it.' }),
  imageHandling: z.enum(IMAGE_HANDLINGS).optional(),
  count: z.number().optional(),
  instanceType: z.string().max(64).optional(),
  keyName: z.string().max(255).nullable().optional().meta({ description: 'Null: without a key.' }),
  subnetId: z.string().max(32).optional(),
  privateIp: z.string().max(64).nullable().optional().meta({ description: 'Null: any address of the subnet.' }),
  associatePublicIp: z.boolean().nullable().optional().meta({ description: 'Null: as the subnet has it.' }),
  securityGroupIds: z.array(z.string().max(32)).max(16).optional(),
  instanceProfileArn: z.string().max(640).nullable().optional().meta({ description: 'Null: without a profile.' }),
  userDataBase64: z.string().max(32_768).nullable().optional().meta({ description: 'Null: without user data.' }),
  preserveTags: z.boolean().optional(),
  shutdownBehavior: z.enum(['stop', 'terminate']).optional(),
  isTerminationProtected: z.boolean().optional(),
  isMonitored: z.boolean().optional(),
  isEbsOptimized: z.boolean().optional(),
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id,
        recover: z.boolean().optional(),
        ...shape,
        deviceName: z.string().max(32).optional(),
        deleteOnTermination: z.boolean().optional(),
        preserveTags: z.boolean().optional(),
      }),
    )
    .max(40)
    .optional(),
});

export const recoveryStatus = z.enum(['in-progress', 'successful', 'partial', 'failed']);

/** Everything a recovery made or met on its way, also what was cleaned up. */
const madeObject = z.object({
  kind: z.enum(['volume', 'instance', 'image', 'attachment']),
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
    kind: z.enum(['volumes', 'instance']),
    region: z.string(),
    sourceName: z.string(),
    status: recoveryStatus,
    statusText: z.string(),
    step: z.string().meta({ description: 'What is being done, in words.' }),
    progressPercent: z.number(),
    reasons: z.array(z.string()),
    warnings: z.array(z.string()).meta({ description: 'What will differ from the original.' }),
    startedAt: time,
    endedAt: time.nullable(),
    objects: z.array(madeObject),
    inputs: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for.' }),
  })
  .meta({ id: 'Recovery' });

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

export const recoveries = {
  recoverVolumes: route({
    id: 'recoverVolumes',
    method: 'POST',
    path: '/backups/:backupId/recoveries/volumes',
    summary: 'Makes new volumes out of snapshots, and attaches them where asked; checked before anything is made.',
    access: 'backup.recover',
    params: backupParams,
    body: volumeRecovery,
    ok: { status: 202, schema: recovery },
    errors: [...errors],
    idempotent: true,
  }),
  recoverInstance: route({
    id: 'recoverInstance',
    method: 'POST',
    path: '/backups/:backupId/recoveries/instances',
    summary: 'Launches a new instance out of its snapshots; checked before anything is made.',
    access: 'backup.recover',
    params: backupParams,
    body: instanceRecovery,
    ok: { status: 202, schema: recovery },
    errors: [...errors],
    idempotent: true,
  }),
  list: route({
    id: 'listRecoveries',
    method: 'GET',
    path: '/recoveries',
    summary: 'The recoveries, newest first.',
    access: 'recovery.read',
    query: pageQuery.extend({ backupId: id.optional() }),
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
};
export type Recovery = z.output<typeof recovery>;
export type VolumeRecoveryInput = z.input<typeof volumeRecovery>;
export type InstanceRecoveryInput = z.input<typeof instanceRecovery>;
