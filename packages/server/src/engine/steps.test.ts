import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, kindOf, until } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine();
});
afterEach(() => engine.stop());

const steps = () => engine.db.selectFrom('steps').select(['name', 'result', 'tries']).orderBy('name').execute();
const stateOf = async (id: string) =>
  (
    await engine.db
      .selectFrom('jobs')
      .select('state')
      .where('id', '=', id as never)
      .executeTakeFirstOrThrow()
  ).state;
const runToEnd = (id: string) =>
  until('done', async () => {
    await engine.clock.advance(1_000);
    return (await stateOf(id)) === 'done';
  });
const soon = () => (engine.clock.now() + 1_000) as Instant;

test('a finished step is not done again: later runs are given its result', async () => {
  let effects = 0;
  const seen: unknown[] = [];
  await engine.start({
    work: kindOf(async (job) => {
      seen.push(await job.step('make', () => ({ id: `snap-${(effects += 1)}`, gone: undefined, text: 'a\0b' })));
      seen.push(await job.step('nothing', () => undefined));
      expect(job.finished('make')).toBe(true);
      return seen.length === 2 ? job.park(soon()) : job.done();
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'work' }));
  const made = { id: 'snap-1', text: 'a\0b' };
  expect(seen).toEqual([made, null, made, null]);
  expect(await steps()).toEqual([]);
});

test('steps begun together start together, in one write', async () => {
  let effects = 0;
  await engine.start({
    work: kindOf(async (job) => {
      const names = Array.from({ length: 100 }, (_, i) => `create-${i}`);
      const results = await Promise.all(names.map((name) => job.step(name, async () => ((effects += 1), name))));
      expect(results).toEqual(names);
      const { rows } = await sql<{ writes: number }>`
        select count(distinct xmin::text)::int as writes from steps`.execute(engine.db);
      expect(rows[0]?.writes).toBeLessThan(5);
      return job.done();
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'work' }));
  expect(effects).toBe(100);
});

test('steps announced ahead begin without a write; to a later run they may have begun', async () => {
  const seen: unknown[] = [];
  await engine.start({
    work: kindOf(async (job) => {
      const names = ['first', 'second'];
      if (seen.length > 0) {
        seen.push(names.map((name) => [job.startedBefore(name), job.finished(name)]));
        return job.done();
      }
      await job.transaction((trx) => job.announce(trx, names));
      seen.push(names.map(job.startedBefore));
      const { rows } = await sql<{ version: string }>`select xmin::text as version from steps`.execute(engine.db);
      await job.step('first', async () => {
        const now = await sql<{ version: string }>`select xmin::text as version from steps`.execute(engine.db);
        expect(now.rows).toEqual(rows);
        expect(job.startedBefore('first')).toBe(true);
      });
      return job.park(soon());
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'work' }));
  expect(seen).toEqual([
    [false, false],
    [
      [false, true],
      [true, false],
    ],
  ]);
});

test('a step whose effect failed counts as started, so that what it may have begun can be undone', async () => {
  const seen: boolean[][] = [];
  await engine.start({
    freeze: kindOf(async (job) => {
      const before = job.startedBefore('before');
      if (!before) {
        await job
          .step('before', () => Promise.reject(new Error('exit 1')))
          .catch((error: unknown) => {
            seen.push([before, job.startedBefore('before'), job.finished('before')]);
            throw error;
          });
      }
      seen.push([before, job.finished('before')]);
      await job.step('after', () => 'thawed');
      expect(job.startedBefore('after')).toBe(false);
      return job.done();
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'freeze' }));
  expect(seen).toEqual([
    [false, true, false],
    [true, false],
  ]);
});

test("an error of an effect is the runner's to judge; the job goes on if it says so", async () => {
  await engine.start({
    work: kindOf(async (job) => {
      const failed = await job.step('try', () => Promise.reject(new Error('refused'))).catch(() => 'failed');
      await job.step('go on', () => failed);
      const refused = await job
        .transaction((trx) => sql`insert into workers (id, host, pid) select id, host, pid from workers`.execute(trx))
        .catch(() => 'taken');
      await job.step('and on', () => refused);
      return job.park(soon());
    }),
  });
  await engine.enqueue({ kind: 'work' });
  await until('parked', async () => (await steps()).length === 3);
  await engine.quiet();
  expect(await steps()).toEqual([
    { name: 'and on', result: 'taken', tries: 1 },
    { name: 'go on', result: 'failed', tries: 1 },
    { name: 'try', result: null, tries: 1 },
  ]);
});

test('writes given to done and park are committed with the end, or not at all', async () => {
  await sql`create table notes (text text unique)`.execute(engine.db);
  let runs = 0;
  await engine.start({
    work: kindOf(async (job) => {
      runs += 1;
      const text = `run ${runs}`;
      if (runs === 1)
        return job.park(soon(), async (trx) => void (await sql`insert into notes values (${text})`.execute(trx)));
      if (runs === 2) {
        return job.done(async (trx) => {
          await sql`insert into notes values (${text})`.execute(trx);
          throw new Error('cannot end yet');
        });
      }
      return job.done(async (trx) => void (await sql`insert into notes values (${text})`.execute(trx)));
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'work' }));
  const { rows } = await sql`select text from notes order by 1`.execute(engine.db);
  expect(rows).toEqual([{ text: 'run 1' }, { text: 'run 3' }]);
});

test('a step whose effect is its writes happens exactly once', async () => {
  await sql`create table notes (text text)`.execute(engine.db);
  let runs = 0;
  const results: unknown[] = [];
  await engine.start({
    work: kindOf(async (job) => {
      runs += 1;
      results.push(
        await job.transactionStep('note', async (trx) => {
          await sql`insert into notes values ('once')`.execute(trx);
          return runs;
        }),
      );
      if (runs < 3) throw new Error('again');
      return job.done();
    }),
  });
  await runToEnd(await engine.enqueue({ kind: 'work' }));
  expect(results).toEqual([1, 1, 1]);
  expect((await sql`select * from notes`.execute(engine.db)).rows).toHaveLength(1);
});

test('a job that was taken away writes nothing more: no step, no transaction, no end', async () => {
  await sql`create table notes (text text)`.execute(engine.db);
  const gate = Promise.withResolvers<void>();
  const refused: unknown[] = [];
  let stolen = 0;
  let effect = false;
  await engine.start({
    work: kindOf(async (job) => {
      if (stolen > 0) return job.park((engine.clock.now() + 3_600_000) as Instant);
      await job
        .step('one', async () => {
          stolen = 1;
          await gate.promise;
        })
        .catch((error: unknown) => refused.push(error));
      await job
        .step('two', () => {
          effect = true;
        })
        .catch((error: unknown) => refused.push(error));
      await job
        .transaction((trx) => sql`insert into notes values ('zombie')`.execute(trx))
        .catch((error: unknown) => refused.push(error));
      return job.done(async (trx) => void (await sql`insert into notes values ('zombie end')`.execute(trx)));
    }),
  });
  const id = await engine.enqueue({ kind: 'work' });
  await until('it runs', () => stolen === 1);
  await sql`update jobs set epoch = epoch + 1`.execute(engine.db);
  gate.resolve();
  await until('all three are refused', () => refused.length === 3);
  expect(refused.map((error) => error instanceof Error && error.name)).toEqual(Array(3).fill('LostOwnership'));
  expect(effect).toBe(false);
  expect((await sql`select * from notes`.execute(engine.db)).rows).toEqual([]);
  expect(await stateOf(id)).toBe('running');
});

test('a claim whose answer was lost is given back and runs', async () => {
  const worker = await engine.start({ work: kindOf(async (job) => job.done()) }, { leaseMs: 300 });
  await sql`insert into jobs (kind, subject_id, wake_at, state, worker_id, epoch)
    values ('work', 'x', 'epoch', 'running', ${worker.workerId()}, 1)`.execute(engine.db);
  await engine.quiet();
  const { rows } = await sql`select state, epoch from jobs`.execute(engine.db);
  expect(rows).toEqual([{ state: 'done', epoch: 2 }]);
});
