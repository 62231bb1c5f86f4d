import { describe, expect, it } from 'vitest';
import { changedRule, newRule, parseDisabledTime, parseEnd, parseInterval, parseWeekDays } from './schedule-rule.ts';

const nothing = {
  every: undefined,
  start: undefined,
  laterPass: false,
  end: undefined,
  zone: undefined,
  days: undefined,
  disabledTime: [],
};
const wrong = (path: string) =>
  expect.objectContaining({ exitCode: 2, fields: [expect.objectContaining({ path })] }) as Error;

describe('an interval', () => {
  it.each([
    ['1 day', 1, 'days'],
    ['2weeks', 2, 'weeks'],
    ['30 Minutes', 30, 'minutes'],
    [' 6  hours ', 6, 'hours'],
    ['1 month', 1, 'months'],
  ])('%s', (text, every, unit) => {
    expect(parseInterval(text)).toEqual({ every, unit });
  });

  it.each(['', 'day', '0 days', '-1 day', '1.5 days', '1 fortnight', '1 day 2 hours', '9999999999 days'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseInterval(text)).toThrowError(wrong('--every'));
    },
  );
});

describe('week days', () => {
  it.each([
    ['mon,wed', ['monday', 'wednesday']],
    ['Friday, monday', ['monday', 'friday']],
    ['weekend', ['saturday', 'sunday']],
    ['weekdays,sat', ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']],
    ['mon mon', ['monday']],
  ])('%s', (text, days) => {
    expect(parseWeekDays(text)).toEqual(days);
  });

  it.each(['', ',', 'mo', 'moonday', 'constructor'])('"%s" are refused', (text) => {
    expect(() => parseWeekDays(text)).toThrowError(wrong('--days'));
  });
});

describe('a disabled time', () => {
  it.each([
    ['monday 17:00-08:00', { day: 'monday', start: '17:00', finish: '08:00' }],
    ['Every-Day 00:00 - 24:00', { day: 'every', start: '00:00', finish: '24:00' }],
    ['sun 01:00-02:00', { day: 'sunday', start: '01:00', finish: '02:00' }],
  ])('%s', (text, time) => {
    expect(parseDisabledTime(text)).toEqual(time);
  });

  it.each(['', '17:00-08:00', 'monday', 'monday 5pm-8am', 'someday 17:00-08:00', 'every 17:00-08:00'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseDisabledTime(text)).toThrowError(wrong('--disabled-time'));
    },
  );
});

describe('an end', () => {
  it('is what the clocks of the zone show, or a moment with its offset, or never', () => {
    expect(parseEnd('2026-07-01T12:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00.000Z');
    expect(parseEnd('2026-01-01T12:00', 'Europe/Berlin')).toBe('2026-01-01T11:00:00.000Z');
    expect(parseEnd('2026-07-01T12:00:00+05:30', 'Europe/Berlin')).toBe('2026-07-01T12:00:00+05:30');
    expect(parseEnd('never', 'Europe/Berlin')).toBeNull();
    expect(() => parseEnd('tomorrow', 'Europe/Berlin')).toThrowError(wrong('time'));
  });
});

describe('the rule of a new schedule', () => {
  it('needs to know how often and from when', async () => {
    await expect(newRule(nothing, async () => 'UTC')).rejects.toThrowError(wrong('--every'));
    const every = { every: 1, unit: 'days' } as const;
    await expect(newRule({ ...nothing, every }, async () => 'UTC')).rejects.toThrowError(wrong('--start'));
  });

  it('lives in the zone of the server unless told', async () => {
    const values = { ...nothing, every: { every: 1, unit: 'days' } as const, start: '2026-01-31T02:00' };
    expect((await newRule(values, async () => 'Asia/Tokyo')).zone).toBe('Asia/Tokyo');
    expect((await newRule({ ...values, zone: 'Europe/Berlin' }, async () => 'Asia/Tokyo')).zone).toBe('Europe/Berlin');
  });
});

describe('a change of a schedule', () => {
  const before = {
    id: '00000000-0000-4000-8000-000000000001',
    name: 'nightly',
    description: '',
    enabled: true,
    repeat: { every: 1, unit: 'days' as const },
    zone: 'Europe/Berlin',
    startLocal: '2026-10-25T02:30:00',
    startPass: 'later' as const,
    endAt: '2027-01-01T00:00:00.000Z',
    activeDays: ['monday' as const],
    disabledTimes: [{ day: 'every' as const, start: '08:00', finish: '18:00' }],
    words: '',
    nextFiringAt: null,
    warning: null,
    policyCount: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const { repeat, zone, startLocal, startPass, endAt, activeDays, disabledTimes } = before;
  const rule = { repeat, zone, startLocal, startPass, endAt, activeDays, disabledTimes };

  it('leaves everything that no option names', () => {
    expect(changedRule(before, nothing, false)).toEqual(rule);
  });

  it('gives a new start in its earlier pass, unless the later is asked for', () => {
    const start = '2026-10-26T02:30';
    expect(changedRule(before, { ...nothing, start }, false)).toEqual({
      ...rule,
      startLocal: start,
      startPass: 'earlier',
    });
    expect(changedRule(before, { ...nothing, start, laterPass: true }, false).startPass).toBe('later');
  });

  it('takes an end away, and disabled times', () => {
    expect(changedRule(before, { ...nothing, end: 'never' }, true)).toEqual({
      ...rule,
      endAt: null,
      disabledTimes: [],
    });
  });
});
