import type { Backup, Policy } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  addSchedule,
  endOfBackup,
  letPass,
  logOf,
  named,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;
let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let assets: Thing;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  assets = await named(at, 'shared-assets');
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

/** From now on every snapshot ends in error; answers how AWS is put right again. */
async function breakAws(): Promise<() => Promise<void>> {
  const repair = await at.aws.fault({ kind: 'error-state', match: { action: 'CreateSnapshot' }, message: 'no key' });
  undo.push(repair);
  return repair;
}

const backupsOf = async (policy: Policy): Promise<Backup[]> =>
  (await at.anna.call('GET /backups', { query: { policyId: policy.id, sort: 'startedAt' } })).items;
const alertsOf = async (policy: Policy) =>
  (await at.anna.call('GET /alerts', {})).items.filter((alert) => alert.policy?.id === policy.id);
const show = (policy: Policy) => at.anna.call('GET /policies/:policyId', { params: { policyId: policy.id } });
const addFragile = (wish: Partial<Parameters<typeof addPolicy>[1]> = {}) =>
  addPolicy(at.anna, { account, targets: [targetOf(assets)], retries: 2, retryWaitMinutes: 10, ...wish });

test('a backup that failed is tried again as a backup of its own, so often and so late as the policy says, and one alert stays open', async () => {
  await breakAws();
  const policy = await addFragile();
  const first = await runBackup(at, policy);
  expect(first).toMatchObject({ status: 'failed', trigger: 'manual', retry: null });
  expect(Date.parse(first.retryAt ?? '') - Date.parse(first.endedAt ?? '')).toBe(10 * MINUTE_MS);
  expect((await show(policy)).waitingRetryAt).toBe(first.retryAt);
  await letPass(at, 60 * MINUTE_MS);
  const [, second, third, ...more] = await backupsOf(policy);
  expect(more).toEqual([]);
  expect(second).toMatchObject({ trigger: 'retry', retry: { of: first.id, number: 1 }, status: 'failed' });
  expect(second?.startedAt).toBe(first.retryAt);
  expect(third).toMatchObject({ retry: { of: second?.id, number: 2 }, status: 'failed', retryAt: null });
  expect(await alertsOf(policy)).toMatchObject([
    { category: 'backup', severity: 'error', backupId: third?.id, openedAt: first.endedAt },
  ]);
});

test('a retry that succeeds ends the tries and closes the alert', async () => {
  const repair = await breakAws();
  const policy = await addFragile();
  await runBackup(at, policy);
  expect(await alertsOf(policy)).toHaveLength(1);
  await repair();
  undo.pop();
  await letPass(at, 60 * MINUTE_MS);
  expect((await backupsOf(policy)).map(({ status }) => status)).toEqual(['failed', 'successful']);
  expect(await alertsOf(policy)).toEqual([]);
  expect((await show(policy)).waitingRetryAt).toBeNull();
});

test('the next firing wins over a waiting retry, which is dropped with a word in the log; so does a run by hand', async () => {
  const repair = await breakAws();
  const byHand = await addFragile();
  const failed = await runBackup(at, byHand);
  const due = new Date(Math.ceil((at.clock.now() + 2 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
  const schedule = await addSchedule(at.anna, { startLocal: due.slice(0, 16) });
  const scheduled = await addFragile({ scheduleIds: [schedule.id] });
  const failedToo = await runBackup(at, scheduled);
  await repair();
  undo.pop();
  await runBackup(at, byHand);
  await letPass(at, 60 * MINUTE_MS);
  for (const [policy, trigger, before] of [
    [byHand, 'manual', failed],
    [scheduled, 'schedule', failedToo],
  ] as const) {
    const backups = await backupsOf(policy);
    expect(backups.map((each) => each.trigger)).toEqual(['manual', trigger]);
    expect(await logOf(at, before)).toContainEqual(
      expect.stringMatching(/^the retry of .* is dropped: a newer backup of the policy came first$/),
    );
  }
});

test('a retry survives a restart of the server, and a policy that was disabled meanwhile drops it', async () => {
  const repair = await breakAws();
  const [kept, disabled] = [await addFragile(), await addFragile()];
  await runBackup(at, kept);
  const dropped = await runBackup(at, disabled);
  await at.anna.call('PATCH /policies/:policyId', { params: { policyId: disabled.id }, body: { enabled: false } });
  await repair();
  undo.pop();
  await at.restart();
  await letPass(at, 30 * MINUTE_MS);
  const [, retry] = await backupsOf(kept);
  expect(await endOfBackup(at, retry?.id ?? '')).toMatchObject({ trigger: 'retry', status: 'successful' });
  expect(await backupsOf(disabled)).toHaveLength(1);
  expect((await logOf(at, dropped)).at(-1)).toMatch(/is dropped: the policy has been disabled$/);
});
