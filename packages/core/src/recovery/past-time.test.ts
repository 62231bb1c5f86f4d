import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant, parseZone } from '../time.ts';
import { parsePastTime } from './past-time.ts';

const BERLIN = 'Europe/Berlin';
const read = (text: string, now: string, zone = BERLIN): string =>
  formatInstant(parsePastTime(text, { now: parseInstant(now), zone: parseZone(zone) }));

describe('a time of the past', () => {
  const NOW = '2026-11-30T08:15:30Z';
  it.each([
    ['now', '2026-11-30T08:15:30.000Z'],
    ['2026-11-29 10:00', '2026-11-29T09:00:00.000Z'],
    ['2026-11-29T10:00', '2026-11-29T09:00:00.000Z'],
    ['2026-11-29 10:00:05', '2026-11-29T09:00:05.000Z'],
    ['  2026-11-29   10:00 ', '2026-11-29T09:00:00.000Z'],
    ['2026-11-29T10:00:00Z', '2026-11-29T10:00:00.000Z'],
    ['2026-11-29T10:00:00-05:00', '2026-11-29T15:00:00.000Z'],
    ['2026-07-29 10:00', '2026-07-29T08:00:00.000Z'],
    ['2026-11-29', '2026-11-29T22:59:59.999Z'],
    ['today', '2026-11-30T22:59:59.999Z'],
    ['today 08:30', '2026-11-30T07:30:00.000Z'],
    ['yesterday', '2026-11-29T22:59:59.999Z'],
    ['Yesterday 10:00', '2026-11-29T09:00:00.000Z'],
    ['yesterday at 9:05', '2026-11-29T08:05:00.000Z'],
    ['yesterday 9:05:07', '2026-11-29T08:05:07.000Z'],
    ['90 minutes ago', '2026-11-30T06:45:30.000Z'],
    ['1 hour ago', '2026-11-30T07:15:30.000Z'],
    ['2 days ago', '2026-11-28T08:15:30.000Z'],
    ['1 WEEK ago', '2026-11-23T08:15:30.000Z'],
  ])('"%s" is %s', (text, expected) => {
    expect(read(text, NOW)).toBe(expected);
  });

  it.each([
    '',
    'tomorrow',
    'yesterday 25:00',
    'yesterday 10',
    '10:00',
    '2026-02-30',
    '2026-02-30 10:00',
    '2026-11-29 24:00',
    '29.11.2026',
    'two days ago',
    '-1 days ago',
    '1.5 hours ago',
    '2 months ago',
    '99999 weeks ago and more',
    '2026-11-29 10:00 Europe/Berlin',
  ])('"%s" is none, and the error shows how one is written', (text) => {
    const shown = expect.objectContaining({ message: expect.stringContaining('yesterday 10:00') as string }) as object;
    expect(() => read(text, NOW)).toThrowError(expect.objectContaining({ fields: [shown] }) as Error);
  });
});

describe('where clocks are changed', () => {
  it.each([
    // 29 March 2026, 02:00 → 03:00 in Berlin; 25 October 2026, 03:00 → 02:00.
    [
      'a skipped time is the moment after',
      '2026-03-29 02:30',
      '2026-04-01T00:00:00Z',
      BERLIN,
      '2026-03-29T01:00:00.000Z',
    ],
    ['a time shown twice is the first', '2026-10-25 02:30', '2026-11-01T00:00:00Z', BERLIN, '2026-10-25T00:30:00.000Z'],
    [
      'an offset tells the second',
      '2026-10-25T02:30:00+01:00',
      '2026-11-01T00:00:00Z',
      BERLIN,
      '2026-10-25T01:30:00.000Z',
    ],
    ['a short day ends at its end', 'yesterday', '2026-03-30T10:00:00Z', BERLIN, '2026-03-29T21:59:59.999Z'],
    [
      'a day ago is the same time by the clocks',
      '1 day ago',
      '2026-03-29T10:00:00Z',
      BERLIN,
      '2026-03-28T11:00:00.000Z',
    ],
    ['24 hours ago is not', '24 hours ago', '2026-03-29T10:00:00Z', BERLIN, '2026-03-28T10:00:00.000Z'],
    ['a day ago that was skipped', '1 day ago', '2026-03-30T00:30:00Z', BERLIN, '2026-03-29T01:00:00.000Z'],
    [
      'yesterday is reckoned by the zone',
      'yesterday 10:00',
      '2026-11-29T23:30:00Z',
      BERLIN,
      '2026-11-29T09:00:00.000Z',
    ],
    ['and not by UTC', 'yesterday 10:00', '2026-11-29T23:30:00Z', 'UTC', '2026-11-28T10:00:00.000Z'],
    // Havana puts its clocks on and back at midnight itself.
    [
      'a day before a skipped midnight',
      '2026-03-07',
      '2026-03-10T00:00:00Z',
      'America/Havana',
      '2026-03-08T04:59:59.999Z',
    ],
    [
      'a day before a doubled midnight',
      '2026-10-31',
      '2026-11-03T00:00:00Z',
      'America/Havana',
      '2026-11-01T03:59:59.999Z',
    ],
    [
      'half an hour of Lord Howe',
      '1 day ago',
      '2026-04-05T00:00:00Z',
      'Australia/Lord_Howe',
      '2026-04-03T23:30:00.000Z',
    ],
  ])('%s', (_, text, now, zone, expected) => {
    expect(read(text, now, zone)).toBe(expected);
  });
});
