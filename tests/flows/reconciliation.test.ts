import type { Policy } from '@cpm/contract';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRetention,
  letPass,
  logOf,
  named,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
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

async function run(policy: Policy) {
  await at.clock.advance(MINUTE_MS);
  const backup = await runBackup(at, policy);
  await endOfRetention(at, policy);
  return backup;
}

const show = ({ id }: { readonly id: string }) => at.anna.call('GET /backups/:backupId', { params: { backupId: id } });
const findings = async (state: 'open' | 'all' = 'open') =>
  (await at.anna.call('GET /reconciliation/findings', { query: { state } })).items;
const alerts = async () =>
  (await at.anna.call('GET /alerts', { query: {} })).items.filter(({ category }) => category === 'reconciliation');
const looks = async () => (await at.anna.call('GET /reconciliation', {})).items;

/** Compares now, and waits until this look has been had. */
async function look() {
  await at.clock.advance(1000);
  const from = at.clock.now();
  await at.anna.call('POST /reconciliation/run', {});
  await at.runUntil('a look was had', async () => {
    const had = await looks();
    return had.length > 0 && had.every(({ startedAt }) => Date.parse(startedAt) >= from);
  });
}
/** Compares twice, as far apart as it takes to be believed. */
async function lookTwice() {
  await look();
  await letPass(at, 6 * MINUTE_MS);
}

const installation = async (): Promise<string> => {
  const snapshots = await at.aws.things({ type: 'snapshot' }, 'all');
  return snapshots.map(({ tags }) => tags['cpm:installation']).find((tag) => tag !== undefined) ?? '';
};
async function plant(tags: Readonly<Record<string, string>>): Promise<string> {
  const { SnapshotId } = await at.aws.act('us-east-1', 'CreateSnapshot', {
    VolumeId: assets.id,
    TagSpecifications: [
      { ResourceType: 'snapshot', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  return String(SnapshotId);
}
const isThere = async (id: string) => (await at.aws.things({ id })).length === 1;

test('a snapshot deleted outside CPM is believed gone at the second look, and its backup says so', async () => {
  const policy = await keeping(1, web1, assets);
  const older = await run(policy);
  const [gone] = await snapshotsInAws(at, older);
  await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: gone?.id });
  await look();
  // However often somebody looks within the five minutes.
  await look();
  expect((await findings()).map(({ kind, confirmedAt }) => ({ kind, confirmedAt }))).toEqual([
    { kind: 'vanished', confirmedAt: null },
  ]);
  expect((await resourcesOf(at, older)).flatMap((each) => each.snapshots.map(({ state }) => state))).not.toContain(
    'missing',
  );
  expect(await alerts()).toEqual([]);

  await letPass(at, 6 * MINUTE_MS);
  expect(await findings()).toMatchObject([{ kind: 'vanished', awsSnapshotId: gone?.id, backupId: older.id }]);
  expect((await findings())[0]?.confirmedAt).not.toBeNull();
  const missing = (await resourcesOf(at, older)).flatMap(({ snapshots }) =>
    snapshots.filter(({ state }) => state === 'missing'),
  );
  expect(missing).toMatchObject([{ awsSnapshotId: gone?.id, message: 'it was deleted outside CPM' }]);
  expect(await show(older)).toMatchObject({ status: 'successful', recoverable: true });
  expect((await logOf(at, older)).join('\n')).toContain(`${gone?.id} was deleted outside CPM`);
  expect(await alerts()).toMatchObject([{ severity: 'error', message: expect.stringContaining(String(gone?.id)) }]);

  // It is no good generation any more: a failed backup after it must not push the one before it out (F16).
  for (const { id } of await snapshotsInAws(at, older))
    await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: id });
  await lookTwice();
  expect(await show(older)).toMatchObject({ recoverable: false });
  const next = await run(policy);
  expect(await show(next)).toMatchObject({ isGeneration: true, deletion: null });
});

test('a vanished generation pushes no good one out of its place', async () => {
  const policy = await keeping(2, web1);
  const [good, broken] = [await run(policy), await run(policy)];
  const [gone] = await snapshotsInAws(at, broken);
  await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: gone?.id });
  await lookTwice();
  expect(await show(broken)).toMatchObject({ recoverable: true });
  const last = await run(policy);
  expect(await snapshotsInAws(at, good)).toHaveLength(2);
  expect(await snapshotsInAws(at, broken)).toHaveLength(1);
  expect(await snapshotsInAws(at, last)).toHaveLength(2);
});

test('an empty answer of AWS, or a part of one, takes nothing from anybody', async () => {
  const policy = await keeping(1, assets);
  const backup = await run(policy);
  for (const kind of ['empty', 'deny'] as const) {
    const off = await at.aws.fault(
      kind === 'empty'
        ? { kind: 'stale-read', match: { action: 'DescribeSnapshots' }, staleMs: 24 * HOUR_MS }
        : { kind: 'deny', match: { action: 'DescribeSnapshots' } },
    );
    await look();
    await off();
    await letPass(at, 6 * MINUTE_MS);
    expect(await show(backup)).toMatchObject({ recoverable: true });
    expect((await findings()).filter(({ backupId }) => backupId === backup.id)).toEqual([]);
  }
});

test('what AWS hid for long is missing until then, and counts again once AWS shows it', async () => {
  const policy = await keeping(1, assets);
  const backup = await run(policy);
  const hide = { kind: 'stale-read', match: { action: 'DescribeSnapshots' }, staleMs: 24 * HOUR_MS };
  const off = await at.aws.fault(hide);
  undo.push(off);
  await lookTwice();
  expect(await show(backup)).toMatchObject({ recoverable: false });
  expect((await alerts()).filter(({ severity }) => severity === 'error')).toHaveLength(1);
  await off();
  undo.length = 0;
  await look();
  expect(await show(backup)).toMatchObject({ recoverable: true });
  expect((await logOf(at, backup)).at(-1)).toContain('is in AWS again and counts again');
  const told = (await findings('all')).filter(({ backupId }) => backupId === backup.id);
  expect(told).toMatchObject([{ kind: 'vanished', message: 'it is in AWS again and counts again' }]);
  expect(told[0]?.resolvedAt).not.toBeNull();
  expect((await alerts()).flatMap(({ message }) => message)).not.toContain(told[0]?.awsSnapshotId);
});

test('refused credentials are recorded and told, decide nothing, and the alert closes when AWS answers again', async () => {
  const policy = await keeping(1, assets);
  const backup = await run(policy);
  undo.push(await at.aws.fault({ kind: 'deny', match: { action: 'DescribeSnapshots' } }));
  await lookTwice();
  expect(await looks()).toMatchObject([{ error: expect.stringContaining('ec2:DescribeSnapshots') }]);
  expect((await alerts()).filter(({ title }) => title.includes('cannot be compared'))).toMatchObject([
    { severity: 'warning' },
  ]);
  expect(await show(backup)).toMatchObject({ recoverable: true });
  for (const each of undo.splice(0)) await each();
  await look();
  expect(await looks()).toMatchObject([{ error: null }]);
  expect((await alerts()).filter(({ title }) => title.includes('cannot be compared'))).toEqual([]);
});

test('what bears this installation’s tag without a record is told and never touched; another’s is not even named', async () => {
  const own = await installation();
  const unknown = await plant({ 'cpm:installation': own, 'cpm:attempt': randomUUID(), 'cpm:backup': randomUUID() });
  const hostile = await plant({ 'cpm:installation': own, 'cpm:attempt': "'; drop table snapshots; --" });
  const foreign = await plant({ 'cpm:installation': randomUUID(), 'cpm:attempt': randomUUID() });
  const plain = await plant({ Name: 'somebody’s own' });
  await lookTwice();
  await letPass(at, 13 * HOUR_MS);
  const told = (await findings()).filter(({ kind }) => kind === 'unknown').map(({ awsSnapshotId }) => awsSnapshotId);
  expect(new Set(told)).toEqual(new Set([unknown, hostile]));
  expect(JSON.stringify(await findings('all'))).not.toContain(foreign);
  const [alert] = (await alerts()).filter(({ title }) => title.includes('no record'));
  expect(alert?.message).toContain(unknown);
  for (const id of [unknown, hostile, foreign, plain]) expect(await isThere(id), id).toBe(true);
  for (const id of [unknown, hostile]) await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: id });
  await look();
  expect((await findings()).filter(({ kind }) => kind === 'unknown')).toEqual([]);
  expect((await alerts()).filter(({ title }) => title.includes('no record'))).toEqual([]);
});

test('what a known attempt of an ended backup left over is removed with a line in the ledger, the backup’s own stays', async () => {
  const policy = await keeping(1, assets);
  const backup = await run(policy);
  const [made] = await snapshotsInAws(at, backup);
  const extra = await plant({ ...made?.tags });
  await look();
  expect(await isThere(extra)).toBe(true);
  await letPass(at, 6 * MINUTE_MS);
  expect(await isThere(extra)).toBe(false);
  expect(await isThere(String(made?.id))).toBe(true);
  expect((await findings('all')).find(({ awsSnapshotId }) => awsSnapshotId === extra)).toMatchObject({
    kind: 'leftover',
  });
  const ledger = await at.anna.call('GET /deletions', { query: { backupId: backup.id } });
  expect(ledger.items).toMatchObject([{ awsSnapshotId: extra, state: 'deleted' }]);
  expect(await show(backup)).toMatchObject({ recoverable: true, deletion: null });
  // Its freezing is not hindered by what was never part of it.
  const frozen = { params: { backupId: backup.id }, body: { name: 'clean' } };
  expect(await at.anna.call('POST /backups/:backupId/freeze', frozen)).toMatchObject({ frozen: { name: 'clean' } });
});

test('two accounts, also of different owners, that reach the same AWS account take nothing from each other', async () => {
  const [twin, theirs] = [await addAccount(at.anna), await addAccount(at.ben)];
  const mine = await run(await keeping(1, web1));
  const twins = await addPolicy(at.anna, { account: twin, generations: 1, targets: [targetOf(assets)] });
  const second = await run(twins);
  const bens = await addPolicy(at.ben, { account: theirs, generations: 1, targets: [targetOf(assets)] });
  const { backupId } = await at.ben.call('POST /policies/:policyId/run', { params: { policyId: bens.id } });
  await at.runUntil('his backup has ended', async () => {
    const { status } = await at.ben.call('GET /backups/:backupId', { params: { backupId } });
    return status !== 'in-progress';
  });
  const before = (await findings('all')).length;
  await at.ben.call('POST /reconciliation/run', {});
  await lookTwice();
  await letPass(at, 6 * MINUTE_MS);
  for (const backup of [mine, second]) expect(await show(backup)).toMatchObject({ recoverable: true });
  expect(await snapshotsInAws(at, mine)).toHaveLength(2);
  expect(await snapshotsInAws(at, second)).toHaveLength(1);
  expect(await snapshotsInAws(at, { id: backupId })).toHaveLength(1);
  expect(await findings('all')).toHaveLength(before);
  expect((await at.ben.call('GET /reconciliation/findings', { query: { state: 'all' } })).items).toEqual([]);
});

test('a snapshot whose tags somebody took off has not vanished, and is not deleted by retention either', async () => {
  const policy = await keeping(1, assets);
  const first = await run(policy);
  const [bare] = await snapshotsInAws(at, first);
  await at.aws.act('us-east-1', 'DeleteTags', { Resources: [bare?.id], Tags: [{ Key: 'cpm:installation' }] });
  await lookTwice();
  expect(await show(first)).toMatchObject({ recoverable: true });
  await run(policy);
  expect(await isThere(String(bare?.id))).toBe(true);
  expect(await show(first)).toMatchObject({ deletion: { state: 'marked' } });
  const ledger = await at.anna.call('GET /deletions', { query: { state: 'kept', policyName: policy.name } });
  expect(ledger.items).toMatchObject([{ awsSnapshotId: bare?.id, obstacle: 'foreign' }]);
  const open = await at.anna.call('GET /alerts', { query: {} });
  const [alert] = open.items.filter(({ category }) => category === 'retention');
  expect(alert).toMatchObject({ policy: { id: policy.id }, message: expect.stringContaining('lost its tag') });
  const Tags = [{ Key: 'cpm:installation', Value: await installation() }];
  await at.aws.act('us-east-1', 'CreateTags', { Resources: [bare?.id], Tags });
  await letPass(at, 6.1 * HOUR_MS);
  await endOfRetention(at, policy);
  expect(await isThere(String(bare?.id))).toBe(false);
  expect(
    (await at.anna.call('GET /alerts', { query: {} })).items.filter(({ category }) => category === 'retention'),
  ).toEqual([]);
});

test('the compare is made at the server’s start and every few hours by itself, and only of the owner’s accounts', async () => {
  await look();
  const [before] = await looks();
  await at.restart(() => at.clock.advance(MINUTE_MS));
  await at.runUntil('it was compared at the start', async () => (await looks())[0]?.startedAt !== before?.startedAt);
  const [atStart] = await looks();
  await letPass(at, 6.5 * HOUR_MS);
  expect((await looks())[0]?.startedAt).not.toBe(atStart?.startedAt);
  const { items } = await at.ben.call('GET /reconciliation', {});
  const own = (await at.ben.call('GET /accounts', { query: {} })).items.map(({ id }) => id);
  expect(items.every((each) => own.includes(each.account.id))).toBe(true);
  expect(await at.ben.call('POST /reconciliation/run', {})).toEqual({ started: items.length });
});
