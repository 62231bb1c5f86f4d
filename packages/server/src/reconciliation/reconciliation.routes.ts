import type { api, ReconciliationFinding } from '@cpm/contract';
import { formatInstant, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { listFindings, type FindingRow } from './findings.store.ts';
import { enqueueReconciliations } from './reconcile.ts';
import { listCompares } from './records.store.ts';

/** How the records compare with AWS (BKP-6). */
export function reconciliationRoutes({ db }: ServerContext): Handlers<typeof api.reconciliation> {
  return {
    async list({ actor }) {
      const items = await listCompares(db, actor.userId);
      return {
        items: items.map(({ accountId, accountName, startedAt, endedAt, ...run }) => ({
          ...run,
          account: { id: accountId, name: accountName },
          startedAt: formatInstant(startedAt),
          endedAt: iso(endedAt),
        })),
      };
    },

    async findings({ actor, query }) {
      const { state = 'open', ...page } = query;
      const found = await listFindings(db, actor.userId, { ...page, state });
      return { ...found, items: found.items.map(shown) };
    },

    async run({ actor }) {
      return { started: await db.transaction().execute((tx) => enqueueReconciliations(tx, actor.userId)) };
    },
  };
}

const iso = (at: Instant | null): string | null => (at === null ? null : formatInstant(at));

function shown({
  accountId,
  accountName,
  firstSeenAt,
  confirmedAt,
  resolvedAt,
  ...found
}: FindingRow): ReconciliationFinding {
  return {
    ...found,
    account: { id: accountId, name: accountName },
    firstSeenAt: formatInstant(firstSeenAt),
    confirmedAt: iso(confirmedAt),
    resolvedAt: iso(resolvedAt),
  };
}
