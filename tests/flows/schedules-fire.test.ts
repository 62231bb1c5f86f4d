import type { Policy } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addPolicy, addSchedule, endOfBackup, logOf, named, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;
let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
});
afterAll(() => at.stop());

/** The next full minute that is at least so many minutes away, as an instant and as a clock in UTC shows it. */
function inMinutes(minutes: number): { readonly at: number; readonly local: string } {
  const instant = Math.ceil((at.clock.now() + minutes * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  return { at: instant, local: new Date(instant).toISOString().slice(0, 16) };
}

/** A schedule that fires once, at that time. */
const onceAt = (due: { readonly at: number; readonly local: string }) =>
  addSchedule(at.anna, { startLocal: due.local, endAt: new Date(due.at + MINUTE_MS).toISOString() });

const backupsOf = async (policy: Policy) =>
  (await at.anna.call('GET /backups', { query: { policyId: policy.id, sort: 'startedAt' } })).items;

const skippedOf = ({ id }: Policy) =>
  at.db
    .selectFrom('skipped_firings')
    .select(['due_at as dueAt', 'reason'])
    .where('policy_id', '=', id as never)
    .orderBy('due_at')
    .execute();

/** Lets the clock pass that moment, and whatever falls due until then happen. */
const pass = (moment: number) => at.runUntil('the moment has passed', () => at.clock.now() > moment);

test('a schedule fires at its instant and its policy makes one backup for that slot', async () => {
  const due = inMinutes(30);
  const schedule = await onceAt(due);
  expect(schedule.nextFiringAt).toBe(new Date(due.at).toISOString());
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-1'))],
    scheduleIds: [schedule.id],
  });
  const [backup] = await at.runUntil('a backup was made', async () => {
    const backups = await backupsOf(policy);
    return backups.length > 0 && backups;
  });
  if (backup === undefined) throw new Error('there is no backup');
  expect(backup).toMatchObject({ trigger: 'schedule', dueAt: new Date(due.at).toISOString() });
  expect(Date.parse(backup.startedAt) - due.at).toBeLessThan(1000);
  expect(await endOfBackup(at, backup.id)).toMatchObject({ status: 'successful' });
  await pass(due.at + 5 * MINUTE_MS);
  expect(await backupsOf(policy)).toHaveLength(1);
  const shown = await at.anna.call('GET /policies/:policyId', { params: { policyId: policy.id } });
  expect(shown).toMatchObject({ nextFiringAt: null, lastBackup: { id: backup.id, status: 'successful' } });
});

test('two schedules that fire the same policy at the same moment make one backup, and nothing is recorded as skipped', async () => {
  const due = inMinutes(10);
  const schedules = await Promise.all([onceAt(due), onceAt(due)]);
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'shared-assets'))],
    scheduleIds: schedules.map(({ id }) => id),
  });
  await pass(due.at + 2 * MINUTE_MS);
  expect(await backupsOf(policy)).toHaveLength(1);
  expect(await skippedOf(policy)).toEqual([]);
});

test('a firing while the backup before still runs starts nothing; the slot is recorded and the running backup’s log says so', async () => {
  await at.aws.change({ timing: { snapshotBaseMs: 90 * MINUTE_MS } });
  const [first, second] = [inMinutes(10), inMinutes(40)];
  const schedules = await Promise.all([onceAt(first), onceAt(second)]);
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-2'))],
    scheduleIds: schedules.map(({ id }) => id),
  });
  await pass(second.at + MINUTE_MS);
  await at.aws.change({ timing: { snapshotBaseMs: 5_000 } });
  const backups = await backupsOf(policy);
  expect(backups.map(({ dueAt, status }) => [dueAt, status])).toEqual([
    [new Date(first.at).toISOString(), 'in-progress'],
  ]);
  expect(await skippedOf(policy)).toEqual([{ dueAt: second.at, reason: 'the backup before it was still running' }]);
  const [running] = backups;
  if (running === undefined) throw new Error('there is no backup');
  expect(await logOf(at, running)).toContainEqual(
    expect.stringMatching(/^warning: .*2026-06-01.* was skipped: the backup before it was still running$/),
  );
  expect(await endOfBackup(at, running.id)).toMatchObject({ status: 'successful' });
});

test('policies that several schedules share at the same moment make one backup each, or one record of why not', async () => {
  await at.aws.change({ timing: { snapshotBaseMs: 90 * MINUTE_MS } });
  const [first, second] = [inMinutes(10), inMinutes(40)];
  const moments = [first, second].flatMap((due) => Array.from({ length: 6 }, () => due));
  const schedules = await Promise.all(moments.map(onceAt));
  // AWS makes no more than five snapshots of a volume at once.
  const things = [await named(at, 'web-1'), await named(at, 'web-2'), await named(at, 'shared-assets')];
  const policies = [];
  for (let n = 0; n < 6; n += 1) {
    // Each schedule fires half of them, another half than its neighbours: no transaction has one policy to itself.
    const scheduleIds = schedules.filter((_, place) => (place + n) % 6 < 3).map(({ id }) => id);
    const targets = things.slice(n % 3, (n % 3) + 1).map((thing) => targetOf(thing));
    policies.push(await addPolicy(at.anna, { account, targets, scheduleIds }));
  }
  await pass(second.at + MINUTE_MS);
  await at.aws.change({ timing: { snapshotBaseMs: 5_000 } });
  for (const policy of policies) {
    const [running, ...others] = await backupsOf(policy);
    expect(others).toEqual([]);
    expect(running).toMatchObject({ dueAt: new Date(first.at).toISOString(), status: 'in-progress' });
    expect(await skippedOf(policy)).toEqual([{ dueAt: second.at, reason: 'the backup before it was still running' }]);
    const lines = running === undefined ? [] : await logOf(at, running);
    expect(lines.filter((line) => line.includes('was skipped'))).toHaveLength(1);
  }
  for (const policy of policies) {
    const [running] = await backupsOf(policy);
    if (running !== undefined) await endOfBackup(at, running.id);
  }
});

test('a policy without targets starts no backup and the slot is recorded as such', async () => {
  const due = inMinutes(10);
  const schedule = await onceAt(due);
  const policy = await addPolicy(at.anna, { account, scheduleIds: [schedule.id] });
  expect((await at.anna.call('GET /policies/:policyId', { params: { policyId: policy.id } })).warnings).toEqual([
    'The policy has no targets: there is nothing to back up.',
  ]);
  await pass(due.at + MINUTE_MS);
  expect(await backupsOf(policy)).toEqual([]);
  expect(await skippedOf(policy)).toEqual([{ dueAt: due.at, reason: 'the policy has no targets' }]);
});

test('a disabled policy and a disabled schedule start nothing', async () => {
  const due = inMinutes(10);
  const targets = [targetOf(await named(at, 'web-1'))];
  const off = await addPolicy(at.anna, {
    account,
    targets,
    enabled: false,
    scheduleIds: [(await onceAt(due)).id],
  });
  const asleep = await addSchedule(at.anna, { startLocal: due.local, enabled: false });
  expect(asleep.nextFiringAt).toBeNull();
  const unscheduled = await addPolicy(at.anna, { account, targets, scheduleIds: [asleep.id] });
  await pass(due.at + MINUTE_MS);
  expect(await backupsOf(off)).toEqual([]);
  expect(await backupsOf(unscheduled)).toEqual([]);
});

test('a firing that the server was down for is made up for within five minutes', async () => {
  const due = inMinutes(10);
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-1'))],
    scheduleIds: [(await onceAt(due)).id],
  });
  await at.restart(() => at.clock.advance(due.at - at.clock.now() + 3 * MINUTE_MS));
  const [backup] = await at.runUntil('a backup was made', async () => {
    const backups = await backupsOf(policy);
    return backups.length > 0 && backups;
  });
  expect(backup).toMatchObject({ trigger: 'schedule', dueAt: new Date(due.at).toISOString() });
});

test('every firing missed for longer than five minutes is recorded as missed, and none is replayed', async () => {
  const first = inMinutes(10);
  const schedule = await addSchedule(at.anna, {
    startLocal: first.local,
    repeat: { every: 10, unit: 'minutes' },
    endAt: new Date(first.at + 59 * MINUTE_MS).toISOString(),
  });
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-1'))],
    scheduleIds: [schedule.id],
  });
  await at.restart(() => at.clock.advance(first.at - at.clock.now() + 36 * MINUTE_MS));
  await pass(first.at + 44 * MINUTE_MS);
  const missed = [0, 10, 20, 30].map((minutes) => ({
    dueAt: first.at + minutes * MINUTE_MS,
    reason: 'the server was not running at that time',
  }));
  expect(await skippedOf(policy)).toEqual(missed);
  expect((await backupsOf(policy)).map(({ dueAt }) => dueAt)).toEqual([
    new Date(first.at + 40 * MINUTE_MS).toISOString(),
  ]);
});

test('a schedule that was changed fires by its new rule from then on', async () => {
  const [old, fresh] = [inMinutes(60), inMinutes(20)];
  const schedule = await onceAt(old);
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-1'))],
    scheduleIds: [schedule.id],
  });
  const {
    id,
    words: _words,
    nextFiringAt: _next,
    warning: _warning,
    policyCount: _count,
    createdAt: _made,
    ...rule
  } = schedule;
  await at.anna.call('PUT /schedules/:scheduleId', {
    params: { scheduleId: id },
    body: { ...rule, startLocal: fresh.local, endAt: new Date(fresh.at + MINUTE_MS).toISOString() },
  });
  await pass(old.at + MINUTE_MS);
  expect((await backupsOf(policy)).map(({ dueAt }) => dueAt)).toEqual([new Date(fresh.at).toISOString()]);
});
