import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { createTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { createScriptRunner, type ScriptRunner } from './script-runner.ts';
import { plantBackup } from './test-backup.ts';
import { createScriptTrials } from './try-script.ts';

let database: TestDatabase;
let dataDir: string;
let runner: ScriptRunner;
let ownerId: Awaited<ReturnType<typeof plantBackup>>['ownerId'];
const clock = systemClock();

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-trials-'));
  runner = await createScriptRunner({ dataDir, scriptUser: null, clock, log: pino({ level: 'silent' }) });
  ({ ownerId } = await plantBackup(database.db, clock.now()));
  // Root's own, so that the scripts run whoever runs the tests.
  await database.db.updateTable('users').set({ kind: 'root' }).where('id', '=', ownerId).execute();
});

afterAll(async () => {
  await runner.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const put = async (name: string, lines: string) => {
  await mkdir(path.join(dataDir, 'scripts'), { recursive: true });
  await writeFile(path.join(dataDir, 'scripts', name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
};

const policyOf = (name: string) => ({ id: 'an-id', ownerId, name, scripts: { timeoutSeconds: 5 } });
const trials = () => createScriptTrials({ db: database.db, clock, scripts: runner });

test('a test runs the file of the policy with what it is told, and answers its output', async () => {
  await put('after_p.sh', 'echo "told $1, test $CPM_TEST" >&2; exit 4');
  expect(await trials()({ policy: policyOf('p'), step: 'after', argument: '0' })).toMatchObject({
    ended: 'failed',
    exitCode: 4,
    errorOutput: 'told 0, test 1\n',
  });
  await put('before_p.sh', 'echo "told $#" >&2');
  expect(await trials()({ policy: policyOf('p'), step: 'before', argument: '1' })).toMatchObject({
    ended: 'succeeded',
    errorOutput: 'told 0\n',
  });
  expect(await database.db.selectFrom('backup_scripts').select('id').execute()).toEqual([]);
});

test('a test of a missing script says where it belongs', async () => {
  const { reason } = await trials()({ policy: policyOf('p'), step: 'complete', argument: '1' });
  expect(reason).toBe(`no script complete_p in ${path.join(dataDir, 'scripts')}`);
});

test('a user tests one script at a time, and can again when it has ended', async () => {
  await put('before_slow.sh', 'sleep 1');
  const run = trials();
  const slow = { policy: policyOf('slow'), step: 'before', argument: '1' } as const;
  const first = run(slow);
  await expect(run(slow)).rejects.toMatchObject({ code: 'too_many_attempts' });
  expect(await first).toMatchObject({ ended: 'succeeded' });
  expect(await run(slow)).toMatchObject({ ended: 'succeeded' });
});
