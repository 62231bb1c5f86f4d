import { localTimeAt } from '../time.ts';
import type { Instant, LocalTime } from '../time.ts';
import { neverFires, nextFiring } from './next-run.ts';
import type { Firing } from './next-run.ts';
import type { ScheduleRule } from './schedule.ts';

export type PreviewedFiring = {
  readonly at: Instant;
  /** What the clocks of the schedule's zone show then. */
  readonly local: LocalTime;
  /** The time the schedule names; differs from `local` only where a gap moved the firing. */
  readonly named: LocalTime;
  /** Why this firing needs a word; null when it does not. */
  readonly note: string | null;
};

export type SchedulePreview = {
  readonly firings: readonly PreviewedFiring[];
  /** Said wherever the schedule shows (SCH-4); null when it can fire. */
  readonly warning: string | null;
};

export const NEVER_FIRES_WARNING =
  'This schedule never fires: its week days and disabled times leave no firing within ten years.';

/** The next firings strictly after the moment, at most `count`, with notes on clock changes, and the warning of SCH-4. */
export function previewSchedule(rule: ScheduleRule, after: Instant, count: number): SchedulePreview {
  const firings: PreviewedFiring[] = [];
  let firing = nextFiring(rule, after);
  while (firing !== null && firings.length < count) {
    const { at, named } = firing;
    firings.push({ at, named, local: localTimeAt(at, rule.zone), note: noteOn(firing, rule) });
    firing = firings.length < count ? nextFiring(rule, at) : null;
  }
  return { firings, warning: firings.length === 0 && neverFires(rule) ? NEVER_FIRES_WARNING : null };
}

function noteOn({ at, named, kind }: Firing, { zone, startPass, startLocal }: ScheduleRule): string | null {
  switch (kind) {
    case 'gap':
      return `clocks go forward over ${timeOf(named)}: runs at ${timeOf(localTimeAt(at, zone))}`;
    case 'overlap': {
      const isLater = startPass === 'later' && named === startLocal;
      return `clocks show ${timeOf(named)} twice: runs once, the ${isLater ? 'second' : 'first'} time`;
    }
    case 'unique':
      return null;
  }
}

function timeOf(local: LocalTime): string {
  return shortTime(local.slice(11));
}

/** `02:00` for `02:00:00`; seconds stay where there are any. */
export function shortTime(timeOfDay: string): string {
  return timeOfDay.endsWith(':00') && timeOfDay.length === 8 ? timeOfDay.slice(0, 5) : timeOfDay;
}
