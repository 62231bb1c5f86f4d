import { localTimeAt, localTimeToMs } from '../time.ts';
import type { LocalTime } from '../time.ts';
import type { DisabledTime } from './disabled-times.ts';
import { shortTime } from './preview.ts';
import type { ScheduleRule } from './schedule.ts';
import { WEEKDAYS, weekdayIndexOf, weekdayName } from './weekdays.ts';
import type { Weekday } from './weekdays.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** The rule in plain words, such as `Every 2 weeks on Monday at 02:00 (Europe/Berlin), from 5 January 2026`. */
export function describeSchedule(rule: ScheduleRule): string {
  const parts = [
    `${describeRepeat(rule)} (${rule.zone}), from ${describeDate(rule.startLocal)}`,
    ...(rule.endAt === null ? [] : [`until ${describeMoment(localTimeAt(rule.endAt, rule.zone))}`]),
    ...(rule.disabledTimes.length === 0 ? [] : [`not ${joinWords(rule.disabledTimes.map(describeDisabledTime))}`]),
  ];
  return parts.join(', ');
}

/** A disabled time in plain words: `Monday 17:00 to Tuesday 08:00`, `every day 18:00 to 06:00`. */
export function describeDisabledTime({ day, start, finish }: DisabledTime): string {
  if (day === 'every') return `every day ${start} to ${finish}`;
  const isOvernight = finish < start;
  const next = WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length] ?? day;
  return `${weekdayName(day)} ${start} to ${isOvernight ? `${weekdayName(next)} ` : ''}${finish}`;
}

function describeRepeat(rule: ScheduleRule): string {
  const { every, unit } = rule.repeat;
  const interval = every === 1 ? `Every ${unit.slice(0, -1)}` : `Every ${every} ${unit}`;
  const time = shortTime(rule.startLocal.slice(11));
  const startDay = WEEKDAYS[weekdayIndexOf(localTimeToMs(rule.startLocal))] ?? 'monday';
  switch (unit) {
    case 'hours':
    case 'minutes':
      return `${interval} from ${time}${describeDays(rule.activeDays)}`;
    case 'days':
      return `${interval}${describeDays(rule.activeDays)} at ${time}`;
    case 'weeks':
      return `${interval} on ${weekdayName(startDay)}${rule.activeDays.includes(startDay) ? '' : ' (not an active day)'} at ${time}`;
    case 'months':
      return `${interval} on day ${describeDayOfMonth(rule.startLocal)}${describeDays(rule.activeDays)} at ${time}`;
  }
}

/** ` on Monday and Friday`; nothing when every day is active. */
function describeDays(days: readonly Weekday[]): string {
  if (days.length === WEEKDAYS.length) return '';
  const names = WEEKDAYS.filter((day) => days.includes(day)).map(weekdayName);
  return ` on ${joinWords(names)}`;
}

function describeDayOfMonth(local: LocalTime): string {
  const day = Number(local.slice(8, 10));
  return day > 28 ? `${day} (or the last of the month)` : String(day);
}

function describeDate(local: LocalTime): string {
  return `${Number(local.slice(8, 10))} ${MONTHS[Number(local.slice(5, 7)) - 1]} ${local.slice(0, 4)}`;
}

function describeMoment(local: LocalTime): string {
  return `${describeDate(local)} ${shortTime(local.slice(11))}`;
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
