import { parseLocalTime, parseZone } from '../time.ts';
import type { ScheduleRule } from './schedule.ts';
import { WEEKDAYS } from './weekdays.ts';

type RuleParts = Partial<Omit<ScheduleRule, 'startLocal' | 'zone' | 'repeat'>> & {
  readonly repeat: readonly [every: number, unit: ScheduleRule['repeat']['unit']];
  readonly start: string;
  readonly zone?: string;
};

/** A complete rule for a test that cares about a few of its parts: every day active, nothing disabled, no end. */
export function buildRule({ repeat: [every, unit], start, zone = 'UTC', ...rest }: RuleParts): ScheduleRule {
  return {
    repeat: { every, unit },
    startLocal: parseLocalTime(start),
    startPass: 'earlier',
    zone: parseZone(zone),
    endAt: null,
    activeDays: WEEKDAYS,
    disabledTimes: [],
    ...rest,
  };
}
