import type { DatabaseRestorePlan } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { changeOnce, enterOnce, recordObjects, recordOf } from './database-job.ts';
import { endDatabaseRecovery } from './end-database-recovery.ts';
import { tagsOf } from './launch-inputs.ts';
import { makeNamed } from './make-named.ts';
import { describeDatabase } from './plan-database-recovery.ts';
import { recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { lookAgainAt, waitFor } from './wait-for-database.ts';

/** Makes a new database out of a snapshot, waits for it, and puts right what a restore does not take. */
export const recoverDatabaseKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<DatabaseRestorePlan>(context, recoverDatabase);

async function recoverDatabase(scene: RecoveryScene<DatabaseRestorePlan>): Promise<JobEnd<Database>> {
  const { job, access, plan } = scene;
  const { rds } = access;
  const { databaseId: name, change } = plan;
  const object = recordOf(await recordObjects(scene, [{ kind: 'database', note: describeDatabase(plan) }]), 0);
  const describe = async () => (await rds.describeDatabases([name]))[0];

  const made = await makeNamed(scene, object, {
    name,
    describe,
    create: () => rds.restoreDatabase({ ...plan, tags: tagsOf(plan.tags) }),
  });
  if ('failure' in made)
    return endDatabaseRecovery(scene, { reasons: [`${name} was not made: ${made.failure}`], anyGood: false });

  await enterOnce(scene, 1);
  const isChanging = job.startedBefore('change') || job.finished('change');
  const waited = isChanging ? 'ready' : await waitFor(scene, { object, name, thing: await describe() });
  if (waited === 'waiting') return job.park(lookAgainAt(scene, object));
  if (waited !== 'ready') return endDatabaseRecovery(scene, { reasons: [waited.failure], anyGood: false });

  await enterOnce(scene, 2);
  const why =
    Object.keys(change).length === 0 ? null : await changeOnce(scene, 'change', () => rds.changeDatabase(name, change));
  if (why === 'busy') return job.park(lookAgainAt(scene, object));
  const reasons =
    why === null ? [] : [`${name} runs, but ${Object.keys(change).join(', ')} could not be set: ${why.refused}`];
  return endDatabaseRecovery(scene, { reasons, anyGood: true });
}
