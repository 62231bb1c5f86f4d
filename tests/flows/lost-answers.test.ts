import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault, Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  letAnswer,
  letPass,
  logOf,
  named,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let web1: Thing;
let web2: Thing;
let assets: Thing;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  [web1, web2, assets] = [await named(at, 'web-1'), await named(at, 'web-2'), await named(at, 'shared-assets')];
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each().catch(() => undefined);
});
const withFault = async (...faults: Fault[]) => void undo.push(await at.aws.fault(...faults));
const drop = (action: string, count = 1): Fault => ({ kind: 'execute-then-drop', match: { action }, count });

/** A backup, with what of the policy is in AWS after everything has settled. */
async function backUp(...faults: Fault[]) {
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(web1), targetOf(assets)] });
  await withFault(...faults);
  const backup = await runBackup(at, policy);
  await letPass(at, 90 * 60_000);
  const ofPolicy = (await at.aws.things({ type: 'snapshot' })).filter(({ tags }) => tags['cpm:policy'] === policy.id);
  return { backup, log: await logOf(at, backup), ofPolicy };
}

const expectOneOfEach = (things: readonly Thing[]) =>
  expect(things.map(({ volumeId = '' }) => volumeId).toSorted((a, b) => a.localeCompare(b))).toEqual(
    [...(web1.attachments ?? []).map(({ volumeId }) => volumeId), assets.id].toSorted((a, b) => a.localeCompare(b)),
  );

test.each(['CreateSnapshots', 'CreateSnapshot', 'CreateSnapshot*'])(
  'the answer to %s is lost: its snapshots are found by their tag, and there is one of each',
  async (action) => {
    const { backup, log, ofPolicy } = await backUp(drop(action, 2));
    expect(backup).toMatchObject({ status: 'successful', isGeneration: true });
    expectOneOfEach(ofPolicy);
    expect(log.some((text) => text.includes('the answer of AWS was lost'))).toBe(true);
  },
);

test('the answer is lost and AWS hides the fresh ids for a minute: they are waited for, and there is one of each', async () => {
  await at.aws.change({ consistencyMs: 60_000 });
  undo.push(() => at.aws.change({ consistencyMs: 0 }));
  const { backup, ofPolicy } = await backUp(drop('CreateSnapshots'));
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(ofPolicy);
});

test('AWS hides the fresh ids for longer than CPM waits: a fresh attempt makes the backup, and what shows up late is removed', async () => {
  await at.aws.change({ consistencyMs: 400_000 });
  undo.push(() => at.aws.change({ consistencyMs: 0 }));
  const { backup, ofPolicy, log } = await backUp(drop('CreateSnapshots'));
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(ofPolicy);
  expect(ofPolicy.every(({ tags }) => tags['cpm:backup'] === backup.id)).toBe(true);
  expect(log.some((text) => text.includes('turned up late and were deleted'))).toBe(true);
});

test('a connection that is cut before AWS did anything is found out, and the snapshots are made then', async () => {
  const { backup, ofPolicy } = await backUp({ kind: 'reset-before', match: { action: 'CreateSnapshot*' }, count: 2 });
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(ofPolicy);
});

test('a look-up by tag that fails proves nothing: no snapshot is made twice', async () => {
  const { backup, ofPolicy } = await backUp(drop('CreateSnapshots'), {
    kind: 'error503',
    match: { action: 'DescribeSnapshots' },
    count: 9,
  });
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(ofPolicy);
});

test.each(['CreateVolume', 'AttachVolume'])(
  'the answer to %s is lost: the recovery makes one volume and attaches it once',
  async (action) => {
    const policy = await addPolicy(at.anna, { account, targets: [targetOf(assets)] });
    const backup = await runBackup(at, policy);
    const [snapshot] = (await resourcesOf(at, backup)).flatMap(({ snapshots }) => snapshots);
    if (snapshot === undefined) throw new Error('there is no snapshot');
    const before = (await at.aws.things({ type: 'volume' })).length;
    await withFault(drop(action));
    const started = await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: { volumes: [{ snapshotId: snapshot.id, zone: web1.zone, attachTo: web1.id }] },
    });
    const recovery = await endOfRecovery(at, started);
    expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
    const volumes = await at.aws.things({ type: 'volume' });
    expect(volumes).toHaveLength(before + 1);
    const [made] = volumes.filter(({ tags }) => tags['cpm:recovery'] === recovery.id);
    expect(recovery.objects).toMatchObject([{ kind: 'volume', awsId: made?.id, state: 'kept' }]);
    expect(made?.attachments).toMatchObject([{ instanceId: web1.id }]);
    expect((await at.aws.struck()).at(-1)).toBe(1);
  },
);

test.each(['RegisterImage', 'RunInstances', 'DeregisterImage', 'CreateTags'])(
  'the answer to %s is lost: the recovery launches one instance, and leaves no image',
  async (action) => {
    const policy = await addPolicy(at.anna, { account, targets: [targetOf(web2)] });
    const backup = await runBackup(at, policy);
    const [resource] = await resourcesOf(at, backup);
    if (resource === undefined) throw new Error('there is no resource');
    const count = async () => ({
      instances: (await at.aws.things({ type: 'instance' })).length,
      volumes: (await at.aws.things({ type: 'volume' })).length,
      images: (await at.aws.things({ type: 'image', account: '111122223333' })).length,
    });
    const before = await count();
    await withFault(drop(action));
    const started = await at.anna.call('POST /backups/:backupId/recoveries/instances', {
      params: { backupId: backup.id },
      body: { resourceId: resource.id, privateIp: null },
    });
    const recovery = await endOfRecovery(at, started);
    expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
    expect((await at.aws.struck()).at(-1)).toBe(1);
    expect(await count()).toEqual({ ...before, instances: before.instances + 1, volumes: before.volumes + 2 });
    const [image, instance, ...volumes] = recovery.objects.map(({ kind, state }) => `${kind} ${state}`);
    expect([image, instance, ...new Set(volumes)]).toEqual(['image removed', 'instance kept', 'volume kept']);
    expect(await snapshotsInAws(at, backup)).toHaveLength(2);
  },
);

const POST = {
  volumes: 'POST /backups/:backupId/recoveries/volumes',
  instance: 'POST /backups/:backupId/recoveries/instances',
  database: 'POST /backups/:backupId/recoveries/databases',
} as const;

test.each([
  ['volumes', 'CreateVolume', 'volume'],
  ['instance', 'RunInstances', 'instance'],
  ['database', 'RestoreDBInstanceFromDBSnapshot', 'db-instance'],
] as const)(
  'a recovery of %s loses the answer to %s, then its keys are revoked for hours: it waits, and what was made is its own',
  async (kind, action, type) => {
    const database = { kind: 'database' as const, region: 'us-east-1', resourceId: 'acme-billing' };
    const target = kind === 'database' ? database : targetOf(kind === 'volumes' ? assets : web2);
    const backup = await runBackup(at, await addPolicy(at.anna, { account, targets: [target] }));
    const [resource] = await resourcesOf(at, backup);
    const [snapshot] = resource?.snapshots ?? [];
    const wishes = {
      volumes: { volumes: [{ snapshotId: snapshot?.id, zone: web1.zone }] },
      instance: { resourceId: resource?.id, privateIp: null },
      database: { resourceId: resource?.id, databaseId: 'acme-billing-revoked' },
    };
    const lost = await at.aws.fault({ kind: 'execute-then-drop', match: { action } });
    undo.push(lost);
    const answer = at.anna.call(POST[kind], { params: { backupId: backup.id }, body: wishes[kind] as never });
    const started = await letAnswer(at, answer);
    const ours = async () => (await at.aws.things({ type })).filter(({ tags }) => tags['cpm:recovery'] === started.id);
    await at.runUntil('it is made', async () => (await ours()).length > 0);
    const revoked = await at.aws.fault({ kind: 'error', match: {}, code: 'AuthFailure', status: 401 });
    undo.push(revoked);
    await lost();
    await letPass(at, 5 * 3600_000);
    const waiting = await at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: started.id } });
    expect(waiting).toMatchObject({ status: 'in-progress', reasons: [] });
    await revoked();
    const recovery = await endOfRecovery(at, started);
    expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
    const made = recovery.objects.filter((each) => each.state === 'kept').map(({ awsId }) => awsId);
    const ids = (await ours()).map(({ id }) => id);
    expect(ids).toHaveLength(1);
    expect(made).toEqual(expect.arrayContaining(ids));
  },
);

test('a volume whose answer was lost is found by its tag where its repeat is denied for good', async () => {
  const backup = await runBackup(at, await addPolicy(at.anna, { account, targets: [targetOf(assets)] }));
  const [snapshot] = (await resourcesOf(at, backup)).flatMap(({ snapshots }) => snapshots);
  const volumes = [{ snapshotId: snapshot?.id ?? '', zone: web1.zone ?? '' }];
  const lost = await at.aws.fault({ kind: 'execute-then-drop', match: { action: 'CreateVolume' } });
  undo.push(lost);
  const started = await at.anna.call(POST.volumes, { params: { backupId: backup.id }, body: { volumes } });
  const ours = async () =>
    (await at.aws.things({ type: 'volume' })).filter(({ tags }) => tags['cpm:recovery'] === started.id);
  await at.runUntil('it is made', async () => (await ours()).length > 0);
  await withFault({ kind: 'deny', match: { action: 'CreateVolume' } });
  await lost();
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'successful', objects: [{ awsId: (await ours())[0]?.id, state: 'kept' }] });
});
