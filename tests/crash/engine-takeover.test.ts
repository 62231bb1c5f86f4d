import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../packages/server/src/db/test-database.ts';
import type { TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { enqueueJob } from '../../packages/server/src/engine/jobs.ts';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { areAllEnded, createRig, end, removeRig, report, startChild } from './engine-rig.ts';
import type { Rig } from './engine-rig.ts';

const ROUNDS = 6;
const HELD = 5;
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

const lines = async (word: string) =>
  (await readFile(rig.effectsFile, 'utf8'))
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, found]) => found === word);
const enqueueHold = () =>
  database.db.transaction().execute((trx) => enqueueJob(trx, { kind: 'hold', subjectId: 'takeover', ownerId: null }));

test('of two workers one is killed: the other has its jobs within 2 s', async () => {
  const tookMs: number[] = [];
  const survivor = await startChild(rig, 'survivor');
  for (let round = 1; round <= ROUNDS; round += 1) {
    const victim = await startChild(rig, 'victim', { isVictim: true, concurrency: HELD });
    await until('the victim holds jobs', async () => {
      if ((await lines('held')).length >= round * HELD) return true;
      await enqueueHold();
      return false;
    });
    const killedAt = Date.now();
    await end(victim, 'SIGKILL');
    await until('all jobs have ended', () => areAllEnded(rig));
    const ended = new Map((await lines('ended')).map(([id, , at]) => [id, Number(at)]));
    for (const [id] of (await lines('held')).slice(-HELD)) tookMs.push((ended.get(id) ?? Infinity) - killedAt);
  }
  await end(survivor, 'SIGTERM');
  tookMs.sort((a, b) => a - b);
  const figures = { kills: ROUNDS, 'jobs taken over': tookMs.length, 'first ms': tookMs[0] ?? NaN };
  report('take-over', { ...figures, 'median ms': tookMs[tookMs.length >> 1] ?? NaN, 'last ms': tookMs.at(-1) ?? NaN });
  expect(tookMs).toHaveLength(ROUNDS * HELD);
  expect(tookMs.at(-1)).toBeLessThanOrEqual(2_000);
  const doubled = (await lines('ended')).length - new Set((await lines('ended')).map(([id]) => id)).size;
  expect(doubled).toBe(0);
});
