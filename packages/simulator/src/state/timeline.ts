import type { Timeline } from './database-records.ts';

/** The state that holds at this moment. */
export const stateAt = (states: Timeline, at: number): string =>
  states.findLast((entry) => entry.at <= at)?.state ?? states[0]?.state ?? 'creating';

/** The state of something that is made, then there, and may fail instead. */
export const makingState = (
  thing: { readonly completesAt: number; readonly failsAt: number | undefined },
  at: number,
): 'creating' | 'available' | 'failed' => {
  if (thing.failsAt !== undefined) return thing.failsAt <= at ? 'failed' : 'creating';
  return thing.completesAt <= at ? 'available' : 'creating';
};

/** How much of it is made, 0 to 100. */
export const percentMade = (
  thing: { readonly createdAt: number; readonly completesAt: number; readonly failsAt: number | undefined },
  at: number,
): number => {
  if (makingState(thing, at) === 'available') return 100;
  const until = Math.min(at, thing.failsAt ?? at);
  const share = (until - thing.createdAt) / Math.max(1, thing.completesAt - thing.createdAt);
  return Math.min(99, Math.max(0, Math.floor(share * 100)));
};
