import { cpmError } from '@cpm/core';
import type { Clock } from '../clock.ts';

/** So many wrong answers cost nothing; each further one doubles the wait, up to the longest. */
const FREE_FAILURES = 5;
const LONGEST_WAIT_MS = 5 * 60_000;
const FORGET_AFTER_MS = 60 * 60_000;
const MOST_KEPT = 10_000;

/** Slows down guessing of passwords and secrets by name and by address; nobody is locked out for good (S11). */
export type Attempts = {
  /** Throws `too_many_attempts` while one of the keys has to wait. */
  readonly check: (...keys: string[]) => void;
  readonly failed: (...keys: string[]) => void;
  readonly succeeded: (...keys: string[]) => void;
};

type Failures = { failures: number; lastMs: number };

export function createAttempts(clock: Clock): Attempts {
  const records = new Map<string, Failures>();
  const waitMs = ({ failures, lastMs }: Failures) => {
    if (failures < FREE_FAILURES) return 0;
    return lastMs + Math.min(1000 * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT_MS) - clock.monotonicMs();
  };
  const forgetOld = () => {
    for (const [key, record] of records) {
      if (records.size <= MOST_KEPT && clock.monotonicMs() - record.lastMs < FORGET_AFTER_MS) break;
      records.delete(key);
    }
  };
  return {
    check(...keys) {
      const longest = Math.max(0, ...keys.map((key) => waitMs(records.get(key) ?? { failures: 0, lastMs: 0 })));
      if (longest > 0) throw cpmError('too_many_attempts', { params: { seconds: Math.ceil(longest / 1000) } });
    },
    failed(...keys) {
      for (const key of keys) {
        const failures = (records.get(key)?.failures ?? 0) + 1;
        // Deleted first, so that the map stays in the order of the last failure and old ones are found in front.
        records.delete(key);
        records.set(key, { failures, lastMs: clock.monotonicMs() });
      }
      forgetOld();
    },
    succeeded: (...keys) => keys.forEach((key) => records.delete(key)),
  };
}
