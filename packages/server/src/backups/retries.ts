import { formatInstant, type BackupId, type Instant, type PolicyId, type UserId } from '@cpm/core';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announceAll } from '../events/announce.ts';
import { enqueueJob } from '../engine/jobs.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';

export const START_RETRY = 'start-retry';

/** Has an ended backup tried again at that time (POL-5), in the transaction that ends it. */
export async function enqueueRetry(
  tx: Transaction<Database>,
  backup: { readonly id: BackupId; readonly ownerId: UserId },
  retryAt: Instant,
): Promise<void> {
  await tx
    .updateTable('backups')
    .set({ retry_at: asTimestamp(retryAt) })
    .where('id', '=', backup.id)
    .execute();
  const { id, ownerId } = backup;
  await enqueueJob(tx, { kind: START_RETRY, subjectId: id, ownerId, uniqueKey: id, wakeAt: retryAt, priority: 5 });
}

/**
 * Drops the retries that wait for these policies, with a line in the log of the backup each was to try again: a newer backup
 * wins (POL-5). In the transaction that opens it. The job finds nothing left to do.
 */
export async function dropRetries(
  tx: Transaction<Database>,
  policyIds: readonly PolicyId[],
  { at, reason }: { readonly at: Instant; readonly reason: string },
): Promise<void> {
  if (policyIds.length === 0) return;
  const waiting = await tx
    .selectFrom('backups')
    .select(['id', 'owner_id as ownerId', 'retry_at as retryAt'])
    // One value, however many: of a firing they are hundreds.
    .where('policy_id', '=', sql<PolicyId>`any(${[...new Set(policyIds)]}::uuid[])`)
    .where('retry_at', 'is not', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  await tx.updateTable('backups').set({ retry_at: null }).where('id', 'in', ids).execute();
  for (const { id, retryAt } of waiting) {
    const when = retryAt === null ? '' : ` of ${formatInstant(retryAt)}`;
    await appendLog(tx, id, at, [info(`the retry${when} is dropped: ${reason}`)]);
  }
  await announceAll(tx, 'backup', waiting);
}
