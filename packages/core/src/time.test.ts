import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as time from './time.ts';
import {
  formatInstant,
  instant,
  localTimeAt,
  nextTransition,
  parseInstant,
  parseLocalTime,
  parseZone,
  resolveLocalTime,
} from './time.ts';

const BERLIN = parseZone('Europe/Berlin');

function at(text: string): time.Instant {
  return parseInstant(text);
}

function resolved(text: string, zone: string, pass: time.Pass = 'earlier'): { at: string; kind: string } {
  const { at: moment, kind } = resolveLocalTime(parseLocalTime(text), parseZone(zone), pass);
  return { at: formatInstant(moment), kind };
}

describe('an instant', () => {
  it.each([
    ['2026-03-29T02:30:00+02:00', '2026-03-29T00:30:00.000Z'],
    ['2026-03-29T02:30Z', '2026-03-29T02:30:00.000Z'],
    ['2026-03-29T02:30:00.123456Z', '2026-03-29T02:30:00.123Z'],
    ['2026-12-31T23:59:59-0500', '2027-01-01T04:59:59.000Z'],
  ])('%s is read as %s', (text, expected) => {
    expect(formatInstant(parseInstant(text))).toBe(expected);
  });

  it.each([
    '',
    'now',
    '2026-03-29',
    '2026-03-29T02:30',
    '2026-02-30T00:00Z',
    '2026-03-29T25:00Z',
    '+012026-01-01T00:00Z',
    '1743210000',
  ])('is not made of %j', (text) => {
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it.each([Number.NaN, Infinity, 1.5, 8.64e15])('is not made of %d milliseconds', (ms) => {
    expect(() => instant(ms)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('comes back from its own text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: time.LATEST_MS }), (ms) => {
        expect(parseInstant(formatInstant(instant(ms)))).toBe(ms);
      }),
    );
  });

  it('is of the years 1 to 9999', () => {
    expect(formatInstant(instant(time.LATEST_MS))).toBe('9999-12-31T23:59:59.999Z');
    expect(formatInstant(instant(-62_135_596_800_000))).toBe('0001-01-01T00:00:00.000Z');
    expect(() => instant(time.LATEST_MS + 1)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => instant(-62_135_596_800_001)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('moves by milliseconds', () => {
    expect(time.addMs(at('2026-01-01T00:00Z'), time.DAY_MS)).toBe(at('2026-01-02T00:00Z'));
  });
});

describe('a time zone', () => {
  it.each([
    ['europe/berlin', 'Europe/Berlin'],
    ['UTC', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('%s is known as %s', (name, expected) => {
    expect(parseZone(name)).toBe(expected);
  });

  it.each([
    '',
    '+02:00',
    '02:00',
    'Europe/Nowhere',
    'Mars',
    '../etc/localtime',
    'Europe/Berlin[u-ca=hebrew]',
    'Z'.repeat(300),
    'Europe/Berlin ',
  ])('%j is unknown and refused by that name', (name) => {
    expect(() => parseZone(name)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        fields: [{ path: 'zone', message: `unknown time zone "${name}"` }],
      }),
    );
  });
});

describe('a wall-clock time', () => {
  it.each([
    ['2026-01-31T02:00', '2026-01-31T02:00:00'],
    ['2026-01-31 02:00', '2026-01-31T02:00:00'],
    ['2028-02-29T23:59:59', '2028-02-29T23:59:59'],
    ['1900-01-01T00:00', '1900-01-01T00:00:00'],
    ['9900-12-31T23:59', '9900-12-31T23:59:00'],
  ])('%s is read as %s', (text, expected) => {
    expect(parseLocalTime(text)).toBe(expected);
  });

  it.each([
    '2026-02-29T02:00',
    '2026-01-31',
    '2026-01-31T24:00',
    '2026-01-31T02:60',
    '2026-01-31T02:00:60',
    '2026-01-31T02:00Z',
    '1899-01-01T00:00',
    'soon',
  ])('is not made of %j', (text) => {
    expect(() => parseLocalTime(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it.each([
    ['an ordinary time', '2026-07-01T02:30', 'Europe/Berlin', 'earlier', '2026-07-01T00:30:00.000Z', 'unique'],
    [
      'a time in the gap is the first instant after it',
      '2026-03-29T02:30',
      'Europe/Berlin',
      'earlier',
      '2026-03-29T01:00:00.000Z',
      'gap',
    ],
    [
      'the gap itself begins at its first minute',
      '2026-03-29T02:00',
      'Europe/Berlin',
      'later',
      '2026-03-29T01:00:00.000Z',
      'gap',
    ],
    [
      'the first minute after the gap',
      '2026-03-29T03:00',
      'Europe/Berlin',
      'earlier',
      '2026-03-29T01:00:00.000Z',
      'unique',
    ],
    [
      'a repeated time, first pass',
      '2026-10-25T02:30',
      'Europe/Berlin',
      'earlier',
      '2026-10-25T00:30:00.000Z',
      'overlap',
    ],
    [
      'a repeated time, second pass',
      '2026-10-25T02:30',
      'Europe/Berlin',
      'later',
      '2026-10-25T01:30:00.000Z',
      'overlap',
    ],
    ['a gap of half an hour', '2026-10-04T02:15', 'Australia/Lord_Howe', 'earlier', '2026-10-03T15:30:00.000Z', 'gap'],
    ['a gap at midnight', '2026-09-06T00:30', 'America/Santiago', 'earlier', '2026-09-06T04:00:00.000Z', 'gap'],
    ['a day that never was', '2011-12-30T10:00', 'Pacific/Apia', 'earlier', '2011-12-30T10:00:00.000Z', 'gap'],
  ] as const)('%s', (_, text, zone, pass, expected, kind) => {
    expect(resolved(text, zone, pass)).toEqual({ at: expected, kind });
  });

  it('is what the clocks show at its instant, unless a gap swallowed it', () => {
    const zones = Intl.supportedValuesOf('timeZone').map(parseZone);
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 4e12 / 1000 }), (zone, seconds) => {
        const local = time.localTimeFromMs(seconds * 1000);
        const { at: moment, kind } = resolveLocalTime(local, zone);
        const isShown = localTimeAt(moment, zone) === local;
        expect(isShown).toBe(kind !== 'gap');
      }),
      { numRuns: 300 },
    );
  });
});

describe('changes of a zone', () => {
  it('come one after the other', () => {
    const spring = nextTransition(at('2026-01-01T00:00Z'), BERLIN);
    expect(spring).toBe(at('2026-03-29T01:00Z'));
    expect(nextTransition(spring ?? instant(0), BERLIN)).toBe(at('2026-10-25T01:00Z'));
  });

  it('end where a zone has none', () => {
    expect(nextTransition(at('2026-01-01T00:00Z'), parseZone('Asia/Tokyo'))).toBeNull();
  });
});
