import type { BackedUpResource, Backup, InstanceRecoveryInput } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alike, describeInstance, disksOf as disksOfInstance, type Described } from './support/described-instance.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  letAnswer,
  letPass,
  named,
  refusal,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
const NAMES = ['web-1', 'orders-db', 'analytics-arm', 'files-win', 'old-reports'];
/** It takes what is not its own, as a router does. */
const FORWARDING = 'analytics-arm';
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const things = await Promise.all(NAMES.map((name) => named(at, name)));
  const { id: InstanceId } = await named(at, FORWARDING);
  await at.aws.act('us-east-1', 'ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(() => at.stop());

type Wish = Omit<InstanceRecoveryInput, 'resourceId'>;
const start = (name: string, wish: Wish = {}) =>
  at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: { resourceId: resources[name]?.id ?? '', ...wish },
  });
const recover = async (name: string, wish: Wish = {}) => endOfRecovery(at, await start(name, wish));

const describe = (instanceId: string | null | undefined) => describeInstance(at.aws, instanceId);
const disksOf = (described: Described) => disksOfInstance(at.aws, described);

test('the plan names every volume that the launch makes, with its size, type and snapshot, for each of the instances', async () => {
  const { objects } = await at.anna.call('POST /backups/:backupId/recovery-plans/instances', {
    params: { backupId: backup.id },
    body: { resourceId: resources['web-1']?.id ?? '', privateIp: null, count: 2 },
  });
  const snapshots = resources['web-1']?.snapshots ?? [];
  const sizes = ['20 GiB gp3', '50 GiB gp3'];
  expect(objects.map(({ action, kind, name }) => `${action} ${kind} ${name}`).slice(1)).toEqual([
    'create instance a new instance',
    ...snapshots.map(({ device }) => `create volume its volume at ${device}`),
  ]);
  expect(objects.slice(2).map(({ note }) => note)).toEqual(
    snapshots.map(({ awsSnapshotId }, nth) => `${sizes[nth]} from ${awsSnapshotId}, for each of the 2`),
  );
});

test.each(['web-1', 'orders-db', 'analytics-arm', 'old-reports'])(
  '%s comes back alike, field by field and volume by volume; its image is gone and its snapshots stay',
  async (name) => {
    const snapshots = (await snapshotsInAws(at, backup)).length;
    const recovery = await recover(name, { privateIp: null });
    expect(recovery).toMatchObject({ status: 'successful', reasons: [], kind: 'instance', progressPercent: 100 });
    const [image, instance, ...volumes] = recovery.objects.map(({ kind, state }) => `${kind} ${state}`);
    expect([image, instance, ...new Set(volumes)]).toEqual(['image removed', 'instance kept', 'volume kept']);
    const madeId = recovery.objects[1]?.awsId;
    const [original, made] = [await describe(resources[name]?.resourceId), await describe(madeId)];
    expect(made['State']).toMatchObject({ Name: 'running' });
    expect(alike(made)).toEqual(alike(original));
    expect(await disksOf(made)).toEqual(await disksOf(original));
    const tags = (made['Tags'] as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]);
    expect(tags).toEqual(
      expect.arrayContaining([
        ...(original['Tags'] as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
        ['cpm:recovery', recovery.id],
      ]),
    );
    expect(made['ImageId']).not.toBe(original['ImageId']);
    expect(await at.aws.things({ type: 'image', account: '111122223333' })).toEqual([]);
    expect(await snapshotsInAws(at, backup)).toHaveLength(snapshots);
  },
);

test('data volumes are mapped in the launch itself, and one call makes all of it', async () => {
  const before = (await at.aws.calls()).length;
  await recover('web-1', { privateIp: null });
  const actions = (await at.aws.calls()).slice(before).map(({ action }) => action);
  expect(actions.filter((action) => action === 'RunInstances')).toHaveLength(1);
  expect(actions).not.toContain('CreateVolume');
  expect(actions).not.toContain('AttachVolume');
});

test('an instance comes back changed as asked: type, count, group, larger data volume, and one volume left out', async () => {
  const { snapshots = [] } = resources['orders-db'] ?? {};
  const [data, log] = ['/dev/sdf', '/dev/sdg'].map(
    (device) => snapshots.find((each) => each.device === device)?.id ?? '',
  );
  const recovery = await recover('orders-db', {
    count: 2,
    instanceType: 'm5.2xlarge',
    privateIp: null,
    keyName: null,
    preserveTags: false,
    isTerminationProtected: false,
    shutdownBehavior: 'terminate',
    volumes: [
      { snapshotId: data ?? '', sizeGiB: 300, deviceName: '/dev/sdh', deleteOnTermination: true },
      { snapshotId: log ?? '', recover: false },
    ],
  });
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  const instances = recovery.objects.filter(({ kind }) => kind === 'instance');
  expect(instances).toHaveLength(2);
  for (const { awsId, state } of instances) {
    expect(state).toBe('kept');
    const made = await describe(awsId);
    expect(made['InstanceType']).toBe('m5.2xlarge');
    expect(made['KeyName']).toBeUndefined();
    expect(made['protection']).toMatchObject({ DisableApiTermination: { Value: false } });
    expect(made['shutdown']).toMatchObject({ InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
    expect(await disksOf(made)).toMatchObject({
      '/dev/sda1': { sizeGiB: 30 },
      '/dev/sdh': { sizeGiB: 300, deleteOnTermination: true },
    });
    expect(made.BlockDeviceMappings).toHaveLength(2);
  }
});

test('the address of an original that still runs is not fought over: the recovery warns and takes another', async () => {
  const started = await start('web-1');
  expect(started.warnings.join()).toContain('10.20.1.10 is in use');
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'successful' });
  expect((await describe(recovery.objects[1]?.awsId))['PrivateIpAddress']).not.toBe('10.20.1.10');
});

test('an image alone is made and kept where only that is asked for', async () => {
  const recovery = await recover('web-1', { imageHandling: 'create-only' });
  expect(recovery).toMatchObject({ status: 'successful', objects: [{ kind: 'image', state: 'kept' }] });
  const [image] = await at.aws.things({ type: 'image', account: '111122223333' });
  expect(image).toMatchObject({ id: recovery.objects[0]?.awsId, state: 'available' });
  await at.aws.act('us-east-1', 'DeregisterImage', { ImageId: image?.id });
});

test('a Windows instance is not registered as an image, with the reason, and its volumes can be recovered alone', async () => {
  const windows = resources['files-win'];
  expect(windows).toMatchObject({ state: 'recoverable', canRecoverInstance: true, cannotRecoverBecause: null });
  const problem = await refusal(start('files-win', { privateIp: null, imageHandling: 'create-only' }));
  expect(problem).toMatchObject({ status: 400, code: 'recovery_refused', fields: [{ path: 'imageHandling' }] });
  const recovery = await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
    params: { backupId: backup.id },
    body: { volumes: (windows?.snapshots ?? []).map(({ id }) => ({ snapshotId: id })) },
  });
  expect(await endOfRecovery(at, recovery)).toMatchObject({ status: 'successful' });
});

test('what cannot work is refused with every wrong field before anything is made', async () => {
  const things = (await at.aws.things()).length;
  const root = resources['web-1']?.snapshots.find(({ isRoot }) => isRoot)?.id ?? '';
  const data = resources['web-1']?.snapshots.find(({ isRoot }) => !isRoot)?.id ?? '';
  const fieldsOf = async (wish: Wish) =>
    ((await refusal(start('web-1', wish))).fields ?? []).map(({ path }) => path).toSorted((a, b) => a.localeCompare(b));
  // The original still runs and holds its address.
  expect(await fieldsOf({ privateIp: '10.20.1.10' })).toEqual(['privateIp']);
  expect(await fieldsOf({ privateIp: '10.99.0.1' })).toEqual(['privateIp']);
  expect(await fieldsOf({ privateIp: null, count: 0, instanceType: 'huge; rm -rf /', keyName: 'no-such-key' })).toEqual(
    ['count', 'instanceType', 'keyName'],
  );
  expect(await fieldsOf({ privateIp: null, subnetId: 'subnet-0123456789abcdef0' })).toContain('subnetId');
  expect(await fieldsOf({ privateIp: null, securityGroupIds: ['sg-0123456789abcdef0'] })).toEqual(['securityGroupIds']);
  expect(await fieldsOf({ privateIp: null, userDataBase64: 'no base64!' })).toEqual(['userDataBase64']);
  expect(await fieldsOf({ privateIp: null, volumes: [{ snapshotId: root, recover: false }] })).toHaveLength(1);
  expect(await fieldsOf({ privateIp: null, volumes: [{ snapshotId: data, sizeGiB: 49 }] })).toEqual([
    'volumes.0.sizeGiB',
  ]);
  expect(await fieldsOf({ privateIp: null, volumes: [{ snapshotId: data, deviceName: '/dev/xvda' }] })).toEqual([
    'volumes.0.deviceName',
  ]);
  expect(await fieldsOf({ privateIp: null, volumes: [{ snapshotId: backup.id }] })).toEqual(['volumes.0.snapshotId']);
  expect((await at.aws.things()).length).toBe(things);
});

test('an address is in use whatever holds it; without the permission to see that, by instances at least', async () => {
  const original = await describe(resources['web-1']?.resourceId);
  const held = { SubnetId: original['SubnetId'], PrivateIpAddress: '10.20.1.77' };
  await at.aws.act('us-east-1', 'CreateNetworkInterface', held);
  const canHave = async (privateIp: string) => {
    const params = { backupId: backup.id };
    const body = { resourceId: resources['web-1']?.id ?? '', privateIp };
    const plan = at.anna.call('POST /backups/:backupId/recovery-plans/instances', { params, body });
    return (await letAnswer(at, plan)).canStart;
  };
  expect([await canHave('10.20.1.77'), await canHave('10.20.1.78')]).toEqual([false, true]);
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeNetworkInterfaces' } });
  expect([await canHave('10.20.1.77'), await canHave('10.20.1.10')]).toEqual([true, false]);
  await allow();
});

test.each([
  ['RegisterImage', ['image failed', 'instance failed']],
  ['RunInstances', ['image removed', 'instance failed']],
  ['ModifyNetworkInterfaceAttribute', ['image removed', 'instance kept']],
  ['DeregisterImage', ['image kept', 'instance kept']],
])('where AWS denies %s the recovery says what was made and what is left', async (action, objects) => {
  const allow = await at.aws.fault({ kind: 'deny', match: { action } });
  const recovery = await recover(FORWARDING, { privateIp: null });
  await allow();
  expect(recovery.status).toBe(objects.includes('instance kept') ? 'partial' : 'failed');
  expect(recovery.reasons.join()).toContain(`ec2:${action}`);
  const made = recovery.objects.filter(({ kind }) => kind !== 'volume');
  expect(made.map(({ kind, state }) => `${kind} ${state}`)).toEqual(objects);
  const left = (await at.aws.things({ type: 'image', account: '111122223333' })).map(({ id }) => id);
  expect(left).toEqual(action === 'DeregisterImage' ? [recovery.objects[0]?.awsId] : []);
  for (const ImageId of left) await at.aws.act('us-east-1', 'DeregisterImage', { ImageId });
});

test('a launch whose answer was lost and whose instance somebody terminates fails with that, and lists the volumes that stay', async () => {
  const launches = { match: { action: 'RunInstances' } };
  const lost = await at.aws.watchedFault(
    { kind: 'execute-then-drop', ...launches, nth: 1 },
    ...[2, 3, 4, 5, 6, 7, 8].map((nth) => ({ kind: 'error', ...launches, nth, status: 503, code: 'Unavailable' })),
  );
  const started = await start('web-1', { privateIp: null });
  const made = await at.runUntil('it is launched', async () =>
    (await at.aws.things({ type: 'instance' })).find(({ tags }) => tags['cpm:recovery'] === started.id),
  );
  await at.aws.act(made.region, 'TerminateInstances', { InstanceIds: [made.id] });
  await at.clock.advance(120_000);
  await lost.clear();
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'failed', reasons: [expect.stringContaining('terminated them since')] });
  const [stays] = (await at.aws.things({ type: 'volume' })).filter(({ tags }) => tags['cpm:recovery'] === started.id);
  expect(recovery.objects.map(({ kind, state, awsId }) => [kind, state, awsId])).toEqual([
    ['image', 'removed', expect.stringMatching(/^ami-/)],
    ['instance', 'failed', null],
    ['volume', 'kept', stays?.id],
  ]);
});

test('AWS does not say how a launched instance gets on for an hour: the recovery waits, says so, and ends well', async () => {
  const started = await start('web-1', { privateIp: null });
  await at.runUntil('it is launched', async () =>
    (await at.aws.things({ type: 'instance' })).some(({ tags }) => tags['cpm:recovery'] === started.id),
  );
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeInstances' } });
  await letPass(at, 3600_000);
  const params = { recoveryId: started.id };
  expect(await at.anna.call('GET /recoveries/:recoveryId', { params })).toMatchObject({ status: 'in-progress' });
  const { items } = await at.anna.call('GET /recoveries/:recoveryId/log', { params });
  expect(items.map(({ text }) => text).join('\n')).toMatch(/asked again every five minutes: .*ec2:DescribeInstances/);
  await allow();
  expect(await endOfRecovery(at, started)).toMatchObject({ status: 'successful', reasons: [] });
});

test('an image that AWS does not know yet when it is to go is not called gone: it is taken away once it shows', async () => {
  await at.aws.change({ consistencyMs: 60_000 });
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'RunInstances' } });
  const recovery = await recover('web-1', { privateIp: null });
  await allow();
  await at.aws.change({ consistencyMs: 0 });
  expect(recovery.status).toBe('failed');
  expect(recovery.objects.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['image removed', 'instance failed']);
  expect(await at.aws.things({ type: 'image', account: '111122223333' })).toEqual([]);
});
