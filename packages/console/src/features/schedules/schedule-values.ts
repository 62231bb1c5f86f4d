import type { Schedule, ScheduleInput } from '@cpm/contract';
import {
  describeSchedule,
  formatInstant,
  isLocalTime,
  isZone,
  localTimeAt,
  parseInstant,
  parseLocalTime,
  parseZone,
  previewSchedule,
  resolveLocalTime,
  validateScheduleRule,
  validateScheduleText,
  type DisabledTime,
  type FieldError,
  type Instant,
  type RepeatUnit,
  type Weekday,
} from '@cpm/core';

/** A schedule as its form holds it; field names as in core, so that its objections fit. */
export type ScheduleValues = {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly repeat: { readonly every: number | string; readonly unit: RepeatUnit };
  readonly zone: string;
  readonly startLocal: string;
  readonly isLaterPass: boolean;
  /** On the clocks of the zone; empty: never ends. */
  readonly endLocal: string;
  readonly activeDays: Weekday[];
  readonly disabledTimes: DisabledTime[];
};

/** A saved schedule as its form shows it. */
export function valuesOf(schedule: Schedule): ScheduleValues {
  const { name, description, enabled, repeat, zone, startLocal, startPass, endAt, activeDays, disabledTimes } =
    schedule;
  return {
    name,
    description,
    enabled,
    repeat,
    zone,
    activeDays,
    disabledTimes,
    startLocal: startLocal.slice(0, 16),
    isLaterPass: startPass === 'later',
    endLocal: endAt === null ? '' : localTimeAt(parseInstant(endAt), parseZone(zone)).slice(0, 16),
  };
}

/** What is sent to the server, once nothing is wrong with it. */
export function inputOf(values: ScheduleValues): ScheduleInput {
  const { name, description, enabled } = values;
  const { endAt, ...rule } = ruleInputOf(values);
  return { name, description, enabled, ...rule, endAt: endAt === null ? null : formatInstant(endAt) };
}

/** All that core objects to, by the form's field names. */
export function problemsOf(values: ScheduleValues): FieldError[] {
  const { name, description, endLocal } = values;
  const isEndWrong = endLocal !== '' && !isLocalTime(endLocal);
  const endProblems = isEndWrong
    ? [{ path: 'endLocal', message: 'give a date and time such as 2026-01-31T02:00' }]
    : [];
  return [
    ...validateScheduleText({ name, description }),
    ...validateScheduleRule(ruleInputOf(values)).map(withFormPath),
    ...endProblems,
  ];
}

/** `endAt` and `startPass` are other fields in the form. */
export function withFormPath({ path, message }: FieldError): FieldError {
  return {
    path: { endAt: 'endLocal', startPass: 'isLaterPass' }[path] ?? path.replace(/^activeDays\..*/, 'activeDays'),
    message,
  };
}

function ruleInputOf({ repeat, zone, startLocal, isLaterPass, endLocal, activeDays, disabledTimes }: ScheduleValues) {
  const isPlaced = isZone(zone) && isLocalTime(endLocal);
  return {
    zone,
    startLocal,
    activeDays,
    disabledTimes,
    repeat: { every: Number(repeat.every || Number.NaN), unit: repeat.unit },
    startPass: isLaterPass ? ('later' as const) : ('earlier' as const),
    endAt: isPlaced ? resolveLocalTime(parseLocalTime(endLocal), parseZone(zone)).at : null,
  };
}

/** Whether clocks show the start twice, so that it must be said which time is meant. */
export function isStartAmbiguous({ startLocal, zone }: ScheduleValues): boolean {
  return (
    isLocalTime(startLocal) &&
    isZone(zone) &&
    resolveLocalTime(parseLocalTime(startLocal), parseZone(zone)).kind === 'overlap'
  );
}

/** The rule in words and its next firings, as core sees it; null while the form holds something that is no rule. */
export function previewOf(values: ScheduleValues, now: number) {
  if (problemsOf({ ...values, name: 'preview' }).length > 0) return null;
  const input = ruleInputOf(values);
  const rule = { ...input, startLocal: parseLocalTime(input.startLocal), zone: parseZone(input.zone) };
  return { words: describeSchedule(rule), ...previewSchedule(rule, now as Instant, 10) };
}
