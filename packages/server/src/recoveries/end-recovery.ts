import type { BackupStatus, RecoveryId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import { RECOVERY_TAG } from './recoverable-volumes.ts';
import { changeRecovery, findRecoveryForJob, type RecoveryRow } from './recoveries.store.ts';
import { changeObject, findObjects } from './recovery-objects.store.ts';
import { whatRemains } from './what-remains.ts';

const WORDS: Record<BackupStatus, string> = {
  successful: 'Recovery Successful',
  partial: 'Recovery Partially Successful',
  failed: 'Recovery Failed',
};

/** Fixes the outcome: successful without any reason against it, partial where something of it can be used. */
export async function endRecovery(
  { clock, log, recoveryCredentials }: ServerContext,
  tx: Transaction<Database>,
  recovery: RecoveryRow,
  { reasons, anyGood }: { readonly reasons: readonly string[]; readonly anyGood: boolean },
): Promise<void> {
  const at = clock.now();
  const status = reasons.length === 0 ? 'successful' : anyGood ? 'partial' : 'failed';
  const who = { recovery: recovery.id, policy: recovery.policyName, owner: recovery.ownerId };
  log[status === 'successful' ? 'info' : 'warn']({ ...who, reasons }, WORDS[status]);
  await appendLog(tx, recovery.id, at, [info(WORDS[status])]);
  recoveryCredentials.forget(recovery.id);
  await changeRecovery(tx, recovery, { ended: { at, status, reasons } });
}

/** How a person finds what no answer of AWS named. */
export const seekByTag = ({ id }: Pick<RecoveryRow, 'id'>): string =>
  `what else it may have made bears the tag ${RECOVERY_TAG} with the value ${id}`;

/** Closes a recovery whose job was given up (I11): what it may have left is named, never forgotten. */
export async function failRecovery(
  context: ServerContext,
  tx: Transaction<Database>,
  recoveryId: RecoveryId,
  error: unknown,
): Promise<void> {
  const recovery = await findRecoveryForJob(tx, recoveryId);
  const objects = await findObjects(tx, [recoveryId]);
  const isUnsure = objects.some(({ state, awsId }) => state === 'creating' && awsId === null);
  for (const object of objects) {
    if (object.state === 'creating')
      await changeObject(tx, object.id, { state: object.awsId === null ? 'failed' : 'kept' });
  }
  const hint = isUnsure ? [seekByTag(recovery)] : [];
  const reason = [`it could not be carried on: ${describeError(error)}`, ...whatRemains(objects), ...hint].join('; ');
  await appendLog(tx, recoveryId, context.clock.now(), [failure(reason)]);
  await endRecovery(context, tx, recovery, { reasons: [reason], anyGood: false });
}
