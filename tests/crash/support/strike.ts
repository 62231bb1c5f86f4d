import type { RunUntil } from '../../flows/support/run-clock.ts';
import { nameOf, type Point } from './points.ts';
import { setTrap, type Ground } from './trap.ts';

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
    // The server may die at its point while it is asked.
    const over = await isOver().catch(async (error: unknown) => {
      if (!(await hasSprung())) throw error;
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
