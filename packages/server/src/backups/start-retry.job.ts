import { whyNoRetry, type BackupId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { announce } from '../events/announce.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { findPolicyForJob } from '../policies/policies.store.ts';
import { createBackups, lockBackupForJob, type BackupRow } from './backups.store.ts';
import { dropRetries } from './retries.ts';
import { enqueueBackups } from './run-backup.ts';

/** Tries a backup again that did not succeed (POL-5): a backup of its own, at the time that its end fixed. */
export function startRetryKind(context: ServerContext): JobKind<Database> {
  return {
    run: (job) => startRetry(context, job),
    onFailed: async (tx, job) => {
      const backup = await lockBackupForJob(tx, job.subjectId as BackupId);
      await drop(tx, backup, { at: context.clock.now(), reason: 'an internal error; the server log says more' });
    },
  };
}

async function startRetry(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  return job.done(async (tx) => {
    const at = context.clock.now();
    const backup = await lockBackupForJob(tx, job.subjectId as BackupId);
    // Dropped meanwhile: a newer backup of the policy came first.
    if (backup.retryAt === null) return;
    const retryNumber = backup.retryNumber + 1;
    const policy = backup.policyId === null ? null : await findPolicyForJob(tx, backup.policyId);
    const reason = whyNoRetry(policy, retryNumber);
    if (policy === null || reason !== null) return drop(tx, backup, { at, reason: reason ?? '' });
    const start = { policy, trigger: 'retry' as const, dueAt: null, retryOf: backup.id, retryNumber };
    const [id = null] = await createBackups(tx, [start], at);
    if (id === null) return drop(tx, backup, { at, reason: 'a newer backup of the policy is running' });
    await enqueueBackups(tx, [{ id, ownerId: policy.ownerId }]);
    await tx.updateTable('backups').set({ retry_at: null }).where('id', '=', backup.id).execute();
    await announce(tx, backup.ownerId, 'backup', backup.id);
    await appendLog(tx, backup.id, at, [info(`retry ${retryNumber} of ${policy.retries} has started`)]);
  });
}

async function drop(
  tx: Transaction<Database>,
  { policyId }: BackupRow,
  why: Parameters<typeof dropRetries>[2],
): Promise<void> {
  if (policyId !== null) await dropRetries(tx, [policyId], why);
}
