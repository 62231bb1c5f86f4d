import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../packages/server/src/db/launcher/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../packages/server/src/db/launcher/embedded-postgres.ts';
import { migrate } from '../../packages/server/src/db/migrate.ts';
import { openDatabase } from '../../packages/server/src/db/pool.ts';
import type { Database } from '../../packages/server/src/db/schema.ts';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { areAllEnded, createRig, end, enqueueStory, removeRig, report, startChild, tally } from './engine-rig.ts';
import type { Rig } from './engine-rig.ts';

const log = pino({ level: 'fatal' });
let dataDir: string;
let postgres: EmbeddedPostgres;
let db: Kysely<Database>;
let rig: Rig;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(await realpath(tmpdir()), 'cpm-crash-'));
  postgres = await startEmbeddedPostgres({ dataDir, log });
  db = await openDatabase({ url: postgres.url, log });
  await migrate({ db, cpmVersion: '0.0.0-test' });
  rig = await createRig(db, postgres.url);
});
afterAll(async () => {
  await removeRig(rig);
  await db.destroy();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test(
  'PostgreSQL stopped and killed under load: work pauses, goes on alone, and nothing is lost or doubled',
  { timeout: 120_000 },
  async () => {
    const workers = await Promise.all([startChild(rig, 'first'), startChild(rig, 'second')]);
    const enough = new AbortController();
    let refused = 0;
    const load = (async () => {
      while (!enough.signal.aborted) {
        const stored = await Promise.allSettled([0, 1, 2, 3].map(() => enqueueStory(rig, 'story')));
        refused += stored.filter(({ status }) => status === 'rejected').length;
        await delay(100);
      }
    })();
    const resumedMs: number[] = [];
    for (const signal of ['SIGINT', 'SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
      await delay(300 + Math.random() * 500);
      const before = postgres.pid();
      process.kill(before, signal);
      await until('PostgreSQL is another process', () => postgres.pid() !== before, 40_000);
      const backAt = performance.now();
      const jobsDone = async () =>
        (await db.selectFrom('jobs').select('id').where('state', '=', 'done').execute()).length;
      const done = await until('the database answers', () => jobsDone().catch(() => undefined));
      await until('jobs end again', async () => (await jobsDone().catch(() => 0)) > done, 30_000);
      resumedMs.push(Math.round(performance.now() - backAt));
    }
    enough.abort();
    await load;
    await until('all jobs have ended', () => areAllEnded(rig), 60_000);
    await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')));
    const { jobs, effects, lost, doubled, unfinished } = await tally(rig);
    const figures = { restarts: resumedMs.length, 'resumed after ms': Math.max(...resumedMs), jobs, effects };
    report('PostgreSQL restarted', { ...figures, refused, lost: lost.length, doubled: doubled.length, unfinished });
    expect({ lost, doubled, unfinished }).toEqual({ lost: [], doubled: [], unfinished: 0 });
    expect(Math.max(...resumedMs)).toBeLessThan(30_000);
  },
);
