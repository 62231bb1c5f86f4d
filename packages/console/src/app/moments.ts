const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  formats.set(zone, made);
  return made;
}

type Parts = Record<'year' | 'month' | 'day' | 'weekday' | 'hour' | 'minute' | 'second' | 'timeZoneName', string>;

function partsOf(iso: string, zone: string): Parts {
  const parts = formatFor(zone).formatToParts(new Date(iso));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value])) as Parts;
}

/** `2026-01-31 02:00:00`, as the clocks of the zone show it. */
export function formatMoment(iso: string, zone: string): string {
  const { year, month, day, hour, minute, second } = partsOf(iso, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** `Sat 2026-01-31 02:00 CET`: with week day and zone, to the minute. */
export function formatFiring(iso: string, zone: string): string {
  const { weekday, year, month, day, hour, minute, timeZoneName } = partsOf(iso, zone);
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${timeZoneName}`;
}

/** `2026-01-31T02:00`, as a date-and-time field wants it. */
export function formatForField(iso: string, zone: string): string {
  return formatMoment(iso, zone).slice(0, 16).replace(' ', 'T');
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `in 3 hours`, `5 minutes ago`. */
export function formatDistance(iso: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return unit === 'second'
    ? seconds > 0
      ? 'in a moment'
      : 'just now'
    : relative.format(Math.trunc(seconds / size), unit);
}

/** `1 h 12 min`, `48 s`: how long something took. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
