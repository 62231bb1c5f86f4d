import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../packages/server/src/db/test-database.ts';
import type { TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { areAllEnded, createRig, end, enqueueStory, removeRig, report, startChild, tally } from './engine-rig.ts';
import type { Rig } from './engine-rig.ts';

const KILLS = 100;
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

test('a worker killed -9 at 100 random moments loses no job and does nothing twice', { timeout: 180_000 }, async () => {
  // A first one that ends in peace leaves its compiled code to the others, which then start faster.
  await end(await startChild(rig, 'warm-up'), 'SIGTERM');
  let kills = 0;
  let inTheMiddle = 0;
  const isRunning = async () =>
    (await database.db.selectFrom('jobs').select('id').where('state', '=', 'running').limit(1).execute()).length > 0;
  const killAgainAndAgain = async (name: string) => {
    while (kills < KILLS) {
      kills += 1;
      await Promise.all(Array.from({ length: 12 }, () => enqueueStory(rig, 'story')));
      const child = await startChild(rig, name);
      await delay(Math.random() * 150);
      if (await isRunning()) inTheMiddle += 1;
      await end(child, 'SIGKILL');
    }
  };
  await Promise.all(['first', 'second'].map(killAgainAndAgain));

  const last = await startChild(rig, 'last', { concurrency: 50 });
  await until('all jobs have ended', () => areAllEnded(rig), 60_000);
  await end(last, 'SIGTERM');
  const { jobs, effects, lost, doubled, unfinished } = await tally(rig);
  const figures = { kills, 'with jobs running': inTheMiddle, jobs, effects };
  report('kill -9', { ...figures, lost: lost.length, doubled: doubled.length, unfinished });
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect({ lost, doubled, unfinished }).toEqual({ lost: [], doubled: [], unfinished: 0 });
});
