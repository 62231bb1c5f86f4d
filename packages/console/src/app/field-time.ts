import { formatForField } from './moments.ts';

/** The moment that a date-and-time field (`2026-01-31T02:00`) means in a zone, in ISO form; undefined when it is empty. */
export function resolveFieldTime(text: string, zone: string): string | undefined {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // Twice: the offset at the first guess can be that of the other side of a clock change.
  const once = asUtc - offsetAt(asUtc, zone);
  return new Date(asUtc - offsetAt(once, zone)).toISOString();
}

function offsetAt(atMs: number, zone: string): number {
  const minute = Math.floor(atMs / 60_000) * 60_000;
  return Date.parse(`${formatForField(new Date(minute).toISOString(), zone)}Z`) - minute;
}
