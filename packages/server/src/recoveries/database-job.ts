import { isSourceBusy } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { enterStep, type RecoveryScene } from './recovery-job.ts';
import { addObjects, findObjects, type NewObject, type ObjectRow } from './recovery-objects.store.ts';

type Scene = RecoveryScene<unknown>;

/** A change waits so long for what AWS itself is doing with the thing, such as its first backup. */
const LONGEST_BUSY_MS = 3600_000;

/** Writes down everything that is going to be made, once, before any of it is. */
export async function recordObjects(scene: Scene, objects: readonly NewObject[]): Promise<ObjectRow[]> {
  const { context, job, recovery } = scene;
  await job.transactionStep('objects', async (tx) => {
    await addObjects(tx, recovery, objects, context.clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  return findObjects(context.db, [recovery.id]);
}

/** Goes on to a step, once. */
export async function enterOnce(scene: Scene, stepNumber: number): Promise<void> {
  await scene.job.transactionStep(`step ${stepNumber}`, async (tx) => {
    await enterStep(scene, tx, stepNumber);
    return null;
  });
}

/** Makes a change that may be repeated; answers why it could not be made, null when it was, or that AWS is busy with the thing. */
export async function changeOnce(
  { job, context, recovery }: Scene,
  name: string,
  change: () => Promise<void>,
): Promise<'busy' | { readonly refused: string } | null> {
  if (job.finished(name)) return refusalOf(await job.step(name, (): string | null => null));
  const since = await job.step(`${name}, since`, () => context.clock.now());
  try {
    const refused = await job.step(name, async (): Promise<string | null> => {
      try {
        await change();
        return null;
      } catch (error) {
        if (!isCpmError(error) || isWorthRetrying(error)) throw error;
        const isPassing = isSourceBusy(error) && context.clock.now() < addMs(since, LONGEST_BUSY_MS);
        if (isPassing) throw new Busy(recovery.id);
        return describeError(error);
      }
    });
    return refusalOf(refused);
  } catch (error) {
    if (error instanceof Busy) return 'busy';
    throw error;
  }
}

const refusalOf = (refused: string | null) => (refused === null ? null : { refused });

/** Leaves a step without a result, so that it runs again. */
class Busy extends Error {}

/** The record of something that was planned. */
export function recordOf(objects: readonly ObjectRow[], index: number): ObjectRow {
  const object = objects[index];
  if (object === undefined) throw new Error('something that was planned has no record');
  return object;
}
