import type { Instant } from '@cpm/core';
import { expect, it } from 'vitest';
import { nextLook } from './look-again.ts';

it('looks soon at first, then after half of the time it has taken, and never later than after 5 seconds', () => {
  const since = 1_000_000;
  const waits = [0, 100, 400, 2_000, 4_000, 60_000].map(
    (elapsed) => nextLook((since + elapsed) as Instant, since as Instant) - since - elapsed,
  );
  expect(waits).toEqual([200, 200, 200, 1_000, 2_000, 5_000]);
});

it('takes about ten looks at something of ten seconds', () => {
  let now = 0 as Instant;
  let looks = 0;
  while (now < 10_000) {
    now = nextLook(now, 0 as Instant);
    looks += 1;
  }
  expect(looks).toBeLessThanOrEqual(12);
  expect(now).toBeLessThan(15_000);
});
