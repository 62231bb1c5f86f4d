import type { Schedule, ScheduleInput } from '@cpm/contract';
import {
  formatInstant,
  parseLocalTime,
  parseZone,
  REPEAT_UNITS,
  resolveLocalTime,
  WEEKDAYS,
  type Weekday,
} from '@cpm/core';
import { asField, flag, many, parsed, readWholeNumber, text, wrongInput } from '../command.ts';

const DAY_GROUPS: Readonly<Record<string, readonly Weekday[]>> = {
  all: WEEKDAYS,
  weekdays: WEEKDAYS.filter((day) => day !== 'saturday' && day !== 'sunday'),
  weekend: ['saturday', 'sunday'],
};

type Interval = ScheduleInput['repeat'];
type DisabledTime = NonNullable<ScheduleInput['disabledTimes']>[number];

/** The options that say when a schedule fires. */
export const ruleOptions = {
  every: asField(
    'repeat',
    parsed('--every <interval>', 'How often, such as "1 day", "2 weeks", 30minutes.', parseInterval),
  ),
  start: asField(
    'startLocal',
    text('--start <time>', "The first time, by the clocks of the schedule's zone: 2026-01-31T02:00."),
  ),
  laterPass: asField('startPass', flag('--later-pass', 'Where clocks show the start twice, the second time is meant.')),
  end: asField(
    'endAt',
    text('--end <time>', "When it ends, by the zone's clocks or with an offset; never takes an end away."),
  ),
  zone: text('--zone <zone>', "IANA time zone, such as Europe/Berlin (the server's unless told)."),
  days: asField(
    'activeDays',
    parsed('--days <days>', 'Week days: mon,wed,fri or weekdays, weekend, all (all unless told).', parseWeekDays),
  ),
  disabledTime: asField(
    'disabledTimes',
    many('--disabled-time <time>', 'No firing then: "monday 17:00-08:00" or "every-day 00:00-02:00".'),
  ),
};

export const ruleNotes =
  'Days, weeks and months follow the clocks of the zone; hours and minutes are counted from the start.';

/** Reads `1 day`, `2weeks`, `30 minutes`; throws `invalid_request`. */
export function parseInterval(raw: string): Interval {
  const [, count = '', word = ''] = /^\s*(\d+)\s*([a-z]+)\s*$/i.exec(raw) ?? [];
  const unit = REPEAT_UNITS.find((each) => each === word.toLowerCase() || each.slice(0, -1) === word.toLowerCase());
  if (unit === undefined)
    throw wrongInput('--every', `"${raw}" is no interval such as "1 day", "2 weeks" or "30 minutes"`);
  return { every: readWholeNumber(count, '--every'), unit };
}

/** Reads `mon,wed`, full names, `weekdays`, `weekend` or `all`, in any order; throws `invalid_request`. */
export function parseWeekDays(raw: string): Weekday[] {
  const words = raw
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const chosen = new Set(
    words.flatMap((word) => (Object.hasOwn(DAY_GROUPS, word) ? (DAY_GROUPS[word] ?? []) : [oneWeekDay(word)])),
  );
  if (chosen.size === 0) throw wrongInput('--days', 'name at least one day');
  return WEEKDAYS.filter((day) => chosen.has(day));
}

/** Reads `monday 17:00-08:00` or `every-day 00:00-02:00`; throws `invalid_request`. */
export function parseDisabledTime(raw: string): DisabledTime {
  const [, word = '', start = '', finish = ''] = /^\s*([a-z-]+)\s+(\d\d:\d\d)\s*-\s*(\d\d:\d\d)\s*$/i.exec(raw) ?? [];
  if (word === '') throw wrongInput('--disabled-time', `"${raw}" is no time such as "monday 17:00-08:00"`);
  const day = word.toLowerCase() === 'every-day' ? 'every' : oneWeekDay(word.toLowerCase(), '--disabled-time');
  return { day, start, finish };
}

type RuleValues = {
  readonly every: Interval | undefined;
  readonly start: string | undefined;
  readonly laterPass: boolean;
  readonly end: string | undefined;
  readonly zone: string | undefined;
  readonly days: Weekday[] | undefined;
  readonly disabledTime: readonly string[];
};

/** The whole rule of a new schedule; `serverZone` is asked for where no option names a zone. Throws `invalid_request`. */
export async function newRule(values: RuleValues, serverZone: () => Promise<string>) {
  const { every, start, laterPass, end, days, disabledTime } = values;
  if (every === undefined) throw wrongInput('--every', 'say how often');
  if (start === undefined) throw wrongInput('--start', 'say when it fires first');
  const zone = values.zone ?? (await serverZone());
  return {
    repeat: every,
    startLocal: start,
    startPass: passOf(laterPass),
    endAt: end === undefined ? null : parseEnd(end, zone),
    zone,
    activeDays: days,
    disabledTimes: disabledTime.map(parseDisabledTime),
  };
}

/** The rule of a schedule with what the options change; what they leave out stays. */
export function changedRule(before: Schedule, values: RuleValues, withoutDisabledTimes: boolean) {
  const { every, start, laterPass, end, days, disabledTime } = values;
  const zone = values.zone ?? before.zone;
  return {
    repeat: every ?? before.repeat,
    startLocal: start ?? before.startLocal,
    startPass: laterPass || start !== undefined ? passOf(laterPass) : before.startPass,
    endAt: end === undefined ? before.endAt : parseEnd(end, zone),
    zone,
    activeDays: days ?? before.activeDays,
    disabledTimes: keptTimes(before, disabledTime, withoutDisabledTimes),
  };
}

/** Reads `never`, a moment with its offset, or what the clocks of the zone show; throws `invalid_request`. */
export function parseEnd(raw: string, zone: string): string | null {
  if (raw === 'never') return null;
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(raw)) return raw;
  return formatInstant(resolveLocalTime(parseLocalTime(raw), parseZone(zone)).at);
}

function keptTimes(before: Schedule, texts: readonly string[], withoutAny: boolean): DisabledTime[] {
  if (texts.length > 0) return texts.map(parseDisabledTime);
  return withoutAny ? [] : [...before.disabledTimes];
}

const passOf = (isLater: boolean) => (isLater ? ('later' as const) : ('earlier' as const));

function oneWeekDay(word: string, path = '--days'): Weekday {
  const day = WEEKDAYS.find((each) => each === word || each.slice(0, 3) === word);
  if (day === undefined) throw wrongInput(path, `"${word}" is no week day`);
  return day;
}
