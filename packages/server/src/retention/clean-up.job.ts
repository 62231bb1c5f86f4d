import { nextCleanupAt, type Instant } from '@cpm/core';
import { forgetUnusedContents } from '../backups/configurations.store.ts';
import { forgetUnknownResources } from '../backups/known-resources.store.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { keepRecordDays } from '../settings/record-days.ts';
import { findSetting, findSettings, saveSetting } from '../settings/settings.store.ts';
import { enqueueRetentions } from './apply-retention.ts';
import { findAllPolicies, forgetOldRecords } from './retention.store.ts';

const LAST_KEY = 'last_cleanup_at';
const FORGOTTEN_AT_ONCE = 500;

/**
 * The daily cleanup (RET-1, RET-4): retention of every policy, and records that were kept long enough. One that an outage
 * hid is made up for once, at the start.
 */
export function cleanUpKind(context: ServerContext): JobKind<Database> {
  return { run: (job) => cleanUp(context, job), onFailed: async () => undefined, maxAttempts: Number.MAX_SAFE_INTEGER };
}

async function cleanUp(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { db, clock, serverZone } = context;
  const now = clock.now();
  const { cleanupTime } = await findSettings(db);
  const last = (await findSetting(db, LAST_KEY)) as Instant | null;
  const dueAt = nextCleanupAt(last ?? now, cleanupTime, serverZone);
  if (last === null) await job.transaction((tx) => saveSetting(tx, LAST_KEY, now));
  if (dueAt > now) return job.park(dueAt);
  const keepDays = await keepRecordDays(context);
  await job.transaction(async (tx) => {
    await enqueueRetentions(tx, await findAllPolicies(tx));
    await saveSetting(tx, LAST_KEY, now);
  });
  const forgetSome = () => job.transaction((tx) => forgetOldRecords(tx, { keepDays, now, most: FORGOTTEN_AT_ONCE }));
  while ((await forgetSome()) === FORGOTTEN_AT_ONCE);
  // Last: what the forgotten records alone referred to.
  const forgetContents = () => job.transaction((tx) => forgetUnusedContents(tx, FORGOTTEN_AT_ONCE));
  while ((await forgetContents()) === FORGOTTEN_AT_ONCE);
  const forgetResources = () => job.transaction((tx) => forgetUnknownResources(tx, FORGOTTEN_AT_ONCE));
  while ((await forgetResources()) === FORGOTTEN_AT_ONCE);
  return job.park(nextCleanupAt(now, cleanupTime, serverZone));
}
