import { awsCodeOf, isOutcomeUnknown } from '@cpm/aws/port';
import { isCpmError, type ImagePlan, type InstancePlan } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { INSTANCE_STEPS, stepAt } from './instance-steps.ts';
import { imageInput } from './launch-inputs.ts';
import { lookForMade } from './may-be-made.ts';
import { enterStep, type RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

/** So long a fresh image may be unknown after the answer to its registration was lost. */
const IMAGE_SETTLE_MS = 120_000;

type Scene = RecoveryScene<InstancePlan>;
type Told = { readonly id: string } | { readonly failure: string };

/**
 * Registers the image once. Its name, unique in account and region, says after a lost answer whether it was made; where it
 * never shows, the call is sent once more, which AWS refuses if the first was carried out after all.
 */
export async function registerImage(scene: Scene, plan: ImagePlan, object: ObjectRow): Promise<Told | 'look again'> {
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
  const found = await lookForMade(() => ec2.findImageByName(name));
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
