import { BACKUP_PHASES, SCRIPT_STEPS, SNAPSHOT_SERVICES, SNAPSHOT_STATES, TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { id, pageOf, pageQuery, tags, time } from './common.ts';
import { route } from './route.ts';

export const backupStatus = z.enum(['in-progress', 'successful', 'partial', 'failed']);

export const backup = z
  .object({
    id,
    policy: z.object({ id: id.nullable().meta({ description: 'Null once the policy is gone.' }), name: z.string() }),
    account: z.object({ id: id.nullable(), name: z.string() }),
    trigger: z.enum(['schedule', 'manual', 'retry']),
    retry: z
      .object({ of: id.nullable(), number: z.number() })
      .nullable()
      .meta({ description: 'Which backup it tries again, and the how manieth time; null for a first attempt.' }),
    retryAt: time.nullable().meta({ description: 'When a retry of it starts; null when none is waiting.' }),
    abort: z.object({ at: time, by: z.string() }).nullable(),
    frozen: z.object({ at: time, name: z.string(), description: z.string(), by: z.string() }).nullable(),
    freezeWindowMs: z
      .number()
      .nullable()
      .meta({ description: 'How long the application stood still for the snapshots.' }),
    dueAt: time.nullable(),
    startedAt: time,
    endedAt: time.nullable(),
    status: backupStatus,
    statusText: z.string(),
    progressPercent: z.number(),
    phase: z.enum(BACKUP_PHASES).meta({ description: 'What is being done while it is in progress.' }),
    reasons: z.array(z.string()).meta({ description: 'Why it is not "Backup Successful".' }),
    isGeneration: z.boolean(),
    startSkewMs: z.number().nullable().meta({ description: 'From the first to the last accepted snapshot call.' }),
    snapshotCount: z.number(),
    sizeGiB: z.number(),
    recoverable: z.boolean(),
    deletion: z.object({ state: z.enum(['marked', 'deleted']), at: time, reason: z.string() }).nullable(),
  })
  .meta({ id: 'Backup' });

export const snapshot = z
  .object({
    id,
    awsSnapshotId: z.string().nullable(),
    resourceKind: z.enum(TARGET_KINDS),
    service: z.enum(SNAPSHOT_SERVICES),
    resourceId: z.string(),
    resourceName: z.string(),
    region: z.string(),
    sourceId: z.string().meta({ description: 'The volume, or the identifier of the database or cluster.' }),
    device: z.string().nullable(),
    isRoot: z.boolean(),
    sizeGiB: z.number(),
    encrypted: z.boolean(),
    state: z.enum(SNAPSHOT_STATES),
    progressPercent: z.number(),
    startedAt: time.nullable(),
    completedAt: time.nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'Snapshot' });

/** What a database or cluster was when it was backed up. */
const databaseConfiguration = z.object({
  engine: z.string(),
  engineVersion: z.string().nullable(),
  awsResourceId: z.string().nullable(),
  state: z.string(),
  instanceClass: z.string().nullable(),
  storageType: z.string().nullable(),
  sizeGiB: z.number().nullable(),
  iops: z.number().nullable(),
  throughputMiBs: z.number().nullable(),
  databaseName: z.string().nullable(),
  masterUsername: z.string().nullable(),
  port: z.number().nullable(),
  zones: z.array(z.string()),
  isMultiAz: z.boolean(),
  isPubliclyAccessible: z.boolean().nullable(),
  vpcId: z.string().nullable(),
  subnetGroup: z.string().nullable(),
  securityGroupIds: z.array(z.string()),
  parameterGroups: z.array(z.string()),
  optionGroup: z.string().nullable(),
  isEncrypted: z.boolean(),
  kmsKeyId: z.string().nullable(),
  hasDeletionProtection: z.boolean(),
  copiesTagsToSnapshots: z.boolean(),
  nodeCount: z.number().nullable(),
  members: z.array(
    z.object({
      identifier: z.string(),
      instanceClass: z.string(),
      isWriter: z.boolean(),
      promotionTier: z.number().nullable(),
    }),
  ),
  tags,
  settings: z.record(z.string(), z.unknown()).meta({ description: 'Everything else that AWS told of it.' }),
});

export const backedUpResource = z
  .object({
    id,
    kind: z.enum(TARGET_KINDS),
    region: z.string(),
    resourceId: z.string(),
    resourceName: z.string(),
    platform: z.string(),
    instanceType: z.string().nullable(),
    zone: z.string(),
    state: z.enum(['recoverable', 'partial', 'configuration-only', 'failed', 'removed', 'in-progress']),
    message: z.string().nullable(),
    canRecoverInstance: z.boolean(),
    cannotRecoverBecause: z.string().nullable(),
    snapshots: z.array(snapshot),
    configuration: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Of an instance.' }),
    database: databaseConfiguration.nullable().meta({ description: 'Of a database or cluster.' }),
  })
  .meta({ id: 'BackedUpResource' });

export const backupScript = z
  .object({
    step: z.enum(SCRIPT_STEPS),
    runner: z.enum(['server', 'ssm']),
    state: z.enum(['started', 'succeeded', 'failed']),
    argument: z.string().meta({ description: 'What it was told: 1 or 0; empty for "before".' }),
    exitCode: z.number().nullable(),
    reason: z.string().nullable().meta({ description: 'Why it failed.' }),
    output: z.string().nullable().meta({ description: 'What it wrote to its standard error, where collected.' }),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'BackupScript' });

export const logLine = z
  .object({ seq: z.number(), at: time, level: z.enum(['info', 'warning', 'error']), text: z.string() })
  .meta({ id: 'LogLine' });

export const logQuery = z.object({
  after: z
    .string()
    .regex(/^\d+$/, 'a whole number')
    .transform(Number)
    .optional()
    .meta({ description: 'Only lines after this `seq`.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number')
    .transform(Number)
    .optional(),
});

const params = z.object({ backupId: id });

export const backups = {
  list: route({
    id: 'listBackups',
    method: 'GET',
    path: '/backups',
    summary: 'The backups; newest first unless told.',
    access: 'backup.read',
    query: pageQuery.extend({
      policyId: id.optional(),
      status: backupStatus.optional(),
      from: z.iso.datetime({ offset: true, error: 'a time such as 2026-01-31T02:00:00Z' }).optional(),
      to: z.iso.datetime({ offset: true, error: 'a time such as 2026-01-31T02:00:00Z' }).optional(),
      deleted: z
        .enum(['hide', 'show'])
        .optional()
        .meta({ description: 'Records of deleted backups (hidden unless told).' }),
      sort: z
        .enum([
          '-startedAt',
          'startedAt',
          '-endedAt',
          'endedAt',
          'policy',
          '-policy',
          'account',
          '-account',
          'status',
          '-status',
        ])
        .optional(),
    }),
    ok: { status: 200, schema: pageOf(backup) },
  }),
  show: route({
    id: 'showBackup',
    method: 'GET',
    path: '/backups/:backupId',
    summary: 'One backup.',
    access: 'backup.read',
    params,
    ok: { status: 200, schema: backup },
  }),
  resources: route({
    id: 'listBackedUpResources',
    method: 'GET',
    path: '/backups/:backupId/resources',
    summary: 'What the backup holds, resource by resource, with the snapshots of each: the recovery panel.',
    access: 'backup.read',
    params,
    ok: { status: 200, schema: z.object({ items: z.array(backedUpResource) }) },
  }),
  scripts: route({
    id: 'listBackupScripts',
    method: 'GET',
    path: '/backups/:backupId/scripts',
    summary: 'What became of the scripts of a backup, with their output where it is collected.',
    access: 'backup.read',
    params,
    ok: { status: 200, schema: z.object({ items: z.array(backupScript) }) },
  }),
  abort: route({
    id: 'abortBackup',
    method: 'POST',
    path: '/backups/:backupId/abort',
    summary: 'Ends a running backup as failed: what is frozen is thawed, what has completed stays recoverable.',
    access: 'backup.abort',
    params,
    ok: { status: 202, schema: backup },
    errors: ['conflict_not_running'],
  }),
  log: route({
    id: 'showBackupLog',
    method: 'GET',
    path: '/backups/:backupId/log',
    summary: 'The log of a backup, also while it runs.',
    access: 'backup.read',
    params,
    query: logQuery,
    ok: { status: 200, schema: z.object({ items: z.array(logLine), ended: z.boolean() }) },
  }),
};
export type Backup = z.output<typeof backup>;
export type BackupScript = z.output<typeof backupScript>;
export type Snapshot = z.output<typeof snapshot>;
export type BackedUpResource = z.output<typeof backedUpResource>;
export type LogLine = z.output<typeof logLine>;
