import { cpmError } from '../errors.ts';
import {
  addMs,
  DAY_MS,
  HOUR_MS,
  instant,
  isLocalTime,
  localTimeAt,
  localTimeFromMs,
  localTimeToMs,
  MINUTE_MS,
  parseInstant,
  parseLocalTime,
  resolveLocalTime,
  type Instant,
  type LocalTime,
  type Zone,
} from '../time.ts';

/** From when a person reckons, and whose clocks he reads. */
export type Vantage = { readonly now: Instant; readonly zone: Zone };

/** The forms that `parsePastTime` takes, for help and errors. */
export const PAST_TIME_FORMS =
  '"2026-11-29 10:00", "2026-11-29", "yesterday", "yesterday 10:00", "today 08:30", "2 days ago" or 2026-11-29T10:00:00Z';

/**
 * The moment that a person means by a time of the past, in one of the forms above. A day without a time is the whole day, so
 * its end; so many days or weeks ago is the same time by the clocks. What the clocks show twice is the first of the two,
 * what they skip is the moment after. Throws `invalid_request` for the field `time`.
 */
export function parsePastTime(text: string, vantage: Vantage): Instant {
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const found = nowIn(words, vantage) ?? dayIn(words, vantage) ?? agoIn(words, vantage) ?? dateIn(words, vantage);
  return found ?? parseOffsetTime(text.trim());
}

const nowIn = (words: string, { now }: Vantage): Instant | null => (words === 'now' ? now : null);

const DAYS: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };
const DAY = /^(today|yesterday)(?: (?:at )?(\d{1,2}:\d\d(?::\d\d)?))?$/;

function dayIn(words: string, { now, zone }: Vantage): Instant | null {
  const [whole, day = '', time] = DAY.exec(words) ?? [];
  if (whole === undefined) return null;
  const date = localTimeFromMs(localTimeToMs(localTimeAt(now, zone)) - (DAYS[day] ?? 0) * DAY_MS).slice(0, 10);
  if (time === undefined) return endOfDay(date, zone);
  const local = `${date} ${/^\d:/.test(time) ? '0' : ''}${time}`;
  return isLocalTime(local) ? at(local, zone) : null;
}

const EXACT: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS };
const BY_CLOCK: Readonly<Record<string, number>> = { day: DAY_MS, week: 7 * DAY_MS };
const AGO = /^(\d{1,5}) (minute|hour|day|week)s? ago$/;

function agoIn(words: string, { now, zone }: Vantage): Instant | null {
  const [whole, count, unit = ''] = AGO.exec(words) ?? [];
  if (whole === undefined) return null;
  const exactMs = EXACT[unit];
  if (exactMs !== undefined) return addMs(now, -Number(count) * exactMs);
  const local = localTimeToMs(localTimeAt(now, zone)) - Number(count) * (BY_CLOCK[unit] ?? 0);
  return resolveLocalTime(localTimeFromMs(local), zone).at;
}

function dateIn(words: string, { zone }: Vantage): Instant | null {
  if (/^\d{4}-\d\d-\d\d$/.test(words)) return isLocalTime(`${words}T00:00`) ? endOfDay(words, zone) : null;
  const local = words.replace(/^(\d{4}-\d\d-\d\d)t/, '$1 ');
  return isLocalTime(local) ? at(local, zone) : null;
}

const at = (local: string, zone: Zone): Instant => resolveLocalTime(parseLocalTime(local), zone).at;

/** The last millisecond of a day, whatever its clocks do at midnight. */
function endOfDay(date: string, zone: Zone): Instant {
  const next = localTimeFromMs(localTimeToMs(`${date}T00:00:00` as LocalTime) + DAY_MS);
  return instant(resolveLocalTime(next, zone).at - 1);
}

function parseOffsetTime(text: string): Instant {
  try {
    return parseInstant(text);
  } catch {
    throw cpmError('invalid_request', {
      fields: [{ path: 'time', message: `"${text}" is no time; write ${PAST_TIME_FORMS}` }],
    });
  }
}
