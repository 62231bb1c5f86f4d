import type { api } from '@cpm/contract';
import { cpmError, parseRecoveryId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { compareRecovery } from './compare-recovery.ts';
import { findRecovery } from './recoveries.store.ts';

/** What was made beside what it was made of (REC-9). */
export function comparisonRoutes(context: ServerContext): Pick<Handlers<typeof api.recoveries>, 'compare'> {
  return {
    async compare({ actor, params }) {
      const recovery = await findRecovery(context.db, actor.userId, parseRecoveryId(params.recoveryId));
      if (recovery.endedAt === null) throw cpmError('conflict_still_running', { params: { noun: 'recovery' } });
      return { items: await compareRecovery(context, recovery) };
    },
  };
}
