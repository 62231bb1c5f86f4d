import type { Volume } from '@cpm/aws/port';
import type { Instant } from '@cpm/core';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { askUntilSeen } from './ask-until-seen.ts';
import type { Scene } from './attach-devices.ts';
import { VOLUME_STEPS } from './plan-volumes-recovery.ts';
import { enterStep } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

type Old = {
  readonly objects: readonly ObjectRow[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly until: Instant;
};

/**
 * The very last step of switch-and-delete: to be called only with every new volume attached and verified. A volume that is
 * attached anywhere again is left. Answers what could not be deleted.
 */
export async function deleteReplaced(
  scene: Scene,
  { objects, volumes, until }: Old,
): Promise<'waiting' | { readonly reasons: readonly string[] }> {
  const { job, recovery, plan: plans } = scene;
  const doomed = new Set(plans.flatMap(({ replaces }) => (replaces?.isDeleted === true ? [replaces.volumeId] : [])));
  const old = objects.filter(
    ({ role, awsId, state }) => role === 'replaced' && state === 'kept' && doomed.has(awsId ?? ''),
  );
  const stepNumber = recovery.steps.indexOf(VOLUME_STEPS.deleteOld);
  if (old.length > 0 && stepNumber > recovery.stepNumber)
    await job.transaction((tx) => enterStep(scene, tx, stepNumber));
  const ends = await Promise.all(
    old.map((object) => deleteOne(scene, object, { volume: volumes.get(object.awsId ?? ''), until })),
  );
  if (ends.includes('waiting')) return 'waiting';
  return { reasons: ends.flatMap((end) => (typeof end === 'object' ? [end.failure] : [])) };
}

async function deleteOne(
  scene: Scene,
  object: ObjectRow,
  { volume, until }: { readonly volume: Volume | undefined; readonly until: Instant },
): Promise<'waiting' | 'gone' | { readonly failure: string }> {
  const { job, recovery, context, access } = scene;
  const failure = (why: string) => ({ failure: `the old volume ${object.awsId} is not deleted: ${why}` });
  if (volume === undefined) {
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { state: 'removed', takenFrom: null });
      await appendLog(tx, recovery.id, context.clock.now(), [info(`the old volume ${object.awsId} is deleted`)]);
    });
    return 'gone';
  }
  const [attachment] = volume.attachments;
  if (attachment !== undefined) return failure(`it is attached to ${attachment.instanceId}`);
  if (context.clock.now() >= until) return failure(`it is ${volume.state}, and AWS did not finish it in time`);
  if (volume.state === 'deleting') return 'waiting';
  const refusal = await askUntilSeen(scene, `delete ${object.position}`, () =>
    access.ec2.deleteVolume(volume.volumeId),
  );
  return refusal === null ? 'waiting' : failure(refusal.refused);
}
