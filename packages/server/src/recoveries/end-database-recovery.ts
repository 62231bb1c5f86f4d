import type { Database } from '../db/schema.ts';
import type { JobEnd } from '../engine/job-kind.ts';
import { appendLog, failure } from '../logs/log-lines.store.ts';
import { endRecovery } from './end-recovery.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, findObjects } from './recovery-objects.store.ts';

/** Ends the recovery of a database or cluster: what AWS made is kept on record, also where it cannot be used. */
export function endDatabaseRecovery(
  { context, job, recovery }: Pick<RecoveryScene<unknown>, 'context' | 'job' | 'recovery'>,
  { reasons, anyGood }: { readonly reasons: readonly string[]; readonly anyGood: boolean },
): JobEnd<Database> {
  return job.done(async (tx) => {
    for (const { id, state, awsId } of await findObjects(tx, [recovery.id])) {
      if (state === 'creating') await changeObject(tx, id, { state: awsId === null ? 'failed' : 'kept' });
    }
    const lines = reasons.map((text) => failure(text));
    if (lines.length > 0) await appendLog(tx, recovery.id, context.clock.now(), lines);
    await endRecovery(context, tx, recovery, { reasons, anyGood });
  });
}
