import { TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { id, name, nothing, pageOf, pageQuery, region, tags, time } from './common.ts';
import { route } from './route.ts';

const accessKey = {
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/, 'an access key id is 16 to 128 capital letters and digits'),
  secretAccessKey: z
    .string()
    .min(16, 'a secret key has at least 16 characters')
    .max(128, 'a secret key has at most 128 characters')
    .regex(/^[\x21-\x7e]+$/, 'a secret key has neither blanks nor control characters'),
};

export const account = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(['backup', 'dr']),
    accessKeyId: z.string().meta({ description: 'The secret key is never shown again.' }),
    awsAccountNumber: z.string(),
    arn: z.string().meta({ description: 'Whom AWS takes these credentials for.' }),
    scanResources: z.boolean(),
    mayDeleteSnapshots: z.boolean(),
    createdAt: time,
    verifiedAt: time,
    policyCount: z.number(),
    /** For instance, that another account of the same owner reaches the same AWS account. */
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Account' });

const params = z.object({ accountId: id });
const regionParams = z.object({ accountId: id, region });
const awsErrors = ['aws_credentials_refused', 'aws_denied', 'aws_unavailable', 'aws_throttled', 'aws_refused'] as const;

/** Something that AWS can protect, as a picker shows it. */
export const resource = z
  .object({
    kind: z.enum(TARGET_KINDS),
    id: z.string(),
    name: z.string(),
    region: z.string(),
    zone: z.string(),
    type: z.string(),
    state: z.string(),
    sizeGiB: z.number(),
    platform: z.string(),
    tags,
    volumes: z.array(z.object({ id: z.string(), device: z.string(), isRoot: z.boolean(), sizeGiB: z.number() })),
    attachedTo: z.string().nullable().meta({ description: 'The instance that a volume is attached to.' }),
    database: z
      .object({
        engine: z.string(),
        engineVersion: z.string().nullable(),
        isMultiAz: z.boolean(),
        clusterId: z.string().nullable().meta({ description: 'The cluster that a database is a member of.' }),
        nodeCount: z.number().nullable(),
        members: z.array(z.object({ id: z.string(), type: z.string(), isWriter: z.boolean() })),
      })
      .nullable()
      .meta({ description: 'Of a database or cluster.' }),
    cannotBeTarget: z
      .string()
      .nullable()
      .meta({ description: 'Why it cannot be added to a policy; null when it can.' }),
    policies: z.array(z.object({ id, name: z.string() })).meta({ description: 'Policies it is already in.' }),
  })
  .meta({ id: 'Resource' });

/** What a recovery can choose from in one region. */
export const recoveryChoices = z
  .object({
    zones: z.array(z.string()),
    subnets: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        vpcId: z.string(),
        zone: z.string(),
        cidr: z.string(),
        freeAddresses: z.number(),
        isDefaultForZone: z.boolean(),
      }),
    ),
    securityGroups: z.array(z.object({ id: z.string(), name: z.string(), vpcId: z.string(), description: z.string() })),
    placementGroups: z.array(z.object({ name: z.string(), strategy: z.string(), state: z.string() })),
    keyPairs: z.array(z.string()),
    instances: z.array(
      z.object({ id: z.string(), name: z.string(), zone: z.string(), state: z.string(), devices: z.array(z.string()) }),
    ),
  })
  .meta({ id: 'RecoveryChoices' });

const subnetGroup = z.object({ name: z.string(), vpcId: z.string(), zones: z.array(z.string()) });
const parameterGroup = z.object({ name: z.string(), family: z.string() });

/** What the recovery of a database or cluster can choose from in one region. */
export const databaseRecoveryChoices = z
  .object({
    zones: z.array(z.string()),
    securityGroups: z.array(z.object({ id: z.string(), name: z.string(), vpcId: z.string() })),
    databaseSubnetGroups: z.array(subnetGroup),
    parameterGroups: z.array(parameterGroup),
    clusterParameterGroups: z.array(parameterGroup),
    optionGroups: z.array(z.object({ name: z.string(), engine: z.string(), majorVersion: z.string() })),
    redshiftSubnetGroups: z.array(subnetGroup),
    redshiftParameterGroups: z.array(parameterGroup),
    databaseIds: z.array(z.string()).meta({ description: 'Names that are taken, members of clusters included.' }),
    databaseClusterIds: z.array(z.string()),
    redshiftClusterIds: z.array(z.string()),
  })
  .meta({ id: 'DatabaseRecoveryChoices' });

export const accounts = {
  list: route({
    id: 'listAccounts',
    method: 'GET',
    path: '/accounts',
    summary: 'The AWS accounts, by name.',
    access: 'account.read',
    query: pageQuery,
    ok: { status: 200, schema: pageOf(account) },
  }),
  create: route({
    id: 'createAccount',
    method: 'POST',
    path: '/accounts',
    summary: 'Adds an AWS account after AWS has confirmed its credentials.',
    access: 'account.create',
    body: z.strictObject({
      name,
      kind: z.enum(['backup', 'dr']).default('backup'),
      ...accessKey,
      scanResources: z.boolean().default(false),
      mayDeleteSnapshots: z.boolean().default(true),
    }),
    ok: { status: 201, schema: account },
    errors: ['conflict_name_taken', ...awsErrors],
    idempotent: true,
  }),
  show: route({
    id: 'showAccount',
    method: 'GET',
    path: '/accounts/:accountId',
    summary: 'One AWS account.',
    access: 'account.read',
    params,
    ok: { status: 200, schema: account },
  }),
  change: route({
    id: 'changeAccount',
    method: 'PATCH',
    path: '/accounts/:accountId',
    summary: 'Renames an account or rotates its credentials; new credentials must be of the same AWS account.',
    access: 'account.update',
    params,
    body: z.strictObject({
      name: name.optional(),
      accessKeyId: accessKey.accessKeyId.optional(),
      secretAccessKey: accessKey.secretAccessKey.optional(),
      scanResources: z.boolean().optional(),
      mayDeleteSnapshots: z.boolean().optional(),
    }),
    ok: { status: 200, schema: account },
    errors: ['conflict_name_taken', ...awsErrors],
  }),
  remove: route({
    id: 'deleteAccount',
    method: 'DELETE',
    path: '/accounts/:accountId',
    summary: 'Removes an account that no policy and no kept backup uses.',
    access: 'account.delete',
    params,
    ok: { status: 204, schema: nothing },
    errors: ['conflict_in_use'],
  }),
  verify: route({
    id: 'verifyAccount',
    method: 'POST',
    path: '/accounts/:accountId/verify',
    summary: 'Asks AWS once more whose the credentials are.',
    access: 'account.test',
    params,
    ok: { status: 200, schema: account },
    errors: [...awsErrors],
  }),
  regions: route({
    id: 'listRegions',
    method: 'GET',
    path: '/accounts/:accountId/regions',
    summary: 'The regions that are enabled in the AWS account.',
    access: 'account.browse',
    params,
    ok: { status: 200, schema: z.object({ items: z.array(z.string()) }) },
    errors: [...awsErrors],
  }),
  resources: route({
    id: 'listResources',
    method: 'GET',
    path: '/accounts/:accountId/regions/:region/resources',
    summary: 'What can be protected in a region: a complete listing, or an error.',
    access: 'account.browse',
    params: regionParams,
    query: z.object({ kind: z.enum(TARGET_KINDS) }),
    ok: { status: 200, schema: z.object({ items: z.array(resource) }) },
    errors: [...awsErrors],
  }),
  recoveryChoices: route({
    id: 'listRecoveryChoices',
    method: 'GET',
    path: '/accounts/:accountId/regions/:region/recovery-choices',
    summary: 'Zones, subnets, groups, keys and instances that a recovery in this region can name.',
    access: 'account.browse',
    params: regionParams,
    ok: { status: 200, schema: recoveryChoices },
    errors: [...awsErrors],
  }),
  databaseRecoveryChoices: route({
    id: 'listDatabaseRecoveryChoices',
    method: 'GET',
    path: '/accounts/:accountId/regions/:region/database-recovery-choices',
    summary: 'Groups and zones that the recovery of a database or cluster in this region can name, and taken names.',
    access: 'account.browse',
    params: regionParams,
    ok: { status: 200, schema: databaseRecoveryChoices },
    errors: [...awsErrors],
  }),
};
export type Account = z.output<typeof account>;
export type Resource = z.output<typeof resource>;
export type RecoveryChoices = z.output<typeof recoveryChoices>;
export type DatabaseRecoveryChoices = z.output<typeof databaseRecoveryChoices>;
