import { addMs, type Instant } from '@cpm/core';
import { appendLog, info } from '../logs/log-lines.store.ts';
import type { Named } from './make-named.ts';
import type { RecoveryScene } from './recovery-job.ts';
import type { ObjectRow } from './recovery-objects.store.ts';

/** Restoring terabytes takes hours; what AWS has not made by then is not waited for any longer. */
const LONGEST_WAIT_MS = 24 * 3600_000;
const FIRST_LOOK_MS = 2_000;
const LAST_LOOK_MS = 60_000;
/** Something that AWS does not show may be too new to be shown, or gone. */
const SHOWN_AFTER_MS = 10 * 60_000;

/** Free text of AWS; these never become `available` by themselves (RDS and Redshift guides, "Viewing status"). */
const ENDED_BADLY =
  /^(?:deleting|failed|hardware-failure|inaccessible-encryption-credentials.*|incompatible-.*|insufficient-capacity|restore-error|stopped|stopping|storage-full)$/;

export type Waited = 'ready' | 'waiting' | { readonly failure: string };

type Scene = Pick<RecoveryScene<unknown>, 'context' | 'job' | 'recovery'>;

/**
 * Looks whether something that is being made can be used. Each new state is a line of the recovery's log. `isReady` may ask
 * for more than `available`.
 */
export async function waitFor<Thing extends Named>(
  scene: Scene,
  { object, name, thing }: { readonly object: ObjectRow; readonly name: string; readonly thing: Thing | undefined },
  isReady: (thing: Thing) => boolean = () => true,
): Promise<Waited> {
  const { clock } = scene.context;
  const isLate = clock.now() >= addMs(object.madeAt, LONGEST_WAIT_MS);
  if (thing === undefined) return absent(scene, object, name);
  const { state } = thing;
  await noteState(scene, object, `${name} is ${state}`);
  if (ENDED_BADLY.test(state)) return { failure: `${name} went to the state ${state}` };
  if ((state === 'available' || state === 'storage-optimization') && isReady(thing)) return 'ready';
  return isLate ? { failure: `${name} is still ${state} after ${LONGEST_WAIT_MS / 3600_000} hours` } : 'waiting';
}

async function noteState({ context, job, recovery }: Scene, { position }: ObjectRow, text: string): Promise<void> {
  const step = `saw ${position} ${text}`;
  if (job.finished(step)) return;
  await job.transactionStep(step, async (tx) => {
    await appendLog(tx, recovery.id, context.clock.now(), [info(text)]);
    return null;
  });
}

/** One look that finds nothing proves nothing: two, minutes apart, of something old enough to be shown, do. */
async function absent({ context, job }: Scene, { position, madeAt }: ObjectRow, name: string): Promise<Waited> {
  const now = context.clock.now();
  if (now < addMs(madeAt, SHOWN_AFTER_MS)) return 'waiting';
  const first = await job.step(`absent ${position}`, () => now);
  return now < addMs(first, SHOWN_AFTER_MS / 2) ? 'waiting' : { failure: `AWS does not show ${name} any more` };
}

/** When to look again: soon at first, every minute in the end. */
export function lookAgainAt({ context }: Pick<Scene, 'context'>, { madeAt }: Pick<ObjectRow, 'madeAt'>): Instant {
  const now = context.clock.now();
  const waitMs = Math.round((now - madeAt) / 10);
  return addMs(now, Math.min(LAST_LOOK_MS, Math.max(FIRST_LOOK_MS, waitMs)));
}
