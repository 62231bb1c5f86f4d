import { addMs, type RecoveryId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { announce } from '../events/announce.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import { findRecoveryForJob, settleRecovery, type RecoveryRow } from './recoveries.store.ts';
import { recoveryAccess } from './recovery-access.ts';
import { changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';
import { undoneBy } from './roll-back.ts';
import { lookAt } from './roll-back-looks.ts';
import { undo, type Undone, type UndoScene } from './undo-object.ts';

const LOOK_AGAIN_MS = 2_000;
/** AWS takes many minutes to delete a database. */
const LONGEST_WAIT_MS = 60 * 60_000;
const CREDENTIALS_ELSEWHERE_MS = 30_000;

/**
 * Takes away what a recovery made and puts back what it replaced. Every run looks first and does the next thing to each object, so
 * a crash or a lost answer repeats nothing; what fails stays on record as it is, and can be tried again.
 */
export const rollBackRecoveryKind = (context: ServerContext): JobKind<Database> => ({
  async run(job) {
    const recovery = await findRecoveryForJob(context.db, job.subjectId as RecoveryId);
    if (recovery.settled !== 'rolling-back') return job.done();
    const began = await job.step('began', () => context.clock.now());
    const { usesOwnCredentials } = job.input as { readonly usesOwnCredentials: boolean };
    const credentials = usesOwnCredentials ? context.recoveryCredentials.of(recovery.id) : null;
    if (usesOwnCredentials && credentials === null) {
      const isElsewhere = context.clock.now() < addMs(began, CREDENTIALS_ELSEWHERE_MS);
      if (isElsewhere) return job.park(addMs(context.clock.now(), LOOK_AGAIN_MS));
      return settle(context, job, recovery, [
        'the credentials that were given for it are gone with a restart of the server: they are kept in memory only. Start it again with them',
      ]);
    }
    const access = recoveryAccess(context, recovery, { credentials, signal: job.signal });
    return rollBack({ context, job, recovery, access, until: addMs(began, LONGEST_WAIT_MS) });
  },
  async onFailed(tx, job) {
    const recovery = await findRecoveryForJob(tx, job.subjectId as RecoveryId);
    context.recoveryCredentials.forget(recovery.id);
    const reason = 'it could not be carried on; the server log says more';
    await appendLog(tx, recovery.id, context.clock.now(), [failure(reason)]);
    await settleRecovery(tx, recovery, 'roll-back-failed', [reason]);
  },
});

async function rollBack(scene: UndoScene): Promise<JobEnd<Database>> {
  const { context, job, recovery, access } = scene;
  const objects = undoneBy(await findObjects(context.db, [recovery.id]));
  const seen = await lookAt(access, objects);
  const made = objects.filter(({ role }) => role === 'made');
  const ends = await Promise.all(made.map((object) => undo(scene, object, { seen, objects })));
  await recordGone(scene, made, ends);
  // What stood in its place has to be gone before a thing is put back.
  if (ends.includes('waiting')) return job.park(addMs(context.clock.now(), LOOK_AGAIN_MS));
  const replaced = objects.filter(({ role }) => role === 'replaced');
  const backs = await Promise.all(replaced.map((object) => undo(scene, object, { seen, objects })));
  if (backs.includes('waiting')) return job.park(addMs(context.clock.now(), LOOK_AGAIN_MS));
  return settle(
    context,
    job,
    recovery,
    [...ends, ...backs].flatMap((end) => (typeof end === 'object' ? [end.failure] : [])),
  );
}

async function recordGone(
  { context, job, recovery }: UndoScene,
  made: readonly ObjectRow[],
  ends: readonly Undone[],
): Promise<void> {
  const gone = made.filter((_, index) => ends[index] === 'gone');
  if (gone.length === 0) return;
  await job.transaction(async (tx) => {
    for (const { id } of gone) await changeObject(tx, id, { state: 'removed' });
    const lines = gone.map(({ kind, awsId }) => info(`${kind} ${awsId} is gone`));
    await appendLog(tx, recovery.id, context.clock.now(), lines);
    await announce(tx, recovery.ownerId, 'recovery', recovery.id);
  });
}

function settle(
  context: ServerContext,
  job: JobContext<Database>,
  recovery: RecoveryRow,
  reasons: readonly string[],
): JobEnd<Database> {
  return job.done(async (tx) => {
    const isDone = reasons.length === 0;
    const lines = isDone ? [info('rolled back')] : reasons.map((reason) => failure(reason));
    await appendLog(tx, recovery.id, context.clock.now(), lines);
    context.recoveryCredentials.forget(recovery.id);
    await settleRecovery(tx, recovery, isDone ? 'rolled-back' : 'roll-back-failed', reasons);
  });
}
