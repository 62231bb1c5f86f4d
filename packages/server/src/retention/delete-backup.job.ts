import type { BackupId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { deleteMarked } from './delete-marked.ts';

/** Deletes one marked backup whose policy is gone, as retention does those of a policy. */
export function deleteBackupKind(context: ServerContext): JobKind<Database> {
  return { run: (job) => deleteBackup(context, job), onFailed: async () => undefined, maxAttempts: 100 };
}

async function deleteBackup(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const backupId = job.subjectId as BackupId;
  const backup = await context.db
    .selectFrom('backups')
    .select(['owner_id as ownerId', 'account_id as accountId', 'policy_name as policyName'])
    .where('id', '=', backupId)
    .executeTakeFirst();
  if (backup === undefined) return job.done();
  const { ownerId, accountId, policyName } = backup;
  const of = `a backup of the former policy ${policyName}`;
  const again = await deleteMarked(context, job, { marked: { backupId }, ownerId, accountId, policyId: null, of });
  return again === null ? job.done() : job.park(again);
}
