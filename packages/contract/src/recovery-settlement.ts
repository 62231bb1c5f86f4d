import { z } from 'zod';
import { recovery, recoveryParams } from './recovery.ts';
import { volumeRecovery } from './recovery-wishes.ts';
import { route } from './route.ts';

/** What becomes of that which a recovery made. */
export const recoverySettlement = {
  keep: route({
    id: 'keepRecovered',
    method: 'POST',
    path: '/recoveries/:recoveryId/keep',
    summary: 'Decides that what an ended recovery made stays.',
    access: 'backup.recover',
    params: recoveryParams,
    ok: { status: 200, schema: recovery },
    errors: ['conflict_still_running', 'conflict_settled'],
  }),
  rollBack: route({
    id: 'rollBackRecovery',
    method: 'POST',
    path: '/recoveries/:recoveryId/roll-back',
    summary: 'Takes everything that an ended recovery made away again, and puts back what it replaced.',
    access: 'backup.recover',
    params: recoveryParams,
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
