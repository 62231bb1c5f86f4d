import type { Volume } from '@cpm/aws/port';
import { deviceKey, type Instant } from '@cpm/core';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { askUntilSeen } from './ask-until-seen.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

export type Back = 'waiting' | 'back' | { readonly failure: string };

type Taken = {
  /** The record of a volume that was taken off. */
  readonly object: ObjectRow;
  /** As AWS shows it now; undefined where it does not. */
  readonly volume: Volume | undefined;
  /** Of the call among the job's steps. */
  readonly name: string;
  readonly until: Instant;
};

/** Attaches a volume where a recovery took it off, and gives it its rule for the end of the instance again. */
export async function putBack(
  scene: Pick<RecoveryScene<unknown>, 'job' | 'context' | 'access' | 'recovery'>,
  { object, volume, name, until }: Taken,
): Promise<Back> {
  const { job, context, access, recovery } = scene;
  const { takenFrom, awsId } = object;
  if (takenFrom === null) return 'back';
  const { instanceId, deviceName, deleteOnTermination } = takenFrom;
  const place = `${instanceId} at ${deviceName}`;
  const failure = (why: string): Back => ({ failure: `${awsId} could not be put back to ${place}: ${why}` });
  if (volume === undefined) return failure('AWS does not show it any more');
  const here = volume.attachments.find((each) => each.instanceId === instanceId);
  if (here?.state === 'attached' && deviceKey(here.deviceName) === deviceKey(deviceName)) {
    if (deleteOnTermination && !here.deleteOnTermination) {
      const rule = { instanceId, deviceName, deleteOnTermination };
      const refusal = await askUntilSeen(scene, `${name}, rule`, () => access.ec2.modifyInstanceBlockDevice(rule));
      if (refusal === null && context.clock.now() < until) return 'waiting';
    }
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { takenFrom: null });
      await appendLog(tx, recovery.id, context.clock.now(), [info(`${awsId} is back at ${place}`)]);
    });
    return 'back';
  }
  if (context.clock.now() >= until)
    return failure(`it is ${here?.state ?? volume.state}, and AWS did not finish it in time`);
  if (volume.attachments.length > 0)
    return here === undefined ? failure(`it is attached to ${volume.attachments[0]?.instanceId}`) : 'waiting';
  const refusal = await askUntilSeen(scene, name, () =>
    access.ec2.attachVolume(volume.volumeId, instanceId, deviceName),
  );
  return refusal === null ? 'waiting' : failure(refusal.refused);
}
