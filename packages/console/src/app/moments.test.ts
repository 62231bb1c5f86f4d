import { describe, expect, test } from 'vitest';
import { resolveFieldTime } from './field-time.ts';
import { formatDistance, formatDuration, formatFiring, formatForField, formatMoment } from './moments.ts';

describe('A moment', () => {
  test.each([
    ['2026-01-31T01:00:00.000Z', 'Europe/Berlin', '2026-01-31 02:00:00'],
    ['2026-01-31T01:00:00.000Z', 'UTC', '2026-01-31 01:00:00'],
    ['2026-06-30T23:30:00.000Z', 'Asia/Kolkata', '2026-07-01 05:00:00'],
    ['2026-01-31T00:00:00.000Z', 'UTC', '2026-01-31 00:00:00'],
  ])('%s in %s is shown as %s', (iso, zone, shown) => {
    expect(formatMoment(iso, zone)).toBe(shown);
  });

  test('names its week day and its zone where a firing is shown', () => {
    expect(formatFiring('2026-03-29T01:00:00.000Z', 'Europe/Berlin')).toBe('Sun 2026-03-29 03:00 CEST');
  });

  test.each([
    [-90_000, '1 minute ago'],
    [3 * 3_600_000, 'in 3 hours'],
    [86_400_000, 'tomorrow'],
    [-2_000, 'just now'],
  ])('%i ms away is told in words', (distanceMs, words) => {
    const now = Date.parse('2026-01-31T12:00:00Z');
    expect(formatDistance(new Date(now + distanceMs).toISOString(), now)).toBe(words);
  });

  test.each([
    [900, '1 s'],
    [75_000, '1 min 15 s'],
    [4_320_000, '1 h 12 min'],
  ])('%i ms of work is told as %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

describe('A date-and-time field', () => {
  test.each([
    ['2026-01-31T02:00', 'Europe/Berlin', '2026-01-31T01:00:00.000Z'],
    ['2026-07-31T02:00', 'Europe/Berlin', '2026-07-31T00:00:00.000Z'],
    ['2026-03-29T03:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-11-01T00:30', 'America/New_York', '2026-11-01T04:30:00.000Z'],
  ])('holding %s in %s means %s, and shows it so', (text, zone, iso) => {
    expect(resolveFieldTime(text, zone)).toBe(iso);
    expect(formatForField(iso, zone)).toBe(text);
  });

  test('that is empty means no time', () => {
    expect(resolveFieldTime('', 'UTC')).toBeUndefined();
  });
});
