import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant, parseZone } from '../time.ts';
import { nextCleanupAt, parseRecordDays, SETTINGS_DEFAULTS, validateSettings } from './general-settings.ts';
import type { SettingsChange } from './general-settings.ts';

describe('general settings', () => {
  it('have defaults that are valid', () => {
    expect(validateSettings(SETTINGS_DEFAULTS)).toEqual([]);
  });

  it.each<[wrong: SettingsChange, path: string]>([
    [{ cleanupTime: '24:00' }, 'cleanupTime'],
    [{ cleanupTime: '4:00' }, 'cleanupTime'],
    [{ cleanupTime: '04:60' }, 'cleanupTime'],
    [{ cleanupTime: '' }, 'cleanupTime'],
    [{ keepRecordDays: -1 }, 'keepRecordDays'],
    [{ keepRecordDays: 1.5 }, 'keepRecordDays'],
    [{ keepRecordDays: 36_501 }, 'keepRecordDays'],
    [{ reconcileEveryHours: 0 }, 'reconcileEveryHours'],
    [{ reconcileEveryHours: 169 }, 'reconcileEveryHours'],
    [{ reconcileEveryHours: Number.NaN }, 'reconcileEveryHours'],
  ])('%j is refused by its field', (wrong, path) => {
    expect(validateSettings(wrong).map((error) => error.path)).toEqual([path]);
  });
});

describe('the file of the days to keep records', () => {
  it.each<[text: string, expected: number | null]>([
    ['90\n', 90],
    [' 0 ', 0],
    ['36500', 36_500],
    ['36501', null],
    ['', null],
    ['-1', null],
    ['1.5', null],
    ['ninety', null],
    ['90 days', null],
    ['0x10', null],
    ['99999999999999999999', null],
  ])('%j', (text, expected) => {
    expect(parseRecordDays(text)).toBe(expected);
  });
});

describe('the next cleanup', () => {
  it.each<[title: string, after: string, time: string, zone: string, expected: string]>([
    ['is today while its time is ahead', '2026-06-01T09:00:00Z', '10:00', 'UTC', '2026-06-01T10:00:00.000Z'],
    ['is tomorrow at its very moment', '2026-06-01T10:00:00Z', '10:00', 'UTC', '2026-06-02T10:00:00.000Z'],
    ['follows the zone', '2026-06-01T09:00:00Z', '04:00', 'Asia/Tokyo', '2026-06-01T19:00:00.000Z'],
    [
      'in a gap of the clocks right after it',
      '2026-03-29T00:00:00Z',
      '02:30',
      'Europe/Berlin',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'twice on a wall clock, once in truth',
      '2026-10-25T00:30:00Z',
      '02:30',
      'Europe/Berlin',
      '2026-10-26T01:30:00.000Z',
    ],
    ['over the end of a year', '2026-12-31T23:59:00Z', '00:00', 'UTC', '2027-01-01T00:00:00.000Z'],
  ])('%s', (_, after, time, zone, expected) => {
    expect(formatInstant(nextCleanupAt(parseInstant(after), time, parseZone(zone)))).toBe(expected);
  });
});
