import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEvents } from './support/event-stream.ts';
import {
  addAccount,
  addPolicy,
  endOfRetention,
  letPass,
  named,
  refusal,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const HOUR_MS = 3600_000;
let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(() => at.stop());

const file = () => join(at.dataDir, 'conf', 'num_days_to_keep_backup_records');
const show = () => at.anna.call('GET /settings', {});
const change = (body: Record<string, unknown>) => at.anna.call('PATCH /settings', { body });
const openAlerts = async () => (await at.anna.call('GET /alerts', { query: {} })).items;

test('the settings have their defaults until root changes them, each alone', async () => {
  const defaults = {
    serverZone: 'UTC',
    cleanupTime: '04:00',
    keepRecordDays: 90,
    catchUpMissed: false,
    reconcileEveryHours: 6,
  };
  expect(await show()).toEqual(defaults);
  expect(await change({ cleanupTime: '23:30', catchUpMissed: true })).toEqual({
    ...defaults,
    cleanupTime: '23:30',
    catchUpMissed: true,
  });
  await at.restart();
  expect(await change({ cleanupTime: '04:00', catchUpMissed: false })).toEqual(defaults);
});

test('wrong values are named by their fields and change nothing', async () => {
  const before = await show();
  const wrong = { cleanupTime: '25:00', keepRecordDays: -1, reconcileEveryHours: 0 };
  expect(await refusal(change(wrong))).toMatchObject({
    status: 400,
    fields: [{ path: 'cleanupTime' }, { path: 'keepRecordDays' }, { path: 'reconcileEveryHours' }],
  });
  expect(await refusal(change({ serverZone: 'Europe/Berlin' }))).toMatchObject({ status: 400 });
  expect(await refusal(change({ keepRecordDays: 'ten' }))).toMatchObject({ status: 400 });
  expect(await show()).toEqual(before);
});

test('nobody but root sees or changes them', async () => {
  expect(await refusal(at.ben.call('GET /settings', {}))).toMatchObject({ status: 403 });
  expect(await refusal(at.ben.call('PATCH /settings', { body: { catchUpMissed: true } }))).toMatchObject({
    status: 403,
  });
});

test('the days to keep records are the file: the console writes it whole, and a hand-edited one holds at once', async () => {
  await change({ keepRecordDays: 30 });
  expect(await readFile(file(), 'utf8')).toBe('30\n');
  expect((await stat(file())).mode & 0o777).toBe(0o644);
  await writeFile(file(), '45');
  expect(await show()).toMatchObject({ keepRecordDays: 45 });
});

test('a hand-edited file that is no number is told in the log and as an alert, and the last good number holds', async () => {
  await mkdir(join(at.dataDir, 'conf'), { recursive: true });
  await writeFile(file(), '45');
  await show();
  const stream = await openEvents(at, { authorization: `Bearer ${at.anna.token}` });
  await writeFile(file(), 'ninety days');
  expect(await show()).toMatchObject({ keepRecordDays: 45 });
  const [alert] = await openAlerts();
  expect(alert).toMatchObject({ category: 'system', severity: 'warning' });
  expect(alert?.message).toContain('"ninety days"');
  expect(alert?.message).toContain('45 days hold');
  await at.runUntil('open consoles are told', () => stream.text().includes('event: alert'));
  stream.close();
  expect(at.log()).toContain('num_days_to_keep_backup_records is not used');
  await at.restart();
  expect(await show()).toMatchObject({ keepRecordDays: 45 });
  await change({ keepRecordDays: 60 });
  expect(await openAlerts()).toEqual([]);
  expect((await at.anna.call('GET /alerts', { query: { state: 'all' } })).items[0]?.closedAt).not.toBeNull();
});

test('at the cleanup time every policy is looked through, also when an outage hid it, and old records are forgotten', async () => {
  await change({ keepRecordDays: 4, cleanupTime: '12:00' });
  const account = await addAccount(at.anna);
  const volume = await named(at, 'shared-assets');
  const policy = await addPolicy(at.anna, { account, generations: 3, targets: [targetOf(volume)] });
  const [first, second] = [await runBackup(at, policy), await runBackup(at, policy)];
  await endOfRetention(at, policy);
  const params = { policyId: policy.id };
  await at.anna.call('PATCH /policies/:policyId', { params, body: { generations: 1, confirmDeletions: 1 } });
  const shown = async () =>
    (await at.anna.call('GET /backups', { query: { policyId: policy.id, deleted: 'show' } })).items;
  const state = async () =>
    Object.fromEntries((await shown()).map(({ id, deletion }) => [id, deletion?.state ?? 'kept']));
  expect(await state()).toEqual({ [first.id]: 'kept', [second.id]: 'kept' });
  // 09:00 and some minutes: the cleanup comes while the server is down.
  await at.restart(() => at.clock.advance(4 * HOUR_MS));
  await at.runUntil('the cleanup has been made up for', async () => (await state())[first.id] === 'deleted');
  expect(await state()).toEqual({ [first.id]: 'deleted', [second.id]: 'kept' });
  await letPass(at, 3 * 24 * HOUR_MS);
  expect((await shown()).map(({ id }) => id)).toContain(first.id);
  await letPass(at, 1.2 * 24 * HOUR_MS);
  expect(await state()).toEqual({ [second.id]: 'kept' });
  expect(await refusal(at.anna.call('GET /backups/:backupId', { params: { backupId: first.id } }))).toMatchObject({
    status: 404,
  });
  const ledger = await at.anna.call('GET /deletions', { query: { backupId: first.id } });
  expect(ledger.items).toMatchObject([{ state: 'deleted', policyName: policy.name }]);
});
