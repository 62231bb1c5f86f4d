import type { Policy } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addAccount,
  addPolicy,
  addSchedule,
  letPass,
  logOf,
  named,
  refusal,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
});
afterAll(() => at.stop());

const params = ({ id }: Policy) => ({ params: { policyId: id } });
const show = (policy: Policy) => at.anna.call('GET /policies/:policyId', params(policy));
const skippedOf = async (policy: Policy) =>
  (await at.anna.call('GET /policies/:policyId/skipped-firings', { ...params(policy), query: {} })).items;
const backupsOf = async (policy: Policy) =>
  (await at.anna.call('GET /backups', { query: { policyId: policy.id, sort: 'startedAt' } })).items;
const missedAlerts = async (policy: Policy) =>
  (await at.anna.call('GET /alerts', {})).items.filter(
    ({ category, policy: about }) => category === 'missed' && about?.id === policy.id,
  );

/** A policy of the volume that is due every hour, the server down for three firings and a bit. */
async function missThree(): Promise<{ readonly policy: Policy; readonly dueAt: number[] }> {
  const firstAt = Math.ceil((at.clock.now() + MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const startLocal = new Date(firstAt).toISOString().slice(0, 16);
  const schedule = await addSchedule(at.anna, { startLocal, repeat: { every: 1, unit: 'hours' } });
  const targets = [targetOf(await named(at, 'shared-assets'))];
  const policy = await addPolicy(at.anna, { account, targets, scheduleIds: [schedule.id] });
  await at.restart(() => at.clock.advance(firstAt - at.clock.now() + 2 * HOUR_MS + 10 * MINUTE_MS));
  await letPass(at, 5 * MINUTE_MS);
  return { policy, dueAt: [2, 1, 0].map((hours) => firstAt + hours * HOUR_MS) };
}

test('firings that the server was down for are recorded one by one with one alert, the policy is overdue, and none is made up for', async () => {
  const { policy, dueAt } = await missThree();
  expect(await backupsOf(policy)).toEqual([]);
  const reason = 'the server was not running at that time';
  expect((await skippedOf(policy)).map((each) => [Date.parse(each.dueAt), each.reason])).toEqual(
    dueAt.map((due) => [due, reason]),
  );
  expect((await show(policy)).overdue).toEqual({ dueAt: new Date(dueAt[0] ?? 0).toISOString(), reason });
  expect(await missedAlerts(policy)).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('and 2 more') },
  ]);
  await runBackup(at, policy);
  expect((await show(policy)).overdue).toBeNull();
  expect(await missedAlerts(policy)).toEqual([]);
});

test('where the setting asks for it one backup makes up for the newest missed firing, and no more than one', async () => {
  await at.anna.call('PATCH /settings', { body: { catchUpMissed: true } });
  const { policy, dueAt } = await missThree();
  const [backup, ...others] = await backupsOf(policy);
  expect(others).toEqual([]);
  expect(backup).toMatchObject({ trigger: 'schedule', dueAt: new Date(dueAt[0] ?? 0).toISOString() });
  expect(await skippedOf(policy)).toHaveLength(2);
  if (backup === undefined) throw new Error('there is no backup');
  expect(await logOf(at, backup)).toContainEqual(expect.stringMatching(/^this makes up for the firing of /));
  expect((await show(policy)).overdue).toBeNull();
  await at.anna.call('PATCH /settings', { body: { catchUpMissed: false } });
});

test('what a backup would do is told in full, and nothing is done', async () => {
  const [web1, assets, webEu] = [
    await named(at, 'web-1'),
    await named(at, 'shared-assets'),
    await named(at, 'web-eu-1'),
  ];
  const targets = [web1, assets, webEu].map((thing) => targetOf(thing));
  const policy = await addPolicy(at.anna, { account, targets, generations: 1, scripts: { runner: 'server' } });
  const backup = await runBackup(at, policy);
  const before = (await at.aws.calls()).length;
  const plan = await at.anna.call('GET /policies/:policyId/dry-run', params(policy));
  const actions = (await at.aws.calls()).slice(before).map(({ action }) => action);
  // A request without an action only opens a connection.
  expect(actions.filter((action) => action !== '' && !action.startsWith('Describe'))).toEqual([]);
  expect(plan).toMatchObject({ snapshots: 4, missing: [] });
  expect(plan.calls).toHaveLength(3);
  for (const [action, { region, id, attachments = [] }] of [
    ['CreateSnapshots', web1],
    ['CreateSnapshot', assets],
    ['CreateSnapshots', webEu],
  ] as const) {
    const call = plan.calls.find(({ resourceId }) => resourceId === id);
    expect(call).toMatchObject({ action, region });
    expect(new Set(call?.volumes)).toEqual(
      new Set(action === 'CreateSnapshot' ? [id] : attachments.map(({ volumeId }) => volumeId)),
    );
  }
  expect(plan.scripts.map(({ step }) => step)).toEqual(['before', 'after', 'complete']);
  expect(plan.scripts[0]?.text).toMatch(/^no script before_/);
  // Kept is one generation, which the next good backup will be.
  expect(plan.deletions).toMatchObject([{ backupId: backup.id, snapshots: 4 }]);
  expect(await backupsOf(policy)).toHaveLength(1);
});

test('a policy is cloned with its settings, schedules and targets, not with its backups', async () => {
  const schedule = await addSchedule(at.anna);
  const targets = [targetOf(await named(at, 'web-1'), { take: 'none' })];
  const policy = await addPolicy(at.anna, { account, targets, generations: 7, retries: 1, scheduleIds: [schedule.id] });
  await runBackup(at, policy);
  const clone = await at.anna.call('POST /policies/:policyId/clone', {
    ...params(policy),
    body: { name: 'the-clone' },
  });
  expect(clone).toMatchObject({ name: 'the-clone', generations: 7, retries: 1, targetCount: 1, lastBackup: null });
  expect(clone.schedules).toMatchObject([{ id: schedule.id }]);
  const again = at.anna.call('POST /policies/:policyId/clone', { ...params(policy), body: { name: 'the-clone' } });
  expect(await refusal(again)).toMatchObject({ code: 'conflict_name_taken' });
});

test('a snapshot carries its volume’s own tags where the policy says so', async () => {
  const targets = [targetOf(await named(at, 'web-1')), targetOf(await named(at, 'shared-assets'))];
  const policy = await addPolicy(at.anna, { account, targets, copySourceTags: true });
  const backup = await runBackup(at, policy);
  const things = await at.aws.things();
  const snapshots = things.filter(({ type, tags }) => type === 'snapshot' && tags['cpm:backup'] === backup.id);
  expect(snapshots).toHaveLength(3);
  for (const { tags, volumeId } of snapshots) {
    const volume = things.find(({ id }) => id === volumeId);
    expect(tags).toMatchObject(volume?.tags ?? { none: 'there is no such volume' });
    expect(tags['cpm:policy']).toBe(policy.id);
  }
});
