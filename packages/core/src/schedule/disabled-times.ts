import type { FieldError } from '../errors.ts';
import { MINUTE_MS, WEEK_MS } from '../time.ts';
import { WEEKDAYS } from './weekdays.ts';
import type { Weekday } from './weekdays.ts';

/**
 * A stretch of wall-clock time in which a schedule starts no backup: from `start` (inclusive, `HH:MM`) to `finish`
 * (exclusive, up to `24:00`); a finish earlier than the start is on the next day.
 */
export type DisabledTime = {
  readonly day: Weekday | 'every';
  readonly start: string;
  readonly finish: string;
};

/** Milliseconds since Monday 00:00 on the wall clock, start inclusive, finish exclusive, 0 ≤ start < finish ≤ a week. */
export type WeekStretch = { readonly startMs: number; readonly finishMs: number };

const DAY_MINUTES = 24 * 60;

/** All that is wrong with disabled times (SCH-3): bad day, bad time, start of 24:00, finish equal to the start. */
export function validateDisabledTimes(
  times: readonly { readonly day: string; readonly start: string; readonly finish: string }[],
): FieldError[] {
  return times.flatMap((time, index) => {
    const at = (field: string, message: string): FieldError => ({ path: `disabledTimes.${index}.${field}`, message });
    const errors: FieldError[] = [];
    const isDay = time.day === 'every' || (WEEKDAYS as readonly string[]).includes(time.day);
    if (!isDay) errors.push(at('day', `must be "every" or one of ${WEEKDAYS.join(', ')}`));
    const start = minuteOfDay(time.start);
    const finish = minuteOfDay(time.finish);
    if (start === null) errors.push(at('start', 'must be a time of day such as 17:00'));
    if (start === DAY_MINUTES) errors.push(at('start', 'must be before 24:00'));
    if (finish === null) errors.push(at('finish', 'must be a time of day such as 08:00, at most 24:00'));
    if (start !== null && start === finish) errors.push(at('finish', 'must differ from the start'));
    return errors;
  });
}

/** The disabled stretches of one week, sorted, touching or overlapping ones joined; the week repeats for ever. */
export function disabledStretches(times: readonly DisabledTime[]): WeekStretch[] {
  const pieces = times.flatMap((time) => {
    const days = time.day === 'every' ? WEEKDAYS.keys() : [WEEKDAYS.indexOf(time.day)];
    return [...days].flatMap((day) => stretchesOfDay(day, time));
  });
  return joinStretches(pieces);
}

/** When the disabled stretch around a wall-clock time ends, as milliseconds of its week; null outside of all. */
export function disabledUntil(stretches: readonly WeekStretch[], weekMs: number): number | null {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.finishMs ?? 0) > weekMs) high = middle;
    else low = middle + 1;
  }
  const candidate = stretches[low];
  return candidate !== undefined && candidate.startMs <= weekMs ? candidate.finishMs : null;
}

/** Sorts stretches and joins those that touch or overlap. */
export function joinStretches(pieces: readonly WeekStretch[]): WeekStretch[] {
  const joined: WeekStretch[] = [];
  for (const piece of pieces.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last === undefined || piece.startMs > last.finishMs) joined.push(piece);
    else joined[joined.length - 1] = { startMs: last.startMs, finishMs: Math.max(last.finishMs, piece.finishMs) };
  }
  return joined;
}

function stretchesOfDay(day: number, time: DisabledTime): WeekStretch[] {
  const start = minuteOfDay(time.start) ?? 0;
  const finish = minuteOfDay(time.finish) ?? 0;
  const startMs = (day * DAY_MINUTES + start) * MINUTE_MS;
  const finishMs = (day * DAY_MINUTES + finish + (finish < start ? DAY_MINUTES : 0)) * MINUTE_MS;
  if (finishMs <= WEEK_MS) return [{ startMs, finishMs }];
  const head = { startMs, finishMs: WEEK_MS };
  // Sunday night runs on into Monday, which is the week's beginning.
  return [head, { startMs: 0, finishMs: finishMs - WEEK_MS }];
}

/** Minutes since midnight of `HH:MM`, 0 to 1440; null when the text is no time of day. */
function minuteOfDay(text: string): number | null {
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= DAY_MINUTES ? minute : null;
}
