import { awsCodeOf, isOutcomeUnknown, type InstanceDetails } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying, type InstancePlan, type LaunchPlan } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { endRecovery } from './end-recovery.ts';
import { imageInput, launchInput, tagsOf } from './launch-inputs.ts';
import { describeLaunch } from './plan-instance-recovery.ts';
import { listLaunchedVolumes } from './list-launched-volumes.ts';
import { enterStep, recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { addObjects, changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';

const LOOK_AGAIN_MS = 2_000;
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
  const lookAgain = () => job.park(addMs(clock.now(), LOOK_AGAIN_MS));
  const isWaiting = clock.now() < addMs(recovery.startedAt, LONGEST_WAIT_MS);

  // 1. What is going to be made is on record first: the image by its name, the launch by its token.
  await job.transactionStep('objects', async (tx) => {
    const image = { kind: 'image' as const, note: `${plan.image.name} from ${plan.image.rootVolume.awsSnapshotId}` };
    const launch = plan.launch === null ? [] : [{ kind: 'instance' as const, note: describeLaunch(plan.launch) }];
    await addObjects(tx, recovery, [image, ...launch], clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  const [imageObject, launchObject] = await findObjects(db, [recovery.id]);
  if (imageObject === undefined) throw new Error('a planned image has no record');

  // 2. The image.
  const image = await registerImage(scene, imageObject);
  if (image === 'look again') return lookAgain();
  if ('failure' in image) return end(scene, { reasons: [`no image: ${image.failure}`], running: [] });
  // After the launch the image is not needed any more, and may be gone already.
  if (!job.finished('launch')) {
    const [seen] = await ec2.describeImages([image.id]);
    if (seen?.state !== 'available' && seen?.state !== 'failed' && isWaiting) return lookAgain();
    if (seen?.state !== 'available') {
      const why = seen?.stateReason ?? seen?.state ?? 'AWS does not show it';
      const reasons = [`the image ${image.id} did not become available: ${why}`];
      return end(scene, { reasons, running: [], imageId: image.id });
    }
  }
  if (plan.launch === null || launchObject === undefined)
    return end(scene, { reasons: [], running: [], imageId: image.id });

  // 3. The launch, with all data volumes in the same call: no half-recovered instance.
  const launched = await launchInstances(scene, plan.launch, { imageId: image.id, object: launchObject });
  if ('failure' in launched)
    return end(scene, { reasons: [`no instance: ${launched.failure}`], running: [], imageId: image.id });

  // 4. Until they run.
  const ids = launched.ids;
  const instances = await ec2.describeInstances(ids);
  if (isWaiting && (instances.length < ids.length || instances.some(({ state }) => state === 'pending')))
    return lookAgain();
  const running = instances.filter(({ state }) => state === 'running');
  await tagVolumes(scene, plan.launch, running);
  await listLaunchedVolumes(scene, instances);
  const reasons = [...missingReasons(ids, instances), ...countReasons(plan.launch, ids)];
  return end(scene, { reasons, running: running.map(({ instanceId }) => instanceId), imageId: image.id });
}

/**
 * Registers the image once. Its name, unique in account and region, says after a lost answer whether it was made; where it
 * never shows, the call is sent once more, which AWS refuses if the first was carried out after all.
 */
async function registerImage(scene: Scene, object: ObjectRow): Promise<Told | 'look again'> {
  // Once it is on record it is never looked for again: it may have done its service and be gone.
  if (object.awsId !== null) return { id: object.awsId };
  for (const name of ['register', 'register again']) {
    const told = await sendRegistration(scene, name);
    const result = 'unknownSince' in told ? await findRegistered(scene, told.unknownSince) : told;
    if (result === 'look again') return result;
    if (result === 'never made') continue;
    if ('id' in result) await recordImage(scene, object, result.id);
    return result;
  }
  return { failure: 'the answer of AWS was lost and no image shows' };
}

type Sent = Told | { readonly unknownSince: number };

async function sendRegistration({ job, access: { ec2 }, plan, context }: Scene, name: string): Promise<Sent> {
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
  { access: { ec2 }, plan, context }: Scene,
  since: number,
): Promise<{ readonly id: string } | 'look again' | 'never made'> {
  const found = await ec2.findImageByName(plan.image.name);
  if (found !== null) return { id: found.imageId };
  return context.clock.now() > since + IMAGE_SETTLE_MS ? 'never made' : 'look again';
}

async function recordImage(scene: Scene, object: ObjectRow, imageId: string): Promise<void> {
  await scene.job.transaction(async (tx) => {
    await changeObject(tx, object.id, { awsId: imageId });
    await enterStep(scene, tx, 1, { info: [`image ${imageId} registered`] });
  });
}

type ToLaunch = { readonly imageId: string; readonly object: ObjectRow };

async function launchInstances(
  scene: Scene,
  launch: LaunchPlan,
  { imageId, object }: ToLaunch,
): Promise<{ readonly ids: readonly string[] } | { readonly failure: string }> {
  const { job, access, recovery, context } = scene;
  return job.step('launch', async () => {
    try {
      const instances = await access.ec2.runInstances(launchInput(launch, imageId, object.token));
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
        await enterStep(scene, tx, 2, { info: [`launched ${ids.join(', ')}`] });
      });
      return { ids };
    } catch (error) {
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
  const wanted = launch.volumeTags.filter(({ tags }) => tags.length > 0);
  if (wanted.length === 0) return;
  await job.step('tags', async () => {
    for (const { deviceName, tags } of wanted) {
      const ids = running.flatMap(({ blockDevices }) =>
        blockDevices.filter((device) => device.deviceName === deviceName).map(({ volumeId }) => volumeId),
      );
      if (ids.length === 0) continue;
      try {
        await ec2.createTags(ids, tagsOf(tags));
      } catch (error) {
        if (!isCpmError(error)) throw error;
        const text = `the tags of ${deviceName} could not be set: ${describeError(error)}`;
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

type Ending = { readonly reasons: readonly string[]; readonly running: readonly string[]; readonly imageId?: string };

/** Takes the image away unless it is to stay, never its snapshots, and fixes the outcome (F25). */
async function end(scene: Scene, { reasons, running, imageId }: Ending): Promise<JobEnd<Database>> {
  const { context, job, recovery, plan } = scene;
  const imageLeft =
    imageId === undefined || plan.imageHandling !== 'deregister' ? null : await deregister(scene, imageId);
  const all = [...reasons, ...(imageLeft === null ? [] : [imageLeft])];
  const isImageWanted = plan.imageHandling === 'create-only';
  return job.done(async (tx) => {
    for (const object of await findObjects(tx, [recovery.id])) {
      // Volumes of the launch are listed as they are.
      if (object.kind === 'volume') continue;
      await changeObject(tx, object.id, {
        state: objectState(object, { running, imageLeft, handling: plan.imageHandling }),
      });
    }
    await appendLog(
      tx,
      recovery.id,
      context.clock.now(),
      all.map((reason) => failure(reason)),
    );
    await endRecovery(context, tx, recovery, {
      reasons: all,
      anyGood: running.length > 0 || (isImageWanted && imageId !== undefined),
    });
  });
}

type Left = {
  readonly running: readonly string[];
  readonly imageLeft: string | null;
  readonly handling: InstancePlan['imageHandling'];
};

function objectState({ kind, awsId }: ObjectRow, { running, imageLeft, handling }: Left): ObjectRow['state'] {
  if (awsId === null) return 'failed';
  if (kind === 'image') return handling === 'deregister' && imageLeft === null ? 'removed' : 'kept';
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
