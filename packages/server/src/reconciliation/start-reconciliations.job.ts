import { addMs, HOUR_MS, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { findSetting, findSettings, saveSetting } from '../settings/settings.store.ts';
import { enqueueReconciliations } from './reconcile.ts';

const LAST_KEY = 'last_reconciliation_at';

/** Starts the compares of all accounts and regions every few hours, as the setting says. */
export function startReconciliationsKind(context: ServerContext): JobKind<Database> {
  const run = (job: JobContext<Database>) => startReconciliations(context, job);
  return { run, onFailed: async () => undefined, maxAttempts: Number.MAX_SAFE_INTEGER };
}

async function startReconciliations(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { db, clock } = context;
  const now = clock.now();
  const everyMs = (await findSettings(db)).reconcileEveryHours * HOUR_MS;
  const last = (await findSetting(db, LAST_KEY)) as Instant | null;
  // A clock that was set back must not stop the compares until it has caught up.
  const dueAt = last === null || last > now ? now : addMs(last, everyMs);
  if (dueAt > now) return job.park(dueAt);
  await job.transaction(async (tx) => {
    await enqueueReconciliations(tx, 'all');
    await saveSetting(tx, LAST_KEY, now);
  });
  return job.park(addMs(now, everyMs));
}
