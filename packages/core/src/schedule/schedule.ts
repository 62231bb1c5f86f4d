import { validateName } from '../names.ts';
import type { FieldError } from '../errors.ts';
import type { ScheduleId, UserId } from '../ids.ts';
import { localTimeAt, resolveLocalTime } from '../time.ts';
import { isLocalTime, isZone } from '../time.ts';
import type { Instant, LocalTime, Pass, Zone } from '../time.ts';
import { validateDisabledTimes } from './disabled-times.ts';
import type { DisabledTime } from './disabled-times.ts';
import { WEEKDAYS } from './weekdays.ts';
import type { Weekday } from './weekdays.ts';

export const REPEAT_UNITS = ['months', 'weeks', 'days', 'hours', 'minutes'] as const;
export type RepeatUnit = (typeof REPEAT_UNITS)[number];

/** The longest interval of each unit: ten years, which is also how far ahead CPM looks for a firing. */
export const LONGEST_REPEAT: Readonly<Record<RepeatUnit, number>> = {
  months: 120,
  weeks: 520,
  days: 3650,
  hours: 87_600,
  minutes: 5_256_000,
};

/** When a schedule fires: all that the rules need, and nothing about whose it is. */
export type ScheduleRule = {
  readonly repeat: { readonly every: number; readonly unit: RepeatUnit };
  /** The wall-clock time of the first firing; every other firing derives from it. */
  readonly startLocal: LocalTime;
  /** Which of two equal wall-clock times the start means; matters only where clocks are put back. */
  readonly startPass: Pass;
  readonly zone: Zone;
  /** No firing at this moment or after it; null: never ends. */
  readonly endAt: Instant | null;
  readonly activeDays: readonly Weekday[];
  readonly disabledTimes: readonly DisabledTime[];
};

export type Schedule = ScheduleRule & {
  readonly id: ScheduleId;
  readonly ownerId: UserId;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
};

/** A rule as it comes from outside: same fields, nothing checked yet. */
export type ScheduleRuleInput = {
  readonly repeat: { readonly every: number; readonly unit: string };
  readonly startLocal: string;
  readonly startPass?: string | undefined;
  readonly zone: string;
  readonly endAt?: number | null | undefined;
  readonly activeDays: readonly string[];
  readonly disabledTimes?:
    | readonly { readonly day: string; readonly start: string; readonly finish: string }[]
    | undefined;
};

/** The moment a schedule starts; in a gap of its zone's clocks the first instant after the gap. */
export function startOf(rule: Pick<ScheduleRule, 'startLocal' | 'startPass' | 'zone'>): Instant {
  return resolveLocalTime(rule.startLocal, rule.zone, rule.startPass).at;
}

/** The wall-clock start that a moment is in a zone: for starts that were given as an instant. */
export function startFromInstant(at: Instant, zone: Zone): Pick<ScheduleRule, 'startLocal' | 'startPass'> {
  const startLocal = localTimeAt(at, zone);
  const earlier = resolveLocalTime(startLocal, zone, 'earlier').at;
  const isLater = Math.floor(at / 1000) * 1000 > earlier;
  return { startLocal, startPass: isLater ? 'later' : 'earlier' };
}

/** All that is wrong with a rule (SCH-1 to SCH-4), each with its field; empty when it can be stored. */
export function validateScheduleRule(input: ScheduleRuleInput): FieldError[] {
  const zoneErrors = isZone(input.zone) ? [] : [fieldError('zone', `unknown time zone "${input.zone}"`)];
  const startErrors = isLocalTime(input.startLocal)
    ? []
    : [fieldError('startLocal', 'give a date and time such as 2026-01-31T02:00')];
  const isPlaced = zoneErrors.length + startErrors.length === 0;
  return [
    ...validateRepeat(input.repeat),
    ...startErrors,
    ...(isOneOf(['earlier', 'later'], input.startPass ?? 'earlier')
      ? []
      : [fieldError('startPass', 'must be "earlier" or "later"')]),
    ...zoneErrors,
    ...(isPlaced ? validateEnd(input) : []),
    ...validateActiveDays(input.activeDays),
    ...validateDisabledTimes(input.disabledTimes ?? []),
  ];
}

/** What is wrong with a schedule's name or description: 1 to 100 characters that show, at most 1,000. */
export function validateScheduleText(input: { readonly name: string; readonly description?: string }): FieldError[] {
  const errors: FieldError[] = [];
  const wrong = validateName(input.name);
  if (wrong !== null) errors.push(fieldError('name', wrong));
  if ((input.description ?? '').length > 1000) {
    errors.push(fieldError('description', 'must have at most 1,000 characters'));
  }
  return errors;
}

function validateRepeat({ every, unit }: ScheduleRuleInput['repeat']): FieldError[] {
  if (!isOneOf(REPEAT_UNITS, unit)) return [fieldError('repeat.unit', `must be one of ${REPEAT_UNITS.join(', ')}`)];
  const longest = LONGEST_REPEAT[unit];
  if (Number.isInteger(every) && every >= 1 && every <= longest) return [];
  return [fieldError('repeat.every', `must be a whole number from 1 to ${longest} ${unit} (ten years)`)];
}

function validateEnd(input: ScheduleRuleInput): FieldError[] {
  if (input.endAt === null || input.endAt === undefined) return [];
  const rule = {
    startLocal: input.startLocal as LocalTime,
    startPass: input.startPass as Pass,
    zone: input.zone as Zone,
  };
  return input.endAt > startOf(rule) ? [] : [fieldError('endAt', 'must be after the start')];
}

function validateActiveDays(days: readonly string[]): FieldError[] {
  if (days.length === 0) return [fieldError('activeDays', 'choose at least one week day')];
  const wrong = days.findIndex((day) => !isOneOf(WEEKDAYS, day));
  if (wrong >= 0) return [fieldError(`activeDays.${wrong}`, `must be one of ${WEEKDAYS.join(', ')}`)];
  return new Set(days).size === days.length ? [] : [fieldError('activeDays', 'names a week day twice')];
}

function isOneOf<const Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text);
}

function fieldError(path: string, message: string): FieldError {
  return { path, message };
}
