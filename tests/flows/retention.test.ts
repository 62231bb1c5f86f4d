import type { Policy } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfBackup,
  endOfRecovery,
  endOfRetention,
  letPass,
  logOf,
  named,
  refusal,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const HOUR_MS = 3600_000;
let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let web1: Thing;
let assets: Thing;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  [web1, assets] = [await named(at, 'web-1'), await named(at, 'shared-assets')];
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

const keeping = (generations: number, ...things: Thing[]) =>
  addPolicy(at.anna, { account, generations, targets: things.map((thing) => targetOf(thing)) });

/** Runs a policy and lets its retention do what it can now. */
async function run(policy: Policy) {
  // Of two backups in the same instant neither is the newer one.
  await at.clock.advance(60_000);
  const backup = await runBackup(at, policy);
  await endOfRetention(at, policy);
  return backup;
}

const show = ({ id }: { readonly id: string }) => at.anna.call('GET /backups/:backupId', { params: { backupId: id } });
const listed = async (policy: Policy, deleted: 'hide' | 'show') =>
  (await at.anna.call('GET /backups', { query: { policyId: policy.id, deleted, sort: 'startedAt' } })).items.map(
    ({ id }) => id,
  );

test('a policy with one generation that ran twice has the second’s snapshots and no longer the first’s', async () => {
  const policy = await keeping(1, web1, assets);
  const first = await run(policy);
  expect(await snapshotsInAws(at, first)).toHaveLength(3);
  const second = await run(policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
  expect(await snapshotsInAws(at, first, 'all')).toHaveLength(3);
  expect((await snapshotsInAws(at, second)).map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);

  expect(await show(first)).toMatchObject({
    recoverable: false,
    deletion: { state: 'deleted', reason: 'older than the newest generation' },
  });
  expect(await show(second)).toMatchObject({ recoverable: true, deletion: null });
  expect(await logOf(at, first)).toEqual(
    expect.arrayContaining(['marked for deletion: older than the newest generation', 'its snapshots are deleted']),
  );
  expect(await listed(policy, 'hide')).toEqual([second.id]);
  expect(await listed(policy, 'show')).toEqual([first.id, second.id]);
});

test('three generations are kept of five runs: the newest three', async () => {
  const policy = await keeping(3, assets);
  const backups = [];
  for (let n = 0; n < 5; n += 1) backups.push(await run(policy));
  const left = await Promise.all(backups.map(async (backup) => (await snapshotsInAws(at, backup)).length));
  expect(left).toEqual([0, 0, 1, 1, 1]);
});

test('a snapshot in use by an image is kept with the reason, the others go, and it is tried again after six hours, not before', async () => {
  const policy = await keeping(1, web1, assets);
  const first = await run(policy);
  const used = (await snapshotsInAws(at, first)).find(({ volumeId }) => volumeId === assets.id);
  const { ImageId } = await at.aws.act('us-east-1', 'RegisterImage', {
    Name: 'somebody needs it',
    RootDeviceName: '/dev/xvda',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: used?.id } }],
  });
  const tries = async () => (await at.aws.calls({ action: 'DeleteSnapshot', code: 'InvalidSnapshot.InUse' })).length;
  await run(policy);
  expect((await snapshotsInAws(at, first)).map(({ id }) => id)).toEqual([used?.id]);
  expect(await show(first)).toMatchObject({ deletion: { state: 'marked' } });
  const reason = (await logOf(at, first)).find((line) => line.includes('is not deleted'));
  expect(reason).toContain('an image uses it');
  expect(reason).toContain('InvalidSnapshot.InUse');
  expect(await tries()).toBe(1);

  await letPass(at, 5.9 * HOUR_MS);
  await run(policy);
  expect(await tries()).toBe(1);
  await at.aws.act('us-east-1', 'DeregisterImage', { ImageId });
  await letPass(at, 0.2 * HOUR_MS);
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
  expect(await show(first)).toMatchObject({ deletion: { state: 'deleted' } });
});

test('failed and partial backups never push the last good generation out', async () => {
  const policy = await keeping(1, web1, assets);
  const good = await run(policy);
  undo.push(await at.aws.fault({ kind: 'deny', match: { action: 'CreateSnapshot' } }));
  const partial = await run(policy);
  expect(partial.status).toBe('partial');
  undo.push(await at.aws.fault({ kind: 'deny', match: { action: 'CreateSnapshots' } }));
  for (let n = 0; n < 3; n += 1) expect((await run(policy)).status).toBe('failed');
  expect(await snapshotsInAws(at, good)).toHaveLength(3);
  expect(await show(good)).toMatchObject({ recoverable: true, deletion: null });
  for (const each of undo.splice(0)) await each();

  const next = await run(policy);
  expect(next.isGeneration).toBe(true);
  expect(await snapshotsInAws(at, good)).toEqual([]);
  expect(await snapshotsInAws(at, partial)).toEqual([]);
});

test('a deletion that AWS denies is kept with code and missing action, and is done later without anybody’s doing', async () => {
  const policy = await keeping(1, assets);
  const first = await run(policy);
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteSnapshot' } });
  undo.push(allow);
  await run(policy);
  expect(await snapshotsInAws(at, first)).toHaveLength(1);
  const line = (await logOf(at, first)).find((text) => text.includes('is not deleted')) ?? '';
  expect(line).toContain('UnauthorizedOperation');
  expect(line).toContain('ec2:DeleteSnapshot');
  // No statement that allows it helps against one that denies it.
  expect(line).toContain('A statement with "Effect":"Deny" forbids it, and must go first.');
  await allow();
  undo.length = 0;
  await letPass(at, 6.1 * HOUR_MS);
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
});

test('a snapshot that was deleted outside CPM is no obstacle, nor is a lost answer of AWS', async () => {
  const policy = await keeping(1, web1, assets);
  const first = await run(policy);
  const [gone] = await snapshotsInAws(at, first);
  await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: gone?.id });
  undo.push(await at.aws.fault({ kind: 'execute-then-drop', match: { action: 'DeleteSnapshot' }, count: 2 }));
  const second = await run(policy);
  await letPass(at, 10 * 60_000);
  expect(await snapshotsInAws(at, first)).toEqual([]);
  expect(await show(first)).toMatchObject({ deletion: { state: 'deleted' } });
  expect(await snapshotsInAws(at, second)).toHaveLength(3);
});

test('retention deletes nothing that CPM’s backups of the policy did not make', async () => {
  const { SnapshotId } = await at.aws.act('us-east-1', 'CreateSnapshot', {
    VolumeId: assets.id,
    TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'cpm:installation', Value: 'another' }] }],
  });
  const other = await keeping(1, assets);
  const kept = await run(other);
  const policy = await keeping(1, assets);
  for (let n = 0; n < 3; n += 1) await run(policy);
  expect(await at.aws.things({ id: String(SnapshotId) })).toHaveLength(1);
  expect(await snapshotsInAws(at, kept)).toHaveLength(1);
});

test('lowering the generations takes effect at the next run, raising them brings nothing marked back', async () => {
  const policy = await keeping(3, assets);
  const [first, second] = [await run(policy), await run(policy)];
  const params = { policyId: policy.id };
  await at.anna.call('PATCH /policies/:policyId', { params, body: { generations: 1, confirmDeletions: 1 } });
  const third = await run(policy);
  expect(await show(first)).toMatchObject({ deletion: { state: 'deleted' } });
  expect(await show(second)).toMatchObject({ deletion: { state: 'deleted' } });
  await at.anna.call('PATCH /policies/:policyId', { params, body: { generations: 3 } });
  const fourth = await run(policy);
  expect(await listed(policy, 'hide')).toEqual([third.id, fourth.id]);
});

test('deleting a policy needs the number of its backups, and takes their snapshots with it', async () => {
  const own = await addAccount(at.anna);
  const policy = await addPolicy(at.anna, { account: own, targets: [targetOf(web1)] });
  const backups = [await run(policy), await run(policy)];
  const params = { policyId: policy.id };
  for (const query of [{}, { backups: '1' }, { backups: '3' }]) {
    expect(await refusal(at.anna.call('DELETE /policies/:policyId', { params, query }))).toMatchObject({
      status: 409,
      code: 'conflict_not_confirmed',
      title: `Deleting the policy ${policy.name} deletes 2 backups with 4 snapshots.`,
    });
  }
  expect(await at.anna.call('DELETE /policies/:policyId', { params, query: { backups: '2' } })).toEqual({
    backupsToDelete: 2,
    snapshotsToDelete: 4,
  });
  expect(await refusal(at.anna.call('GET /policies/:policyId', { params }))).toMatchObject({ status: 404 });
  await endOfRetention(at, policy);
  for (const backup of backups) {
    expect(await snapshotsInAws(at, backup)).toEqual([]);
    expect(await show(backup)).toMatchObject({
      policy: { id: null, name: policy.name },
      deletion: { state: 'deleted', reason: 'its policy was deleted' },
    });
  }
});

test('a policy that runs is not deleted; one that never ran is gone at once, and its account and schedule are free', async () => {
  const own = await addAccount(at.anna);
  const schedule = await at.anna.call('POST /schedules', {
    body: { name: 'of nobody soon', repeat: { every: 1, unit: 'days' }, zone: 'UTC', startLocal: '2030-01-01T00:00' },
  });
  const policy = await addPolicy(at.anna, { account: own, targets: [targetOf(assets)], scheduleIds: [schedule.id] });
  const params = { policyId: policy.id };
  expect(await refusal(at.anna.call('DELETE /accounts/:accountId', { params: { accountId: own.id } }))).toMatchObject({
    status: 409,
    code: 'conflict_in_use',
  });
  await at.anna.call('DELETE /policies/:policyId', { params });
  await endOfRetention(at, policy);
  await at.anna.call('DELETE /schedules/:scheduleId', { params: { scheduleId: schedule.id } });
  await at.anna.call('DELETE /accounts/:accountId', { params: { accountId: own.id } });

  const busy = await keeping(1, web1);
  await at.anna.call('POST /policies/:policyId/run', { params: { policyId: busy.id } });
  expect(
    await refusal(
      at.anna.call('DELETE /policies/:policyId', { params: { policyId: busy.id }, query: { backups: '1' } }),
    ),
  ).toMatchObject({ status: 409, code: 'conflict_already_running' });
});

test('what fewer generations would delete is shown backup by backup, and is to be confirmed with its number', async () => {
  const policy = await keeping(3, web1);
  const [first, second, third] = [await run(policy), await run(policy), await run(policy)];
  const params = { policyId: policy.id };
  const preview = (query: Record<string, string>) =>
    at.anna.call('GET /policies/:policyId/retention', { params, query });
  expect(await preview({})).toMatchObject({ deletes: { backups: 0, snapshots: 0 } });
  const one = await preview({ generations: '1' });
  expect(one.items.map(({ backupId, action, reason }) => ({ backupId, action, reason }))).toEqual([
    { backupId: third.id, action: 'keep', reason: 'generation 1 of 1' },
    { backupId: second.id, action: 'delete', reason: 'older than the newest generation' },
    { backupId: first.id, action: 'delete', reason: 'older than the newest generation' },
  ]);
  expect(one.deletes).toEqual({ backups: 2, snapshots: 4 });
  const made = (await snapshotsInAws(at, first)).map(({ id }) => id);
  expect(new Set(one.items[2]?.snapshots.map(({ awsSnapshotId }) => awsSnapshotId))).toEqual(new Set(made));
  for (const generations of ['0', '-1', 'x', '1.5']) {
    expect(await refusal(preview({ generations })), generations).toMatchObject({ status: 400 });
  }
  const theirs = at.ben.call('GET /policies/:policyId/retention', { params, query: {} });
  expect(await refusal(theirs)).toMatchObject({ status: 404 });

  const change = (body: Record<string, unknown>) => at.anna.call('PATCH /policies/:policyId', { params, body });
  for (const body of [{ generations: 1 }, { generations: 1, confirmDeletions: 1 }]) {
    expect(await refusal(change(body))).toMatchObject({
      code: 'conflict_not_confirmed',
      title: `Keeping 1 instead of 3 generations of the policy ${policy.name} deletes 2 backups with 4 snapshots.`,
    });
  }
  expect((await at.anna.call('GET /policies/:policyId', { params })).generations).toBe(3);
  expect(await change({ generations: 1, confirmDeletions: 2 })).toMatchObject({ generations: 1 });
  expect(await change({ generations: 5 })).toMatchObject({ generations: 5 });
});

test('the ledger tells of each deletion why it was made and what AWS said, while it waits and afterwards', async () => {
  const policy = await keeping(1, web1, assets);
  const first = await run(policy);
  const used = (await snapshotsInAws(at, first)).find(({ volumeId }) => volumeId === assets.id);
  const { ImageId } = await at.aws.act('us-east-1', 'RegisterImage', {
    Name: 'for the ledger',
    RootDeviceName: '/dev/xvda',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: used?.id } }],
  });
  await run(policy);
  const ledger = async (state?: 'kept') =>
    (await at.anna.call('GET /deletions', { query: { policyName: policy.name, ...(state && { state }) } })).items;
  expect((await ledger()).map(({ state }) => state).toSorted()).toEqual(['deleted', 'deleted', 'kept']);
  expect(await ledger('kept')).toMatchObject([
    {
      awsSnapshotId: used?.id,
      backupId: first.id,
      reason: 'older than the newest generation',
      obstacle: 'in-use',
      endedAt: null,
      message: expect.stringContaining('InvalidSnapshot.InUse'),
    },
  ]);
  // Nothing is wrong where somebody uses a snapshot: no alert.
  expect((await at.anna.call('GET /alerts', { query: {} })).items).toEqual([]);
  await at.aws.act('us-east-1', 'DeregisterImage', { ImageId });
  await letPass(at, 6.1 * HOUR_MS);
  await endOfRetention(at, policy);
  expect(new Set((await ledger()).map(({ state, obstacle }) => `${state} ${obstacle}`))).toEqual(
    new Set(['deleted null']),
  );
  expect((await at.ben.call('GET /deletions', { query: {} })).items).toEqual([]);
});

test('a denied deletion is an alert of its policy until it is allowed', async () => {
  const policy = await keeping(1, assets);
  await run(policy);
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteSnapshot' } });
  undo.push(allow);
  await run(policy);
  const alerts = async () => (await at.anna.call('GET /alerts', { query: {} })).items;
  expect(await alerts()).toMatchObject([
    {
      category: 'retention',
      title: `1 snapshot of the policy ${policy.name} cannot be deleted`,
      message: expect.stringContaining('ec2:DeleteSnapshot'),
    },
  ]);
  await allow();
  undo.length = 0;
  await letPass(at, 6.1 * HOUR_MS);
  await endOfRetention(at, policy);
  expect(await alerts()).toEqual([]);
});

test('whoever deletes by hand what AWS denied before, or removes the policy, does not wait for the next try', async () => {
  const policy = await keeping(1, assets);
  const first = await run(policy);
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteSnapshot' } });
  undo.push(allow);
  const second = await run(policy);
  const third = await run(policy);
  await allow();
  undo.length = 0;
  await at.anna.call('DELETE /backups/:backupId', { params: { backupId: first.id }, query: { snapshots: 1 } });
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
  expect(await snapshotsInAws(at, second)).toHaveLength(1);
  await at.anna.call('DELETE /policies/:policyId', { params: { policyId: policy.id }, query: { backups: 2 } });
  await endOfRetention(at, policy);
  expect([...(await snapshotsInAws(at, second)), ...(await snapshotsInAws(at, third))]).toEqual([]);
});

test('a snapshot that is not shown is not taken for deleted at one look', async () => {
  const policy = await keeping(1, assets);
  const first = await run(policy);
  const [made] = await snapshotsInAws(at, first);
  const off = await at.aws.fault({ kind: 'stale-read', match: { action: 'DescribeSnapshots' }, staleMs: 24 * HOUR_MS });
  undo.push(off);
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  await letPass(at, 2 * 60_000);
  await off();
  undo.length = 0;
  await at.runUntil('it has ended', async () => (await show({ id: backupId })).status !== 'in-progress');
  await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: made?.id });
  await endOfRetention(at, policy);
  expect(await show(first)).toMatchObject({ deletion: { state: 'marked' } });
  await letPass(at, 6 * 60_000);
  await endOfRetention(at, policy);
  expect(await show(first)).toMatchObject({ deletion: { state: 'deleted' } });
  const ledger = await at.anna.call('GET /deletions', { query: { backupId: first.id } });
  expect(ledger.items).toMatchObject([{ awsSnapshotId: made?.id, state: 'gone' }]);
});

test('a backup that a recovery is reading is not deleted under it, and one that is being deleted is not recovered from', async () => {
  const policy = await keeping(1, assets);
  const first = await run(policy);
  const [resource] = await resourcesOf(at, first);
  const recover = () =>
    at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: first.id },
      body: { volumes: [{ snapshotId: resource?.snapshots[0]?.id ?? '' }] },
    });
  undo.push(await at.aws.fault({ kind: 'throttle', match: { action: 'CreateVolume' } }));
  const recovery = await recover();
  const second = await runBackup(at, policy);
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toHaveLength(1);
  expect(await show(first)).toMatchObject({ deletion: null });
  for (const each of undo.splice(0)) await each();
  expect((await endOfRecovery(at, recovery)).status).toBe('successful');

  undo.push(await at.aws.fault({ kind: 'deny', match: { action: 'DeleteSnapshot' } }));
  await run(policy);
  expect(await show(first)).toMatchObject({ deletion: { state: 'marked' } });
  expect(await refusal(recover())).toMatchObject({
    code: 'conflict_being_deleted',
    title: 'This backup is being deleted: older than the newest generation',
  });
  expect(await show(second)).toMatchObject({ deletion: { state: 'marked' } });
});

test('an aborted backup whose snapshots AWS still makes is no empty record: none of them is deleted, even where no record is kept', async () => {
  await at.anna.call('PATCH /settings', { body: { keepRecordDays: 0 } });
  undo.push(async () => void (await at.anna.call('PATCH /settings', { body: { keepRecordDays: 90 } })));
  const policy = await keeping(1, web1);
  await at.aws.change({ timing: { snapshotBaseMs: 6 * HOUR_MS } });
  undo.push(() => at.aws.change({ timing: { snapshotBaseMs: 5_000 } }));
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  await at.runUntil('AWS makes its snapshots', async () => (await show({ id: backupId })).phase === 'waiting');
  await at.anna.call('POST /backups/:backupId/abort', { params: { backupId } });
  const aborted = await endOfBackup(at, backupId);
  expect(aborted).toMatchObject({ status: 'failed', recoverable: false });

  await at.aws.change({ timing: { snapshotBaseMs: 5_000 } });
  expect(await run(policy)).toMatchObject({ status: 'successful', isGeneration: true });
  expect((await snapshotsInAws(at, aborted)).map(({ state }) => state)).toEqual(['pending', 'pending']);
  expect(await show(aborted)).toMatchObject({ deletion: null });

  await letPass(at, 7 * HOUR_MS);
  expect(await show(aborted)).toMatchObject({ recoverable: true, deletion: null });
  const newest = await run(policy);
  expect(await show(aborted)).toMatchObject({ deletion: { state: 'deleted' } });
  expect(await snapshotsInAws(at, aborted)).toEqual([]);
  expect(await snapshotsInAws(at, newest)).toHaveLength(2);
});
