import { z } from 'zod';
import { id, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const heldSnapshot = z.object({ awsSnapshotId: z.string(), region: z.string(), sourceId: z.string() });
const heldBackup = z.object({ backupId: id, startedAt: time, snapshots: z.array(heldSnapshot) });
const counts = z.object({ backups: z.number(), snapshots: z.number() });

export const retentionPreview = z
  .object({
    items: z.array(heldBackup.extend({ action: z.enum(['keep', 'delete', 'forget']), reason: z.string() })),
    deletes: counts.meta({ description: 'What would be deleted that is not being deleted already.' }),
  })
  .meta({ id: 'RetentionPreview' });

export const policyDeletion = z
  .object({
    backups: z.array(heldBackup),
    snapshots: z.number(),
    frozen: z.number().meta({ description: 'How many backups stay, because they are in the freezer.' }),
  })
  .meta({ id: 'PolicyDeletion' });

export const deletion = z
  .object({
    id,
    backupId: id,
    policyName: z.string(),
    accountName: z.string(),
    region: z.string(),
    service: z.string(),
    awsSnapshotId: z.string(),
    sourceId: z.string(),
    reason: z.string(),
    markedAt: time,
    state: z.enum(['waiting', 'deleted', 'gone', 'kept']),
    obstacle: z.enum(['in-use', 'locked', 'shared', 'denied', 'foreign', 'passing', 'refused']).nullable(),
    message: z.string().nullable().meta({ description: 'Why it is still there.' }),
    triedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'Deletion' });

/** A confirmation: the number that the caller has seen. */
export const confirmedSnapshots = z.object({
  snapshots: z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .optional()
    .meta({ description: 'How many snapshots go with it; needed when there are any.' }),
});
export const deletedByHand = z.object({ snapshotsToDelete: z.number() });

const policyParams = z.object({ policyId: id });

export const retention = {
  preview: route({
    id: 'previewRetention',
    method: 'GET',
    path: '/policies/:policyId/retention',
    summary: 'What retention would keep and delete, backup by backup, with so many generations.',
    access: 'policy.read',
    params: policyParams,
    query: z.object({
      generations: z
        .string()
        .regex(/^\d{1,9}$/, 'a whole number')
        .transform(Number)
        .optional()
        .meta({ description: "The policy's own unless told." }),
    }),
    ok: { status: 200, schema: retentionPreview },
  }),
  policyDeletion: route({
    id: 'previewPolicyDeletion',
    method: 'GET',
    path: '/policies/:policyId/deletion',
    summary: 'What deleting the policy would delete, and what stays.',
    access: 'policy.read',
    params: policyParams,
    ok: { status: 200, schema: policyDeletion },
  }),
  deletions: route({
    id: 'listDeletions',
    method: 'GET',
    path: '/deletions',
    summary: 'The ledger of deletions: what was to be deleted, why, and what AWS said; newest first.',
    access: 'backup.read',
    query: pageQuery.extend({
      state: z.enum(['waiting', 'deleted', 'gone', 'kept']).optional(),
      policyName: z.string().max(256).optional().meta({ description: 'Exactly this name.' }),
      backupId: id.optional(),
    }),
    ok: { status: 200, schema: pageOf(deletion) },
  }),
  deleteBackup: route({
    id: 'deleteBackup',
    method: 'DELETE',
    path: '/backups/:backupId',
    summary: 'Deletes a backup with its snapshots by hand; the number confirms that the caller knows how many.',
    access: 'backup.delete',
    params: z.object({ backupId: id }),
    query: confirmedSnapshots,
    ok: { status: 202, schema: deletedByHand },
    errors: [
      'conflict_not_confirmed',
      'conflict_backup_running',
      'conflict_in_recovery',
      'conflict_frozen',
      'conflict_being_deleted',
    ],
  }),
};
export type RetentionPreview = z.output<typeof retentionPreview>;
export type PolicyDeletion = z.output<typeof policyDeletion>;
export type Deletion = z.output<typeof deletion>;
