import { setTimeout as delay } from 'node:timers/promises';
import type { UserId } from '@cpm/core';
import { cpmError } from '@cpm/core';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wakeJob } from './jobs.ts';
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
const owner = (n: number) => `0000000${n}-0000-4000-8000-000000000000` as UserId;
const isBackingOff = (id: string) => until('backing off', async () => (await rowOf(id)).back_off_until);

test('within one owner the highest priority goes first, then the earliest time, then the order of arrival', async () => {
  const order: string[] = [];
  const early = engine.clock.now();
  await engine.clock.advance(1_000);
  await engine.enqueue({ kind: 'note', subjectId: 'late', wakeAt: engine.clock.now() });
  await engine.enqueue({ kind: 'note', subjectId: 'early', wakeAt: early });
  await engine.enqueue({ kind: 'note', subjectId: 'second', priority: 1 });
  await engine.enqueue({ kind: 'note', subjectId: 'third', priority: 1 });
  await engine.enqueue({ kind: 'note', subjectId: 'first', priority: 2 });
  await engine.start({ note: kindOf(async (job) => (order.push(job.subjectId), job.done())) }, { concurrency: 1 });
  await engine.quiet();
  expect(order).toEqual(['first', 'second', 'third', 'early', 'late']);
});

test('owners take turns: one with a thousand jobs does not keep the others waiting', async () => {
  await sql`insert into jobs (kind, subject_id, owner_id, wake_at)
    select 'note', 'flood', ${owner(1)}, 'epoch' from generate_series(1, 1000)`.execute(engine.db);
  for (const n of [2, 3]) for (let i = 0; i < 5; i += 1) await engine.enqueue({ kind: 'note', ownerId: owner(n) });
  const order: (string | null)[] = [];
  await engine.start({ note: kindOf(async (job) => (order.push(job.ownerId), job.done())) }, { concurrency: 3 });
  await engine.quiet();
  expect(order).toHaveLength(1010);
  const places = [2, 3].map((n) => order.lastIndexOf(owner(n)));
  // Some thirty where all jobs take equally long; how long each takes is the machine's business. In the order of arrival: 1,009.
  expect(Math.max(...places)).toBeLessThan(100);
});

test('no further job begins while something is done first, but none waits for it longer than a second or two', async () => {
  const begun: string[] = [];
  const worker = await engine.start({ note: kindOf(async (job) => (begun.push(job.subjectId), job.done())) });
  await worker.doFirst(async () => {
    await engine.enqueue({ kind: 'note', subjectId: 'after it' });
    await delay(300);
    expect(begun).toEqual([]);
  });
  await until('it has begun', () => begun.length === 1);
  const patient = Promise.withResolvers<void>();
  const first = worker.doFirst(() => patient.promise);
  await engine.enqueue({ kind: 'note', subjectId: 'all the same' });
  await until('it has begun', () => begun.length === 2, 5_000);
  patient.resolve();
  await first;
  await expect(worker.doFirst(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  await engine.enqueue({ kind: 'note', subjectId: 'after an error' });
  await until('it has begun', () => begun.length === 3);
});

test('never more jobs at once than the worker and the kind allow', async () => {
  const now = { all: 0, narrow: 0 };
  const most = { all: 0, narrow: 0 };
  const busy = (name: 'narrow' | 'wide', limit?: number) =>
    kindOf(
      async (job) => {
        now.all += 1;
        if (name === 'narrow') now.narrow += 1;
        most.all = Math.max(most.all, now.all);
        most.narrow = Math.max(most.narrow, now.narrow);
        await job.step('work', () => sql`select pg_sleep(0.005)`.execute(engine.db).then(() => null));
        now.all -= 1;
        if (name === 'narrow') now.narrow -= 1;
        return job.done();
      },
      limit === undefined ? {} : { concurrency: limit },
    );
  for (let i = 0; i < 40; i += 1) await engine.enqueue({ kind: i % 2 === 0 ? 'narrow' : 'wide' });
  await engine.start({ narrow: busy('narrow', 2), wide: busy('wide') }, { concurrency: 6 });
  await engine.quiet();
  expect(most).toEqual({ all: 6, narrow: 2 });
});

test('an error is tried again after a growing pause that no wake shortens', async () => {
  let runs = 0;
  await engine.start({
    flaky: kindOf(async (job) => {
      runs += 1;
      if (runs < 4) throw new Error(`no ${runs}`);
      return job.done();
    }),
  });
  const id = await engine.enqueue({ kind: 'flaky' });
  for (const [attempts, leastMs, mostMs] of [
    [1, 800, 1_200],
    [2, 1_600, 2_400],
    [3, 3_200, 4_800],
  ] as const) {
    const row = await until('backing off', async () => {
      const row = await rowOf(id);
      return row.state === 'waiting' && row.attempts === attempts && row;
    });
    expect(row.last_error).toBe(`no ${attempts}`);
    const pauseMs = row.wake_at - engine.clock.now();
    expect(pauseMs).toBeGreaterThanOrEqual(leastMs);
    expect(pauseMs).toBeLessThanOrEqual(mostMs);
    await engine.db.transaction().execute((trx) => wakeJob(trx, id));
    await engine.quiet();
    expect(runs).toBe(attempts);
    await engine.clock.advance(pauseMs);
    await until('it runs again', () => runs === attempts + 1);
  }
  await engine.quiet();
  expect(await rowOf(id)).toMatchObject({ state: 'done', attempts: 0, last_error: null, back_off_until: null });
});

test('a job that fails too often fails for good, and the record of its feature is closed with it', async () => {
  await sql`create table records (id text, status text)`.execute(engine.db);
  await sql`insert into records values ('backup-1', 'in-progress')`.execute(engine.db);
  await engine.start({
    broken: kindOf(() => Promise.reject(new Error('bad \0 luck')), {
      maxAttempts: 3,
      onFailed: async (trx, job, error) => {
        const status = `failed: ${error instanceof Error ? error.message.length : 0}`;
        await sql`update records set status = ${status} where id = ${job.subjectId}`.execute(trx);
      },
    }),
  });
  const id = await engine.enqueue({ kind: 'broken', subjectId: 'backup-1' });
  await until('failed', async () => {
    await engine.clock.advance(1_000);
    return (await rowOf(id)).state === 'failed';
  });
  expect(await rowOf(id)).toMatchObject({ attempts: 3, last_error: 'bad  luck' });
  const { rows } = await sql`select * from records`.execute(engine.db);
  expect(rows).toEqual([{ id: 'backup-1', status: 'failed: 10' }]);
});

test('an error that waiting cannot heal fails at once', async () => {
  let failed: unknown;
  await engine.start({
    broken: kindOf(() => Promise.reject(cpmError('aws_denied', { params: { action: 'CreateSnapshots' } })), {
      onFailed: async (_, __, error) => {
        failed = error;
      },
    }),
  });
  const id = await engine.enqueue({ kind: 'broken' });
  await until('failed', async () => (await rowOf(id)).state === 'failed');
  expect(failed).toMatchObject({ code: 'aws_denied' });
});

test('while the record of a feature cannot be closed the job stays open and is tried again', async () => {
  let refusals = 0;
  await engine.start({
    broken: kindOf(() => Promise.reject(new Error('no')), {
      maxAttempts: 1,
      onFailed: async () => {
        refusals += 1;
        if (refusals < 2) throw new Error('cannot write it down');
      },
    }),
  });
  const id = await engine.enqueue({ kind: 'broken' });
  await isBackingOff(id);
  expect((await rowOf(id)).state).toBe('waiting');
  await until('failed', async () => {
    await engine.clock.advance(1_000);
    return (await rowOf(id)).state === 'failed';
  });
  expect(refusals).toBe(2);
});

test('errors in a row are counted only while nothing is achieved', async () => {
  let runs = 0;
  await engine.start({
    slow: kindOf(
      async (job) => {
        runs += 1;
        for (let i = 0; i < runs; i += 1) await job.step(`part-${i}`, () => i);
        if (runs < 6) throw new Error('not yet');
        return job.done();
      },
      { maxAttempts: 2 },
    ),
  });
  const id = await engine.enqueue({ kind: 'slow' });
  await until('done', async () => {
    await engine.clock.advance(1_000);
    return (await rowOf(id)).state === 'done';
  });
  expect(runs).toBe(6);
});

test('a stopping worker finishes the step under way, gives the job back, and the next one goes on from there', async () => {
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const kinds = {
    long: kindOf(async (job) => {
      await job.step('one', async () => {
        done.push('one');
        await gate.promise;
      });
      // Even a runner that takes every error for one of its own cannot make the stop look like a failure.
      try {
        await job.step('two', () => void done.push('two'));
      } catch {
        return job.done(async () => void done.push('mistaken'));
      }
      return job.done();
    }),
  };
  const worker = await engine.start(kinds);
  const id = await engine.enqueue({ kind: 'long' });
  await until('it runs', () => done.length === 1);
  const stopped = worker.stop();
  gate.resolve();
  await stopped;
  expect(done).toEqual(['one']);
  expect(await rowOf(id)).toMatchObject({ state: 'waiting', attempts: 0, worker_id: null });
  expect(await engine.db.selectFrom('workers').select('id').execute()).toEqual([]);
  await engine.start(kinds);
  await engine.quiet();
  expect(done).toEqual(['one', 'two']);
});

test('an urgent step still starts while the worker stops: nothing is left frozen', async () => {
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const worker = await engine.start({
    freeze: kindOf(async (job) => {
      await job.step('before', async () => {
        done.push('before');
        await gate.promise;
      });
      await job.step('after', () => void done.push('after'), { urgent: true });
      await job.step('wait', () => void done.push('wait'));
      return job.done();
    }),
  });
  await engine.enqueue({ kind: 'freeze' });
  await until('it runs', () => done.length === 1);
  const stopped = worker.stop();
  gate.resolve();
  await stopped;
  expect(done).toEqual(['before', 'after']);
});

test('a stop does not wait for ever: what will not end is told to and can write nothing more', async () => {
  let signal: AbortSignal | undefined;
  const gate = Promise.withResolvers<void>();
  let late: unknown;
  const worker = await engine.start(
    {
      stubborn: kindOf(async (job) => {
        ({ signal } = job);
        await gate.promise;
        late = await job.transaction(async () => 'written').catch((error: unknown) => error);
        return job.done();
      }),
    },
    { stopWithinMs: 50 },
  );
  const id = await engine.enqueue({ kind: 'stubborn' });
  await until('it runs', () => signal);
  await worker.stop();
  expect(signal?.aborted).toBe(true);
  expect((await rowOf(id)).state).toBe('waiting');
  gate.resolve();
  await until('the runner goes on', () => late);
  expect(late).toMatchObject({ name: 'WorkerStopping' });
});
