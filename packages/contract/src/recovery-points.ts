import { TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { id, pageOf, pageQuery, region, time } from './common.ts';
import { route } from './route.ts';

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

export const recoveryPoints = {
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
};

export type RecoverableResource = z.output<typeof recoverableResource>;
export type RecoveryPoint = z.output<typeof recoveryPoint>;
