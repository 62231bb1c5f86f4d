import { addMs, type Instant } from '@cpm/core';

const SOONEST_MS = 200;
const LATEST_MS = 5_000;

/**
 * When to look again at what AWS has been making since then: after half of the time that it has taken so far. What is quick is
 * seen at once, what is slow is seen when it has taken half as long again at the most, or 5 seconds, with few looks.
 */
export function nextLook(now: Instant, since: Instant): Instant {
  return addMs(now, Math.min(LATEST_MS, Math.max(SOONEST_MS, Math.round((now - since) / 2))));
}
