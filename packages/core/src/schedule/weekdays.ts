import { DAY_MS } from '../time.ts';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The index in WEEKDAYS (Monday 0) of a wall-clock time given as `localTimeToMs` gives it. */
export function weekdayIndexOf(localMs: number): number {
  const dayNumber = Math.floor(localMs / DAY_MS);
  // Day 0, 1 January 1970, was a Thursday.
  return (((dayNumber + 3) % 7) + 7) % 7;
}

/** The week day as it is written in a sentence: `Monday`. */
export function weekdayName(day: Weekday): string {
  return `${day.charAt(0).toUpperCase()}${day.slice(1)}`;
}
