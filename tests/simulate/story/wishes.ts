import type { ScheduleInput } from '@cpm/contract';
import { localTimeAt, WEEKDAYS, type Instant, type Zone } from '@cpm/core';
import type { Chance } from '../support/random.ts';

/** Zones with and without summer time, one of half an hour, both ends of the day, and one that skips midnight itself. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Pacific/Auckland',
  'Pacific/Kiritimati',
  'America/Havana',
] as const;

const REPEATS = [
  { unit: 'minutes', least: 800, most: 3000 },
  { unit: 'hours', least: 12, most: 50 },
  { unit: 'days', least: 1, most: 2 },
  { unit: 'days', least: 1, most: 1 },
  { unit: 'weeks', least: 1, most: 1 },
  { unit: 'months', least: 1, most: 1 },
] as const;

/** Where a run may begin: ordinary weeks, and those around changes of the clocks, month ends and a leap day. */
const STARTS = [
  '2026-03-06',
  '2026-03-26',
  '2026-04-02',
  '2026-04-22',
  '2026-06-01',
  '2026-09-24',
  '2026-10-22',
  '2026-10-29',
  '2026-12-24',
  '2027-01-25',
  '2027-02-22',
  '2028-02-24',
];

export function pickStart(chance: Chance): number {
  return Date.parse(`${chance.pick(STARTS)}T00:00:00.000Z`) + chance.between(0, 24 * 60 - 1) * 60_000;
}

/** A rule of any kind that fires some ten times in a week, often in the small hours, when clocks are changed. */
export function wishRule(chance: Chance, now: Instant): Omit<ScheduleInput, 'name'> {
  const { unit, least, most } = chance.pick(REPEATS);
  const zone = chance.pick(ZONES);
  const first = now - chance.between(-2, 40) * 3_600_000;
  const start = localTimeAt(first as Instant, zone as Zone);
  const startLocal = chance.happens(0.5)
    ? `${start.slice(0, 11)}0${chance.between(0, 3)}:${chance.pick(['00', '15', '30', '59'])}`
    : start.slice(0, 16);
  const days = chance.happens(0.8) ? [...WEEKDAYS] : chance.some(WEEKDAYS, chance.between(3, 6));
  return {
    repeat: { every: chance.between(least, most), unit },
    zone,
    startLocal,
    startPass: chance.pick(['earlier', 'later'] as const),
    endAt: chance.happens(0.15) ? new Date(now + chance.between(2, 6) * 86_400_000).toISOString() : null,
    activeDays: days,
    disabledTimes: chance.happens(0.25)
      ? [
          {
            day: chance.pick(['every', ...WEEKDAYS] as const),
            start: chance.pick(['22:00', '01:30', '09:00']),
            finish: chance.pick(['02:30', '06:00', '17:00']),
          },
        ]
      : [],
    enabled: true,
  };
}

/** What a policy asks for beside its name, account, targets and schedules. */
export function wishPolicy(chance: Chance) {
  return {
    generations: chance.between(1, 4),
    autoTargetRemoval: chance.pick(['no', 'yes', 'yes-and-alert'] as const),
    successRule: chance.pick(['no-issues', 'snapshots-succeed'] as const),
    retries: chance.between(0, 2),
    retryWaitMinutes: chance.between(1, 40),
  };
}

/** How the installation works in general. */
export function wishSettings(chance: Chance) {
  return {
    cleanupTime: `0${chance.between(0, 9)}:30`,
    catchUpMissed: chance.happens(0.4),
    reconcileEveryHours: chance.pick([12, 24, 24, 48]),
  };
}
