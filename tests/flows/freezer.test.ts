import type { Policy } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
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

const keeping = (generations: number) => addPolicy(at.anna, { account, generations, targets: [targetOf(assets)] });

async function run(policy: Policy) {
  await at.clock.advance(60_000);
  const backup = await runBackup(at, policy);
  await endOfRetention(at, policy);
  return backup;
}

type Named = { readonly id: string };
const freeze = ({ id }: Named, name: string, description = '') =>
  at.anna.call('POST /backups/:backupId/freeze', { params: { backupId: id }, body: { name, description } });
const show = ({ id }: Named) => at.anna.call('GET /backups/:backupId', { params: { backupId: id } });
const frozen = async (search?: string) =>
  (await at.anna.call('GET /freezer', { query: search === undefined ? {} : { search } })).items.map(
    (each) => each.frozen?.name,
  );
const unfreeze = ({ id }: Named, snapshots?: string) =>
  at.anna.call('DELETE /freezer/:backupId', {
    params: { backupId: id },
    query: snapshots === undefined ? {} : { snapshots },
  });
const remove = ({ id }: Named, snapshots?: string) =>
  at.anna.call('DELETE /backups/:backupId', {
    params: { backupId: id },
    query: snapshots === undefined ? {} : { snapshots },
  });

test('a frozen backup fills no place, outlives its policy, can be recovered from, and goes only by hand', async () => {
  const policy = await keeping(1);
  const kept = await run(policy);
  expect(await freeze(kept, 'before the upgrade', 'clean system')).toMatchObject({
    frozen: { name: 'before the upgrade', description: 'clean system', by: 'anna' },
  });
  const [second, third] = [await run(policy), await run(policy)];
  expect(await snapshotsInAws(at, kept)).toHaveLength(1);
  expect(await snapshotsInAws(at, second)).toEqual([]);

  const params = { policyId: policy.id };
  const going = await at.anna.call('GET /policies/:policyId/deletion', { params });
  expect(going).toMatchObject({ backups: [{ backupId: third.id }], snapshots: 1, frozen: 1 });
  await at.anna.call('DELETE /policies/:policyId', { params, query: { backups: '1' } });
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, third)).toEqual([]);
  expect(await snapshotsInAws(at, kept)).toHaveLength(1);
  expect(await show(kept)).toMatchObject({
    policy: { id: null, name: policy.name },
    recoverable: true,
    deletion: null,
  });
  expect(await frozen()).toEqual(['before the upgrade']);

  const [resource] = await resourcesOf(at, kept);
  const recovery = await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
    params: { backupId: kept.id },
    body: { volumes: [{ snapshotId: resource?.snapshots[0]?.id ?? '' }] },
  });
  expect(await refusal(unfreeze(kept, '1'))).toMatchObject({ status: 409, code: 'conflict_in_recovery' });
  expect((await endOfRecovery(at, recovery)).status).toBe('successful');

  expect(await refusal(unfreeze(kept))).toMatchObject({
    code: 'conflict_not_confirmed',
    title: 'This deletes 1 backup with 1 snapshot.',
  });
  expect(await unfreeze(kept, '1')).toEqual({ snapshotsToDelete: 1 });
  await at.runUntil('it is deleted', async () => (await show(kept)).deletion?.state === 'deleted');
  expect(await snapshotsInAws(at, kept)).toEqual([]);
  expect(await show(kept)).toMatchObject({ frozen: null, deletion: { reason: 'deleted by anna' } });
  expect(await frozen()).toEqual([]);
});

test('names in the freezer are unique to their owner, and both name and description are searched', async () => {
  const policy = await keeping(3);
  const [first, second] = [await run(policy), await run(policy)];
  await freeze(first, 'golden 100%', 'after Patch_Tuesday');
  expect(await refusal(freeze(second, 'golden 100%'))).toMatchObject({ code: 'conflict_name_taken' });
  expect(await show(second)).toMatchObject({ frozen: null });
  expect(await refusal(freeze(second, ''))).toMatchObject({ status: 400, fields: [{ path: 'name' }] });
  expect(await refusal(freeze(second, 'a/b'))).toMatchObject({ status: 400, fields: [{ path: 'name' }] });
  expect(await refusal(freeze(first, 'again'))).toMatchObject({ code: 'conflict_frozen' });
  await at.clock.advance(1000);
  await freeze(second, 'silver');
  for (const [search, found] of [
    ['GOLDEN', ['golden 100%']],
    ['patch_t', ['golden 100%']],
    ['0%', ['golden 100%']],
    ['%', ['golden 100%']],
    ['_', ['golden 100%']],
    ['e', ['silver', 'golden 100%']],
    ['\\', []],
  ] as const)
    expect(await frozen(search), search).toEqual(found);

  const params = { backupId: second.id };
  expect(
    await refusal(at.anna.call('PATCH /freezer/:backupId', { params, body: { name: 'golden 100%' } })),
  ).toMatchObject({ code: 'conflict_name_taken' });
  expect(await at.anna.call('PATCH /freezer/:backupId', { params, body: { description: 'less' } })).toMatchObject({
    frozen: { name: 'silver', description: 'less' },
  });
  expect((await at.ben.call('GET /freezer', { query: {} })).items).toEqual([]);
  expect(await refusal(remove(first, '1'))).toMatchObject({ code: 'conflict_frozen' });
  await unfreeze(first, '1');
  await unfreeze(second, '1');
});

test('a running backup, and one that holds nothing, cannot be frozen', async () => {
  const policy = await keeping(1);
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  expect(await refusal(freeze({ id: backupId }, 'too early'))).toMatchObject({ code: 'conflict_backup_running' });
  expect(await refusal(remove({ id: backupId }, '1'))).toMatchObject({ code: 'conflict_backup_running' });
  await at.runUntil('it has ended', async () => (await show({ id: backupId })).status !== 'in-progress');
  undo.push(await at.aws.fault({ kind: 'deny', match: { action: 'CreateSnapshot' } }));
  const failed = await run(policy);
  expect(failed.recoverable).toBe(false);
  expect(await refusal(freeze(failed, 'empty'))).toMatchObject({ code: 'conflict_not_recoverable' });
});

test('a marked backup is taken back by freezing it while nothing was deleted, and is lost to it afterwards', async () => {
  const policy = await keeping(1);
  const first = await run(policy);
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeSnapshots' } });
  undo.push(allow);
  // Nothing can be looked at, so nothing is deleted: the backup is marked, with its reason in the ledger.
  const waiting = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  await letPass(at, 60_000);
  await allow();
  undo.length = 0;
  await at.runUntil('it has ended', async () => (await show({ id: waiting.backupId })).status !== 'in-progress');
  await endOfRetention(at, policy);
  expect(await show(first)).toMatchObject({ deletion: { state: 'deleted' } });
  expect(await refusal(freeze(first, 'too late'))).toMatchObject({ code: 'conflict_not_recoverable' });

  const used = (await snapshotsInAws(at, { id: waiting.backupId }))[0];
  const { ImageId } = await at.aws.act('us-east-1', 'RegisterImage', {
    Name: 'in use for a while',
    RootDeviceName: '/dev/xvda',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: used?.id } }],
  });
  await run(policy);
  expect(await show({ id: waiting.backupId })).toMatchObject({ deletion: { state: 'marked' } });
  await freeze({ id: waiting.backupId }, 'saved in time');
  expect(await show({ id: waiting.backupId })).toMatchObject({ deletion: null, frozen: { name: 'saved in time' } });
  expect((await logOf(at, { id: waiting.backupId })).join('\n')).toContain('it is not deleted after all');
  await at.aws.act('us-east-1', 'DeregisterImage', { ImageId });
  await letPass(at, 7 * HOUR_MS);
  expect(await snapshotsInAws(at, { id: waiting.backupId })).toHaveLength(1);
  const ledger = await at.anna.call('GET /deletions', { query: { backupId: waiting.backupId } });
  expect(ledger.items).toEqual([]);
});

test('a backup is deleted by hand with its number of snapshots, the newest generation too, and no rule brings it back', async () => {
  const policy = await keeping(2);
  const [first, second] = [await run(policy), await run(policy)];
  expect(await refusal(remove(second))).toMatchObject({ status: 409, code: 'conflict_not_confirmed' });
  expect(await refusal(remove(second, '2'))).toMatchObject({ code: 'conflict_not_confirmed' });
  const theirs = at.ben.call('DELETE /backups/:backupId', {
    params: { backupId: second.id },
    query: { snapshots: '1' },
  });
  expect(await refusal(theirs)).toMatchObject({ status: 404 });
  expect(await remove(second, '1')).toEqual({ snapshotsToDelete: 1 });
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, second)).toEqual([]);
  expect(await show(second)).toMatchObject({ deletion: { state: 'deleted', reason: 'deleted by anna' } });
  expect(await remove(first, '1')).toEqual({ snapshotsToDelete: 1 });
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
  expect(await refusal(remove(first, '0'))).toMatchObject({ code: 'conflict_being_deleted' });
});
