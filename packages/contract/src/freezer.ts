import { z } from 'zod';
import { backup } from './backups.ts';
import { description, id, name, pageOf, pageQuery } from './common.ts';
import { confirmedSnapshots, deletedByHand } from './retention.ts';
import { route } from './route.ts';

const params = z.object({ backupId: id });

/** Backups that no rule deletes (RET-3). */
export const freezer = {
  freeze: route({
    id: 'freezeBackup',
    method: 'POST',
    path: '/backups/:backupId/freeze',
    summary: 'Moves a backup to the freezer, where only a person deletes it.',
    access: 'backup.freeze',
    params,
    body: z.strictObject({ name, description: description.default('') }),
    ok: { status: 200, schema: backup },
    errors: [
      'conflict_name_taken',
      'conflict_backup_running',
      'conflict_not_recoverable',
      'conflict_being_deleted',
      'conflict_frozen',
    ],
  }),
  list: route({
    id: 'listFreezer',
    method: 'GET',
    path: '/freezer',
    summary: 'The frozen backups; newest first.',
    access: 'backup.read',
    query: pageQuery.extend({
      search: z.string().max(256).optional().meta({ description: 'A part of the name or the description.' }),
    }),
    ok: { status: 200, schema: pageOf(backup) },
  }),
  change: route({
    id: 'changeFrozenBackup',
    method: 'PATCH',
    path: '/freezer/:backupId',
    summary: 'Changes name or description of a frozen backup.',
    access: 'backup.freeze',
    params,
    body: z.strictObject({ name: name.optional(), description: description.optional() }),
    ok: { status: 200, schema: backup },
    errors: ['conflict_name_taken'],
  }),
  remove: route({
    id: 'deleteFrozenBackup',
    method: 'DELETE',
    path: '/freezer/:backupId',
    summary: 'Deletes a frozen backup with its snapshots; the number confirms that the caller knows how many.',
    access: 'backup.delete',
    params,
    query: confirmedSnapshots,
    ok: { status: 202, schema: deletedByHand },
    errors: ['conflict_not_confirmed', 'conflict_in_recovery'],
  }),
};
