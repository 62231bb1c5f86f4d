import type { SimulatedAws } from '../../flows/support/simulated-aws.ts';
import type { DeathAtStart } from './killer.ts';
import { SCRIPT, type Point } from './points.ts';
import { holdScripts, readTrace } from './traced-scripts.ts';

/** Waits for a server at a point. */
export type Trap = { readonly hasSprung: () => Promise<boolean>; readonly clear: () => Promise<void> };

export type Ground = {
  readonly aws: Pick<SimulatedAws, 'watchedFault'>;
  readonly dataDir: string;
  /**
   * Has the server kill itself when it is about to start the nth script of that step, and not before it is on record; as soon
   * as there is a process; or so many milliseconds after the first of these.
   */
  readonly dieAtStart: (step: string, nth: number, when: DeathAtStart) => Promise<void>;
  readonly isDead: () => boolean;
};

/** A call is held for longer than anybody needs to see it and kill; nobody waits for its end. */
const HELD_MS = 8_000;

/** Sets a trap at a point, which counts from now. Whoever set it kills the server when it has sprung. */
export async function setTrap(ground: Ground, point: Point): Promise<Trap> {
  return point.service === SCRIPT ? trapAtScript(ground, point) : trapAtCall(ground, point);
}

async function trapAtCall({ aws }: Ground, { service, action, nth, when }: Point): Promise<Trap> {
  const match = { service, action };
  const hold = { kind: 'delay', match, nth, delayMs: HELD_MS, when: when === 'before' ? 'before' : 'after' };
  const end = { kind: when === 'before' ? 'reset-before' : 'execute-then-drop', match, nth };
  const faults = when === 'dropped' ? [end] : [hold, end];
  const { struck, clear } = await aws.watchedFault(...faults);
  return { hasSprung: async () => (await struck()) > 0, clear };
}

async function trapAtScript(ground: Ground, { action: step, nth, when }: Point): Promise<Trap> {
  if (when === 'before' || when === 'starting') {
    await ground.dieAtStart(step, nth, when);
    return { hasSprung: async () => ground.isDead(), clear: async () => undefined };
  }
  const count = async () => (await readTrace(ground)).filter((line) => line.step === step).length;
  const before = await count();
  const letGo = await holdScripts(ground, step);
  return { hasSprung: async () => (await count()) >= before + nth, clear: letGo };
}
