import { expect, test } from 'vitest';
import { manualClock } from '../clock.ts';
import { createAttempts } from './attempts.ts';

const MINUTE_MS = 60_000;
const waitOf = (check: () => void): number => {
  try {
    check();
    return 0;
  } catch (error) {
    return Number(/(\d+) seconds/.exec(error instanceof Error ? error.message : '')?.[1]);
  }
};

test('five failures cost nothing; each further one doubles the wait, up to five minutes', async () => {
  const clock = manualClock(0);
  const attempts = createAttempts(clock);
  const waits: number[] = [];
  for (let n = 0; n < 16; n += 1) {
    attempts.failed('name anna');
    const seconds = waitOf(() => attempts.check('name anna'));
    waits.push(seconds);
    await clock.advance(seconds * 1000);
    expect(waitOf(() => attempts.check('name anna'))).toBe(0);
  }
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test('a name and an address wait on their own, and the longer wait counts', () => {
  const attempts = createAttempts(manualClock(0));
  for (let n = 0; n < 5; n += 1) attempts.failed('name anna', 'address 1');
  attempts.failed('address 1');
  expect(waitOf(() => attempts.check('name anna'))).toBe(1);
  expect(waitOf(() => attempts.check('name ben', 'address 1'))).toBe(2);
  expect(waitOf(() => attempts.check('name ben', 'address 2'))).toBe(0);
});

test('a success forgets the failures of its name and address', () => {
  const attempts = createAttempts(manualClock(0));
  for (let n = 0; n < 9; n += 1) attempts.failed('name anna', 'address 1');
  attempts.succeeded('name anna', 'address 1');
  expect(waitOf(() => attempts.check('name anna', 'address 1'))).toBe(0);
});

test('the machine’s time of day set back or forward changes no wait', () => {
  const clock = manualClock(0);
  const attempts = createAttempts(clock);
  for (let n = 0; n < 9; n += 1) attempts.failed('name anna');
  clock.jump(60 * MINUTE_MS);
  expect(waitOf(() => attempts.check('name anna'))).toBe(16);
});

test('names that nobody has do not fill the memory: the oldest failures are forgotten', () => {
  const attempts = createAttempts(manualClock(0));
  for (let n = 0; n < 9; n += 1) attempts.failed('name first');
  for (let n = 0; n < 10_001; n += 1) attempts.failed(`name ${n}`);
  expect(waitOf(() => attempts.check('name first'))).toBe(0);
});
