import { awsCodeOf, isOutcomeUnknown, type InstanceDetails, type Volume } from '@cpm/aws/port';
import {
  addMs,
  isCpmError,
  isWorthRetrying,
  nextSwapMove,
  type InstancePlan,
  type Instant,
  type RootSwapPlan,
  type SwapMove,
  type SwapVolume,
} from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { INSTANCE_STEPS, stepAt } from './instance-steps.ts';
import { enterStep, type RecoveryScene } from './recovery-job.ts';
import { listLaunchedVolumes } from './list-launched-volumes.ts';
import { addObjects } from './recovery-objects.store.ts';

/** From the launch on; Windows may take long to stop. After that the old root goes back, for as long again. */
const LONGEST_WAIT_MS = 60 * 60_000;
/** AWS's answers to a move that was made before, or whose forerunner it does not show everywhere yet. */
const STALE = new Set(['IncorrectState', 'IncorrectInstanceState', 'VolumeInUse']);

const IMAGE_ROOT = 'root of the image';

type Scene = RecoveryScene<InstancePlan>;

/** The volumes and the instance of a swap. */
export type Swap = {
  readonly plan: RootSwapPlan;
  readonly instanceId: string;
  /** Undefined where AWS does not show it. */
  readonly instance: InstanceDetails | undefined;
  /** The volume made of the snapshot. */
  readonly ownRoot: string;
  readonly launchedAt: Instant;
};

export type Swapped = {
  readonly reasons: readonly string[];
  /** Whether the instance has the backed-up root volume in. */
  readonly hasOwnRoot: boolean;
  /** The image's own root volume, if it was ever seen. */
  readonly imageRoot: string | null;
};

/**
 * Gives a launched instance the backed-up root volume (REC-6): stop, detach, attach, start, each decided from what AWS shows
 * now, so that whoever was killed in between goes on. Where it cannot be put in, the image's own goes back.
 */
export async function swapRootVolume(scene: Scene, swap: Swap): Promise<Swapped | 'look again'> {
  const { job, access, context } = scene;
  const recorded = await recordImageRoot(scene, swap);
  if (recorded === 'look again') return recorded;
  const { volumeId: imageRoot } = recorded;
  if (imageRoot === null) {
    const reason = `${swap.instanceId} is ${swap.instance?.state ?? 'not shown by AWS'} and has no root volume to replace`;
    return { reasons: [reason], hasOwnRoot: false, imageRoot };
  }
  if (swap.instance !== undefined) await listLaunchedVolumes(scene, [swap.instance]);
  const givenUp = job.finished('give up') ? await job.step('give up', () => '') : null;
  const isBack = givenUp !== null;
  const volumes = new Map(
    (await access.ec2.describeVolumes([swap.ownRoot, imageRoot])).map((volume) => [volume.volumeId, volume]),
  );
  const standing = (id: string): SwapVolume => standingOf(volumes.get(id), swap.instanceId);
  const [wanted, other] = isBack ? [imageRoot, swap.ownRoot] : [swap.ownRoot, imageRoot];
  const move = nextSwapMove({
    instance: swap.instance?.state ?? null,
    wanted: standing(wanted),
    other: standing(other),
    shallRun: !isBack,
  });
  const isWaiting = context.clock.now() < addMs(swap.launchedAt, isBack ? 2 * LONGEST_WAIT_MS : LONGEST_WAIT_MS);
  const turn = { swap, imageRoot, wanted, other, move, isBack };

  if (move === 'done' && !isBack) return finishSwap(scene, turn, volumes.get(wanted));
  const prepared = move === 'start' ? await prepareStart(scene, swap, volumes.get(wanted)) : [];
  const failure = isWaiting ? await make(scene, turn) : 'AWS did not finish it in time';
  if (isBack) return failure === null && move !== 'done' ? 'look again' : toldBack(turn, { givenUp, failure });
  if (failure === null) return 'look again';
  // With its own root in, it is better left stopped than taken apart again.
  if (standing(wanted) === 'attached' || move === 'no instance') {
    const state = move === 'no instance' ? '' : `; it is ${swap.instance?.state} with its own root volume in: start it`;
    const reasons = [`${swap.instanceId} does not run: ${failure}${state}`, ...prepared];
    return { reasons, hasOwnRoot: move !== 'no instance', imageRoot };
  }
  await job.step('give up', () => failure);
  return 'look again';
}

type Turn = {
  readonly swap: Swap;
  readonly imageRoot: string;
  readonly wanted: string;
  readonly other: string;
  readonly move: SwapMove;
  readonly isBack: boolean;
};

/** The volume that the launch made for the image's root is the recovery's as well: it is on record before it is taken off. */
async function recordImageRoot(
  { job, recovery, context, plan }: Scene,
  { instance, launchedAt }: Swap,
): Promise<{ readonly volumeId: string | null } | 'look again'> {
  const device = instance?.blockDevices.find(({ deviceName }) => deviceName === instance.rootDeviceName);
  const isEarly = context.clock.now() < addMs(launchedAt, LONGEST_WAIT_MS);
  // AWS may show an instance that runs before it shows what is attached to it.
  if (device === undefined && isEarly && instance?.state === 'running' && !job.finished(IMAGE_ROOT))
    return 'look again';
  const volumeId = await job.transactionStep(IMAGE_ROOT, async (tx) => {
    if (device === undefined) return null;
    const note = `the root volume of ${plan.existing?.imageId ?? 'the image'}`;
    await addObjects(tx, recovery, [{ kind: 'volume', awsId: device.volumeId, note }], context.clock.now());
    return device.volumeId;
  });
  return { volumeId };
}

function standingOf(volume: Volume | undefined, instanceId: string): SwapVolume {
  if (volume === undefined) return 'gone';
  const [attachment] = volume.attachments;
  if (attachment !== undefined) {
    if (attachment.instanceId !== instanceId) return 'gone';
    if (attachment.state === 'attached') return 'attached';
    return attachment.state === 'attaching' ? 'attaching' : 'detaching';
  }
  if (volume.state === 'available') return 'free';
  return volume.state === 'creating' || volume.state === 'in-use' ? 'making' : 'gone';
}

const STEP_OF: Partial<Record<SwapMove, string>> = {
  stop: INSTANCE_STEPS.stop,
  detach: INSTANCE_STEPS.swap,
  attach: INSTANCE_STEPS.swap,
  start: INSTANCE_STEPS.start,
};

/** Makes the move, its beginning on record before; null where it was made, or AWS has to be looked at again. */
async function make(scene: Scene, { swap, wanted, other, move, isBack }: Turn): Promise<string | null> {
  const { job, access, recovery } = scene;
  const { instanceId } = swap;
  const device = swap.instance?.rootDeviceName ?? '';
  if (move === 'wait' || move === 'done') return null;
  if (move === 'no instance') return `it is ${swap.instance?.state ?? 'not shown by AWS'}`;
  if (move === 'no volume') return `${wanted} is gone, or another instance has it`;
  const words = {
    stop: `stopping ${instanceId}`,
    detach: `taking ${other} off ${device}`,
    attach: `putting ${wanted} in at ${device}`,
    start: `starting ${instanceId}`,
  } as const;
  await job.transactionStep(`${isBack ? 'back: ' : ''}${move}`, async (tx) => {
    await enterStep(scene, tx, stepAt(recovery, STEP_OF[move] ?? ''), { info: [words[move]] });
    return null;
  });
  const { ec2 } = access;
  return attempt(async () => {
    if (move === 'stop') await ec2.stopInstances([instanceId]);
    else if (move === 'start') await ec2.startInstances([instanceId]);
    else if (move === 'attach') await ec2.attachVolume(wanted, instanceId, device);
    else await ec2.detachVolume({ volumeId: other, instanceId, deviceName: device });
  });
}

/** What AWS said against it; null for nothing, and for what the next look at AWS will tell. */
async function attempt(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    if (isOutcomeUnknown(error) || STALE.has(awsCodeOf(error) ?? '')) return null;
    if (!isCpmError(error) || isWorthRetrying(error)) throw error;
    return describeError(error);
  }
}

/** What the instance gets once it has its own root: an attached volume does not go with its instance unless AWS is told so. */
async function prepareStart(
  { job, access: { ec2 } }: Scene,
  { plan, instanceId, instance }: Swap,
  volume: Volume | undefined,
): Promise<string[]> {
  const { rootVolume, userDataBase64 } = plan;
  const { deleteOnTermination } = rootVolume;
  const deviceName = instance?.rootDeviceName ?? rootVolume.deviceName;
  const isSame = volume?.attachments[0]?.deleteOnTermination === deleteOnTermination;
  const marked = await job.step('delete on termination', async () =>
    isSame ? null : attempt(() => ec2.modifyInstanceBlockDevice({ instanceId, deviceName, deleteOnTermination })),
  );
  const given = await job.step('user data', async () =>
    userDataBase64 === null ? null : attempt(() => ec2.modifyInstanceUserData(instanceId, userDataBase64)),
  );
  const wish = deleteOnTermination ? 'is not deleted together with the instance' : 'is deleted with the instance';
  return [
    ...(marked === null ? [] : [`${volume?.volumeId} ${wish}: ${marked}`]),
    ...(given === null ? [] : [`${instanceId} has no user data: ${given}`]),
  ];
}

/** It runs with its own root: only now the image's is deleted. */
async function finishSwap(scene: Scene, { swap, imageRoot }: Turn, volume: Volume | undefined): Promise<Swapped> {
  const { job, access, recovery } = scene;
  const prepared = await prepareStart(scene, swap, volume);
  await job.transactionStep('runs with its own root', async (tx) => {
    const info = [`${swap.instanceId} runs with ${swap.ownRoot} as its root volume`];
    await enterStep(scene, tx, stepAt(recovery, INSTANCE_STEPS.tidyUp), { info });
    return null;
  });
  const left = await job.step('delete the root of the image', () => attempt(() => access.ec2.deleteVolume(imageRoot)));
  const reasons = [...prepared, ...(left === null ? [] : [`${imageRoot} could not be deleted: ${left}`])];
  return { reasons, hasOwnRoot: true, imageRoot };
}

/** Where the swap was given up, and how things stand now. */
function toldBack(
  { swap, imageRoot, move }: Turn,
  { givenUp, failure }: { readonly givenUp: string | null; readonly failure: string | null },
): Swapped {
  const { instanceId, instance, ownRoot } = swap;
  const stands =
    move === 'done'
      ? `${instanceId} is ${instance?.state} with the root volume of its image, ${imageRoot}`
      : `the root volume of its image, ${imageRoot}, could not be put back into ${instanceId} (${instance?.state ?? 'gone'}): ${failure ?? ''}`;
  return {
    reasons: [`the root volume could not be put in: ${givenUp ?? ''}`, `${stands}; its own, ${ownRoot}, is not in it`],
    hasOwnRoot: false,
    imageRoot,
  };
}
