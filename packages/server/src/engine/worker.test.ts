import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, kindOf } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine();
});
afterEach(() => engine.stop());

test('a job runs once and is done', async () => {
  let runs = 0;
  await engine.start({
    count: kindOf(async (job) => {
      runs += 1;
      return job.done();
    }),
  });
  const id = await engine.enqueue({ kind: 'count' });
  await engine.quiet();
  const row = await engine.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  expect(runs).toBe(1);
  expect(row.state).toBe('done');
});
