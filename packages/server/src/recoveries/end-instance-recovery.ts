import { addMs, isCpmError, isWorthRetrying, type InstancePlan } from '@cpm/core';
import type { Database } from '../db/schema.ts';
import type { JobEnd } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import { endRecovery } from './end-recovery.ts';
import { MayBeMade } from './may-be-made.ts';
import { GONE } from './recoverable-volumes.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, findObjects, type ObjectRow } from './recovery-objects.store.ts';
import type { Swapped } from './swap-root-volume.ts';

/** So long AWS may not know an image that was just made. */
const SHOWN_AFTER_MS = 10 * 60_000;

type Scene = RecoveryScene<InstancePlan>;

type Ending = {
  readonly reasons: readonly string[];
  readonly running: readonly string[];
  /** The image that the recovery made, if it did. */
  readonly imageId: string | undefined;
  /** Whether that one is of no use, whatever was asked for. */
  readonly isDiscarded?: boolean;
  /** Whether AWS never showed it: that it does not know it then does not say that it is gone. */
  readonly isUnseen?: boolean;
};

/** Takes its own image away unless it is to stay, never its snapshots, and fixes the outcome (F25). */
export async function endInstanceRecovery(
  scene: Scene,
  { reasons, running, imageId, isDiscarded = false, isUnseen = false }: Ending,
): Promise<JobEnd<Database>> {
  const { plan } = scene;
  const handling = isDiscarded ? 'deregister' : plan.imageHandling;
  const imageLeft =
    imageId === undefined || handling !== 'deregister' ? null : await deregister(scene, imageId, isUnseen);
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
export async function endSwap(scene: Scene, { reasons, hasOwnRoot }: Swapped): Promise<JobEnd<Database>> {
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

async function deregister(
  { job, access: { ec2 }, recovery, context }: Scene,
  imageId: string,
  isUnseen: boolean,
): Promise<string | null> {
  return job.step('deregister', async (): Promise<string | null> => {
    try {
      const result = await ec2.deregisterImage(imageId);
      if (isUnseen && result === 'alreadyGone') {
        const since = await job.step('image unknown', () => context.clock.now());
        if (context.clock.now() < addMs(since, SHOWN_AFTER_MS))
          throw new MayBeMade(`the image ${imageId} is not known to AWS yet`);
        return `the image ${imageId} may be there all the same: AWS does not show it now. Look for it later, and deregister it`;
      }
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
