import { RECOVERY_WAYS, TARGET_KINDS } from '@cpm/core';
import { z } from 'zod';
import { id } from './common.ts';
import { route } from './route.ts';

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

export const showPanel = route({
  id: 'showRecoveryPanel',
  method: 'GET',
  path: '/backups/:backupId/recovery-panel',
  summary: 'What can be brought back from a backup, how, and where to.',
  access: 'backup.read',
  params: z.object({ backupId: id }),
  ok: { status: 200, schema: recoveryPanel },
});

export type RecoveryPanel = z.output<typeof recoveryPanel>;
