import type { RunUntil } from '../../flows/support/run-clock.ts';
import { waitABit } from '../scenarios/looks.ts';
import { nameOf, type Point } from './points.ts';
import { setTrap, type Ground } from './trap.ts';

/** A second or two. */
const MOST_LOOKS = 50;

export type Target = Ground & {
  readonly runUntil: RunUntil;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
};

/**
 * Sets a trap at the point and lets time go by until it springs or all is over. Where it sprang the server is killed and
 * started again, or lives on where only an answer was lost. Answers whether it sprang.
 */
export async function strikeAt(target: Target, point: Point, isOver: () => Promise<boolean>): Promise<boolean> {
  const { runUntil, kill, start } = target;
  const { hasSprung, clear } = await setTrap(target, point);
  const seen = await runUntil(`${nameOf(point)} or all is over`, async () => {
    if (await hasSprung()) return 'sprung';
    // The server may die at its point while it is asked, and its silence be heard before its death.
    const over = await isOver().catch(async (error: unknown) => {
      if (!(await isTrueSoon(hasSprung))) throw error;
    });
    return over === true && 'over';
  });
  if (seen === 'sprung' && point.when !== 'dropped') {
    await kill();
    // What is held is let go only now: a script that ended before would never be found by the next server.
    await start();
  }
  await clear();
  return seen === 'sprung';
}

async function isTrueSoon(ask: () => Promise<boolean>): Promise<boolean> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    if (await ask()) return true;
    await waitABit();
  }
  return false;
}
