import type { InstanceDetails, Volume } from '@cpm/aws/port';
import { deviceKey, type Instant, type VolumePlan } from '@cpm/core';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { askUntilSeen } from './ask-until-seen.ts';
import type { VolumesJobPlan } from './plan-volumes-recovery.ts';
import { putBack, type Back } from './put-back.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

export type Scene = RecoveryScene<VolumesJobPlan>;

/** A device that a new volume goes to, as AWS shows it now. */
export type Device = {
  readonly index: number;
  readonly plan: VolumePlan;
  readonly attach: NonNullable<VolumePlan['attach']>;
  readonly made: Volume;
  /** What was there before: null where the device was free, undefined where AWS does not show it (any more). */
  readonly old: Volume | null | undefined;
  readonly oldObject: ObjectRow | undefined;
  readonly instance: InstanceDetails | undefined;
  /** Until when attaching is waited for, and until when putting back is. */
  readonly until: Instant;
  readonly backUntil: Instant;
};

/** What is still waited for at a device, or how it ended. */
export type Standing = 'taking off' | 'attaching' | 'verified' | { readonly failure: string };

/**
 * Does the next thing at a device, from what AWS shows: the old volume off, the new one on, the old one back where that does not
 * succeed. Every run begins with a look, so a crash or a lost answer repeats nothing that was done.
 */
export async function advanceDevice(scene: Scene, device: Device): Promise<Standing> {
  const { attach, made, old, index } = device;
  const { clock } = scene.context;
  const here = made.attachments.find(({ instanceId }) => instanceId === attach.instanceId);
  if (here?.state === 'attached') return keepRule(scene, device, here.deleteOnTermination);
  if (here !== undefined)
    return clock.now() < device.until ? 'attaching' : { failure: notAttached(device, 'AWS did not finish it in time') };
  if (scene.job.finished(`given up ${index}`)) return giveUp(scene, device, '');
  const held = old?.attachments.find(({ instanceId, deviceName }) => isDevice(device, instanceId, deviceName));
  if (held !== undefined) return takeOff(scene, device, held.state);
  if (old !== null)
    await tell(scene, `off ${index}`, `${device.plan.replaces?.volumeId} is taken off ${placeOf(device)}`);
  if (clock.now() >= device.until) return giveUp(scene, device, 'AWS did not finish it in time');
  const refusal = await askUntilSeen(scene, `attach ${index}`, () =>
    scene.access.ec2.attachVolume(made.volumeId, attach.instanceId, attach.deviceName),
  );
  return refusal === null ? 'attaching' : giveUp(scene, device, refusal.refused);
}

const isDevice = ({ attach }: Device, instanceId: string, deviceName: string): boolean =>
  instanceId === attach.instanceId && deviceKey(deviceName) === deviceKey(attach.deviceName);
export const placeOf = ({ attach }: Pick<Device, 'attach'>): string => `${attach.instanceId} at ${attach.deviceName}`;
const notAttached = (device: Device, why: string): string =>
  `${device.made.volumeId} is not attached to ${placeOf(device)}: ${why}`;

/** Says a thing in the log once, however often it is seen. */
export const tell = ({ job, recovery, context }: Scene, what: string, text: string): Promise<unknown> =>
  job.transactionStep(`told ${what}`, async (tx) => {
    await appendLog(tx, recovery.id, context.clock.now(), [info(text)]);
    return null;
  });

/** Takes the old volume off, on record first, and only from an instance that is still stopped. */
async function takeOff(scene: Scene, device: Device, state: string): Promise<Standing> {
  const { index, plan, attach, instance, oldObject } = device;
  const { job, access, context } = scene;
  const volumeId = plan.replaces?.volumeId ?? '';
  const failure = (why: string): Standing => ({ failure: notAttached(device, `${volumeId} is still there: ${why}`) });
  if (state !== 'attached') return context.clock.now() < device.until ? 'taking off' : failure(`it is ${state}`);
  if (instance?.state !== 'stopped')
    return failure(`${attach.instanceId} is ${instance?.state ?? 'gone'}, not stopped`);
  if (context.clock.now() >= device.until) return failure('AWS did not take it off in time');
  if (oldObject?.takenFrom === null) {
    const deleteOnTermination = plan.replaces?.deleteOnTermination === true;
    await job.transaction((tx) => changeObject(tx, oldObject.id, { takenFrom: { ...attach, deleteOnTermination } }));
  }
  const refusal = await askUntilSeen(scene, `take off ${index}`, () =>
    access.ec2.detachVolume({ volumeId, instanceId: attach.instanceId }),
  );
  return refusal === null ? 'taking off' : failure(refusal.refused);
}

/** AWS lets every volume that is attached later stay when its instance ends: it goes where the old one would have gone. */
async function keepRule(scene: Scene, device: Device, deleteOnTermination: boolean): Promise<Standing> {
  const { index, plan, attach, made } = device;
  await tell(scene, `on ${index}`, `${made.volumeId} is attached to ${placeOf(device)}`);
  if (plan.replaces?.deleteOnTermination !== true || deleteOnTermination) return 'verified';
  const refusal = await askUntilSeen(scene, `goes with ${index}`, () =>
    scene.access.ec2.modifyInstanceBlockDevice({ ...attach, deleteOnTermination: true }),
  );
  if (refusal === null && scene.context.clock.now() < device.until) return 'attaching';
  const why = refusal?.refused ?? 'AWS does not show it in time';
  return { failure: `${made.volumeId} does not go with ${attach.instanceId} when that is terminated: ${why}` };
}

/** The device keeps or gets back what it had; why the new volume is not there is fixed first. */
async function giveUp(scene: Scene, device: Device, reason: string): Promise<Standing> {
  const why = await scene.job.step(`given up ${device.index}`, () => reason);
  const failure = notAttached(device, why);
  if (device.oldObject === undefined || device.old === null) return { failure };
  const back: Back = await putBack(scene, {
    object: device.oldObject,
    volume: device.old,
    name: `put back ${device.index}`,
    until: device.backUntil,
  });
  if (back === 'waiting') return 'attaching';
  return {
    failure:
      back === 'back' ? `${failure}; ${device.oldObject.awsId} is back in its place` : `${failure}; ${back.failure}`,
  };
}
