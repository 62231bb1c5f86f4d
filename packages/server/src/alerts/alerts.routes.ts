import type { Alert, api } from '@cpm/contract';
import { formatInstant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { listAlerts, type AlertRow } from './alerts.store.ts';

/** What is wrong now, and what was (ALR-1). */
export function alertRoutes({ db }: ServerContext): Handlers<typeof api.alerts> {
  return {
    async list({ actor, query }) {
      const { state = 'open', ...page } = query;
      const found = await listAlerts(db, actor.userId, { ...page, state });
      return { ...found, items: found.items.map(shown) };
    },
  };
}

const shown = ({ policyId, policyName, openedAt, closedAt, ...alert }: AlertRow): Alert => ({
  ...alert,
  policy: policyId === null ? null : { id: policyId, name: policyName ?? '' },
  openedAt: formatInstant(openedAt),
  closedAt: closedAt === null ? null : formatInstant(closedAt),
});
