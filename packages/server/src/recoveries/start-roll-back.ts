import { canStart, cpmError, parseRecoveryId, summarizeChecks, type Instant, type UserId } from '@cpm/core';
import type { AwsCredentials } from '@cpm/aws/port';
import { findAccount } from '../accounts/accounts.store.ts';
import type { ServerContext } from '../context.ts';
import { enqueueJob } from '../engine/jobs.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { findRecovery, settleRecovery, type RecoveryRow } from './recoveries.store.ts';
import { checkCredentials, recoveryAccess } from './recovery-access.ts';
import { findObjects, type ObjectRow } from './recovery-objects.store.ts';
import { NOTHING_LEFT, undoneBy } from './roll-back.ts';

export const ROLL_BACK_RECOVERY = 'roll-back-recovery';

type Wanted = {
  readonly ownerId: UserId;
  readonly recoveryId: string;
  /** How many objects the person knows to be deleted and put back. */
  readonly confirmed: number;
  readonly credentials: AwsCredentials | null;
  readonly at: Instant;
};

const SETTLED_WORDS = {
  kept: 'it is kept',
  'rolling-back': 'it is being rolled back',
  'rolled-back': 'it was rolled back',
  'roll-back-failed': 'rolling it back failed',
} as const;

export const conflictOf = (what: string) => cpmError('conflict_settled', { params: { what } });

/** A recovery that has ended and of which nobody has decided yet; throws `conflict_still_running` and `conflict_settled`. */
export async function findUndecided({ db }: ServerContext, ownerId: UserId, recoveryId: string): Promise<RecoveryRow> {
  const recovery = await findRecovery(db, ownerId, parseRecoveryId(recoveryId));
  if (recovery.endedAt === null) throw cpmError('conflict_still_running', { params: { noun: 'recovery' } });
  const { settled } = recovery;
  if (settled !== null && settled !== 'roll-back-failed') throw conflictOf(SETTLED_WORDS[settled]);
  return recovery;
}

/**
 * Begins to take away what an ended recovery made, confirmed with the number of objects (F25). Throws, with nothing done,
 * `conflict_still_running`, `conflict_settled`, `conflict_not_confirmed`, and `recovery_refused` for credentials of another account.
 */
export async function startRollBack(context: ServerContext, wanted: Wanted): Promise<void> {
  const { db, recoveryCredentials } = context;
  const { ownerId, recoveryId, confirmed, credentials, at } = wanted;
  const recovery = await findUndecided(context, ownerId, recoveryId);
  const undone = undoneBy(await findObjects(db, [recovery.id]));
  if (undone.length === 0) throw conflictOf(NOTHING_LEFT);
  if (confirmed !== undone.length)
    throw cpmError('conflict_not_confirmed', { params: { what: 'Rolling back', counts: countsOf(undone) } });
  if (credentials !== null) await refuseOthers(context, recovery, credentials);
  if (credentials !== null) recoveryCredentials.hold(recovery.id, credentials);
  try {
    await db.transaction().execute(async (tx) => {
      if (!(await settleRecovery(tx, recovery, 'rolling-back'))) throw conflictOf(SETTLED_WORDS['rolling-back']);
      await appendLog(tx, recovery.id, at, [info(`rolling back: it deletes ${countsOf(undone)}`)]);
      await enqueueJob(tx, {
        kind: ROLL_BACK_RECOVERY,
        subjectId: recovery.id,
        ownerId,
        uniqueKey: recovery.id,
        priority: 20,
        input: { usesOwnCredentials: credentials !== null },
      });
    });
  } catch (error) {
    recoveryCredentials.forget(recovery.id);
    throw error;
  }
}

/** "3 objects and puts back 1", as the sentence of `conflict_not_confirmed` goes on. */
function countsOf(undone: readonly ObjectRow[]): string {
  const back = undone.filter(({ role }) => role === 'replaced').length;
  const gone = undone.length - back;
  return `${gone} ${gone === 1 ? 'object' : 'objects'}${back === 0 ? '' : ` and puts back ${back}`}`;
}

async function refuseOthers(context: ServerContext, recovery: RecoveryRow, credentials: AwsCredentials): Promise<void> {
  const account = await findAccount(context.db, recovery.ownerId, recovery.accountId);
  const found = await checkCredentials(recoveryAccess(context, recovery, { credentials }), account);
  if (canStart(summarizeChecks([found]))) return;
  throw cpmError('recovery_refused', {
    fields: (found.fails ?? []).map(({ path, message }) => ({ path, message })),
  });
}
