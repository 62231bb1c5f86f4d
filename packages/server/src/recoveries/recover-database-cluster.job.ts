import type { ClusterMemberPlan, DatabaseClusterRestorePlan } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { changeOnce, enterOnce, recordObjects, recordOf } from './database-job.ts';
import { endDatabaseRecovery } from './end-database-recovery.ts';
import { tagsOf } from './launch-inputs.ts';
import { makeNamed } from './make-named.ts';
import { describeCluster, describeMember } from './plan-database-recovery.ts';
import { recoveryKind, type RecoveryScene } from './recovery-job.ts';
import type { NewObject, ObjectRow } from './recovery-objects.store.ts';
import { lookAgainAt, waitFor, type Waited } from './wait-for-database.ts';

type Scene = RecoveryScene<DatabaseClusterRestorePlan>;

/** Makes a new cluster out of a snapshot, waits for it, then makes its members, writer first. */
export const recoverDatabaseClusterKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<DatabaseClusterRestorePlan>(context, recoverDatabaseCluster);

async function recoverDatabaseCluster(scene: Scene): Promise<JobEnd<Database>> {
  const { job, access, plan } = scene;
  const { rds } = access;
  const { clusterId: name, members, change, ...restore } = plan;
  const objects = await recordObjects(scene, plannedObjects(plan));
  const object = recordOf(objects, 0);
  const describe = async () => (await rds.describeDatabaseClusters([name]))[0];

  const made = await makeNamed(scene, object, {
    name,
    describe,
    create: () => rds.restoreDatabaseCluster({ ...restore, clusterId: name, tags: tagsOf(plan.tags) }),
  });
  if ('failure' in made)
    return endDatabaseRecovery(scene, { reasons: [`${name} was not made: ${made.failure}`], anyGood: false });

  await enterOnce(scene, 1);
  const waited = job.finished('step 2') ? 'ready' : await waitFor(scene, { object, name, thing: await describe() });
  if (waited === 'waiting') return job.park(lookAgainAt(scene, object));
  if (waited !== 'ready') return endDatabaseRecovery(scene, { reasons: [waited.failure], anyGood: false });

  await enterOnce(scene, 2);
  const each = await makeMembers(scene, objects.slice(1));
  if (each.includes('waiting')) return job.park(lookAgainAt(scene, recordOf(objects, objects.length - 1)));
  const reasons = each.flatMap((one) => (typeof one === 'object' ? [one.failure] : []));

  await enterOnce(scene, 3);
  const why =
    Object.keys(change).length === 0
      ? null
      : await changeOnce(scene, 'change', () => rds.changeDatabaseCluster(name, change));
  if (why === 'busy') return job.park(lookAgainAt(scene, object));
  if (why !== null)
    reasons.push(`${name} runs, but ${Object.keys(change).join(', ')} could not be set: ${why.refused}`);
  return endDatabaseRecovery(scene, { reasons, anyGood: members.length === 0 || each.includes('ready') });
}

function plannedObjects(plan: DatabaseClusterRestorePlan): NewObject[] {
  const members = plan.members.map(({ databaseId, instanceClass }, index): NewObject => {
    const note = `${databaseId}: ${describeMember(instanceClass, index)}`;
    return { kind: 'database', note };
  });
  return [{ kind: 'database-cluster', note: describeCluster(plan) }, ...members];
}

/** AWS takes the member that is there first for the writer, so the others are made when it is. */
async function makeMembers(scene: Scene, objects: readonly ObjectRow[]): Promise<readonly Waited[]> {
  const [first, ...others] = scene.plan.members;
  if (first === undefined) return [];
  const writer = await makeMember(scene, first, recordOf(objects, 0));
  if (writer === 'waiting') return [writer];
  const readers = await Promise.all(
    others.map((member, index) => makeMember(scene, member, recordOf(objects, index + 1))),
  );
  return [writer, ...readers];
}

async function makeMember(scene: Scene, member: ClusterMemberPlan, object: ObjectRow): Promise<Waited> {
  const { access, plan } = scene;
  const { rds } = access;
  const { databaseId: name } = member;
  const describe = async () => (await rds.describeDatabases([name]))[0];
  const made = await makeNamed(scene, object, {
    name,
    describe,
    create: () =>
      rds.createClusterMember({
        ...member,
        clusterId: plan.clusterId,
        engine: plan.engine,
        parameterGroup: null,
        zone: null,
        publiclyAccessible: plan.publiclyAccessible,
        autoMinorVersionUpgrade: null,
        copyTagsToSnapshot: null,
        certificateAuthority: null,
        tags: tagsOf(plan.tags),
      }),
  });
  if ('failure' in made) return { failure: `${name} was not made: ${made.failure}` };
  return waitFor(scene, { object, name, thing: await describe() });
}
