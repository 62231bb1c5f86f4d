import { describe, expect, it } from 'vitest';
import { parseInstant } from '../time.ts';
import { describeDisabledTime, describeSchedule } from './describe-schedule.ts';
import { NEVER_FIRES_WARNING, previewSchedule } from './preview.ts';
import { buildRule } from './rule-builder.ts';

describe('the preview of a schedule', () => {
  const nightly = buildRule({ repeat: [1, 'days'], start: '2026-03-28T02:30', zone: 'Europe/Berlin' });

  it('lists the next firings in order, with a note where the clocks go forward', () => {
    const { firings, warning } = previewSchedule(nightly, parseInstant('2026-03-27T00:00Z'), 3);
    expect(firings.map(({ local, named, note }) => [local, named, note])).toEqual([
      ['2026-03-28T02:30:00', '2026-03-28T02:30:00', null],
      ['2026-03-29T03:00:00', '2026-03-29T02:30:00', 'clocks go forward over 02:30: runs at 03:00'],
      ['2026-03-30T02:30:00', '2026-03-30T02:30:00', null],
    ]);
    expect(warning).toBeNull();
  });

  it('notes that a repeated time runs once', () => {
    const { firings } = previewSchedule(nightly, parseInstant('2026-10-24T12:00Z'), 1);
    expect(firings[0]?.note).toBe('clocks show 02:30 twice: runs once, the first time');
  });

  it('notes the second time where the start was given there', () => {
    const rule = buildRule({
      repeat: [1, 'days'],
      start: '2026-10-25T02:30:15',
      zone: 'Europe/Berlin',
      startPass: 'later',
    });
    const { firings } = previewSchedule(rule, parseInstant('2026-10-24T12:00Z'), 1);
    expect(firings[0]?.note).toBe('clocks show 02:30:15 twice: runs once, the second time');
  });

  it('stops at the end of the schedule, without a warning', () => {
    const rule = { ...nightly, endAt: parseInstant('2026-03-30T00:00Z') };
    expect(previewSchedule(rule, parseInstant('2026-03-27T00:00Z'), 10)).toMatchObject({
      firings: { length: 2 },
      warning: null,
    });
    expect(previewSchedule(rule, parseInstant('2027-01-01T00:00Z'), 10)).toEqual({ firings: [], warning: null });
  });

  it('warns when the schedule can never fire', () => {
    const rule = buildRule({ repeat: [1, 'weeks'], start: '2026-01-05T02:00', activeDays: ['sunday'] });
    expect(previewSchedule(rule, parseInstant('2026-01-01T00:00Z'), 10)).toEqual({
      firings: [],
      warning: NEVER_FIRES_WARNING,
    });
  });

  it('gives no more than asked for', () => {
    expect(previewSchedule(nightly, parseInstant('2026-03-27T00:00Z'), 0).firings).toEqual([]);
    expect(previewSchedule(nightly, parseInstant('2026-03-27T00:00Z'), 10).firings).toHaveLength(10);
  });
});

describe('a schedule in plain words', () => {
  it.each([
    [
      { repeat: [1, 'days'], start: '2026-01-05T02:00', zone: 'Europe/Berlin' },
      'Every day at 02:00 (Europe/Berlin), from 5 January 2026',
    ],
    [
      { repeat: [2, 'days'], start: '2026-01-05T02:00', activeDays: ['friday', 'monday'] },
      'Every 2 days on Monday and Friday at 02:00 (UTC), from 5 January 2026',
    ],
    [
      { repeat: [2, 'weeks'], start: '2026-01-05T02:00' },
      'Every 2 weeks on Monday at 02:00 (UTC), from 5 January 2026',
    ],
    [
      { repeat: [1, 'weeks'], start: '2026-01-05T02:00', activeDays: ['sunday'] },
      'Every week on Monday (not an active day) at 02:00 (UTC), from 5 January 2026',
    ],
    [
      { repeat: [1, 'months'], start: '2026-12-31T23:59:30' },
      'Every month on day 31 (or the last of the month) at 23:59:30 (UTC), from 31 December 2026',
    ],
    [
      { repeat: [3, 'months'], start: '2026-12-01T00:00', activeDays: ['monday'] },
      'Every 3 months on day 1 on Monday at 00:00 (UTC), from 1 December 2026',
    ],
    [{ repeat: [1, 'hours'], start: '2026-01-05T02:17' }, 'Every hour from 02:17 (UTC), from 5 January 2026'],
    [
      {
        repeat: [15, 'minutes'],
        start: '2026-01-05T02:00',
        activeDays: ['monday', 'tuesday', 'sunday'],
        endAt: parseInstant('2026-02-01T12:00Z'),
      },
      'Every 15 minutes from 02:00 on Monday, Tuesday and Sunday (UTC), from 5 January 2026, until 1 February 2026 12:00',
    ],
    [
      {
        repeat: [1, 'hours'],
        start: '2026-01-05T02:00',
        disabledTimes: [
          { day: 'monday', start: '17:00', finish: '08:00' },
          { day: 'every', start: '12:00', finish: '13:00' },
        ],
      },
      'Every hour from 02:00 (UTC), from 5 January 2026, not Monday 17:00 to Tuesday 08:00 and every day 12:00 to 13:00',
    ],
  ] as const)('%j', (parts, expected) => {
    expect(describeSchedule(buildRule(parts))).toBe(expected);
  });

  it.each([
    [{ day: 'tuesday', start: '13:00', finish: '15:00' }, 'Tuesday 13:00 to 15:00'],
    [{ day: 'sunday', start: '22:00', finish: '06:00' }, 'Sunday 22:00 to Monday 06:00'],
    [{ day: 'monday', start: '22:00', finish: '24:00' }, 'Monday 22:00 to 24:00'],
  ] as const)('a disabled time %j is "%s"', (time, expected) => {
    expect(describeDisabledTime(time)).toBe(expected);
  });
});
