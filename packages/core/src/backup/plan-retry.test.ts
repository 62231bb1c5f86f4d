import { describe, expect, it } from 'vitest';
import type { Instant } from '../time.ts';
import { retryTime, whyNoRetry } from './plan-retry.ts';

const endedAt = Date.UTC(2026, 5, 1) as Instant;

describe('a retry', () => {
  it('starts so many minutes after the backup ended, and only where one is due', () => {
    expect(retryTime({ isRetried: true }, { endedAt, retryWaitMinutes: 10 })).toBe(endedAt + 600_000);
    expect(retryTime({ isRetried: false }, { endedAt, retryWaitMinutes: 10 })).toBeNull();
  });

  it.each([
    [{ enabled: true, retries: 3, targetCount: 1 }, 3, null],
    [{ enabled: true, retries: 2, targetCount: 1 }, 3, 'the policy allows 2 retries now'],
    [{ enabled: false, retries: 3, targetCount: 1 }, 1, 'the policy has been disabled'],
    [{ enabled: true, retries: 3, targetCount: 0 }, 1, 'the policy has no targets any more'],
    [null, 1, 'the policy has been removed'],
  ])('of the policy %j, number %i: %s', (policy, retryNumber, reason) => {
    expect(whyNoRetry(policy, retryNumber)).toBe(reason);
  });
});
