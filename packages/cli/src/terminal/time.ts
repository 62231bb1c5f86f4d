/** An API time in the zone of this computer, offset shown: `2026-01-31 03:00:00 +01:00`; the text itself if it is no time. */
export function formatTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const offsetMinutes = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offsetMinutes * 60_000).toISOString();
  const [hours, minutes] = [Math.trunc(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset}`;
}

/** The same for a time that may be missing. */
export function formatTimeOrNone(iso: string | null): string | null {
  return iso === null ? null : formatTime(iso);
}

const twoDigits = (value: number) => String(value).padStart(2, '0');
