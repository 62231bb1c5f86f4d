import { awsCodeOf, isOutcomeUnknown, type InstanceDetails } from '@cpm/aws/port';
import {
  isCpmError,
  isWorthRetrying,
  splitVolumeTags,
  type InstancePlan,
  type Instant,
  type LaunchPlan,
} from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, warning } from '../logs/log-lines.store.ts';
import { findLeft } from './find-left.ts';
import { INSTANCE_STEPS, stepAt } from './instance-steps.ts';
import { launchInput, tagsOf } from './launch-inputs.ts';
import { devicesOfImage } from './offered-image.ts';
import { findMadeBefore } from './may-be-made.ts';
import { GONE, RECOVERY_TAG } from './recoverable-volumes.ts';
import { enterStep, type RecoveryScene } from './recovery-job.ts';
import { addObjects, changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';

const STEP = 'launch';

type Scene = RecoveryScene<InstancePlan>;

/** AWS does not know a fresh image everywhere at once (EC2 API Reference, "Eventual consistency"). */
const NOT_YET: ReadonlySet<string | null> = new Set(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable']);

/** Of a repeated launch: the answer of the first was lost, and its instances are terminated (EC2 API Reference, "Error codes"). */
const TERMINATED_SINCE = 'IdempotentInstanceTerminated';

/** AWS does not know the image yet: the launch was refused, and is sent again. */
class NotYetKnown extends Error {}

type ToLaunch = {
  readonly imageId: string;
  readonly object: ObjectRow;
  /** Whether the image was made just now: then it may be unknown still. */
  readonly isFresh: () => Promise<boolean>;
};
type Launched = { readonly ids: readonly string[]; readonly at: Instant };

/** Launches; an image that AWS does not know yet is looked at before the same launch is sent once more. */
export async function launchInstances(
  scene: Scene,
  launch: LaunchPlan,
  toLaunch: ToLaunch,
): Promise<Launched | { readonly failure: string } | 'look again'> {
  try {
    return await sendLaunch(scene, launch, toLaunch);
  } catch (error) {
    if (error instanceof NotYetKnown) return 'look again';
    throw error;
  }
}

async function sendLaunch(
  scene: Scene,
  launch: LaunchPlan,
  { imageId, object, isFresh }: ToLaunch,
): Promise<Launched | { readonly failure: string }> {
  const { job, access, recovery, context, plan } = scene;
  const isRepeat = job.startedBefore(STEP);
  const record = async (ids: readonly string[]): Promise<Launched> => {
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
  };
  return job.step(STEP, async () => {
    try {
      const input = launchInput(launch, imageId, object.token);
      const changed = plan.existing === null ? [] : devicesOfImage(plan.existing);
      const instances = await access.ec2.runInstances({ ...input, blockDevices: [...changed, ...input.blockDevices] });
      return await record(instances.map(({ instanceId }) => instanceId));
    } catch (error) {
      if (NOT_YET.has(awsCodeOf(error)) && (await isFresh())) throw new NotYetKnown();
      if (awsCodeOf(error) === TERMINATED_SINCE) {
        await listVolumesLeft(scene);
        return { failure: 'its instances were launched, and somebody has terminated them since' };
      }
      // The token makes a repeat safe.
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      const found = isRepeat ? await findMadeBefore(scene, STEP, () => findLaunched(scene)) : null;
      return found === null ? { failure: describeError(error) } : record(found);
    }
  });
}

/** The instances that this recovery has launched, by its tag; null where AWS shows none. */
async function findLaunched({ access: { ec2 }, recovery }: Scene): Promise<readonly string[] | null> {
  const found = (await ec2.listInstances()).filter(
    ({ tags, state }) => tags[RECOVERY_TAG] === recovery.id && !GONE.has(state),
  );
  return found.length === 0 ? null : found.map(({ instanceId }) => instanceId);
}

/** Volumes that outlive their instance bear the recovery's tag: they are listed by it. */
async function listVolumesLeft({ context, job, recovery }: Scene): Promise<void> {
  const left = await findLeft(context, recovery, await findObjects(context.db, [recovery.id]));
  const volumes = (left ?? []).filter(({ kind }) => kind === 'volume');
  const found = volumes.map(({ kind, awsId }) => ({ kind, awsId, state: 'kept' as const, note: 'found by its tag' }));
  await job.transaction((tx) => addObjects(tx, recovery, found, context.clock.now()));
}

/** The originals' own tags go onto the new volumes, which have ids only now; without them the recovery is still good. */
export async function tagVolumes(
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
