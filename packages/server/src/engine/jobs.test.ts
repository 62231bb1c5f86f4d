import type { Instant, UserId } from '@cpm/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelJob, enqueueJob, wakeJob } from './jobs.ts';
import type { JobRef } from './jobs.ts';
import { createTestEngine, kindOf, until } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine();
});
afterEach(() => engine.stop());

const rowOf = (id: string) =>
  engine.db
    .selectFrom('jobs')
    .selectAll()
    .where('id', '=', id as never)
    .executeTakeFirstOrThrow();
const wake = (ref: JobRef) => engine.db.transaction().execute((trx) => wakeJob(trx, ref));
const cancel = (ref: JobRef) => engine.db.transaction().execute((trx) => cancelJob(trx, ref));
const inMs = (ms: number) => (engine.clock.now() + ms) as Instant;

test('a job is told what was enqueued and is done after its run', async () => {
  const ownerId = '11111111-1111-4111-8111-111111111111' as UserId;
  const seen: unknown[] = [];
  await engine.start({
    look: kindOf(async ({ kind, subjectId, ownerId, input, attempts }) => {
      seen.push({ kind, subjectId, ownerId, input, attempts });
      return { end: 'done', writes: undefined };
    }),
  });
  const input = { names: ['ä', '\0', null], n: 1.5 };
  const id = await engine.enqueue({ kind: 'look', subjectId: 'backup-1', ownerId, input });
  await engine.quiet();
  expect(seen).toEqual([{ kind: 'look', subjectId: 'backup-1', ownerId, input, attempts: 0 }]);
  expect(await rowOf(id)).toMatchObject({ state: 'done', ended_at: engine.clock.now(), worker_id: null });
});

test('a job of a transaction that is rolled back never runs', async () => {
  let runs = 0;
  await engine.start({ count: kindOf(async (job) => ((runs += 1), job.done())) });
  const failing = engine.db.transaction().execute(async (trx) => {
    await enqueueJob(trx, { kind: 'count', subjectId: 'x', ownerId: null });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await engine.enqueue({ kind: 'count' });
  await engine.quiet();
  expect(runs).toBe(1);
});

test('a job waits for its time to the millisecond of the clock', async () => {
  const ranAt: number[] = [];
  await engine.start({ note: kindOf(async (job) => (ranAt.push(engine.clock.now()), job.done())) });
  const due = inMs(86_400_123);
  await engine.enqueue({ kind: 'note', wakeAt: due });
  await engine.quiet();
  // The worker learns of it by a notification and then asks when it is due; only then it can be woken by the clock.
  await until('the job runs', async () => {
    const before = engine.clock.now();
    if (before < due - 1) await engine.clock.advance(due - 1 - before);
    expect(ranAt).toEqual([]);
    await engine.clock.advance(1);
    await engine.quiet();
    return ranAt.length === 1;
  });
  expect(ranAt).toEqual([due]);
});

test('a job whose kind nobody here knows waits for a worker that does', async () => {
  await engine.start({ other: kindOf(async (job) => job.done()) });
  const id = await engine.enqueue({ kind: 'news' });
  await engine.enqueue({ kind: 'other' });
  await until('the other job is done', async () =>
    engine.db.selectFrom('jobs').select('id').where('state', '=', 'done').executeTakeFirst(),
  );
  expect((await rowOf(id)).state).toBe('waiting');
  await engine.start({ news: kindOf(async (job) => job.done()) });
  await engine.quiet();
  expect((await rowOf(id)).state).toBe('done');
});

test('a unique key has one open job: enqueued again it runs once, and after its end a new one can be made', async () => {
  const ids = await Promise.all(
    Array.from({ length: 8 }, () => engine.enqueue({ kind: 'sum', uniqueKey: 'policy-1', wakeAt: inMs(5_000) })),
  );
  expect(new Set(ids).size).toBe(1);
  const other = await engine.enqueue({ kind: 'sum', uniqueKey: 'policy-2', wakeAt: inMs(5_000) });
  expect(ids).not.toContain(other);
  let runs = 0;
  await engine.start({ sum: kindOf(async (job) => ((runs += 1), job.done())) });
  expect(await engine.enqueue({ kind: 'sum', uniqueKey: 'policy-1' })).toBe(ids[0]);
  await engine.quiet();
  expect(runs).toBe(1);
  expect(await engine.enqueue({ kind: 'sum', uniqueKey: 'policy-1' })).not.toBe(ids[0]);
  await engine.quiet();
  expect(runs).toBe(2);
});

test('a job enqueued again while it runs starts afresh after its end, its steps forgotten', async () => {
  const gate = Promise.withResolvers<void>();
  const steps: number[] = [];
  let runs = 0;
  await engine.start({
    sum: kindOf(async (job) => {
      runs += 1;
      await job.step('look', async () => void steps.push(runs));
      if (runs === 1) await gate.promise;
      return job.done();
    }),
  });
  const id = await engine.enqueue({ kind: 'sum', uniqueKey: 'p' });
  await until('it runs', () => steps.length === 1);
  expect(await engine.enqueue({ kind: 'sum', uniqueKey: 'p' })).toBe(id);
  expect(await engine.enqueue({ kind: 'sum', uniqueKey: 'p' })).toBe(id);
  gate.resolve();
  await engine.quiet();
  expect(steps).toEqual([1, 2]);
  expect((await rowOf(id)).state).toBe('done');
});

test('a parked job wakes at its time, or at once when woken', async () => {
  const woken: number[] = [];
  await engine.start({
    wait: kindOf(async (job) => {
      woken.push(engine.clock.now());
      return woken.length === 3 ? job.done() : job.park(inMs(60_000));
    }),
  });
  const start = engine.clock.now();
  const id = await engine.enqueue({ kind: 'wait', uniqueKey: 'w' });
  await until('parked', async () => (await rowOf(id)).wake_at === inMs(60_000));
  await engine.clock.advance(1_000);
  expect(await wake({ kind: 'wait', uniqueKey: 'w' })).toBe(true);
  await until('parked again', async () => (await rowOf(id)).wake_at === inMs(60_000));
  await until('done', async () => {
    await engine.clock.advance(30_000);
    return (await rowOf(id)).state === 'done';
  });
  expect(woken.slice(0, 2)).toEqual([start, start + 1_000]);
  expect(await wake(id)).toBe(false);
});

test('a job woken while it runs does not sleep on its next park', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  await engine.start({
    wait: kindOf(async (job) => {
      runs += 1;
      if (runs > 1) return job.done();
      await gate.promise;
      return job.park(inMs(60_000));
    }),
  });
  const id = await engine.enqueue({ kind: 'wait' });
  await until('it runs', () => runs === 1);
  expect(await wake(id)).toBe(true);
  gate.resolve();
  await until('done', async () => (await rowOf(id)).state === 'done');
  expect(runs).toBe(2);
});

test('a cancelled job is never dropped: parked, it wakes at once and ends in its own way', async () => {
  const ends: string[] = [];
  await engine.start({
    work: kindOf(async (job) => {
      if (!job.cancelRequested) return job.park(inMs(3_600_000));
      return job.done(async () => void ends.push('undone'));
    }),
  });
  const id = await engine.enqueue({ kind: 'work' });
  await until('parked', async () => (await rowOf(id)).wake_at === inMs(3_600_000));
  expect(await cancel(id)).toBe(true);
  await engine.quiet();
  expect(ends).toEqual(['undone']);
  expect(await rowOf(id)).toMatchObject({ state: 'done', cancel_requested: true });
  expect(await cancel(id)).toBe(false);
});

test('a running job sees that it is cancelled while it runs', async () => {
  let started = false;
  await engine.start({
    work: kindOf(async (job) => {
      started = true;
      await until('cancelled', () => job.cancelRequested);
      return job.done();
    }),
  });
  const id = await engine.enqueue({ kind: 'work' });
  await until('it runs', () => started);
  await cancel(id);
  await engine.quiet();
  expect((await rowOf(id)).state).toBe('done');
});

test('ended jobs are removed when nobody wants them any more', async () => {
  const kinds = { work: kindOf(async (job) => job.done()) };
  const worker = await engine.start(kinds);
  await engine.enqueue({ kind: 'work' });
  await engine.quiet();
  await worker.stop();
  await engine.clock.advance(8 * 86_400_000);
  const waiting = await engine.enqueue({ kind: 'unknown' });
  await engine.start(kinds);
  await until('removed', async () => (await engine.db.selectFrom('jobs').select('id').execute()).length === 1);
  expect((await rowOf(waiting)).state).toBe('waiting');
});
