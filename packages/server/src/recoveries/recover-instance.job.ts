import type { InstanceDetails } from '@cpm/aws/port';
import { addMs, type InstancePlan, type Instant, type LaunchPlan } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { endInstanceRecovery, endSwap } from './end-instance-recovery.ts';
import { findLaunchSource, imageMadeAt } from './find-launch-source.ts';
import { newObjects } from './instance-steps.ts';
import { launchInstances, tagVolumes } from './launch-instances.ts';
import { letForward } from './let-forward.ts';
import { listLaunchedVolumes } from './list-launched-volumes.ts';
import { nextLook } from './look-again.ts';
import { enterStep, recoveryKind, type RecoveryScene } from './recovery-job.ts';
import { addObjects, findObjects } from './recovery-objects.store.ts';
import { swapRootVolume } from './swap-root-volume.ts';

/** An instance takes its time to stop, Windows most of all. */
const SWAP_LOOK_AGAIN_MS = 5_000;
const LONGEST_WAIT_MS = 20 * 60_000;

type Scene = RecoveryScene<InstancePlan>;

/** Brings an instance back from its snapshots: register an image, launch, wait until it runs, take the image away again. */
export const recoverInstanceKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<InstancePlan>(context, recoverInstance);

async function recoverInstance(scene: Scene): Promise<JobEnd<Database>> {
  const { context, job, recovery, access, plan } = scene;
  const { db, clock } = context;
  const { ec2 } = access;
  const lookAgain = (since = recovery.startedAt) => job.park(nextLook(clock.now(), since));
  /** From when the thing was made, for AWS may have been away for hours before. */
  const isWaiting = (since: Instant): boolean => clock.now() < addMs(since, LONGEST_WAIT_MS);

  // 1. What is going to be made is on record first: an image by its name, launch and root volume by their tokens.
  await job.transactionStep('objects', async (tx) => {
    await addObjects(tx, recovery, newObjects(plan), clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  const objects = await findObjects(db, [recovery.id]);
  const launchObject = objects.find(({ kind }) => kind === 'instance');

  // 2. What it boots from.
  const source = await findLaunchSource(scene, { objects, isWaiting });
  if (source === 'look again') return lookAgain();
  const { ownImageId: imageId } = source;
  if ('failure' in source)
    return endInstanceRecovery(scene, { ...source, reasons: [source.failure], running: [], imageId });
  if (plan.launch === null || launchObject === undefined)
    return endInstanceRecovery(scene, { reasons: [], running: [], imageId });

  // 3. The launch, with all data volumes in the same call: no half-recovered instance.
  const launched = await launchInstances(scene, plan.launch, {
    imageId: source.imageId,
    object: launchObject,
    isFresh: async () => imageId !== undefined && isWaiting(await imageMadeAt(scene)),
  });
  if (launched === 'look again') return lookAgain();
  if ('failure' in launched)
    return endInstanceRecovery(scene, {
      reasons: [`no instance: ${launched.failure}`, ...source.left],
      running: [],
      imageId,
      isUnseen: true,
    });

  // 4. Until they run.
  const ids = launched.ids;
  const instances = await ec2.describeInstances(ids);
  if (isWaiting(launched.at) && (instances.length < ids.length || instances.some(({ state }) => state === 'pending')))
    return lookAgain(launched.at);
  const running = instances.filter(({ state }) => state === 'running');
  await tagVolumes(scene, plan.launch, running);
  const unready = await letForward(scene, plan.launch, running);

  // 5. Where the root is still the image's, the backed-up one is put into its place.
  const swap = plan.existing?.swap ?? null;
  const [instanceId] = ids;
  if (swap !== null && source.rootVolumeId !== null && instanceId !== undefined) {
    const { at: launchedAt } = launched;
    const parts = { plan: swap, instanceId, instance: instances[0], ownRoot: source.rootVolumeId, launchedAt };
    const swapped = await swapRootVolume(scene, parts);
    if (swapped !== 'look again') return endSwap(scene, { ...swapped, reasons: [...swapped.reasons, ...unready] });
    return job.park(addMs(clock.now(), SWAP_LOOK_AGAIN_MS));
  }
  await listLaunchedVolumes(scene, instances);
  const reasons = [...missingReasons(ids, instances), ...countReasons(plan.launch, ids), ...unready];
  return endInstanceRecovery(scene, { reasons, running: running.map(({ instanceId: id }) => id), imageId });
}

const missingReasons = (ids: readonly string[], instances: readonly InstanceDetails[]): string[] =>
  ids.flatMap((id) => {
    const state = instances.find(({ instanceId }) => instanceId === id)?.state ?? 'not shown by AWS';
    return state === 'running' ? [] : [`${id} is ${state}, not running`];
  });

const countReasons = ({ count }: LaunchPlan, ids: readonly string[]): string[] =>
  ids.length < count ? [`AWS launched ${ids.length} of ${count} instances`] : [];
