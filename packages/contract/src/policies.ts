import { POLICY_DEFAULTS, TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { description, id, nothing, pageOf, pageQuery, region, time } from './common.ts';
import { policyWork } from './policy-work.ts';
import { route } from './route.ts';

/** Checked in full by core (POL-1): the name is written in tags and names script files. */
const policyName = z.string().max(256);
const generations = z.number();
const autoTargetRemoval = z.enum(['no', 'yes', 'yes-and-alert']);

const successRule = z.enum(['no-issues', 'snapshots-succeed']).meta({
  description: 'When a backup counts as good: only without any issue, or even if scripts or VSS fail.',
});
const retries = z.number().meta({ description: 'How often a backup that did not succeed is tried again.' });
const retryWaitMinutes = z.number();
const commands = z.string().max(20_000);

export const policyScripts = z.strictObject({
  runner: z.enum(['none', 'server', 'ssm']).meta({
    description:
      "none; server: files in CPM's scripts directory; ssm: commands on the instances by AWS Systems Manager.",
  }),
  timeoutSeconds: z.number().default(30),
  collectOutput: z.boolean().default(false).meta({ description: 'Keep what they write to their standard error.' }),
  ssm: z
    .strictObject({
      before: commands.default(''),
      after: commands.default(''),
      complete: commands.default(''),
      instanceIds: z.array(z.string().max(32)).max(200).default([]).meta({ description: 'None named: all of them.' }),
    })
    .nullable()
    .default(null),
});

/** `some` names the volumes taken; `none` keeps the configuration only. */
const volumes = z.discriminatedUnion('take', [
  z.strictObject({ take: z.literal('all') }),
  z.strictObject({ take: z.literal('some'), volumeIds: z.array(z.string().max(32)).max(128) }),
  z.strictObject({ take: z.literal('none') }),
]);

const newTarget = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('instance'),
    region,
    resourceId: z
      .string()
      .max(32)
      .meta({ examples: ['i-0123456789abcdef0'] }),
    volumes: volumes.default({ take: 'all' }),
  }),
  z.strictObject({
    kind: z.literal('volume'),
    region,
    resourceId: z
      .string()
      .max(32)
      .meta({ examples: ['vol-0123456789abcdef0'] }),
  }),
  z.strictObject({
    kind: z.enum(['database', 'database-cluster', 'redshift-cluster']),
    region,
    resourceId: z
      .string()
      .max(63)
      .meta({ examples: ['orders-db'] }),
  }),
]);

export const target = z
  .object({
    id,
    kind: z.enum(TARGET_KINDS),
    region: z.string(),
    resourceId: z.string(),
    resourceName: z.string().meta({ description: 'Its name tag when it was added.' }),
    volumes: z.object({ take: z.enum(['all', 'some', 'none']), volumeIds: z.array(z.string()) }).nullable(),
    addedAt: time,
  })
  .meta({ id: 'Target' });

const lastRun = z.object({ id, startedAt: time, status: z.string(), statusText: z.string() });

export const policy = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    account: z.object({ id, name: z.string() }),
    enabled: z.boolean(),
    generations: z.number(),
    autoTargetRemoval,
    successRule,
    retries,
    retryWaitMinutes,
    scripts: policyScripts,
    copySourceTags: z.boolean(),
    schedules: z.array(z.object({ id, name: z.string(), warning: z.string().nullable() })),
    targetCount: z.number(),
    lastBackup: lastRun.nullable(),
    lastRecovery: lastRun.nullable().meta({ description: 'The newest recovery from any of its backups (POL-9).' }),
    nextFiringAt: time.nullable(),
    overdue: z
      .object({ dueAt: time, reason: z.string() })
      .nullable()
      .meta({ description: 'Its newest firing made no backup, and none has succeeded since.' }),
    waitingRetryAt: time.nullable().meta({ description: 'When its last backup is tried again.' }),
    warnings: z.array(z.string()).meta({ description: 'No targets, no schedule, disabled, never fires…' }),
    createdAt: time,
    revision: z.number().meta({ description: 'Sent back with a change, so that nobody overwrites another.' }),
  })
  .meta({ id: 'Policy' });

const params = z.object({ policyId: id });
const scheduleIds = z.array(id).max(100);

export const policies = {
  list: route({
    id: 'listPolicies',
    method: 'GET',
    path: '/policies',
    summary: 'The policies, by name.',
    access: 'policy.read',
    query: pageQuery.extend({ name: z.string().max(64).optional().meta({ description: 'Exactly this name.' }) }),
    ok: { status: 200, schema: pageOf(policy) },
  }),
  create: route({
    id: 'createPolicy',
    method: 'POST',
    path: '/policies',
    summary: 'Makes a policy.',
    access: 'policy.create',
    body: z.strictObject({
      name: policyName,
      description: description.default(''),
      accountId: id,
      generations: generations.default(30),
      autoTargetRemoval: autoTargetRemoval.default('no'),
      successRule: successRule.default('no-issues'),
      retries: retries.default(POLICY_DEFAULTS.retries),
      retryWaitMinutes: retryWaitMinutes.default(POLICY_DEFAULTS.retryWaitMinutes),
      scripts: policyScripts.default(POLICY_DEFAULTS.scripts),
      copySourceTags: z.boolean().default(false),
      enabled: z.boolean().default(true),
      scheduleIds: scheduleIds.default([]),
    }),
    ok: { status: 201, schema: policy },
    errors: ['conflict_name_taken'],
    idempotent: true,
  }),
  show: route({
    id: 'showPolicy',
    method: 'GET',
    path: '/policies/:policyId',
    summary: 'One policy.',
    access: 'policy.read',
    params,
    ok: { status: 200, schema: policy },
  }),
  change: route({
    id: 'changePolicy',
    method: 'PATCH',
    path: '/policies/:policyId',
    summary: 'Changes a policy; its account is fixed.',
    access: 'policy.update',
    params,
    body: z.strictObject({
      revision: z.number().int().optional(),
      name: policyName.optional(),
      description: description.optional(),
      generations: generations.optional(),
      confirmDeletions: z
        .number()
        .int()
        .optional()
        .meta({ description: 'How many backups go when generations are lowered; needed when any do.' }),
      autoTargetRemoval: autoTargetRemoval.optional(),
      successRule: successRule.optional(),
      retries: retries.optional(),
      retryWaitMinutes: retryWaitMinutes.optional(),
      scripts: policyScripts.optional(),
      copySourceTags: z.boolean().optional(),
      enabled: z.boolean().optional(),
      scheduleIds: scheduleIds.optional(),
    }),
    ok: { status: 200, schema: policy },
    errors: ['conflict_name_taken', 'precondition_failed', 'conflict_not_confirmed'],
  }),
  remove: route({
    id: 'deletePolicy',
    method: 'DELETE',
    path: '/policies/:policyId',
    summary: 'Removes a policy with all its backups and snapshots; the number confirms that the caller knows how many.',
    access: 'policy.delete',
    params,
    query: z.object({
      backups: z
        .string()
        .regex(/^\d+$/, 'a whole number')
        .transform(Number)
        .optional()
        .meta({ description: 'How many backups go with it; needed when there are any.' }),
    }),
    ok: { status: 202, schema: z.object({ backupsToDelete: z.number(), snapshotsToDelete: z.number() }) },
    errors: ['conflict_already_running', 'conflict_not_confirmed'],
  }),
  targets: route({
    id: 'listTargets',
    method: 'GET',
    path: '/policies/:policyId/targets',
    summary: 'What a policy backs up.',
    access: 'policy.read',
    params,
    query: pageQuery,
    ok: { status: 200, schema: pageOf(target) },
  }),
  addTargets: route({
    id: 'addTargets',
    method: 'POST',
    path: '/policies/:policyId/targets',
    summary: 'Adds targets, all or none; each must exist in the AWS account of the policy.',
    access: 'policy.update',
    params,
    body: z.strictObject({
      targets: z.array(newTarget).min(1, 'name at least one target').max(200, 'at most 200 at once'),
    }),
    ok: { status: 201, schema: z.object({ items: z.array(target) }) },
    errors: [
      'conflict_name_taken',
      'aws_credentials_refused',
      'aws_denied',
      'aws_unavailable',
      'aws_throttled',
      'aws_refused',
    ],
    idempotent: true,
  }),
  changeTarget: route({
    id: 'changeTarget',
    method: 'PATCH',
    path: '/policies/:policyId/targets/:targetId',
    summary: 'Chooses which volumes of an instance are backed up.',
    access: 'policy.update',
    params: z.object({ policyId: id, targetId: id }),
    body: z.strictObject({ volumes }),
    ok: { status: 200, schema: target },
  }),
  removeTarget: route({
    id: 'removeTarget',
    method: 'DELETE',
    path: '/policies/:policyId/targets/:targetId',
    summary: 'Takes a target out of a policy; its snapshots stay until retention removes them.',
    access: 'policy.update',
    params: z.object({ policyId: id, targetId: id }),
    ok: { status: 204, schema: nothing },
  }),
  clone: route({
    id: 'clonePolicy',
    method: 'POST',
    path: '/policies/:policyId/clone',
    summary: 'Makes a policy like this one: settings, schedules and targets, not its backups.',
    access: 'policy.create',
    params,
    body: z.strictObject({ name: policyName }),
    ok: { status: 201, schema: policy },
    errors: ['conflict_name_taken'],
    idempotent: true,
  }),
  ...policyWork,
  run: route({
    id: 'runPolicy',
    method: 'POST',
    path: '/policies/:policyId/run',
    summary: 'Starts a backup now.',
    access: 'policy.run',
    params,
    ok: { status: 202, schema: z.object({ backupId: id }) },
    errors: ['conflict_already_running', 'conflict_no_targets'],
    idempotent: true,
  }),
};
export type Policy = z.output<typeof policy>;
export type Target = z.output<typeof target>;
export type NewTarget = z.input<typeof newTarget>;
