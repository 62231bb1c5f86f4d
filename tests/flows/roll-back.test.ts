import type { BackedUpResource, Backup, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACME, type Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const REGION = 'us-east-1';
let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
let stopped: Thing;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  stopped = await named(at, 'old-reports');
  const things = await Promise.all(['web-1', 'orders-db', 'old-reports'].map((name) => named(at, name)));
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((each) => [each.resourceName, each]));
});
afterAll(() => at.stop());

const snapshotOf = (name: string) => resources[name]?.snapshots[0]?.id ?? '';
const rootOf = (name: string) => resources[name]?.snapshots.find(({ isRoot }) => isRoot)?.id ?? '';
const recoverVolume = async (choice: object = {}, behavior?: 'switch' | 'switch-and-delete') =>
  at.anna.call('POST /backups/:backupId/recoveries/volumes', {
    params: { backupId: backup.id },
    body: { attachBehavior: behavior, volumes: [{ snapshotId: snapshotOf('web-1'), ...choice }] },
  });
const recoverInstance = async (wish: object = {}) =>
  endOfRecovery(
    at,
    await at.anna.call('POST /backups/:backupId/recoveries/instances', {
      params: { backupId: backup.id },
      body: { resourceId: resources['orders-db']?.id ?? '', privateIp: null, ...wish },
    }),
  );
const volume = async (choice: object = {}) => endOfRecovery(at, await recoverVolume(choice));
const show = (recoveryId: string) => at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId } });
const askRollBack = ({ id, rollBack }: Recovery, confirmObjects = rollBack.objects.length, more: object = {}) =>
  at.anna.call('POST /recoveries/:recoveryId/roll-back', {
    params: { recoveryId: id },
    body: { confirmObjects, ...more },
  });
async function rollBack(recovery: Recovery): Promise<Recovery> {
  await askRollBack(recovery);
  return at.runUntil('it is rolled back', async () => {
    const now = await show(recovery.id);
    return now.rollBack.state !== 'running' && now;
  });
}
const keep = ({ id }: Recovery) => at.anna.call('POST /recoveries/:recoveryId/keep', { params: { recoveryId: id } });
const there = async ({ id }: Recovery) =>
  (await at.aws.things()).filter(({ tags, type }) => tags['cpm:recovery'] === id && type !== 'network-interface');
const disks = async (thing: Thing) => {
  const { Volumes } = await at.aws.act(REGION, 'DescribeVolumes', {
    Filters: [{ Name: 'attachment.instance-id', Values: [thing.id] }],
  });
  return (Volumes as unknown as { VolumeId: string }[]).map(({ VolumeId }) => VolumeId);
};

test('volumes are deleted, also one that is attached; their snapshots stay', async () => {
  const recovery = await volume();
  expect(recovery.rollBack).toMatchObject({ state: 'offered', objects: [{ action: 'delete', kind: 'volume' }] });
  const done = await rollBack(recovery);
  expect(done.rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
  expect(done.objects).toMatchObject([{ state: 'removed' }]);
  expect(await there(recovery)).toEqual([]);
  const web1 = await named(at, 'web-1');
  const attached = await volume({ attachTo: web1.id, zone: web1.zone, deviceName: '/dev/sdm' });
  expect((await rollBack(attached)).rollBack.state).toBe('done');
  expect(await there(attached)).toEqual([]);
  const [snapshot] = resources['web-1']?.snapshots ?? [];
  expect(await at.aws.things({ id: snapshot?.awsSnapshotId ?? '' })).toHaveLength(1);
});

test('an instance is terminated although it is protected, with all of its volumes; the snapshots stay', async () => {
  const recovery = await recoverInstance({ isTerminationProtected: true });
  expect(recovery).toMatchObject({ status: 'successful' });
  const kinds = recovery.rollBack.objects.map(({ kind }) => kind).toSorted();
  expect(kinds).toEqual(['instance', 'volume', 'volume', 'volume']);
  const done = await rollBack(recovery);
  expect(done.rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
  const left = (await there(recovery)).filter(({ state }) => state !== 'terminated');
  expect(left).toEqual([]);
  const snapshots = await Promise.all(
    (resources['orders-db']?.snapshots ?? []).map(({ awsSnapshotId }) => at.aws.things({ id: awsSnapshotId ?? '' })),
  );
  expect(snapshots.flat()).toHaveLength(3);
});

test('an image that was left registered is deregistered, its snapshots stay', async () => {
  const recovery = await recoverInstance({ imageHandling: 'create-only' });
  expect(recovery.rollBack.objects).toMatchObject([{ kind: 'image', action: 'delete' }]);
  expect((await rollBack(recovery)).rollBack.state).toBe('done');
  expect((await there(recovery)).filter(({ type }) => type === 'image')).toEqual([]);
  const [snapshot] = resources['orders-db']?.snapshots ?? [];
  expect(await at.aws.things({ id: snapshot?.awsSnapshotId ?? '' })).toHaveLength(1);
});

test('a volume that was switched is put back where it was, and the new one is deleted', async () => {
  const [old] = await disks(stopped);
  const switched = await endOfRecovery(
    at,
    await recoverVolume({ snapshotId: rootOf('old-reports'), attachTo: stopped.id, deviceName: '/dev/xvda' }, 'switch'),
  );
  expect(switched).toMatchObject({ status: 'successful' });
  expect(switched.rollBack.objects).toMatchObject([
    { action: 'delete', kind: 'volume' },
    {
      action: 'change',
      kind: 'volume',
      name: old,
      note: `put back to ${stopped.id} at /dev/xvda, where it was before`,
    },
  ]);
  const done = await rollBack(switched);
  expect(done.rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
  expect(await disks(stopped)).toEqual([old]);
  expect(await there(switched)).toEqual([]);
});

test('a switched volume is not put back into a running instance; that is told, and works once it is stopped', async () => {
  const [old] = await disks(stopped);
  const switched = await endOfRecovery(
    at,
    await recoverVolume({ snapshotId: rootOf('old-reports'), attachTo: stopped.id, deviceName: '/dev/xvda' }, 'switch'),
  );
  await at.aws.act(REGION, 'StartInstances', { InstanceIds: [stopped.id] });
  await at.clock.advance(60_000);
  const failed = await rollBack(switched);
  expect(failed.rollBack).toMatchObject({ state: 'failed', objects: switched.rollBack.objects });
  expect(failed.rollBack.reasons.join('\n')).toMatch(
    /which is running: stop that first[^]*the instance is running, not stopped/,
  );
  await at.aws.act(REGION, 'StopInstances', { InstanceIds: [stopped.id] });
  await at.clock.advance(60_000);
  expect((await rollBack(failed)).rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
  expect(await disks(stopped)).toEqual([old]);
});

test('what does not bear the tag of the recovery any more is left alone and told', async () => {
  const recovery = await volume();
  const [made] = await there(recovery);
  await at.aws.act(REGION, 'DeleteTags', { Resources: [made?.id], Tags: [{ Key: 'cpm:recovery' }] });
  const failed = await rollBack(recovery);
  expect(failed.rollBack).toMatchObject({
    state: 'failed',
    reasons: [`volume ${made?.id} does not bear the tag of this recovery any more: it is left alone`],
    objects: [{ name: made?.id }],
  });
  expect(await at.aws.things({ id: made?.id ?? '' })).toHaveLength(1);
  // It can be kept after all.
  expect((await keep(failed)).rollBack.state).toBe('kept');
});

test('what somebody deleted already is gone', async () => {
  const recovery = await volume();
  const [made] = await there(recovery);
  await at.aws.act(REGION, 'DeleteVolume', { VolumeId: made?.id });
  await at.clock.advance(60_000);
  expect((await rollBack(recovery)).rollBack.state).toBe('done');
});

test('what AWS refuses stays listed, and can be tried again', async () => {
  const recovery = await volume();
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteVolume' } });
  const failed = await rollBack(recovery);
  await allow();
  expect(failed.rollBack).toMatchObject({ state: 'failed', objects: recovery.rollBack.objects });
  expect(failed.rollBack.reasons.join()).toContain('ec2:DeleteVolume');
  expect((await rollBack(failed)).rollBack.state).toBe('done');
});

test('it needs the right number of objects, an ended recovery, and no decision before', async () => {
  const started = await recoverVolume();
  expect(started.rollBack).toMatchObject({ state: 'impossible', reasons: ['it has not ended yet'] });
  for (const problem of await Promise.all([askRollBack(started, 1), keep(started)].map((call) => refusal(call))))
    expect(problem).toMatchObject({ status: 409, code: 'conflict_still_running' });
  const recovery = await endOfRecovery(at, started);
  for (const wrong of [0, 2])
    expect(await refusal(askRollBack(recovery, wrong))).toMatchObject({
      status: 409,
      code: 'conflict_not_confirmed',
      title: expect.stringContaining('Rolling back deletes 1 object.'),
    });
  expect(await there(recovery)).toHaveLength(1);
  const kept = await keep(recovery);
  expect(kept.rollBack.state).toBe('kept');
  for (const problem of await Promise.all([askRollBack(kept), keep(kept)].map((call) => refusal(call))))
    expect(problem).toMatchObject({ status: 409, code: 'conflict_settled' });
  const other = await volume();
  await askRollBack(other);
  for (const problem of await Promise.all([askRollBack(other), keep(other)].map((call) => refusal(call))))
    expect(problem).toMatchObject({ status: 409, code: 'conflict_settled' });
  const done = await rollBackEnd(other);
  expect(await refusal(askRollBack(done, 0))).toMatchObject({ code: 'conflict_settled' });
  expect(await refusal(askRollBack({ ...done, id: backup.id }, 0))).toMatchObject({ status: 404 });
});

const rollBackEnd = ({ id }: Recovery) =>
  at.runUntil('it is rolled back', async () => {
    const now = await show(id);
    return now.rollBack.state !== 'running' && now;
  });

test('somebody else can neither keep it nor roll it back', async () => {
  const recovery = await volume();
  for (const route of ['keep', 'roll-back'] as const) {
    const answer = await at.ben.raw('POST', `/recoveries/${recovery.id}/${route}`, { body: { confirmObjects: 1 } });
    expect(answer.status).toBe(404);
  }
});

test('other credentials are used where they are given, and refused where they are of another account', async () => {
  const recovery = await volume();
  expect(await refusal(askRollBack(recovery, 1, { credentials: ACME.recovery }))).toMatchObject({
    code: 'recovery_refused',
    fields: [{ path: 'credentials' }],
  });
  await askRollBack(recovery, 1, { credentials: ACME.restorer });
  expect((await rollBackEnd(recovery)).rollBack.state).toBe('done');
  const calls = await at.aws.calls({ action: 'DeleteVolume', accessKey: ACME.restorer.accessKeyId });
  expect(calls).toHaveLength(1);
});

test('a recovery that made nothing has nothing to roll back', async () => {
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'CreateVolume' } });
  const recovery = await volume();
  await allow();
  expect(recovery).toMatchObject({
    status: 'failed',
    rollBack: { state: 'impossible', reasons: ['nothing of it is left in AWS'], objects: [] },
  });
  expect(await refusal(askRollBack(recovery, 0))).toMatchObject({ code: 'conflict_settled' });
});

test('a server that is started anew in the middle goes on with it', async () => {
  const recovery = await volume();
  await askRollBack(recovery);
  await at.restart();
  expect((await rollBackEnd(recovery)).rollBack.state).toBe('done');
  expect(await there(recovery)).toEqual([]);
});
