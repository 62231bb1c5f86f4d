import type { RedshiftRestorePlan } from '@cpm/core';
import { findAccount } from '../accounts/accounts.store.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { changeOnce, enterOnce, recordObjects, recordOf } from './database-job.ts';
import { endDatabaseRecovery } from './end-database-recovery.ts';
import { tagsOf } from './launch-inputs.ts';
import { appearedSince, makeNamed } from './make-named.ts';
import { describeRedshift } from './plan-database-recovery.ts';
import { recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { lookAgainAt, waitFor } from './wait-for-database.ts';

/** Makes a new Redshift cluster out of a snapshot, gives it its tags, which a restore does not take, and waits for it. */
export const recoverRedshiftClusterKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<RedshiftRestorePlan>(context, recoverRedshiftCluster);

async function recoverRedshiftCluster(scene: RecoveryScene<RedshiftRestorePlan>): Promise<JobEnd<Database>> {
  const { context, job, access, plan, recovery } = scene;
  const { redshift } = access;
  const { clusterId: name, ...restore } = plan;
  const object = recordOf(await recordObjects(scene, [{ kind: 'redshift-cluster', note: describeRedshift(plan) }]), 0);
  const describe = async () => (await redshift.describeClusters([name]))[0];

  const made = await makeNamed(scene, object, {
    name,
    describe,
    create: () => redshift.restoreCluster({ ...restore, clusterId: name }),
    isOurs: appearedSince(object),
  });
  if ('failure' in made)
    return endDatabaseRecovery(scene, { reasons: [`${name} was not made: ${made.failure}`], anyGood: false });

  await enterOnce(scene, 1);
  const { awsAccountNumber } = await findAccount(context.db, recovery.ownerId, recovery.accountId);
  const untagged = await changeOnce(scene, 'tags', () =>
    redshift.tagCluster({ accountNumber: awsAccountNumber, clusterId: name }, tagsOf(plan.tags)),
  );
  if (untagged === 'busy') return job.park(lookAgainAt(scene, object));

  await enterOnce(scene, 2);
  const waited = await waitFor(
    scene,
    { object, name, thing: await describe() },
    ({ restore: progress }) => progress === null || progress.state === 'completed',
  );
  if (waited === 'waiting') return job.park(lookAgainAt(scene, object));
  const reasons = [
    ...(waited === 'ready' ? [] : [waited.failure]),
    ...(untagged === null ? [] : [`${name} could not be given its tags: ${untagged.refused}`]),
  ];
  return endDatabaseRecovery(scene, { reasons, anyGood: waited === 'ready' });
}
