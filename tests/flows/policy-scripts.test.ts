import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addPolicy, refusal } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let policyId: string;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const policy = await addPolicy(at.anna, { name: 'shop', account });
  policyId = policy.id;
});
afterAll(() => at.stop());

const place = async (name: string, text: string) => {
  const directory = join(at.dataDir, 'scripts');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), text);
  await chmod(join(directory, name), 0o755);
};
const list = async () => (await at.anna.call('GET /policies/:policyId/scripts', { params: { policyId } })).items;
const tryIt = (step: 'before' | 'after' | 'complete', argument: '0' | '1' = '1') =>
  at.anna.call('POST /policies/:policyId/scripts/:step/test', { params: { policyId, step }, body: { argument } });

test('a policy without scripts says at each step what is missing, and where it belongs', async () => {
  const { directory, items } = await at.anna.call('GET /policies/:policyId/scripts', { params: { policyId } });
  expect(directory).toBe(join(at.dataDir, 'scripts'));
  expect(items.map(({ step, file }) => [step, file])).toEqual([
    ['before', null],
    ['after', null],
    ['complete', null],
  ]);
  expect(items[0]?.problem).toContain('before_shop');
});

test('a script is found by its policy’s name and runs as a test, with what it was told and what it said', async () => {
  await place('after_shop.sh', '#!/bin/sh\necho "told $1 in a test $CPM_TEST" >&2\nexit 3\n');
  expect((await list()).find(({ step }) => step === 'after')).toMatchObject({
    file: join(at.dataDir, 'scripts', 'after_shop.sh'),
    problem: null,
  });
  expect(await tryIt('after', '0')).toMatchObject({
    ended: 'failed',
    exitCode: 3,
    output: 'told 0 in a test 1\n',
    reason: 'it ended with exit code 3',
  });
});

test('two scripts of one step are named, and neither runs', async () => {
  await place('before_shop.sh', '#!/bin/sh\n');
  await place('before_shop.py', '#!/bin/sh\n');
  const found = (await list()).find(({ step }) => step === 'before');
  expect(found).toMatchObject({ file: null });
  expect(found?.problem).toContain('"before_shop.py", "before_shop.sh"');
  expect(await tryIt('before')).toMatchObject({ ended: 'failed', reason: found?.problem });
});

test('nobody sees or runs the scripts of another’s policy, and no other step or argument is taken', async () => {
  const params = { policyId, step: 'after' as const };
  expect(await refusal(at.ben.call('GET /policies/:policyId/scripts', { params }))).toMatchObject({ status: 404 });
  const foreign = at.ben.call('POST /policies/:policyId/scripts/:step/test', { params, body: {} });
  expect(await refusal(foreign)).toMatchObject({ status: 404 });
  const address = `/policies/${policyId}/scripts`;
  expect((await at.anna.raw('POST', `${address}/during/test`, { body: {} })).status).toBe(400);
  expect((await at.anna.raw('POST', `${address}/after/test`, { body: { argument: '2; reboot' } })).status).toBe(400);
});
