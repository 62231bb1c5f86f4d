import type { Instant } from '@cpm/core';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, until } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';
import { startTicker, wakeTicker } from './ticker.ts';
import type { Ticker } from './ticker.ts';

const log = pino({ level: 'silent' });
let engine: TestEngine;
let ticker: Ticker | undefined;
let due: number[];
let fired: number[];
let asked: number;
beforeEach(async () => {
  engine = await createTestEngine();
  [due, fired, asked] = [[], [], 0];
});
afterEach(async () => {
  await ticker?.stop();
  await engine.stop();
});

const start = async (fire: (now: Instant) => Promise<void> = fireAll) => {
  const { clock, notifications } = engine;
  const nextDueAt = async () => {
    asked += 1;
    return due.length === 0 ? null : (Math.min(...due) as Instant);
  };
  ticker = await startTicker({ clock, log, notifications, nextDueAt, fire });
  await until('the ticker has looked', () => asked > 0);
};
const fireAll = async (now: Instant) => {
  for (const at of due.filter((at) => at <= now)) fired.push(at, now);
  due = due.filter((at) => at > now);
};
const change = async (add: number[]) => {
  due.push(...add);
  const before = asked;
  await engine.db.transaction().execute(wakeTicker);
  await until('the ticker has looked again', () => asked > before);
};

test('fires at the very instant something falls due, and not before', async () => {
  const at = engine.clock.now() + 3_600_000;
  due = [at + 5_000, at];
  await start();
  await engine.clock.advance(3_599_999);
  expect(fired).toEqual([]);
  await engine.clock.advance(1);
  await until('fired', () => fired.length > 0);
  expect(fired).toEqual([at, at]);
  await until('it is set anew', async () => {
    await engine.clock.advance(5_000);
    return fired.length === 4;
  });
});

test('a change is heard at once: what it makes due earlier fires earlier', async () => {
  const now = engine.clock.now();
  due = [now + 3_600_000];
  await start();
  await change([now]);
  await until('fired', () => fired.length > 0);
  expect(fired).toEqual([now, now]);
});

test('what fell due while the clock jumped ahead is fired together, with the time it is then', async () => {
  const now = engine.clock.now();
  due = [now + 1_000, now + 2_000, now + 90_000_000];
  await start();
  engine.clock.jump(3_000);
  await engine.clock.advance(0);
  await until('fired', () => fired.length > 0);
  expect(fired).toEqual([now + 1_000, now + 3_000, now + 2_000, now + 3_000]);
});

test('a clock set back delays nothing that is already fired and fires nothing twice', async () => {
  const now = engine.clock.now();
  due = [now + 1_000, now + 10_000];
  await start();
  await engine.clock.advance(1_000);
  await until('fired', () => fired.length === 2);
  engine.clock.jump(-1_000);
  await change([]);
  await engine.clock.advance(1_000);
  expect(fired).toHaveLength(2);
});

test('an error is tried again; so is a firing that moved nothing on, and neither turns in circles', async () => {
  const now = engine.clock.now();
  due = [now];
  let tries = 0;
  await start(async (at) => {
    tries += 1;
    if (tries === 1) throw new Error('the database is away');
    if (tries > 2) await fireAll(at);
  });
  await until('fired', () => fired.length === 2, 5_000);
  expect(tries).toBe(3);
  expect(asked).toBeLessThan(15);
});
