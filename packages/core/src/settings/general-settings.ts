import type { FieldError } from '../errors.ts';
import { DAY_MS, localTimeAt, localTimeFromMs, localTimeToMs, resolveLocalTime } from '../time.ts';
import type { Instant, LocalTime, Zone } from '../time.ts';

/** What root sets for the whole installation (CON-3). */
export type GeneralSettings = {
  /** When retention looks through all policies each day: HH:MM by the clocks of the server's zone. */
  readonly cleanupTime: string;
  /** How long records of backups are kept at least, in days from their start (RET-4). */
  readonly keepRecordDays: number;
  /** Whether a policy that missed firings during an outage runs once at the start (SCH-6). */
  readonly catchUpMissed: boolean;
  /** How often AWS is compared with the records. */
  readonly reconcileEveryHours: number;
};

/** New values of some of them. */
export type SettingsChange = { readonly [Key in keyof GeneralSettings]?: GeneralSettings[Key] | undefined };

/** The guide names no times; the night is when few backups run, and a quarter of a year is what auditors ask back for. */
export const SETTINGS_DEFAULTS: GeneralSettings = {
  cleanupTime: '04:00',
  keepRecordDays: 90,
  catchUpMissed: false,
  reconcileEveryHours: 6,
};

const MOST_RECORD_DAYS = 36_500;
const MOST_RECONCILE_HOURS = 168;
const CLEANUP_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** What is wrong with the settings that a change names. */
export function validateSettings(change: SettingsChange): FieldError[] {
  const { cleanupTime, keepRecordDays, reconcileEveryHours } = change;
  const errors: FieldError[] = [];
  if (cleanupTime !== undefined && !CLEANUP_TIME.test(cleanupTime)) {
    errors.push({ path: 'cleanupTime', message: 'must be a time from 00:00 to 23:59, such as 04:00' });
  }
  if (keepRecordDays !== undefined && !isWhole(keepRecordDays, 0, MOST_RECORD_DAYS)) {
    errors.push({ path: 'keepRecordDays', message: `must be a whole number of days from 0 to ${MOST_RECORD_DAYS}` });
  }
  if (reconcileEveryHours !== undefined && !isWhole(reconcileEveryHours, 1, MOST_RECONCILE_HOURS)) {
    const message = `must be a whole number of hours from 1 to ${MOST_RECONCILE_HOURS}`;
    errors.push({ path: 'reconcileEveryHours', message });
  }
  return errors;
}

/** Reads the file of RET-4, which holds a number of days and nothing else; null where it does not. */
export function parseRecordDays(text: string): number | null {
  const trimmed = text.trim();
  const days = /^\d{1,6}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  return isWhole(days, 0, MOST_RECORD_DAYS) ? days : null;
}

/** The first cleanup time strictly after the moment, by the clocks of the zone; one that they skip comes right after the gap. */
export function nextCleanupAt(after: Instant, cleanupTime: string, zone: Zone): Instant {
  const today = localTimeToMs(localTimeAt(after, zone));
  for (let day = Math.floor(today / DAY_MS); ; day += 1) {
    const date = localTimeFromMs(day * DAY_MS).slice(0, 10);
    const { at } = resolveLocalTime(`${date}T${cleanupTime}:00` as LocalTime, zone);
    if (at > after) return at;
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
