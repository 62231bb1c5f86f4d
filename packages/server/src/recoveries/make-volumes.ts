import { isOutcomeUnknown, type Volume } from '@cpm/aws/port';
import { isCpmError, isWorthRetrying, type VolumePlan } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { findMadeBefore } from './may-be-made.ts';
import { describeVolume, type VolumesJobPlan } from './plan-volumes-recovery.ts';
import { RECOVERY_TAG } from './recoverable-volumes.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

type Scene = RecoveryScene<VolumesJobPlan>;
export type Made = { readonly volumeId: string } | { readonly failure: string };

export const idOf = (made: Made | undefined): string => (made !== undefined && 'volumeId' in made ? made.volumeId : '');
export const isUnready = (volume: Volume | undefined): boolean => volume === undefined || volume.state === 'creating';

/** Makes a planned volume; a repeat with the token of its record answers the same one. Throws what may pass. */
export async function makeVolume(scene: Scene, plan: VolumePlan, object: ObjectRow | undefined): Promise<Made> {
  const {
    job,
    access: { ec2 },
    recovery,
    context,
  } = scene;
  if (object === undefined) throw new Error('a planned volume has no record');
  const step = `make ${object.position}`;
  const isRepeat = job.startedBefore(step);
  const record = async (volumeId: string, how: string): Promise<Made> => {
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { awsId: volumeId });
      await appendLog(tx, recovery.id, context.clock.now(), [info(`${volumeId}: ${how}`)]);
    });
    return { volumeId };
  };
  return job.step(step, async (): Promise<Made> => {
    try {
      const volume = await ec2.createVolume({
        clientToken: object.token,
        zone: plan.zone,
        awsSnapshotId: plan.awsSnapshotId,
        sizeGiB: plan.sizeGiB,
        type: plan.volumeType,
        iops: plan.iops,
        throughputMiBs: plan.throughputMiBps,
        encrypted: plan.kmsKeyId === null ? null : true,
        kmsKeyId: plan.kmsKeyId,
        tags: Object.fromEntries(plan.tags.map(({ key, value }) => [key, value])),
      });
      return await record(volume.volumeId, describeVolume(plan));
    } catch (error) {
      // The token makes a repeat safe: whatever may pass, or may have happened, is tried again by the engine.
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      const found = isRepeat ? await findMadeBefore(scene, step, () => findMadeVolume(scene, plan)) : null;
      if (found !== null) return record(found, `${describeVolume(plan)}; the answer of AWS was lost`);
      return { failure: describeError(error) };
    }
  });
}

/** The volume that this recovery has made of a snapshot, by its tag; null where AWS shows none. */
export async function findMadeVolume(
  { access: { ec2 }, recovery }: Pick<RecoveryScene<unknown>, 'access' | 'recovery'>,
  { awsSnapshotId }: { readonly awsSnapshotId: string },
): Promise<string | null> {
  const isOurs = (each: Volume) => each.tags[RECOVERY_TAG] === recovery.id && each.awsSnapshotId === awsSnapshotId;
  return (await ec2.listVolumes()).find(isOurs)?.volumeId ?? null;
}

/** Why a volume cannot be used; null when it can. */
export function notMade(
  { awsSnapshotId }: VolumePlan,
  made: Made | undefined,
  volume: Volume | undefined,
): string | null {
  if (made === undefined || 'failure' in made)
    return `no volume from ${awsSnapshotId}: ${made?.failure ?? 'it was not made'}`;
  const { volumeId } = made;
  if (volume === undefined) return `${volumeId} vanished: its encryption key may not be usable`;
  if (volume.state === 'error') return `${volumeId} went to the state error: its encryption key may not be usable`;
  return volume.state === 'creating' ? `${volumeId} is still being made` : null;
}
