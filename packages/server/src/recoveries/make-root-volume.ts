import { isOutcomeUnknown } from '@cpm/aws/port';
import { isCpmError, isWorthRetrying, type InstancePlan, type Instant, type RootSwapPlan } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { INSTANCE_STEPS, stepAt } from './instance-steps.ts';
import { tagsOf } from './launch-inputs.ts';
import { findMadeVolume } from './make-volumes.ts';
import { findMadeBefore } from './may-be-made.ts';
import { enterStep, type RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

const STEP = 'make the root volume';

type Scene = RecoveryScene<InstancePlan>;
type Told = { readonly id: string } | { readonly failure: string };

/**
 * Makes the volume that will be the root, before anything is launched: a snapshot or key that AWS cannot use shows here, where
 * it costs nothing. A repeat with the token of its record answers the same volume.
 */
export async function makeRootVolume(
  scene: Scene,
  swap: RootSwapPlan,
  { object, isWaiting }: { readonly object: ObjectRow; readonly isWaiting: (since: Instant) => boolean },
): Promise<Told | 'look again'> {
  const { job, access, context } = scene;
  const made = await create(scene, swap, object);
  // After the launch nobody waits for it any more.
  if ('failure' in made || job.finished('launch')) return made;
  const [volume] = await access.ec2.describeVolumes([made.id]);
  if (volume?.state === 'available') return made;
  const madeAt = await job.step('root made', () => context.clock.now());
  if (isWaiting(madeAt) && volume?.state !== 'error') return 'look again';
  if (volume === undefined) await job.transaction((tx) => changeObject(tx, object.id, { state: 'failed' }));
  const what = volume === undefined ? 'vanished' : `is ${volume.state}`;
  return { failure: `${made.id} ${what}: its encryption key may not be usable` };
}

async function create(scene: Scene, { rootVolume, zone, tags }: RootSwapPlan, object: ObjectRow): Promise<Told> {
  const { job, access, recovery } = scene;
  const isRepeat = job.startedBefore(STEP);
  const record = async (volumeId: string): Promise<Told> => {
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { awsId: volumeId });
      const info = [`${volumeId} is made of ${rootVolume.awsSnapshotId}`];
      await enterStep(scene, tx, stepAt(recovery, INSTANCE_STEPS.launch), { info });
    });
    return { id: volumeId };
  };
  return job.step(STEP, async (): Promise<Told> => {
    try {
      const { volumeId } = await access.ec2.createVolume({
        clientToken: object.token,
        zone,
        awsSnapshotId: rootVolume.awsSnapshotId,
        sizeGiB: rootVolume.sizeGiB,
        type: rootVolume.volumeType,
        iops: rootVolume.iops,
        throughputMiBs: rootVolume.throughputMiBps,
        encrypted: rootVolume.kmsKeyId === null ? null : true,
        kmsKeyId: rootVolume.kmsKeyId,
        tags: tagsOf(tags),
      });
      return await record(volumeId);
    } catch (error) {
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      const found = isRepeat ? await findMadeBefore(scene, STEP, () => findMadeVolume(scene, rootVolume)) : null;
      return found === null ? { failure: describeError(error) } : record(found);
    }
  });
}
