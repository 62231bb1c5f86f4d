import { isAlreadyThere, isOutcomeUnknown } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying, type Instant } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { findMadeBefore, lookForMade } from './may-be-made.ts';
import { RECOVERY_TAG } from './recoverable-volumes.ts';
import type { RecoveryScene } from './recovery-job.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

/** What AWS shows of something under a name, whichever service it is of. */
export type Named = {
  readonly state: string;
  readonly createdAt: Instant | null;
  readonly tags: Readonly<Record<string, string>>;
};

export type Made = { readonly name: string } | { readonly failure: string };

type Ways<Thing extends Named> = {
  readonly name: string;
  /** Makes it; refused as being there where an earlier call did. */
  readonly create: () => Promise<unknown>;
  readonly describe: () => Promise<Thing | undefined>;
  /** Whether what is there under the name is what this recovery made: its tags, unless told otherwise. */
  readonly isOurs?: (thing: Thing, isAttempted: boolean) => boolean;
};

/** Clocks of AWS and of this server may differ by so much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Makes something whose name is its key, exactly once: after a lost answer, or a crash, what is there under the name is taken
 * if it is this recovery's, and somebody else's is never touched. Its record gets the name only then.
 */
export async function makeNamed<Thing extends Named>(
  scene: Pick<RecoveryScene<unknown>, 'job' | 'recovery' | 'context'>,
  object: ObjectRow,
  { name, create, describe, isOurs = (thing) => thing.tags[RECOVERY_TAG] === scene.recovery.id }: Ways<Thing>,
): Promise<Made> {
  const { job, context } = scene;
  const step = `make ${object.position}`;
  const isRepeat = job.startedBefore(step);
  return job.step(step, async (): Promise<Made> => {
    let isFound = false;
    try {
      await create();
    } catch (error) {
      if (!isCpmError(error) || error.code === 'shutting_down') throw error;
      const isLost = isOutcomeUnknown(error);
      if (!isLost && isWorthRetrying(error)) throw error;
      const isRefused = !isLost && !isAlreadyThere(error);
      if (isRefused && !isRepeat) return { failure: describeError(error) };
      const found = isRefused ? await findMadeBefore(scene, step, orNull(describe)) : await lookForMade(describe);
      if (isRefused && found === null) return { failure: describeError(error) };
      // Not shown yet, or never made: the name makes another try safe.
      if (found === undefined || found === null) throw error;
      if (!isOurs(found, isLost || isRepeat))
        return { failure: `AWS has another ${name} by now, which this recovery did not make` };
      isFound = true;
    }
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { awsId: name });
      const text = isFound ? `${name} is there: the answer of AWS was lost` : `${name} is being made`;
      await appendLog(tx, scene.recovery.id, context.clock.now(), [info(text)]);
    });
    return { name };
  });
}

const orNull =
  <Thing>(look: () => Promise<Thing | undefined>) =>
  async (): Promise<Thing | null> =>
    (await look()) ?? null;

/**
 * Whether a thing that bears no tags yet can be what an earlier call of ours made: a call was sent, and it appeared under the
 * name, which was free before, only after that.
 */
export const appearedSince =
  ({ madeAt }: Pick<ObjectRow, 'madeAt'>) =>
  ({ createdAt }: Named, isAttempted: boolean): boolean =>
    isAttempted && (createdAt === null || addMs(createdAt, CLOCK_SKEW_MS) >= madeAt);
