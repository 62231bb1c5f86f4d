import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { addMs, DAY_MS, formatInstant, HOUR_MS, instant, MINUTE_MS, nextTransition, parseZone } from '../time.ts';
import type { Instant, LocalTime } from '../time.ts';
import type { DisabledTime } from './disabled-times.ts';
import { nextFiring } from './next-run.ts';
import { buildRule } from './rule-builder.ts';
import type { ScheduleRule } from './schedule.ts';
import { WEEKDAYS } from './weekdays.ts';

const LIVELY_ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // half an hour of summer time
  'America/Santiago', // changes at midnight
  'Africa/Casablanca', // four changes a year around Ramadan
  'Pacific/Apia', // left a day out in 2011
  'Asia/Kathmandu',
  'UTC',
];

/** The rule once more, the slow way: every candidate of the calendar, every minute of the day looked up by name. */
function firingsByHand(rule: ScheduleRule, from: Instant, until: Instant): number[] {
  const candidates =
    rule.repeat.unit === 'hours' || rule.repeat.unit === 'minutes'
      ? elapsedByHand(rule, until)
      : calendarByHand(rule, until);
  const allowed = [...candidates].filter(({ at, named }) => at > from && at <= until && isAllowedByHand(rule, named));
  const ended = allowed.filter(({ at }) => rule.endAt === null || at < rule.endAt);
  return [...new Set(ended.map(({ at }) => at))];
}

type Candidate = { readonly at: number; readonly named: Temporal.PlainDateTime };

function* calendarByHand({ repeat, startLocal, startPass, zone }: ScheduleRule, until: Instant): Generator<Candidate> {
  const start = Temporal.PlainDateTime.from(startLocal);
  for (let n = 0; ; n += 1) {
    const named = start.add({ [repeat.unit]: n * repeat.every });
    if (named.toZonedDateTime('UTC').epochMilliseconds - 2 * DAY_MS > until) return;
    yield { at: momentByHand(named, zone, n === 0 ? startPass : 'earlier'), named };
  }
}

function momentByHand(named: Temporal.PlainDateTime, zone: string, pass: 'earlier' | 'later'): number {
  const shown = named.toZonedDateTime(zone, { disambiguation: pass });
  if (shown.toPlainDateTime().equals(named)) return shown.epochMilliseconds;
  // In a gap: creep up to it from before, minute by minute, until the clock has jumped over the named time.
  let moment = named.toZonedDateTime(zone, { disambiguation: 'earlier' });
  while (Temporal.PlainDateTime.compare(moment.toPlainDateTime(), named) < 0)
    moment = moment.add({ minutes: 1 }).round('minute');
  return moment.epochMilliseconds;
}

function* elapsedByHand(rule: ScheduleRule, until: Instant): Generator<Candidate> {
  const start = momentByHand(Temporal.PlainDateTime.from(rule.startLocal), rule.zone, rule.startPass);
  const step = rule.repeat.every * (rule.repeat.unit === 'hours' ? HOUR_MS : MINUTE_MS);
  yield { at: start, named: Temporal.PlainDateTime.from(rule.startLocal) };
  for (let at = start + step; at <= until; at += step) {
    yield { at, named: Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(rule.zone).toPlainDateTime() };
  }
}

function isAllowedByHand({ activeDays, disabledTimes }: ScheduleRule, named: Temporal.PlainDateTime): boolean {
  const today = WEEKDAYS[named.dayOfWeek - 1];
  const yesterday = WEEKDAYS[(named.dayOfWeek + 5) % 7];
  const clock = named.toPlainTime().toString({ smallestUnit: 'second' });
  const isDisabled = disabledTimes.some(({ day, start, finish }) => {
    const isOn = (weekday: string | undefined): boolean => day === 'every' || day === weekday;
    if (start < finish) return isOn(today) && clock >= start && clock < finish;
    return (isOn(today) && clock >= start) || (isOn(yesterday) && clock < finish);
  });
  return today !== undefined && activeDays.includes(today) && !isDisabled;
}

const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);

const disabledTime: fc.Arbitrary<DisabledTime> = fc
  .record({
    day: fc.constantFrom('every' as const, ...WEEKDAYS),
    start: timeOfDay,
    finish: fc.oneof(timeOfDay, fc.constant('24:00')),
  })
  .filter(({ start, finish }) => start !== finish);

/** Starts crowd around the changes of clocks: 2011 to 2027, many in the small hours. */
const startLocal = fc
  .tuple(
    fc.integer({ min: Date.UTC(2011, 11, 20), max: Date.UTC(2027, 0, 1) }),
    fc.integer({ min: 0, max: 16 }),
    fc.boolean(),
  )
  .map(([ms, quarter, isSmallHour]) => {
    const day = Math.floor(ms / DAY_MS) * DAY_MS;
    const moment = isSmallHour ? day + quarter * 15 * MINUTE_MS : Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    return formatInstant(instant(moment)).slice(0, 19) as LocalTime;
  });

const repeat = fc.oneof(
  fc.record({ every: fc.integer({ min: 1, max: 13 }), unit: fc.constantFrom('months' as const) }),
  fc.record({ every: fc.integer({ min: 1, max: 5 }), unit: fc.constantFrom('weeks' as const) }),
  fc.record({ every: fc.integer({ min: 1, max: 40 }), unit: fc.constantFrom('days' as const) }),
  fc.record({ every: fc.integer({ min: 1, max: 60 }), unit: fc.constantFrom('hours' as const) }),
  fc.record({ every: fc.integer({ min: 7, max: 3000 }), unit: fc.constantFrom('minutes' as const) }),
);

const rules = fc.record({
  repeat,
  startLocal,
  startPass: fc.constantFrom('earlier' as const, 'later' as const),
  zone: fc.constantFrom(...LIVELY_ZONES.map(parseZone)),
  endAt: fc.constant(null),
  activeDays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  disabledTimes: fc.array(disabledTime, { maxLength: 4 }),
});

describe('the next firing', () => {
  it('is what counting through the calendar by hand gives', () => {
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: -2, max: 30 }),
        fc.option(fc.integer({ min: 1, max: 60 })),
        (parts, skipDays, endDays) => {
          const startMs = instant(Date.parse(`${parts.startLocal}Z`));
          const rule: ScheduleRule = { ...parts, endAt: endDays === null ? null : addMs(startMs, endDays * DAY_MS) };
          const from = addMs(startMs, skipDays * DAY_MS);
          const until = addMs(from, 20 * DAY_MS);
          const found: number[] = [];
          for (let next = nextFiring(rule, from); next !== null && next.at <= until; next = nextFiring(rule, next.at))
            found.push(next.at);
          expect(found).toEqual(firingsByHand(rule, from, until));
        },
      ),
      { numRuns: 120 },
    );
  });

  it('does not depend on where the search begins', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 400 * DAY_MS }), (rule, aheadMs) => {
        const from = addMs(instant(Date.parse(`${rule.startLocal}Z`)), aheadMs);
        const next = nextFiring(rule, from);
        if (next === null) return;
        expect(next.at).toBeGreaterThan(from);
        const halfway = instant(Math.floor((from + next.at) / 2));
        expect(nextFiring(rule, halfway)?.at).toBe(next.at);
        expect(nextFiring(rule, instant(next.at - 1))?.at).toBe(next.at);
      }),
      { numRuns: 100 },
    );
  });

  it('is found within a second whatever the rule', () => {
    const slowest = fc.record({
      rule: rules,
      every: fc.integer({ min: 1, max: 90 }),
      disabledTimes: fc.array(disabledTime, { minLength: 20, maxLength: 200 }),
    });
    fc.assert(
      fc.property(slowest, ({ rule, every, disabledTimes }) => {
        const busy: ScheduleRule = { ...rule, repeat: { every, unit: 'minutes' }, disabledTimes };
        const from = instant(Date.parse(`${rule.startLocal}Z`));
        nextFiring(busy, from);
        const before = performance.now();
        nextFiring(busy, from);
        expect(performance.now() - before).toBeLessThan(1000);
      }),
      { numRuns: 25 },
    );
  });
});

describe('F8: every zone, daily at 00:00 to 03:59 by a quarter of an hour', () => {
  /** Follows a daily schedule over some days and says where it did not run exactly once in a local day. */
  function deviations(rule: ScheduleRule, from: Instant, days: number): string[] {
    const found: string[] = [];
    const clock = rule.startLocal.slice(10);
    let expected: Temporal.PlainDate | null = null;
    let next = nextFiring(rule, from);
    for (let n = 0; n < days && next !== null; n += 1) {
      const shown = Temporal.Instant.fromEpochMilliseconds(next.at).toZonedDateTimeISO(rule.zone).toPlainDateTime();
      const isNamed = shown.toString({ smallestUnit: 'second' }).endsWith(clock);
      const isOnItsDay = expected === null || shown.toPlainDate().equals(expected);
      if (!isOnItsDay || (!isNamed && next.kind !== 'gap')) found.push(`${rule.zone} ${formatInstant(next.at)}`);
      expected = shown.toPlainDate().add({ days: 1 });
      next = nextFiring(rule, next.at);
    }
    return found;
  }

  const clocks = Array.from({ length: 16 }, (_, quarter) =>
    formatInstant(instant(quarter * 15 * MINUTE_MS)).slice(10, 19),
  );
  const zones = Intl.supportedValuesOf('timeZone').map(parseZone);

  it('runs exactly once per local day around every change of clocks of 2026 to 2036', () => {
    const found: string[] = [];
    let quarter = 0;
    for (const [index, zone] of zones.entries()) {
      // One year for each zone, another one for its neighbour: together they cover the ten.
      const year = 2026 + (index % 11);
      let change = nextTransition(instant(Date.UTC(year, 0, 1)), zone);
      for (let n = 0; change !== null && change < Date.UTC(year + 1, 0, 1) && n < 4; n += 1) {
        for (let times = 0; times < 2; times += 1) {
          quarter += 5;
          const rule = buildRule({ repeat: [1, 'days'], start: `${year}-01-01${clocks[quarter % 16]}`, zone });
          found.push(...deviations(rule, addMs(change, -2 * DAY_MS), 4));
        }
        change = nextTransition(change, zone);
      }
    }
    expect(found).toEqual([]);
  });

  it.each(['Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Beirut'])(
    'runs exactly once per local day all year in %s',
    (zone) => {
      const rules = clocks
        .filter((_, quarter) => quarter % 5 === 0)
        .map((clock) => buildRule({ repeat: [1, 'days'], start: `2031-01-01${clock}`, zone }));
      expect(rules.flatMap((rule) => deviations(rule, addMs(instant(Date.UTC(2031, 0, 1)), -2 * DAY_MS), 366))).toEqual(
        [],
      );
    },
  );
});
