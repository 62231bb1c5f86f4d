import type { Instant } from '@cpm/core';
import { expect, test } from 'vitest';
import { manualClock, systemClock } from './clock.ts';

const START = Date.UTC(2026, 2, 1);
const later = (ms: number) => (START + ms) as Instant;

test('a hand-moved clock stands still until it is moved', async () => {
  const clock = manualClock(START);
  expect(clock.now()).toBe(START);
  await clock.advance(1_500);
  expect(clock.now()).toBe(later(1_500));
  expect(clock.monotonicMs()).toBe(1_500);
});

test('timers fire in the order of their times, each at its own moment, also those that timers set', async () => {
  const clock = manualClock(START);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now() - START]);
  clock.at(later(300), note('third'));
  clock.after(100, () => {
    note('first')();
    clock.after(100, note('second'));
  });
  clock.at(later(2_000), note('never'));
  await clock.advance(1_000);
  expect(fired).toEqual([
    ['first', 100],
    ['second', 200],
    ['third', 300],
  ]);
});

test('what waits for a time by promise can set its next timer before the clock moves on', async () => {
  const clock = manualClock(START);
  const seen: number[] = [];
  const walk = async () => {
    for (const ms of [10, 20, 30]) {
      await clock.sleepUntil(later(ms));
      seen.push(clock.now() - START);
    }
  };
  const walking = walk();
  await clock.advance(100);
  await walking;
  expect(seen).toEqual([10, 20, 30]);
});

test('a cancelled timer never fires', async () => {
  const clock = manualClock(START);
  let fired = false;
  const cancel = clock.after(10, () => {
    fired = true;
  });
  cancel();
  await clock.advance(20);
  expect(fired).toBe(false);
});

test('a jump of the time of day moves times of day, not durations', async () => {
  const clock = manualClock(START);
  const fired: string[] = [];
  clock.at(later(60_000), () => fired.push('at'));
  clock.after(60_000, () => fired.push('after'));
  clock.jump(60_000);
  await clock.advance(0);
  expect(fired).toEqual(['at']);
  clock.jump(-120_000);
  await clock.advance(60_000);
  expect(fired).toEqual(['at', 'after']);
});

test('a sleep ends early with the reason of its signal', async () => {
  for (const clock of [manualClock(START), systemClock()]) {
    const abort = new AbortController();
    const asleep = clock.sleepUntil((clock.now() + 60_000) as Instant, abort.signal);
    abort.abort(new Error('enough'));
    await expect(asleep).rejects.toThrow('enough');
    await expect(clock.sleepUntil(clock.now(), abort.signal)).rejects.toThrow('enough');
  }
});

test('the clock of the machine never fires before the time', async () => {
  const clock = systemClock();
  for (let i = 0; i < 20; i += 1) {
    const when = (clock.now() + 3) as Instant;
    await clock.sleepUntil(when);
    expect(clock.now()).toBeGreaterThanOrEqual(when);
  }
});

test('the clock of the machine waits for times further off than a timer of Node can be set', async () => {
  const clock = systemClock();
  let fired = false;
  const cancel = clock.at((clock.now() + 2 ** 40) as Instant, () => {
    fired = true;
  });
  await clock.sleepUntil((clock.now() + 20) as Instant);
  cancel();
  expect(fired).toBe(false);
});

test('a clock that is moved by hand tells in how many milliseconds the first timer falls due', async () => {
  const clock = manualClock(1_000);
  expect(clock.nextDueInMs()).toBeNull();
  const cancel = clock.at((clock.now() + 500) as Instant, () => {});
  clock.after(900, () => {});
  expect(clock.nextDueInMs()).toBe(500);
  clock.jump(-300);
  expect(clock.nextDueInMs()).toBe(800);
  cancel();
  expect(clock.nextDueInMs()).toBe(900);
  await clock.advance(900);
  expect(clock.nextDueInMs()).toBeNull();
});
