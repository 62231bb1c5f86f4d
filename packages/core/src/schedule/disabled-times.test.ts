import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, WEEK_MS } from '../time.ts';
import { disabledStretches, disabledUntil, validateDisabledTimes } from './disabled-times.ts';
import type { DisabledTime } from './disabled-times.ts';

describe('a disabled time is refused', () => {
  it.each([
    ['when its finish equals its start', { day: 'monday', start: '13:00', finish: '13:00' }, ['finish']],
    ['when both are midnight', { day: 'every', start: '00:00', finish: '00:00' }, ['finish']],
    ['when it starts at 24:00', { day: 'monday', start: '24:00', finish: '08:00' }, ['start']],
    ['when it starts and finishes at 24:00', { day: 'monday', start: '24:00', finish: '24:00' }, ['start', 'finish']],
    ['when its finish is past 24:00', { day: 'monday', start: '13:00', finish: '24:01' }, ['finish']],
    ['when a time has one digit for the hour', { day: 'monday', start: '9:00', finish: '10:00' }, ['start']],
    ['when a time has 60 minutes', { day: 'monday', start: '09:60', finish: '10:00' }, ['start']],
    ['when a time is empty', { day: 'monday', start: '', finish: '' }, ['start', 'finish']],
    ['when its day is unknown', { day: 'Mon', start: '09:00', finish: '10:00' }, ['day']],
  ])('%s', (_, time, fields) => {
    expect(validateDisabledTimes([time]).map(({ path }) => path)).toEqual(
      fields.map((field) => `disabledTimes.0.${field}`),
    );
  });

  it('with the place of each in the list', () => {
    const good = { day: 'every', start: '09:00', finish: '24:00' };
    expect(validateDisabledTimes([good, good, { ...good, day: '' }])).toEqual([
      { path: 'disabledTimes.2.day', message: expect.stringContaining('"every"') },
    ]);
  });
});

describe('the disabled stretches of a week', () => {
  it.each<[string, DisabledTime[], [number, number][]]>([
    ['none', [], []],
    ['a Tuesday afternoon', [{ day: 'tuesday', start: '13:00', finish: '15:00' }], [[37, 39]]],
    ['a whole day', [{ day: 'monday', start: '00:00', finish: '24:00' }], [[0, 24]]],
    ['past midnight', [{ day: 'monday', start: '17:00', finish: '08:00' }], [[17, 32]]],
    [
      'past the end of the week',
      [{ day: 'sunday', start: '17:00', finish: '08:00' }],
      [
        [0, 8],
        [161, 168],
      ],
    ],
    [
      'touching ones are one',
      [
        { day: 'monday', start: '01:00', finish: '02:00' },
        { day: 'monday', start: '02:00', finish: '03:00' },
      ],
      [[1, 3]],
    ],
    [
      'nested ones are one',
      [
        { day: 'monday', start: '01:00', finish: '09:00' },
        { day: 'monday', start: '02:00', finish: '03:00' },
      ],
      [[1, 9]],
    ],
    ['every hour of every day', [{ day: 'every', start: '00:00', finish: '24:00' }], [[0, 168]]],
  ])('%s', (_, times, expected) => {
    const hours = disabledStretches(times).map(({ startMs, finishMs }) => [startMs / HOUR_MS, finishMs / HOUR_MS]);
    expect(hours).toEqual(expected);
  });

  it('answer for any moment of the week until when it is disabled', () => {
    const stretches = disabledStretches([{ day: 'every', start: '18:00', finish: '06:00' }]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: WEEK_MS - 1 }), (weekMs) => {
        const hour = (weekMs % DAY_MS) / HOUR_MS;
        expect(disabledUntil(stretches, weekMs) !== null).toBe(hour < 6 || hour >= 18);
      }),
    );
    expect(disabledUntil(stretches, 5 * HOUR_MS)).toBe(6 * HOUR_MS);
    expect(disabledUntil(stretches, 6 * HOUR_MS)).toBeNull();
    expect(disabledUntil(stretches, 18 * HOUR_MS)).toBe(30 * HOUR_MS);
    expect(disabledUntil([], 0)).toBeNull();
  });
});
