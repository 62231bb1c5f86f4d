import {
  DAY_MS,
  HOUR_MS,
  LATEST_MS,
  localTimeFromMs,
  localTimeToMs,
  MINUTE_MS,
  nextTransition,
  offsetMsAt,
} from '../time.ts';
import { resolveLocalTime, WEEK_MS } from '../time.ts';
import type { Instant, LocalTime } from '../time.ts';
import { disabledStretches, disabledUntil, joinStretches } from './disabled-times.ts';
import type { WeekStretch } from './disabled-times.ts';
import { startOf } from './schedule.ts';
import type { Schedule, ScheduleRule } from './schedule.ts';
import { WEEKDAYS } from './weekdays.ts';

/** How far ahead CPM looks for a firing before it says that there is none (SCH-4). */
export const SEARCH_YEARS = 10;
const SEARCH_MS = (SEARCH_YEARS * 365 + 3) * DAY_MS;
/** Wall clocks are never further than this from UTC, gaps of whole days included. */
const MOST_OFFSET_MS = 2 * DAY_MS;
/** 1 January 1970 was a Thursday: what to add so that a week begins on Monday. */
const MONDAY_MS = 3 * DAY_MS;

/** One firing: the moment, and the wall-clock time that the schedule names for it. */
export type Firing = {
  readonly at: Instant;
  readonly named: LocalTime;
  /** `gap`: the named time does not exist and the firing moved behind it; `overlap`: it exists twice. */
  readonly kind: 'unique' | 'gap' | 'overlap';
};

/** When a schedule fires next, strictly after the moment; null when it is disabled or does not within ten years. */
export function nextRun(schedule: ScheduleRule & Pick<Schedule, 'enabled'>, after: Instant): Instant | null {
  return schedule.enabled ? (nextFiring(schedule, after)?.at ?? null) : null;
}

/**
 * The first firing of a rule strictly after the moment, enabled or not (SCH-2, SCH-3); null when there is none within
 * ten years from there or from the start, or before the end.
 */
export function nextFiring(rule: ScheduleRule, after: Instant): Firing | null {
  const search = { after, blocked: blockedStretches(rule) };
  const isElapsed = rule.repeat.unit === 'hours' || rule.repeat.unit === 'minutes';
  const firing = isElapsed ? nextElapsed(rule, search) : nextOnCalendar(rule, search);
  return firing !== null && (rule.endAt === null || firing.at < rule.endAt) ? firing : null;
}

/** Whether no firing lies within ten years from the start: the rule contradicts itself (SCH-4). */
export function neverFires(rule: ScheduleRule): boolean {
  return nextFiring(rule, (startOf(rule) - 1) as Instant) === null;
}

type Search = { readonly after: Instant; readonly blocked: readonly WeekStretch[] };

/** Where the search gives up: ten years from the moment or from the start, and never beyond the calendar. */
function searchEndMs(after: Instant, startMs: number): number {
  return Math.min(Math.max(after, startMs) + SEARCH_MS, LATEST_MS - 2 * MOST_OFFSET_MS);
}

/** The stretches of a week in which the rule never fires: week days that are not active, and disabled times. */
function blockedStretches(rule: ScheduleRule): WeekStretch[] {
  const inactive = WEEKDAYS.flatMap((day, index): WeekStretch[] =>
    rule.activeDays.includes(day) ? [] : [{ startMs: index * DAY_MS, finishMs: (index + 1) * DAY_MS }],
  );
  return joinStretches([...inactive, ...disabledStretches(rule.disabledTimes)]);
}

/** Milliseconds since Monday 00:00 of a wall-clock time. */
function weekMsOf(localMs: number): number {
  const ms = (localMs + MONDAY_MS) % WEEK_MS;
  return ms < 0 ? ms + WEEK_MS : ms;
}

/**
 * Days, weeks and months: every candidate is a wall-clock time reckoned from the start alone, so month ends do not
 * drift; what is blocked is decided on the time named, before the zone moves it.
 */
function nextOnCalendar(rule: ScheduleRule, { after, blocked }: Search): Firing | null {
  const startMs = localTimeToMs(rule.startLocal);
  const untilMs = searchEndMs(after, startMs);
  const shownMs = after + offsetMsAt(after, rule.zone);
  const nth = calendarStep(rule, startMs);
  for (let n = nth.searchFrom(shownMs); ; n += 1) {
    const namedMs = nth.localMs(n);
    if (namedMs - MOST_OFFSET_MS > untilMs) return null;
    // What the clock shows by then it has reached before; only a start in the later pass can still come.
    if (n > 0 && namedMs <= shownMs) continue;
    if (disabledUntil(blocked, weekMsOf(namedMs)) !== null) continue;
    const named = localTimeFromMs(namedMs);
    const resolved = resolveLocalTime(named, rule.zone, n === 0 ? rule.startPass : 'earlier');
    if (resolved.at > after) return { ...resolved, named };
  }
}

type CalendarStep = {
  /** The wall-clock time of the n-th firing after the start. */
  readonly localMs: (n: number) => number;
  /** An n ≥ 0 to search from: the time of every n before it is not after the given one. */
  readonly searchFrom: (localMs: number) => number;
};

function calendarStep({ repeat }: ScheduleRule, startMs: number): CalendarStep {
  if (repeat.unit === 'months') return monthStep(repeat.every, startMs);
  const stepMs = repeat.every * (repeat.unit === 'weeks' ? WEEK_MS : DAY_MS);
  return {
    localMs: (n) => startMs + n * stepMs,
    searchFrom: (localMs) => Math.max(0, Math.floor((localMs - startMs) / stepMs)),
  };
}

function monthStep(every: number, startMs: number): CalendarStep {
  const start = new Date(startMs);
  const startMonth = start.getUTCFullYear() * 12 + start.getUTCMonth();
  const timeOfDayMs = startMs - Math.floor(startMs / DAY_MS) * DAY_MS;
  return {
    localMs: (n) => dayOfMonthMs(startMonth + n * every, start.getUTCDate()) + timeOfDayMs,
    searchFrom: (localMs) => {
      const date = new Date(localMs);
      const months = date.getUTCFullYear() * 12 + date.getUTCMonth() - startMonth;
      return Math.max(0, Math.floor(months / every));
    },
  };
}

/** Midnight of a day of a month (counted from year 0), or of the month's last day where it is shorter. */
function dayOfMonthMs(month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(month / 12), (month % 12) + 1, 0);
  const lastDay = date.getUTCDate();
  return date.getTime() - (lastDay - Math.min(day, lastDay)) * DAY_MS;
}

/**
 * Hours and minutes: real durations from the start instant. The zone's clocks are followed from one change of offset to
 * the next, and every blocked stretch is jumped over, so that the work does not grow with the length of what is blocked.
 */
function nextElapsed(rule: ScheduleRule, { after, blocked }: Search): Firing | null {
  const { at: startAt, kind } = resolveLocalTime(rule.startLocal, rule.zone, rule.startPass);
  // The start is the one firing with a name of its own, which a gap can have moved.
  if (startAt > after && disabledUntil(blocked, weekMsOf(localTimeToMs(rule.startLocal))) === null) {
    return { at: startAt, named: rule.startLocal, kind: kind === 'gap' ? 'gap' : 'unique' };
  }
  const untilMs = searchEndMs(after, startAt);
  const stepMs = rule.repeat.every * (rule.repeat.unit === 'hours' ? HOUR_MS : MINUTE_MS);
  const firstFrom = (ms: number): number => startAt + Math.max(1, Math.ceil((ms - startAt) / stepMs)) * stepMs;
  let at = firstFrom(after + 1);
  while (at <= untilMs) {
    const offsetMs = offsetMsAt(at as Instant, rule.zone);
    const changeAt = nextTransition(at as Instant, rule.zone) ?? Number.POSITIVE_INFINITY;
    while (at < changeAt && at <= untilMs) {
      const weekMs = weekMsOf(at + offsetMs);
      const blockedUntil = disabledUntil(blocked, weekMs);
      if (blockedUntil === null) return { at: at as Instant, named: localTimeFromMs(at + offsetMs), kind: 'unique' };
      // Never past the change of offset: behind it the same wall-clock time is another moment.
      at = firstFrom(Math.min(at + blockedUntil - weekMs, changeAt));
    }
  }
  return null;
}
