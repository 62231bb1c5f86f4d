import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../packages/server/src/db/test-database.ts';
import type { TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { areAllEnded, createRig, end, enqueueStory, removeRig, report, startChild, tally } from './engine-rig.ts';
import type { Rig } from './engine-rig.ts';

const FREEZES = 5;
const LEASE_MS = 1_000;
let database: TestDatabase;
let rig: Rig;
beforeAll(async () => {
  database = await createTestDatabase();
  rig = await createRig(database.db, database.url);
});
afterAll(async () => {
  await removeRig(rig);
  await database.drop();
});

const jobsOf = async (pid: number | undefined) => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from jobs
    where worker_id in (select id from workers where pid = ${pid})`.execute(database.db);
  return rows[0]?.n ?? 0;
};

test('a worker frozen at random moments loses its jobs to another and, thawed, writes nothing more', async () => {
  let taken = 0;
  const options = { leaseMs: LEASE_MS, concurrency: 20 };
  const [frozen, other] = await Promise.all([startChild(rig, 'frozen', options), startChild(rig, 'other', options)]);
  for (let i = 0; i < FREEZES; i += 1) {
    await Promise.all(Array.from({ length: 60 }, () => enqueueStory(rig, 'fenced')));
    await until('the first has jobs', async () => (await jobsOf(frozen.pid)) > 0, 5_000).catch(() => undefined);
    await delay(Math.random() * 20);
    frozen.kill('SIGSTOP');
    const held = await jobsOf(frozen.pid);
    await until('the other has ended all jobs', () => areAllEnded(rig), 20_000);
    taken += held;
    frozen.kill('SIGCONT');
    // Thawed, it must go on as a worker: it is only believed when it lists itself again.
    await until(
      'it lists itself again',
      async () =>
        (
          await database.db
            .selectFrom('workers')
            .select('id')
            .where('pid', '=', frozen.pid ?? 0)
            .execute()
        ).length === 1,
    );
  }
  await until('all jobs have ended', () => areAllEnded(rig));
  await Promise.all([end(frozen, 'SIGTERM'), end(other, 'SIGTERM')]);
  const { jobs, effects, lost, doubled, unfinished } = await tally(rig);
  const figures = { freezes: FREEZES, 'jobs taken over': taken, jobs, effects };
  report('freeze and thaw', { ...figures, lost: lost.length, doubled: doubled.length, unfinished });
  expect(taken).toBeGreaterThan(0);
  expect({ lost, doubled, unfinished }).toEqual({ lost: [], doubled: [], unfinished: 0 });
});
