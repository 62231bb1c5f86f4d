import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { formatInstant, instant, parseInstant } from '../time.ts';
import { neverFires, nextFiring, nextRun } from './next-run.ts';
import { buildRule } from './rule-builder.ts';
import type { ScheduleRule } from './schedule.ts';
import { WEEKDAYS } from './weekdays.ts';

/** The next firings after a moment, in UTC without seconds where they are zero. */
function firings(rule: ScheduleRule, after: string, count: number): string[] {
  const found: string[] = [];
  let from = parseInstant(after);
  for (let firing = nextFiring(rule, from); firing !== null && found.length < count; firing = nextFiring(rule, from)) {
    found.push(formatInstant(firing.at).replace(/:00\.000Z$/, 'Z'));
    from = firing.at;
  }
  return found;
}

describe('every firing derives from the start', () => {
  it.each([
    ['a day', [1, 'days'], '2026-01-05T02:00', ['2026-01-05T02:00Z', '2026-01-06T02:00Z', '2026-01-07T02:00Z']],
    ['3 days', [3, 'days'], '2026-01-05T02:00', ['2026-01-05T02:00Z', '2026-01-08T02:00Z', '2026-01-11T02:00Z']],
    ['2 weeks', [2, 'weeks'], '2026-01-05T02:00', ['2026-01-05T02:00Z', '2026-01-19T02:00Z', '2026-02-02T02:00Z']],
    [
      'an hour at 17 past',
      [1, 'hours'],
      '2026-01-05T02:17',
      ['2026-01-05T02:17Z', '2026-01-05T03:17Z', '2026-01-05T04:17Z'],
    ],
    ['7 minutes', [7, 'minutes'], '2026-01-05T23:50', ['2026-01-05T23:50Z', '2026-01-05T23:57Z', '2026-01-06T00:04Z']],
    ['a month', [1, 'months'], '2026-01-15T02:00', ['2026-01-15T02:00Z', '2026-02-15T02:00Z', '2026-03-15T02:00Z']],
    [
      'a start with seconds',
      [1, 'days'],
      '2026-01-05T02:00:30',
      ['2026-01-05T02:00:30.000Z', '2026-01-06T02:00:30.000Z'],
    ],
  ] as const)('every %s', (_, repeat, start, expected) => {
    expect(firings(buildRule({ repeat, start }), '2026-01-01T00:00Z', expected.length)).toEqual(expected);
  });

  it.each([
    ['the start itself is the first firing', '2026-01-05T01:59:59Z', '2026-01-05T02:00Z'],
    ['strictly after the moment', '2026-01-05T02:00Z', '2026-01-06T02:00Z'],
    ['also years later', '2031-07-01T12:00Z', '2031-07-02T02:00Z'],
    ['also long before the start', '1971-01-01T00:00Z', '2026-01-05T02:00Z'],
  ])('%s', (_, after, expected) => {
    expect(firings(buildRule({ repeat: [1, 'days'], start: '2026-01-05T02:00' }), after, 1)).toEqual([expected]);
  });

  it.each(['months', 'weeks', 'days', 'hours', 'minutes'] as const)(
    '%s: a millisecond before a firing it is the next',
    (unit) => {
      const rule = buildRule({ repeat: [1, unit], start: '2026-01-31T02:00' });
      const second = nextFiring(rule, parseInstant('2026-01-31T02:00Z'))?.at ?? 0;
      expect(nextFiring(rule, instant(second - 1))?.at).toBe(second);
      expect(nextFiring(rule, instant(second))?.at).toBeGreaterThan(second);
    },
  );

  it('a disabled schedule does not run', () => {
    const rule = buildRule({ repeat: [1, 'days'], start: '2026-01-05T02:00' });
    const after = parseInstant('2026-01-01T00:00Z');
    expect(nextRun({ ...rule, enabled: false }, after)).toBeNull();
    expect(nextRun({ ...rule, enabled: true }, after)).toBe(parseInstant('2026-01-05T02:00Z'));
    expect(nextRun({ ...rule, enabled: true, activeDays: [] }, after)).toBeNull();
  });
});

describe('month arithmetic', () => {
  it('clamps to the last day of a shorter month and does not drift', () => {
    const rule = buildRule({ repeat: [1, 'months'], start: '2027-01-31T02:00' });
    expect(firings(rule, '2027-01-01T00:00Z', 15).map((text) => text.slice(0, 10))).toEqual([
      '2027-01-31',
      '2027-02-28',
      '2027-03-31',
      '2027-04-30',
      '2027-05-31',
      '2027-06-30',
      '2027-07-31',
      '2027-08-31',
      '2027-09-30',
      '2027-10-31',
      '2027-11-30',
      '2027-12-31',
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
    ]);
  });

  it('comes back to 29 February every fourth year', () => {
    const rule = buildRule({ repeat: [12, 'months'], start: '2028-02-29T02:00' });
    expect(firings(rule, '2028-01-01T00:00Z', 5).map((text) => text.slice(0, 10))).toEqual([
      '2028-02-29',
      '2029-02-28',
      '2030-02-28',
      '2031-02-28',
      '2032-02-29',
    ]);
  });

  it('knows that 2100 is no leap year', () => {
    const rule = buildRule({ repeat: [1, 'months'], start: '2099-12-30T02:00' });
    expect(firings(rule, '2100-01-31T00:00Z', 2).map((text) => text.slice(0, 10))).toEqual([
      '2100-02-28',
      '2100-03-30',
    ]);
  });

  it('filters month days by week day', () => {
    const rule = buildRule({ repeat: [1, 'months'], start: '2026-01-01T02:00', activeDays: ['monday'] });
    expect(firings(rule, '2026-01-01T00:00Z', 2)).toEqual(['2026-06-01T02:00Z', '2027-02-01T02:00Z']);
  });
});

describe('summer time in the zone of the schedule', () => {
  it.each([
    [
      'days follow the wall clock',
      [1, 'days'],
      '2026-03-27T10:00',
      ['2026-03-27T09:00Z', '2026-03-28T09:00Z', '2026-03-29T08:00Z'],
    ],
    [
      'weeks follow the wall clock',
      [1, 'weeks'],
      '2026-03-22T10:00',
      ['2026-03-22T09:00Z', '2026-03-29T08:00Z', '2026-04-05T08:00Z'],
    ],
    ['months follow the wall clock', [1, 'months'], '2026-03-01T10:00', ['2026-03-01T09:00Z', '2026-04-01T08:00Z']],
    [
      'hours are real durations',
      [24, 'hours'],
      '2026-03-28T10:00',
      ['2026-03-28T09:00Z', '2026-03-29T09:00Z', '2026-03-30T09:00Z'],
    ],
    [
      'every hour fires through the gap',
      [1, 'hours'],
      '2026-03-29T01:30',
      ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T02:30Z'],
    ],
    [
      'a firing in the gap runs at the first instant after it',
      [1, 'days'],
      '2026-03-28T02:30',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'a start in the gap too, and the schedule keeps its own time',
      [1, 'days'],
      '2026-03-29T02:30',
      ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'hours count from where the gap moved the start',
      [1, 'hours'],
      '2026-03-29T02:30',
      ['2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ],
    [
      'a repeated time runs once, at the earlier',
      [1, 'days'],
      '2026-10-24T02:30',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'every hour fires in both passes',
      [1, 'hours'],
      '2026-10-25T02:30',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'],
    ],
  ] as const)('%s', (_, repeat, start, expected) => {
    const rule = buildRule({ repeat, start, zone: 'Europe/Berlin' });
    expect(firings(rule, '2026-01-01T00:00Z', expected.length)).toEqual(expected);
  });

  it('only a start given in the later pass fires there', () => {
    const rule = buildRule({
      repeat: [1, 'days'],
      start: '2026-10-25T02:30',
      zone: 'Europe/Berlin',
      startPass: 'later',
    });
    expect(firings(rule, '2026-01-01T00:00Z', 2)).toEqual(['2026-10-25T01:30Z', '2026-10-26T01:30Z']);
    const yearly = { ...rule, repeat: { every: 364, unit: 'days' } as const };
    expect(firings(yearly, '2026-01-01T00:00Z', 3)).toEqual([
      '2026-10-25T01:30Z',
      '2027-10-24T00:30Z',
      '2028-10-22T00:30Z',
    ]);
    const hourly = { ...rule, repeat: { every: 1, unit: 'hours' } as const };
    expect(firings(hourly, '2026-01-01T00:00Z', 2)).toEqual(['2026-10-25T01:30Z', '2026-10-25T02:30Z']);
  });

  it('a start in the later pass is still to come while clocks show it for the first time', () => {
    const rule = buildRule({
      repeat: [1, 'days'],
      start: '2026-10-25T02:30',
      zone: 'Europe/Berlin',
      startPass: 'later',
    });
    expect(firings(rule, '2026-10-25T00:45Z', 1)).toEqual(['2026-10-25T01:30Z']);
    expect(firings({ ...rule, startPass: 'earlier' }, '2026-10-25T00:45Z', 1)).toEqual(['2026-10-26T01:30Z']);
  });

  it('week days look at the time the schedule names, not at where a gap moved it', () => {
    // In Santiago clocks jump from Saturday 24:00 to Sunday 01:00; in Samoa the whole of Friday was left out.
    const santiago = buildRule({ repeat: [1, 'days'], start: '2026-09-05T00:30', zone: 'America/Santiago' });
    expect(firings({ ...santiago, activeDays: ['sunday'] }, '2026-09-05T00:00Z', 1)).toEqual(['2026-09-06T04:00Z']);
    const samoa = buildRule({ repeat: [1, 'days'], start: '2011-12-29T10:00', zone: 'Pacific/Apia' });
    expect(firings({ ...samoa, activeDays: ['friday'] }, '2011-12-29T00:00Z', 2)).toEqual([
      '2011-12-30T10:00Z',
      '2012-01-05T20:00Z',
    ]);
    expect(firings({ ...samoa, activeDays: ['saturday'] }, '2011-12-29T00:00Z', 1)).toEqual(['2011-12-30T20:00Z']);
  });

  it('two firings that a gap moves to the same instant are one', () => {
    const rule = buildRule({ repeat: [1, 'days'], start: '2011-12-29T00:00', zone: 'Pacific/Apia' });
    expect(firings(rule, '2011-12-29T00:00Z', 3)).toEqual([
      '2011-12-29T10:00Z',
      '2011-12-30T10:00Z',
      '2011-12-31T10:00Z',
    ]);
  });

  it('an hourly schedule that starts in a gap names its first firing by the start', () => {
    const rule = buildRule({ repeat: [1, 'hours'], start: '2026-03-29T02:30', zone: 'Europe/Berlin' });
    const inGap = [{ day: 'every', start: '02:00', finish: '03:00' }] as const;
    expect(firings({ ...rule, disabledTimes: inGap }, '2026-03-28T12:00Z', 1)).toEqual(['2026-03-29T02:00Z']);
    expect(nextFiring(rule, parseInstant('2026-03-28T12:00Z'))).toMatchObject({
      named: '2026-03-29T02:30:00',
      kind: 'gap',
    });
    const repeated = buildRule({ repeat: [1, 'hours'], start: '2026-10-25T02:30', zone: 'Europe/Berlin' });
    expect(nextFiring(repeated, parseInstant('2026-10-24T12:00Z'))?.kind).toBe('unique');
  });

  it('disabled times look at the time named, so a gap neither hides nor adds a firing', () => {
    const rule = buildRule({ repeat: [1, 'days'], start: '2026-03-28T02:30', zone: 'Europe/Berlin' });
    const afterGap = [{ day: 'every', start: '03:00', finish: '04:00' }] as const;
    expect(firings({ ...rule, disabledTimes: afterGap }, '2026-03-28T12:00Z', 1)).toEqual(['2026-03-29T01:00Z']);
    const inGap = [{ day: 'every', start: '02:00', finish: '03:00' }] as const;
    expect(firings({ ...rule, disabledTimes: inGap }, '2026-03-28T12:00Z', 1)).toEqual([]);
  });
});

describe('the end', () => {
  const daily = buildRule({ repeat: [1, 'days'], start: '2026-01-05T02:00', endAt: parseInstant('2026-01-07T02:00Z') });

  it('a firing exactly at the end does not happen', () => {
    expect(firings(daily, '2026-01-01T00:00Z', 9)).toEqual(['2026-01-05T02:00Z', '2026-01-06T02:00Z']);
  });

  it('a firing a millisecond before the end does', () => {
    const rule = { ...daily, endAt: parseInstant('2026-01-07T02:00:00.001Z') };
    expect(firings(rule, '2026-01-01T00:00Z', 9)).toHaveLength(3);
  });
});

describe('disabled times', () => {
  const hourly = buildRule({ repeat: [1, 'hours'], start: '2026-01-05T00:00' }); // a Monday
  const fired = (rule: ScheduleRule, after: string, count: number): string[] =>
    firings(rule, after, count).map((text) => text.slice(8, 16).replace('T', ' '));

  it.each([
    [
      'start inclusive, finish exclusive',
      { day: 'tuesday', start: '13:00', finish: '15:00' },
      '2026-01-06T11:30Z',
      ['06 12:00', '06 15:00'],
    ],
    ['only on its day', { day: 'tuesday', start: '13:00', finish: '15:00' }, '2026-01-07T12:30Z', ['07 13:00']],
    ['up to 24:00', { day: 'monday', start: '22:00', finish: '24:00' }, '2026-01-05T20:30Z', ['05 21:00', '06 00:00']],
    [
      'past midnight into the next day',
      { day: 'monday', start: '17:00', finish: '08:00' },
      '2026-01-05T15:30Z',
      ['05 16:00', '06 08:00'],
    ],
    [
      'from Sunday into Monday',
      { day: 'sunday', start: '17:00', finish: '08:00' },
      '2026-01-11T15:30Z',
      ['11 16:00', '12 08:00'],
    ],
    [
      'to midnight written as 00:00',
      { day: 'monday', start: '17:00', finish: '00:00' },
      '2026-01-05T15:30Z',
      ['05 16:00', '06 00:00'],
    ],
    [
      'every night',
      { day: 'every', start: '18:00', finish: '06:00' },
      '2026-01-05T16:30Z',
      ['05 17:00', '06 06:00', '06 07:00'],
    ],
    [
      'every night from the first morning on',
      { day: 'every', start: '18:00', finish: '06:00' },
      '2026-01-04T00:00Z',
      ['05 06:00'],
    ],
  ] as const)('%s', (_, disabled, after, expected) => {
    expect(fired({ ...hourly, disabledTimes: [disabled] }, after, expected.length)).toEqual(expected);
  });

  it('overlapping ones add up', () => {
    const disabledTimes = [
      { day: 'every', start: '08:00', finish: '12:00' },
      { day: 'monday', start: '10:00', finish: '14:00' },
      { day: 'monday', start: '14:00', finish: '15:00' },
    ] as const;
    expect(fired({ ...hourly, disabledTimes }, '2026-01-05T06:30Z', 2)).toEqual(['05 07:00', '05 15:00']);
  });

  it('hold in both passes of a repeated hour', () => {
    const rule = buildRule({ repeat: [30, 'minutes'], start: '2026-10-25T00:00', zone: 'Europe/Berlin' });
    const disabledTimes = [{ day: 'every', start: '02:00', finish: '03:00' }] as const;
    expect(firings({ ...rule, disabledTimes }, '2026-10-24T23:15Z', 2)).toEqual([
      '2026-10-24T23:30Z',
      '2026-10-25T02:00Z',
    ]);
  });

  it('that begin in a repeated hour hold again in its second pass', () => {
    const rule = buildRule({ repeat: [15, 'minutes'], start: '2026-10-25T00:00', zone: 'Europe/Berlin' });
    const disabledTimes = [{ day: 'every', start: '02:30', finish: '03:30' }] as const;
    expect(firings({ ...rule, disabledTimes }, '2026-10-25T00:00Z', 4)).toEqual([
      '2026-10-25T00:15Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:15Z',
      '2026-10-25T02:30Z',
    ]);
  });

  it('that would end inside a gap end with it', () => {
    const rule = buildRule({ repeat: [15, 'minutes'], start: '2026-03-29T00:00', zone: 'Europe/Berlin' });
    const disabledTimes = [{ day: 'every', start: '01:30', finish: '02:30' }] as const;
    expect(firings({ ...rule, disabledTimes }, '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T00:15Z',
      '2026-03-29T01:00Z',
    ]);
  });

  it('fall on week days where the wall clock is', () => {
    const rule = buildRule({
      repeat: [1, 'hours'],
      start: '2026-01-05T00:00',
      zone: 'Pacific/Auckland',
      activeDays: ['tuesday'],
    });
    expect(firings(rule, '2026-01-01T00:00Z', 1)).toEqual(['2026-01-05T11:00Z']);
  });
});

describe('a schedule that contradicts itself', () => {
  const allDay = [{ day: 'every', start: '00:00', finish: '24:00' }] as const;
  const allDayInPieces = [
    { day: 'every', start: '12:00', finish: '11:00' },
    { day: 'every', start: '11:00', finish: '12:00' },
  ] as const;
  const oddMinutes = Array.from({ length: 24 }, (_, hour) => {
    const text = String(hour).padStart(2, '0');
    return { day: 'every', start: `${text}:00`, finish: `${text}:01` } as const;
  });

  it.each([
    [
      'weekly on Monday without Monday',
      { repeat: [1, 'weeks'], start: '2026-01-05T02:00', activeDays: WEEKDAYS.slice(1) },
    ],
    [
      'daily inside a disabled time',
      {
        repeat: [1, 'days'],
        start: '2026-01-05T02:00',
        disabledTimes: [{ day: 'every', start: '01:00', finish: '03:00' }],
      },
    ],
    ['every minute and always disabled', { repeat: [1, 'minutes'], start: '2026-01-05T02:00', disabledTimes: allDay }],
    [
      'every minute, disabled in pieces',
      { repeat: [1, 'minutes'], start: '2026-01-05T02:00', disabledTimes: allDayInPieces, zone: 'Europe/Berlin' },
    ],
    [
      'every hour on the hour, each disabled',
      { repeat: [1, 'hours'], start: '2026-01-05T02:00', disabledTimes: oddMinutes, zone: 'America/New_York' },
    ],
    ['every 168 hours on another day', { repeat: [168, 'hours'], start: '2026-01-05T02:00', activeDays: ['friday'] }],
    ['every 7 days on another day', { repeat: [7, 'days'], start: '2026-01-05T02:00', activeDays: ['friday'] }],
    [
      'only a week day that its zone left out, before its end',
      {
        repeat: [1, 'months'],
        start: '2026-01-05T02:00',
        activeDays: ['sunday'],
        endAt: parseInstant('2026-02-01T00:00Z'),
      },
    ],
  ] as const)('never fires, and that is found within a second: %s', (_, parts) => {
    const rule = buildRule(parts);
    const before = performance.now();
    expect(neverFires(rule)).toBe(true);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('is not one whose start is its only firing', () => {
    const endAt = parseInstant('2026-01-05T02:00:00.001Z');
    expect(neverFires(buildRule({ repeat: [1, 'days'], start: '2026-01-05T02:00', endAt }))).toBe(false);
    expect(neverFires(buildRule({ repeat: [1, 'hours'], start: '2026-01-05T02:00', endAt }))).toBe(false);
  });

  it('is not one that merely waits long', () => {
    expect(neverFires(buildRule({ repeat: [120, 'months'], start: '2026-01-05T02:00' }))).toBe(false);
    // 29 February on a Sunday: the first is in 2032.
    const rule = buildRule({ repeat: [48, 'months'], start: '2024-02-29T02:00', activeDays: ['sunday'] });
    expect(firings(rule, '2024-01-01T00:00Z', 1)).toEqual(['2032-02-29T02:00Z']);
    expect(neverFires(rule)).toBe(false);
  });

  it('is not one that has merely ended', () => {
    const rule = buildRule({
      repeat: [1, 'days'],
      start: '2020-01-01T02:00',
      endAt: parseInstant('2020-02-01T00:00Z'),
    });
    expect(neverFires(rule)).toBe(false);
    expect(firings(rule, '2026-01-01T00:00Z', 1)).toEqual([]);
  });

  it('answers at the end of the calendar too', () => {
    const rule = buildRule({ repeat: [1, 'days'], start: '9899-12-31T23:00', zone: 'Pacific/Kiritimati' });
    expect(firings(rule, '9999-12-30T00:00Z', 3)).toEqual([]);
    expect(firings({ ...rule, repeat: { every: 1, unit: 'minutes' } }, '9999-12-30T00:00Z', 3)).toEqual([]);
  });
});
