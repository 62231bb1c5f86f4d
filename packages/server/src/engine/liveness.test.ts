import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNotifications } from './notifications.ts';
import { createTestEngine, kindOf, until } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';

const log = pino({ level: 'silent' });
let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine();
});
afterEach(() => engine.stop());

const workers = () => engine.db.selectFrom('workers').select('id').execute();
const endSession = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'cpm notifications' and datname = current_database()`.execute(engine.db);

test('two workers share the jobs and each job runs once', async () => {
  const ran: string[] = [];
  const kind = (name: string) =>
    kindOf(async (job) => {
      await job.step('work', () => void ran.push(name));
      return job.done();
    });
  const second = await openNotifications({ url: engine.url, log });
  await engine.start({ work: kind('a') }, { concurrency: 5 });
  const other = await engine.start({ work: kind('b') }, { concurrency: 5, notifications: second });
  await Promise.all(Array.from({ length: 300 }, () => engine.enqueue({ kind: 'work' })));
  await engine.quiet();
  expect(ran).toHaveLength(300);
  expect(new Set(ran)).toEqual(new Set(['a', 'b']));
  await other.stop();
  await second.close();
});

test('a worker whose connection is cut comes back under its own id, and its running jobs go on', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const worker = await engine.start({
    work: kindOf(async (job) => {
      runs += 1;
      await gate.promise;
      await job.step('last', () => null);
      return job.done();
    }),
  });
  const id = worker.workerId();
  await engine.enqueue({ kind: 'work' });
  await until('it runs', () => runs === 1);
  await endSession();
  await until('it is cut', () => !engine.notifications.isConnected());
  await until('it is back', () => engine.notifications.isConnected());
  gate.resolve();
  await engine.quiet();
  expect(worker.workerId()).toBe(id);
  expect(runs).toBe(1);
});

test('what was notified while the connection was cut is found when it is back', async () => {
  let cancelled = false;
  let started = 0;
  await engine.start({
    work: kindOf(async (job) => {
      started += 1;
      await until('cancelled', () => job.cancelRequested);
      cancelled = true;
      return job.done();
    }),
    other: kindOf(async (job) => job.done()),
  });
  await engine.enqueue({ kind: 'work' });
  await until('it runs', () => started === 1);
  await endSession();
  await until('it is cut', () => !engine.notifications.isConnected());
  // Silent writes: as if their notifications had been sent while nobody listened.
  await sql`update jobs set cancel_requested = true`.execute(engine.db);
  await sql`insert into jobs (kind, subject_id, wake_at) values ('other', 'x', 'epoch')`.execute(engine.db);
  await until('it is back', () => engine.notifications.isConnected());
  await engine.quiet();
  expect(cancelled).toBe(true);
});

test('a worker that was taken for dead loses its jobs, hears of it, and goes on under a new id', async () => {
  let aborted = 0;
  let runs = 0;
  const worker = await engine.start(
    {
      work: kindOf(async (job) => {
        runs += 1;
        if (runs > 1) return job.done();
        await until('it is told', () => job.signal.aborted);
        aborted += 1;
        return job.done();
      }),
    },
    { leaseMs: 600 },
  );
  const id = worker.workerId();
  await engine.enqueue({ kind: 'work' });
  await until('it runs', () => runs === 1);
  await sql`with gone as (delete from workers where id = ${id})
    update jobs set state = 'waiting', worker_id = null where worker_id = ${id}`.execute(engine.db);
  await engine.quiet();
  expect([runs, aborted]).toEqual([2, 1]);
  expect(await workers()).toEqual([{ id: worker.workerId() }]);
  expect(worker.workerId()).not.toBe(id);
});

test('the jobs of a worker on the list without a lock are freed, those of a living one are not', async () => {
  const dead = '00000000-0000-4000-8000-000000000001';
  await sql`insert into workers (id, host, pid) values (${dead}, 'elsewhere', 1)`.execute(engine.db);
  await sql`insert into jobs (kind, subject_id, wake_at, state, worker_id, epoch)
    values ('work', 'x', 'epoch', 'running', ${dead}, 7)`.execute(engine.db);
  const living = await openNotifications({ url: engine.url, log });
  const alive = await engine.start({}, { notifications: living });
  const seen: number[] = [];
  const worker = await engine.start({ work: kindOf(async (job) => (seen.push(job.attempts), job.done())) });
  await engine.quiet();
  expect(seen).toEqual([1]);
  expect((await workers()).map((row) => row.id).toSorted()).toEqual([alive.workerId(), worker.workerId()].toSorted());
  await alive.stop();
  await living.close();
});

/** A job as a worker leaves it that died with it, its process having died so often before. */
async function dieWith(deaths: number): Promise<void> {
  const dead = crypto.randomUUID();
  await sql`insert into workers (id, host, pid) values (${dead}, 'elsewhere', 1)`.execute(engine.db);
  await sql`insert into jobs (kind, subject_id, wake_at, state, worker_id, epoch, attempts)
    values ('work', 'x', 'epoch', 'running', ${dead}, 7, ${deaths})`.execute(engine.db);
}

test('a job whose process died again and again comes back later and later, and is given up at last', async () => {
  await dieWith(2);
  const failures: string[] = [];
  let runs = 0;
  const work = kindOf(async (job) => ((runs += 1), job.done()), {
    onFailed: async (_, __, error) => void failures.push(String(error)),
  });
  await engine.start({ work });
  const row = await until('it is free', async () => {
    const [found] = await engine.db.selectFrom('jobs').select(['state', 'attempts', 'wake_at']).execute();
    return found?.state === 'waiting' && found;
  });
  expect(row.attempts).toBe(3);
  expect(row.wake_at).toBeGreaterThan(engine.clock.now());
  await engine.clock.advance(4_000);
  await engine.quiet();
  expect([runs, failures]).toEqual([1, []]);

  await dieWith(9);
  await until('it is given up', async () => {
    await engine.clock.advance(300_000);
    return failures.length > 0;
  });
  expect(runs).toBe(1);
  expect(failures).toEqual(['PoisonousJob: the server ended 10 times while this was running']);
});

test('a silent worker loses its jobs after the lease although it still holds its lock', async () => {
  const frozen = '00000000-0000-4000-8000-000000000002';
  const holder = await openNotifications({ url: engine.url, log });
  await holder.query(`select pg_advisory_lock(hashtextextended($1::text, 0))`, [frozen]);
  await sql`insert into workers (id, host, pid) values (${frozen}, 'elsewhere', 1)`.execute(engine.db);
  await sql`insert into jobs (kind, subject_id, wake_at, state, worker_id, epoch)
    values ('work', 'x', 'epoch', 'running', ${frozen}, 7)`.execute(engine.db);
  await engine.start({ work: kindOf(async (job) => job.done()) }, { leaseMs: 1_500 });
  await engine.quiet();
  const states = await engine.db.selectFrom('jobs').select('state').execute();
  expect(states).toEqual([{ state: 'done' }]);
  await holder.close();
});

test('a job parked by a worker that died is woken by another at its time', async () => {
  const second = await openNotifications({ url: engine.url, log });
  const names: string[] = [];
  const wait = (name: string) =>
    kindOf(async (job) => {
      names.push(name);
      return names.length === 1 ? job.park((engine.clock.now() + 60_000) as Instant) : job.done();
    });
  const first = await engine.start({ wait: wait('first') }, { notifications: second });
  await engine.enqueue({ kind: 'wait' });
  await until('parked', () => names.length === 1);
  await engine.quiet();
  await engine.start({ wait: wait('second') });
  await first.stop();
  await second.close();
  await until('it runs elsewhere', async () => {
    await engine.clock.advance(60_000);
    return names.length === 2;
  });
  expect(names).toEqual(['first', 'second']);
});
