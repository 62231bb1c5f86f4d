import { isOutcomeUnknown, type Volume } from '@cpm/aws/port';
import { isCpmError, isWorthRetrying, type VolumePlan } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { describeVolume, type VolumesJobPlan } from './plan-volumes-recovery.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

type Scene = RecoveryScene<VolumesJobPlan>;
export type Made = { readonly volumeId: string } | { readonly failure: string };

export const idOf = (made: Made | undefined): string => (made !== undefined && 'volumeId' in made ? made.volumeId : '');
export const isUnready = (volume: Volume | undefined): boolean => volume === undefined || volume.state === 'creating';

/** Makes a planned volume; a repeat with the token of its record answers the same one. Throws what may pass. */
export async function makeVolume(
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
        encrypted: plan.kmsKeyId === null ? null : true,
        kmsKeyId: plan.kmsKeyId,
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
