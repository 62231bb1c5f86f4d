import type { api } from '@cpm/contract';
import { parseRecoveryId, type UserId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { credentialsOf } from './plan-request.ts';
import { findRecovery, settleRecovery } from './recoveries.store.ts';
import { findObjects } from './recovery-objects.store.ts';
import { shownRecovery } from './show-recovery.ts';
import { conflictOf, findUndecided, startRollBack } from './start-roll-back.ts';

/** What becomes of what a recovery made (F25). */
export function settlementRoutes(context: ServerContext): Pick<Handlers<typeof api.recoveries>, 'keep' | 'rollBack'> {
  const { db } = context;
  const show = async (ownerId: UserId, recoveryId: string) => {
    const recovery = await findRecovery(db, ownerId, parseRecoveryId(recoveryId));
    return shownRecovery(recovery, await findObjects(db, [recovery.id]));
  };
  return {
    async keep({ actor, params, at }) {
      const recovery = await findUndecided(context, actor.userId, params.recoveryId);
      await db.transaction().execute(async (tx) => {
        if (!(await settleRecovery(tx, recovery, 'kept'))) throw conflictOf('it was decided a moment ago');
        await appendLog(tx, recovery.id, at, [info('what it made is kept')]);
      });
      return show(actor.userId, params.recoveryId);
    },
    async rollBack({ actor, params, body, at }) {
      await startRollBack(context, {
        ownerId: actor.userId,
        recoveryId: params.recoveryId,
        confirmed: body.confirmObjects,
        credentials: credentialsOf(body),
        at,
      });
      return show(actor.userId, params.recoveryId);
    },
  };
}
