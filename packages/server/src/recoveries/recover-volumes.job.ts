import { isOutcomeUnknown, type Volume } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying, type VolumePlan } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import { endRecovery } from './end-recovery.ts';
import { describeVolume, type VolumesJobPlan } from './plan-volumes-recovery.ts';
import { enterStep, recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { addObjects, changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';

const LOOK_AGAIN_MS = 2_000;
/** A volume that AWS does not show or finish by then has failed: a wrong key shows only that way (EC2, CreateVolume). */
const LONGEST_WAIT_MS = 15 * 60_000;

type Scene = RecoveryScene<VolumesJobPlan>;
type Made = { readonly volumeId: string } | { readonly failure: string };

/** Makes volumes out of snapshots and attaches them where asked; each is written down before it is made. */
export const recoverVolumesKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<VolumesJobPlan>(context, recoverVolumes);

async function recoverVolumes(scene: Scene): Promise<JobEnd<Database>> {
  const { context, job, recovery, access, plan: plans } = scene;
  const { db, clock } = context;
  const { ec2 } = access;

  // 1. What is going to be made is on record, with the tokens that make each call repeatable.
  await job.transactionStep('objects', async (tx) => {
    const notes = plans.map((plan) => ({ kind: 'volume' as const, note: describeVolume(plan) }));
    await addObjects(tx, recovery, notes, clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  const objects = await findObjects(db, [recovery.id]);

  // 2. All volumes at once; a repeat with the same token answers the same volume.
  const made = await Promise.all(plans.map((plan, index) => makeVolume(scene, plan, objects[index])));

  // 3. AWS makes them ready.
  const ids = made.flatMap((each) => ('volumeId' in each ? [each.volumeId] : []));
  const volumes = new Map((await ec2.describeVolumes(ids)).map((volume) => [volume.volumeId, volume]));
  const isWaiting = clock.now() < addMs(recovery.startedAt, LONGEST_WAIT_MS);
  if (isWaiting && ids.some((id) => isUnready(volumes.get(id)))) return job.park(addMs(clock.now(), LOOK_AGAIN_MS));

  await job.transactionStep('attaching', async (tx) => {
    await enterStep(scene, tx, 1);
    return null;
  });

  // 4. Attach, only to a device that is free: AWS refuses a taken one.
  const attached = await Promise.all(
    plans.map((plan, index) =>
      attachVolume(scene, plan, { made: made[index], volume: volumes.get(idOf(made[index])), index }),
    ),
  );
  if (isWaiting && attached.some((each) => each === 'attaching')) return job.park(addMs(clock.now(), LOOK_AGAIN_MS));
  return finish(scene, plans, { objects, made, volumes, attached });
}

const idOf = (made: Made | undefined): string => (made !== undefined && 'volumeId' in made ? made.volumeId : '');
const isUnready = (volume: Volume | undefined): boolean => volume === undefined || volume.state === 'creating';

async function makeVolume(
  { job, access: { ec2 }, recovery, context }: Scene,
  plan: VolumePlan,
  object: ObjectRow | undefined,
): Promise<Made> {
  if (object === undefined) throw new Error('a planned volume has no record');
  return job.step(`make ${object.position}`, async (): Promise<Made> => {
    try {
      const volume = await ec2.createVolume({
        clientToken: object.token,
        zone: plan.zone,
        awsSnapshotId: plan.awsSnapshotId,
        sizeGiB: plan.sizeGiB,
        type: plan.volumeType,
        iops: plan.iops,
        throughputMiBs: plan.throughputMiBps,
        encrypted: null,
        kmsKeyId: null,
        tags: Object.fromEntries(plan.tags.map(({ key, value }) => [key, value])),
      });
      await job.transaction(async (tx) => {
        await changeObject(tx, object.id, { awsId: volume.volumeId });
        await appendLog(tx, recovery.id, context.clock.now(), [info(`${volume.volumeId}: ${describeVolume(plan)}`)]);
      });
      return { volumeId: volume.volumeId };
    } catch (error) {
      // The token makes a repeat safe: whatever may pass, or may have happened, is tried again by the engine.
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      return { failure: describeError(error) };
    }
  });
}

type ToAttach = { readonly made: Made | undefined; readonly volume: Volume | undefined; readonly index: number };
type Attached = 'none' | 'attaching' | 'attached' | { readonly failure: string };

async function attachVolume(
  { job, access: { ec2 }, recovery, context }: Scene,
  plan: VolumePlan,
  { volume, index }: ToAttach,
): Promise<Attached> {
  const { attach } = plan;
  if (attach === null || volume === undefined || (volume.state !== 'available' && volume.state !== 'in-use'))
    return 'none';
  const attachment = volume.attachments.find(({ instanceId }) => instanceId === attach.instanceId);
  if (attachment !== undefined) return attachment.state === 'attached' ? 'attached' : 'attaching';
  const refused = await job.step(`attach ${index}`, async (): Promise<string | null> => {
    try {
      await ec2.attachVolume(volume.volumeId, attach.instanceId, attach.deviceName);
      const text = `${volume.volumeId} is attached to ${attach.instanceId} at ${attach.deviceName}`;
      await job.transaction((tx) => appendLog(tx, recovery.id, context.clock.now(), [info(text)]));
      return null;
    } catch (error) {
      // After a lost answer the next look at the volume tells what became of it.
      if (isOutcomeUnknown(error)) return null;
      if (!isCpmError(error) || isWorthRetrying(error)) throw error;
      return describeError(error);
    }
  });
  return refused === null ? 'attaching' : { failure: refused };
}

type Results = {
  readonly objects: readonly ObjectRow[];
  readonly made: readonly Made[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly attached: readonly Attached[];
};

async function finish(
  { context, job, recovery }: Scene,
  plans: VolumesJobPlan,
  results: Results,
): Promise<JobEnd<Database>> {
  const reasons = plans.map((plan, index) => reasonOf(plan, index, results));
  return job.done(async (tx) => {
    for (const [index, object] of results.objects.entries()) {
      const exists = results.volumes.has(idOf(results.made[index]));
      const reason = reasons[index] ?? null;
      await changeObject(tx, object.id, {
        state: exists ? 'kept' : 'failed',
        ...(reason === null ? {} : { note: `${object.note}: ${reason}` }),
      });
    }
    const failed = reasons.filter((reason) => reason !== null);
    await appendLog(
      tx,
      recovery.id,
      context.clock.now(),
      failed.map((reason) => failure(reason)),
    );
    const anyGood = results.made.some((made) => results.volumes.get(idOf(made))?.state !== undefined);
    await endRecovery(context, tx, recovery, { reasons: failed, anyGood });
  });
}

/** Why one volume is not as asked; null when it is. */
function reasonOf(
  { attach, awsSnapshotId }: VolumePlan,
  index: number,
  { made, volumes, attached }: Results,
): string | null {
  const each = made[index];
  if (each === undefined || 'failure' in each)
    return `no volume from ${awsSnapshotId}: ${each?.failure ?? 'it was not made'}`;
  const volume = volumes.get(each.volumeId);
  if (volume === undefined) return `${each.volumeId} vanished: its encryption key may not be usable`;
  if (volume.state === 'error') return `${each.volumeId} went to the state error: its encryption key may not be usable`;
  if (volume.state === 'creating') return `${each.volumeId} is still being made`;
  const attachment = attached[index];
  if (attach === null || attachment === 'attached') return null;
  const why = typeof attachment === 'object' ? attachment.failure : 'AWS did not finish it in time';
  return `${each.volumeId} is not attached to ${attach.instanceId} at ${attach.deviceName}: ${why}`;
}
