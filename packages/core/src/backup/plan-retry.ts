import type { Instant } from '../time.ts';
import { addMs } from '../time.ts';
import type { Outcome } from './decide-outcome.ts';

const MINUTE_MS = 60_000;

/** When the next try of a backup starts (POL-5): so many minutes after it ended; null when there is none. */
export function retryTime(
  { isRetried }: Pick<Outcome, 'isRetried'>,
  { endedAt, retryWaitMinutes }: { readonly endedAt: Instant; readonly retryWaitMinutes: number },
): Instant | null {
  return isRetried ? addMs(endedAt, retryWaitMinutes * MINUTE_MS) : null;
}

/** What its policy is at the moment a retry is to start; null when it is gone. */
export type RetryPolicy = { readonly enabled: boolean; readonly retries: number; readonly targetCount: number } | null;

/** Why a waiting retry does not start after all, in words for the log of the backup it was to try again; null when it does. */
export function whyNoRetry(policy: RetryPolicy, retryNumber: number): string | null {
  if (policy === null) return 'the policy has been removed';
  if (!policy.enabled) return 'the policy has been disabled';
  if (policy.retries < retryNumber) return `the policy allows ${policy.retries} retries now`;
  return policy.targetCount === 0 ? 'the policy has no targets any more' : null;
}
