import { awsCodeOf, isOutcomeUnknown, type InstanceDetails } from '@cpm/aws/port';
import {
  addMs,
  billingDifference,
  isBilled,
  isCpmError,
  isWorthRetrying,
  splitVolumeTags,
  type ImagePlan,
  type InstancePlan,
  type Instant,
  type LaunchPlan,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { endRecovery } from './end-recovery.ts';
import { INSTANCE_STEPS, newObjects, stepAt } from './instance-steps.ts';
import { imageInput, launchInput, tagsOf } from './launch-inputs.ts';
import { listLaunchedVolumes } from './list-launched-volumes.ts';
import { nextLook } from './look-again.ts';
import { makeRootVolume } from './make-root-volume.ts';
import { devicesOfImage } from './offered-image.ts';
import { GONE } from './recoverable-volumes.ts';
import { enterStep, recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { addObjects, changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';
import { swapRootVolume, type Swapped } from './swap-root-volume.ts';

/** An instance takes its time to stop, Windows most of all. */
const SWAP_LOOK_AGAIN_MS = 5_000;
const LONGEST_WAIT_MS = 20 * 60_000;
/** So long a fresh image may be unknown after the answer to its registration was lost. */
const IMAGE_SETTLE_MS = 120_000;

type Scene = RecoveryScene<InstancePlan>;
type Told = { readonly id: string } | { readonly failure: string };

/** Brings an instance back from its snapshots: register an image, launch, wait until it runs, take the image away again. */
export const recoverInstanceKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<InstancePlan>(context, recoverInstance);

async function recoverInstance(scene: Scene): Promise<JobEnd<Database>> {
  const { context, job, recovery, access, plan } = scene;
  const { db, clock } = context;
  const { ec2 } = access;
  const lookAgain = (since = recovery.startedAt) => job.park(nextLook(clock.now(), since));
  const isWaiting = clock.now() < addMs(recovery.startedAt, LONGEST_WAIT_MS);

  // 1. What is going to be made is on record first: an image by its name, launch and root volume by their tokens.
  await job.transactionStep('objects', async (tx) => {
    await addObjects(tx, recovery, newObjects(plan), clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  const objects = await findObjects(db, [recovery.id]);
  const launchObject = objects.find(({ kind }) => kind === 'instance');

  // 2. What it boots from.
  const source = await findSource(scene, { objects, isWaiting });
  if (source === 'look again') return lookAgain();
  const { ownImageId: imageId } = source;
  if ('failure' in source) return end(scene, { ...source, reasons: [source.failure], running: [], imageId });
  if (plan.launch === null || launchObject === undefined) return end(scene, { reasons: [], running: [], imageId });

  // 3. The launch, with all data volumes in the same call: no half-recovered instance.
  const launched = await launchInstances(scene, plan.launch, {
    imageId: source.imageId,
    object: launchObject,
    isFresh: imageId !== undefined && isWaiting,
  });
  if (launched === 'look again') return lookAgain();
  if ('failure' in launched)
    return end(scene, { reasons: [`no instance: ${launched.failure}`, ...source.left], running: [], imageId });

  // 4. Until they run.
  const ids = launched.ids;
  const instances = await ec2.describeInstances(ids);
  if (isWaiting && (instances.length < ids.length || instances.some(({ state }) => state === 'pending')))
    return lookAgain(launched.at);
  const running = instances.filter(({ state }) => state === 'running');
  await tagVolumes(scene, plan.launch, running);

  // 5. Where the root is still the image's, the backed-up one is put into its place.
  const swap = plan.existing?.swap ?? null;
  const [instanceId] = ids;
  if (swap !== null && source.rootVolumeId !== null && instanceId !== undefined) {
    const parts = { plan: swap, instanceId, instance: instances[0], ownRoot: source.rootVolumeId };
    const swapped = await swapRootVolume(scene, parts);
    if (swapped !== 'look again') return endSwap(scene, swapped);
    return job.park(addMs(clock.now(), SWAP_LOOK_AGAIN_MS));
  }
  await listLaunchedVolumes(scene, instances);
  const reasons = [...missingReasons(ids, instances), ...countReasons(plan.launch, ids)];
  return end(scene, { reasons, running: running.map(({ instanceId: id }) => id), imageId });
}

type Source = {
  readonly imageId: string;
  /** The image that the recovery itself made: it may take that one away again, and no other. */
  readonly ownImageId: string | undefined;
  readonly rootVolumeId: string | null;
  /** What stays behind where nothing is launched, in words. */
  readonly left: readonly string[];
};
type NoSource = { readonly failure: string; readonly ownImageId: string | undefined; readonly isDiscarded?: boolean };

/** The image to launch: CPM's own, registered and checked, or one that is there, beside which the root volume is made. */
async function findSource(
  scene: Scene,
  { objects, isWaiting }: { readonly objects: readonly ObjectRow[]; readonly isWaiting: boolean },
): Promise<Source | NoSource | 'look again'> {
  const { image, existing } = scene.plan;
  if (existing === null) {
    const object = objects.find(({ kind }) => kind === 'image');
    if (image === null || object === undefined) throw new Error('a planned image has no record');
    return findOwnImage(scene, image, { object, isWaiting });
  }
  const source = { imageId: existing.imageId, ownImageId: undefined, rootVolumeId: null, left: [] };
  if (existing.swap === null) return source;
  const object = objects.find(({ kind }) => kind === 'volume');
  if (object === undefined) throw new Error('a planned root volume has no record');
  const made = await makeRootVolume(scene, existing.swap, { object, isWaiting });
  if (made === 'look again') return made;
  if ('failure' in made) return { failure: `no root volume: ${made.failure}`, ownImageId: undefined };
  return { ...source, rootVolumeId: made.id, left: [`its root volume ${made.id} is made and stays`] };
}

async function findOwnImage(
  scene: Scene,
  plan: ImagePlan,
  { object, isWaiting }: { readonly object: ObjectRow; readonly isWaiting: boolean },
): Promise<Source | NoSource | 'look again'> {
  const { job, access } = scene;
  const image = await registerImage(scene, plan, object);
  if (image === 'look again') return image;
  if ('failure' in image) return { failure: `no image: ${image.failure}`, ownImageId: undefined };
  const source = { imageId: image.id, ownImageId: image.id, rootVolumeId: null, left: [] };
  // After the launch the image is not needed any more, and may be gone already.
  if (job.finished('launch')) return source;
  // A fresh image can be launched as it is mostly: AWS is asked about it where it refused that, and where a licence is at stake.
  const isPlain = scene.plan.launch !== null && !isBilled(plan.billing.usageOperation);
  if (isPlain && !job.startedBefore('launch')) return source;
  const [seen] = await access.ec2.describeImages([image.id]);
  if (seen?.state !== 'available' && seen?.state !== 'failed' && isWaiting) return 'look again';
  if (seen?.state !== 'available') {
    const why = seen?.stateReason ?? seen?.state ?? 'AWS does not show it';
    return { failure: `the image ${image.id} did not become available: ${why}`, ownImageId: image.id };
  }
  const difference = billingDifference(plan.billing, seen);
  if (difference === null) return source;
  const failure = `the image ${image.id} cannot be used: ${difference}. Launch it from an image that is billed alike, and have its root volume replaced (image-then-swap)`;
  return { failure, ownImageId: image.id, isDiscarded: true };
}

/**
 * Registers the image once. Its name, unique in account and region, says after a lost answer whether it was made; where it
 * never shows, the call is sent once more, which AWS refuses if the first was carried out after all.
 */
async function registerImage(scene: Scene, plan: ImagePlan, object: ObjectRow): Promise<Told | 'look again'> {
  // Once it is on record it is never looked for again: it may have done its service and be gone.
  if (object.awsId !== null) return { id: object.awsId };
  for (const name of ['register', 'register again']) {
    const told = await sendRegistration(scene, plan, name);
    const result = 'unknownSince' in told ? await findRegistered(scene, plan.name, told.unknownSince) : told;
    if (result === 'look again') return result;
    if (result === 'never made') continue;
    if ('id' in result) await recordImage(scene, object, result.id);
    return result;
  }
  return { failure: 'the answer of AWS was lost and no image shows' };
}

type Sent = Told | { readonly unknownSince: number };

async function sendRegistration(
  { job, access: { ec2 }, context }: Scene,
  plan: ImagePlan,
  name: string,
): Promise<Sent> {
  const wasStarted = job.startedBefore(name);
  return job.step(name, async (): Promise<Sent> => {
    if (wasStarted) return { unknownSince: context.clock.now() };
    try {
      return { id: await ec2.registerImage(imageInput(plan)) };
    } catch (error) {
      if (isOutcomeUnknown(error) || awsCodeOf(error) === 'InvalidAMIName.Duplicate')
        return { unknownSince: context.clock.now() };
      if (!isCpmError(error)) throw error;
      return { failure: describeError(error) };
    }
  });
}

async function findRegistered(
  { access: { ec2 }, context }: Scene,
  name: string,
  since: number,
): Promise<{ readonly id: string } | 'look again' | 'never made'> {
  const found = await ec2.findImageByName(name);
  if (found !== null) return { id: found.imageId };
  return context.clock.now() > since + IMAGE_SETTLE_MS ? 'never made' : 'look again';
}

async function recordImage(scene: Scene, object: ObjectRow, imageId: string): Promise<void> {
  await scene.job.transaction(async (tx) => {
    await changeObject(tx, object.id, { awsId: imageId });
    await enterStep(scene, tx, stepAt(scene.recovery, INSTANCE_STEPS.launch), {
      info: [`image ${imageId} registered`],
    });
  });
}

/** AWS does not know a fresh image everywhere at once (EC2 API Reference, "Eventual consistency"). */
const NOT_YET: ReadonlySet<string | null> = new Set(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable']);

type ToLaunch = {
  readonly imageId: string;
  readonly object: ObjectRow;
  /** Whether the image was made just now: then it may be unknown still. */
  readonly isFresh: boolean;
};
type Launched = { readonly ids: readonly string[]; readonly at: Instant };

/** Launches; an image that AWS does not know yet is looked at before the same launch is sent once more. */
async function launchInstances(
  scene: Scene,
  launch: LaunchPlan,
  toLaunch: ToLaunch,
): Promise<Launched | { readonly failure: string } | 'look again'> {
  try {
    return await sendLaunch(scene, launch, toLaunch);
  } catch (error) {
    if (toLaunch.isFresh && NOT_YET.has(awsCodeOf(error))) return 'look again';
    throw error;
  }
}

async function sendLaunch(
  scene: Scene,
  launch: LaunchPlan,
  { imageId, object, isFresh }: ToLaunch,
): Promise<Launched | { readonly failure: string }> {
  const { job, access, recovery, context, plan } = scene;
  return job.step('launch', async () => {
    try {
      const input = launchInput(launch, imageId, object.token);
      const changed = plan.existing === null ? [] : devicesOfImage(plan.existing);
      const instances = await access.ec2.runInstances({ ...input, blockDevices: [...changed, ...input.blockDevices] });
      const ids = instances.map(({ instanceId }) => instanceId);
      await job.transaction(async (tx) => {
        const [first, ...others] = ids;
        if (first !== undefined) await changeObject(tx, object.id, { awsId: first });
        // Instances beyond the first get rows of their own; a repeat of this step finds them there.
        const known = new Set((await findObjects(tx, [recovery.id])).map(({ awsId }) => awsId));
        const more = others
          .filter((id) => !known.has(id))
          .map((awsId) => ({ kind: 'instance' as const, awsId, note: object.note }));
        await addObjects(tx, recovery, more, context.clock.now());
        await enterStep(scene, tx, stepAt(recovery, INSTANCE_STEPS.run), { info: [`launched ${ids.join(', ')}`] });
      });
      return { ids, at: context.clock.now() };
    } catch (error) {
      if (isFresh && NOT_YET.has(awsCodeOf(error))) throw error;
      // The token makes a repeat safe.
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      return { failure: describeError(error) };
    }
  });
}

/** The originals' own tags go onto the new volumes, which have ids only now; without them the recovery is still good. */
async function tagVolumes(
  { job, access: { ec2 }, recovery, context }: Scene,
  launch: LaunchPlan,
  running: readonly InstanceDetails[],
): Promise<void> {
  const { own } = splitVolumeTags(launch);
  if (own.length === 0) return;
  await job.step('tags', async () => {
    for (const { deviceNames, tags } of own) {
      const ids = running.flatMap(({ blockDevices }) =>
        blockDevices.filter(({ deviceName }) => deviceNames.includes(deviceName)).map(({ volumeId }) => volumeId),
      );
      if (ids.length === 0) continue;
      try {
        await ec2.createTags(ids, tagsOf(tags));
      } catch (error) {
        if (!isCpmError(error)) throw error;
        const text = `the tags of ${deviceNames.join(', ')} could not be set: ${describeError(error)}`;
        await job.transaction((tx) => appendLog(tx, recovery.id, context.clock.now(), [warning(text)]));
      }
    }
    return null;
  });
}

const missingReasons = (ids: readonly string[], instances: readonly InstanceDetails[]): string[] =>
  ids.flatMap((id) => {
    const state = instances.find(({ instanceId }) => instanceId === id)?.state ?? 'not shown by AWS';
    return state === 'running' ? [] : [`${id} is ${state}, not running`];
  });

const countReasons = ({ count }: LaunchPlan, ids: readonly string[]): string[] =>
  ids.length < count ? [`AWS launched ${ids.length} of ${count} instances`] : [];

type Ending = {
  readonly reasons: readonly string[];
  readonly running: readonly string[];
  /** The image that the recovery made, if it did. */
  readonly imageId: string | undefined;
  /** Whether that one is of no use, whatever was asked for. */
  readonly isDiscarded?: boolean;
};

/** Takes its own image away unless it is to stay, never its snapshots, and fixes the outcome (F25). */
async function end(
  scene: Scene,
  { reasons, running, imageId, isDiscarded = false }: Ending,
): Promise<JobEnd<Database>> {
  const { plan } = scene;
  const handling = isDiscarded ? 'deregister' : plan.imageHandling;
  const imageLeft = imageId === undefined || handling !== 'deregister' ? null : await deregister(scene, imageId);
  const isImageWanted = handling === 'create-only';
  return close(scene, {
    reasons: [...reasons, ...(imageLeft === null ? [] : [imageLeft])],
    // Volumes of the launch are listed as they are.
    stateOf: (object) =>
      object.kind === 'volume' && object.state !== 'creating'
        ? object.state
        : objectState(object, { running, imageLeft, handling }),
    anyGood: running.length > 0 || (isImageWanted && imageId !== undefined),
  });
}

/** Fixes the outcome of one whose root volume was to be replaced. */
async function endSwap(scene: Scene, { reasons, hasOwnRoot }: Swapped): Promise<JobEnd<Database>> {
  const { context, recovery, access } = scene;
  const objects = await findObjects(context.db, [recovery.id]);
  const idsOf = (wanted: ObjectRow['kind']) =>
    objects.flatMap(({ kind, awsId }) => (kind === wanted && awsId !== null ? [awsId] : []));
  const [volumes, instances] = await Promise.all([
    access.ec2.describeVolumes(idsOf('volume')),
    access.ec2.describeInstances(idsOf('instance')),
  ]);
  const living = new Set([
    ...volumes.filter(({ state }) => state !== 'deleting').map(({ volumeId }) => volumeId),
    ...instances.filter(({ state }) => !GONE.has(state)).map(({ instanceId }) => instanceId),
  ]);
  return close(scene, {
    reasons,
    stateOf: ({ awsId }) => (awsId === null ? 'failed' : living.has(awsId) ? 'kept' : 'removed'),
    anyGood: hasOwnRoot,
  });
}

type Closing = {
  readonly reasons: readonly string[];
  readonly stateOf: (object: ObjectRow) => ObjectRow['state'];
  readonly anyGood: boolean;
};

function close({ context, job, recovery }: Scene, { reasons, stateOf, anyGood }: Closing): JobEnd<Database> {
  return job.done(async (tx) => {
    for (const object of await findObjects(tx, [recovery.id]))
      await changeObject(tx, object.id, { state: stateOf(object) });
    await appendLog(
      tx,
      recovery.id,
      context.clock.now(),
      reasons.map((reason) => failure(reason)),
    );
    await endRecovery(context, tx, recovery, { reasons, anyGood });
  });
}

type Left = {
  readonly running: readonly string[];
  readonly imageLeft: string | null;
  readonly handling: InstancePlan['imageHandling'];
};

function objectState({ kind, awsId, state }: ObjectRow, { running, imageLeft, handling }: Left): ObjectRow['state'] {
  if (awsId === null || state === 'failed') return 'failed';
  if (kind === 'image') return handling === 'deregister' && imageLeft === null ? 'removed' : 'kept';
  // A root volume that nothing was launched for.
  if (kind === 'volume') return 'kept';
  return running.includes(awsId) ? 'kept' : 'failed';
}

async function deregister({ job, access: { ec2 }, recovery, context }: Scene, imageId: string): Promise<string | null> {
  return job.step('deregister', async (): Promise<string | null> => {
    try {
      await ec2.deregisterImage(imageId);
      await job.transaction((tx) =>
        appendLog(tx, recovery.id, context.clock.now(), [info(`image ${imageId} deregistered; its snapshots stay`)]),
      );
      return null;
    } catch (error) {
      if (!isCpmError(error) || isWorthRetrying(error)) throw error;
      return `the image ${imageId} could not be deregistered: ${describeError(error)}`;
    }
  });
}
