import { Temporal } from 'temporal-polyfill';
import { cpmError } from './errors.ts';
import type { Brand } from './ids.ts';

/** A moment: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, 'Instant'>;
/** The name of an IANA time zone that this machine knows, such as `Europe/Berlin`. */
export type Zone = Brand<string, 'Zone'>;
/** What a clock on the wall shows, without a zone: `YYYY-MM-DDTHH:MM:SS`. */
export type LocalTime = Brand<string, 'LocalTime'>;
/** Which of two equal wall-clock times is meant, when clocks were put back in between. */
export type Pass = 'earlier' | 'later';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** Years 1 to 9999: what ISO 8601 writes with four digits. */
const EARLIEST_MS = -62_135_596_800_000;
export const LATEST_MS = 253_402_300_799_999;
const ISO_INSTANT = /^(\d{4})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;
const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?$/;
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,3}$/;

/** The instant of so many epoch milliseconds; throws `invalid_request` unless it is a whole number of years 1 to 9999. */
export function instant(epochMs: number): Instant {
  if (Number.isInteger(epochMs) && epochMs >= EARLIEST_MS && epochMs <= LATEST_MS) return epochMs as Instant;
  throw invalid('time', `${epochMs} is no time`);
}

/** Reads an ISO 8601 time that names its offset (`2026-03-29T02:30:00+02:00`, `…Z`); throws `invalid_request`. */
export function parseInstant(text: string): Instant {
  try {
    if (ISO_INSTANT.test(text)) return instant(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    // A well-formed text can still name the 30th of February.
  }
  throw invalid('time', `"${text}" is no time in ISO 8601 form with an offset, such as 2026-01-31T02:00:00Z`);
}

/** ISO 8601 in UTC with milliseconds: the form of every time in the API and in exports. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}

export function addMs(at: Instant, ms: number): Instant {
  return instant(at + ms);
}

/** Checks a zone's name against this machine's time zone data; throws `invalid_request` ("unknown time zone …"). */
export function parseZone(name: string): Zone {
  if (!isZone(name)) throw invalid('zone', `unknown time zone "${name}"`);
  return new Temporal.ZonedDateTime(0n, name).timeZoneId as Zone;
}

/** Whether the name is an IANA time zone that this machine knows; bare offsets such as `+02:00` are none. */
export function isZone(name: string): boolean {
  if (name.length > 64 || !ZONE_NAME.test(name)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId !== '';
  } catch {
    return false;
  }
}

/** Reads `YYYY-MM-DDTHH:MM[:SS]` (a blank may stand for the T); throws `invalid_request`. */
export function parseLocalTime(text: string): LocalTime {
  if (!isLocalTime(text)) throw invalid('time', `"${text}" is no date and time such as 2026-01-31T02:00`);
  const [, date, minutes, seconds = ':00'] = LOCAL_TIME.exec(text) ?? [];
  return `${date}T${minutes}${seconds}` as LocalTime;
}

/** Whether `parseLocalTime` would take the text: a real date and time of the years 1900 to 9900. */
export function isLocalTime(text: string): boolean {
  const [whole, , minutes, seconds] = LOCAL_TIME.exec(text) ?? [];
  if (whole === undefined || minutes === '24:00' || seconds === ':60') return false;
  try {
    const { year } = Temporal.PlainDateTime.from(text.replace(' ', 'T'), { overflow: 'reject' });
    return year >= 1900 && year <= 9900;
  } catch {
    return false;
  }
}

/** What the clocks of the zone show at that moment, to the second. */
export function localTimeAt(at: Instant, zone: Zone): LocalTime {
  return localTimeFromMs(at + offsetMsAt(at, zone));
}

/** How far the clocks of the zone are ahead of UTC at that moment, in milliseconds. */
export function offsetMsAt(at: Instant, zone: Zone): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
}

/** When the zone's offset changes next, strictly after the moment; null when it never does again. */
export function nextTransition(after: Instant, zone: Zone): Instant | null {
  const change = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  return change === null ? null : instant(change.epochMilliseconds);
}

/** A wall-clock time as if its clock showed UTC: plain numbers for calendar arithmetic. */
export function localTimeToMs(local: LocalTime): number {
  return Date.parse(`${local}Z`);
}

/** The reverse of `localTimeToMs`; milliseconds are cut off. */
export function localTimeFromMs(localMs: number): LocalTime {
  return new Date(localMs).toISOString().slice(0, 19) as LocalTime;
}

/** What a wall-clock time comes to in a zone. */
export type ResolvedLocalTime = {
  readonly at: Instant;
  /** `gap`: no clock shows this time, `at` is the first instant after; `overlap`: clocks show it twice. */
  readonly kind: 'unique' | 'gap' | 'overlap';
};

/** When the clocks of the zone show that time: in a gap the first instant after it, in an overlap the given pass. */
export function resolveLocalTime(local: LocalTime, zone: Zone, pass: Pass = 'earlier'): ResolvedLocalTime {
  const date = new Date(localTimeToMs(local));
  const plain = new Temporal.PlainDateTime(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
  if (earlier.epochMilliseconds === later.epochMilliseconds) {
    return { at: instant(earlier.epochMilliseconds), kind: 'unique' };
  }
  if (earlier.toPlainDateTime().equals(plain)) {
    return { at: instant((pass === 'later' ? later : earlier).epochMilliseconds), kind: 'overlap' };
  }
  const change = earlier.getTimeZoneTransition('next') ?? later;
  return { at: instant(change.epochMilliseconds), kind: 'gap' };
}

function invalid(path: string, message: string): Error {
  return cpmError('invalid_request', { fields: [{ path, message }] });
}
