import { z } from 'zod';
import { logLine, logQuery } from './backups.ts';
import { id, pageOf, pageQuery, tags, time } from './common.ts';
import { route } from './route.ts';

const volumeType = z.enum(['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard']);
const wholeOrNull = z.number().int('a whole number').min(1).nullable();

/** Options of one volume; what is left out stays as it was backed up. */
const volumeOptions = {
  sizeGiB: wholeOrNull.default(null),
  type: volumeType.nullable().default(null),
  iops: wholeOrNull.default(null),
  throughputMiBs: wholeOrNull.default(null),
};

const volumeRecovery = z.strictObject({
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id.meta({ description: "CPM's record of the snapshot." }),
        zone: z.string().max(32),
        ...volumeOptions,
        tags: tags.max(40).nullable().default(null).meta({ description: 'Null: as backed up.' }),
        attach: z
          .strictObject({
            instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/, 'this is no instance id'),
            device: z.string().max(32).meta({ description: 'Attached only if the device is free.' }),
          })
          .nullable()
          .default(null),
      }),
    )
    .min(1, 'name at least one volume')
    .max(40, 'at most 40 at once'),
});

const instanceRecovery = z.strictObject({
  resourceId: id.meta({ description: 'The backed-up instance, as `listBackedUpResources` names it.' }),
  count: z.number().int().min(1).max(20).default(1),
  instanceType: z.string().max(32).nullable().default(null),
  keyName: z.string().max(255).nullable().default(null).meta({ description: 'Null: as backed up; empty: none.' }),
  subnetId: z.string().max(32).nullable().default(null),
  privateIp: z.string().max(64).nullable().default(null),
  securityGroupIds: z.array(z.string().max(32)).max(16).nullable().default(null),
  preserveTags: z.boolean().default(true),
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id,
        recover: z.boolean().default(true),
        ...volumeOptions,
        device: z.string().max(32).nullable().default(null),
        deleteOnTermination: z.boolean().nullable().default(null),
      }),
    )
    .max(40)
    .default([]),
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
    access: 'recovery.run',
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
    access: 'recovery.run',
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
