import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant, parseZone } from '../time.ts';
import { startFromInstant, startOf, validateScheduleRule, validateScheduleText } from './schedule.ts';
import type { ScheduleRuleInput } from './schedule.ts';

const GOOD: ScheduleRuleInput = {
  repeat: { every: 1, unit: 'days' },
  startLocal: '2026-01-05T02:00',
  zone: 'Europe/Berlin',
  activeDays: ['monday'],
};

describe('a schedule is refused', () => {
  it.each<[string, Partial<ScheduleRuleInput>, string[]]>([
    ['with an unknown zone', { zone: 'Europe/Nowhere' }, ['zone']],
    ['with an offset for a zone', { zone: '+02:00' }, ['zone']],
    ['without a week day', { activeDays: [] }, ['activeDays']],
    ['with an unknown week day', { activeDays: ['monday', 'Someday'] }, ['activeDays.1']],
    ['with a week day that is none', { activeDays: ['Monday'] }, ['activeDays.0']],
    ['with a week day twice', { activeDays: ['monday', 'monday'] }, ['activeDays']],
    ['every 0 days', { repeat: { every: 0, unit: 'days' } }, ['repeat.every']],
    ['every half day', { repeat: { every: 0.5, unit: 'days' } }, ['repeat.every']],
    ['every NaN days', { repeat: { every: Number.NaN, unit: 'days' } }, ['repeat.every']],
    ['every 121 months', { repeat: { every: 121, unit: 'months' } }, ['repeat.every']],
    ['every year', { repeat: { every: 1, unit: 'years' } }, ['repeat.unit']],
    ['with a start that is no date', { startLocal: '2026-02-30T02:00' }, ['startLocal']],
    ['with a start without a time', { startLocal: '2026-02-28' }, ['startLocal']],
    ['with an unknown pass', { startPass: 'second' }, ['startPass']],
    ['that ends before it starts', { endAt: parseInstant('2026-01-05T00:59Z') }, ['endAt']],
    ['that ends when it starts', { endAt: parseInstant('2026-01-05T01:00Z') }, ['endAt']],
    [
      'with a bad disabled time',
      { disabledTimes: [{ day: 'monday', start: '24:00', finish: '08:00' }] },
      ['disabledTimes.0.start'],
    ],
    [
      'with everything that is wrong at once',
      { zone: 'x', activeDays: [], repeat: { every: 0, unit: 'days' }, endAt: 0 },
      ['repeat.every', 'zone', 'activeDays'],
    ],
  ])('%s', (_, wrong, paths) => {
    expect(validateScheduleRule({ ...GOOD, ...wrong }).map(({ path }) => path)).toEqual(paths);
  });

  it('and the message names the zone', () => {
    expect(validateScheduleRule({ ...GOOD, zone: 'Mars/Olympus' })).toEqual([
      { path: 'zone', message: 'unknown time zone "Mars/Olympus"' },
    ]);
  });

  it.each<[string, Partial<ScheduleRuleInput>]>([
    ['as it is', {}],
    ['ending a minute after the start', { endAt: parseInstant('2026-01-05T01:01Z') }],
    ['never ending', { endAt: null }],
    ['every ten years', { repeat: { every: 120, unit: 'months' } }],
    ['that contradicts itself: that is a warning', { repeat: { every: 1, unit: 'weeks' }, activeDays: ['sunday'] }],
    [
      'in the later pass',
      { startLocal: '2026-10-25T02:30', startPass: 'later', endAt: parseInstant('2026-10-25T01:31Z') },
    ],
  ])('but not %s', (_, parts) => {
    expect(validateScheduleRule({ ...GOOD, ...parts })).toEqual([]);
  });

  it('that ends between the passes of its own start', () => {
    const rule = { ...GOOD, startLocal: '2026-10-25T02:30', endAt: parseInstant('2026-10-25T01:00Z') };
    expect(validateScheduleRule({ ...rule, startPass: 'earlier' })).toEqual([]);
    expect(validateScheduleRule({ ...rule, startPass: 'later' })).toHaveLength(1);
  });
});

describe("a schedule's name", () => {
  it.each(['Nightly', 'Jede Nacht um zwei', '毎晩', 'x'.repeat(100), "Ann's nights (Mon, Fri) #2"])(
    'may be %j',
    (name) => {
      expect(validateScheduleText({ name })).toEqual([]);
    },
  );

  it.each([
    '',
    ' ',
    ' nightly',
    'nightly ',
    'a/b',
    'a\\b',
    '$(reboot)',
    '`id`',
    'a; b',
    'a|b',
    'a && b',
    '<b>',
    'a*',
    'a?',
    'a"b',
    'a\nb',
    'a\u0000b',
    'a\u202eb',
    'x'.repeat(101),
  ])('may not be %j', (name) => {
    expect(validateScheduleText({ name })).toEqual([{ path: 'name', message: expect.any(String) }]);
  });

  it('goes with a description of at most 1,000 characters', () => {
    expect(validateScheduleText({ name: 'n', description: 'x'.repeat(1000) })).toEqual([]);
    expect(validateScheduleText({ name: 'n', description: 'x'.repeat(1001) })).toEqual([
      { path: 'description', message: expect.any(String) },
    ]);
  });
});

describe('the start of a schedule', () => {
  it.each([
    ['2026-07-01T00:30Z', '2026-07-01T02:30:00', 'earlier'],
    ['2026-10-25T00:30Z', '2026-10-25T02:30:00', 'earlier'],
    ['2026-10-25T01:30Z', '2026-10-25T02:30:00', 'later'],
    ['2026-10-25T01:30:00.900Z', '2026-10-25T02:30:00', 'later'],
  ])('given as %s is %s on the wall clock, %s pass, and that instant again', (text, startLocal, startPass) => {
    const zone = parseZone('Europe/Berlin');
    const start = startFromInstant(parseInstant(text), zone);
    expect(start).toEqual({ startLocal, startPass });
    expect(formatInstant(startOf({ ...start, zone })).slice(0, 19)).toBe(
      formatInstant(parseInstant(text)).slice(0, 19),
    );
  });
});
