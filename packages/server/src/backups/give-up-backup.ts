import type { BackupId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { appendLog, failure } from '../logs/log-lines.store.ts';
import { abandonAttempt } from './abandon-attempt.ts';
import { changeBackup, findBackupForJob } from './backups.store.ts';
import { tellAlert } from './finish-backup.ts';
import { nameOfAttempt } from './send-database-attempt.ts';
import { findSnapshots } from './snapshots.store.ts';

/** Closes a backup whose job was given up (I11): no call of it that may have made snapshots is forgotten. */
export async function giveUpBackup(
  context: ServerContext,
  tx: Transaction<Database>,
  backupId: BackupId,
  error: unknown,
): Promise<void> {
  context.log.error({ err: error, backup: backupId }, 'a backup could not be carried on');
  const at = context.clock.now();
  const backup = await findBackupForJob(tx, backupId);
  const snapshots = await findSnapshots(tx, backupId);
  const open = snapshots.filter(({ state }) => state === 'intended');
  for (const [attemptId, [row]] of Map.groupBy(open, (snapshot) => snapshot.attemptId)) {
    if (row === undefined) continue;
    const { ownerId, accountId } = backup;
    const { region, service } = row;
    const database = service === 'ebs' ? undefined : { service, snapshotName: nameOfAttempt(backup, row) };
    await abandonAttempt(tx, { attemptId, backupId, ownerId, accountId, region, at, database });
  }
  const reason = whyGivenUp(error);
  await appendLog(tx, backupId, at, [failure(reason)]);
  const isRecoverable = snapshots.some(({ state }) => state === 'completed');
  const outcome = { status: 'failed' as const, reasons: [reason], isGeneration: false, isRecoverable };
  await changeBackup(tx, backup, { ended: { ...outcome, at, recoverable: isRecoverable } });
  await tellAlert(tx, { backup, outcome, retryAt: null, at });
}

function whyGivenUp(error: unknown): string {
  const isPoison = error instanceof Error && error.name === 'PoisonousJob';
  if (isPoison) return `this backup was given up: ${error.message}`;
  return 'an internal error stopped this backup; the server log says more';
}
