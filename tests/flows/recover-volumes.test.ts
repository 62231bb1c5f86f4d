import type { Backup, Snapshot, VolumeRecoveryInput } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  endOfRetention,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let backup: Backup;
let snapshots: Record<'assets' | 'data' | 'exports', Snapshot>;
let web1: Thing;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  web1 = await named(at, 'web-1');
  const [db, assets, exports] = [
    await named(at, 'orders-db'),
    await named(at, 'shared-assets'),
    await named(at, 'eu-exports'),
  ];
  const policy = await addPolicy(at.anna, { account, targets: [db, assets, exports].map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  const all = (await resourcesOf(at, backup)).flatMap((resource) => resource.snapshots);
  const find = (is: (snapshot: Snapshot) => boolean): Snapshot => {
    const found = all.find(is);
    if (found === undefined) throw new Error('a snapshot is missing');
    return found;
  };
  snapshots = {
    assets: find(({ sourceId }) => sourceId === assets.id),
    data: find(({ resourceId, device }) => resourceId === db.id && device === '/dev/sdf'),
    exports: find(({ sourceId }) => sourceId === exports.id),
  };
});
afterAll(() => at.stop());

type Choice = VolumeRecoveryInput['volumes'][number];
const recover = (...volumes: Choice[]) =>
  at.anna.call('POST /backups/:backupId/recoveries/volumes', { params: { backupId: backup.id }, body: { volumes } });
const madeBy = async (recovery: { readonly id: string }) =>
  (await at.aws.things({ type: 'volume' })).filter(({ tags }) => tags['cpm:recovery'] === recovery.id);
/** The refused fields, and that nothing was made. */
async function fieldsOf(...volumes: Choice[]): Promise<Record<string, string>> {
  const [things, records] = [(await at.aws.things()).length, (await at.anna.call('GET /recoveries', {})).items.length];
  const problem = await refusal(recover(...volumes));
  expect(problem).toMatchObject({ status: 400, code: 'recovery_refused' });
  expect((await at.aws.things()).length).toBe(things);
  expect((await at.anna.call('GET /recoveries', {})).items.length).toBe(records);
  return Object.fromEntries((problem.fields ?? []).map(({ path, message }) => [path, message]));
}

test('a volume comes back as it was, with its tags, in its zone, attached to nothing', async () => {
  const recovery = await endOfRecovery(at, await recover({ snapshotId: snapshots.data.id }));
  expect(recovery).toMatchObject({
    status: 'successful',
    statusText: 'Recovery Successful',
    progressPercent: 100,
    step: '',
    region: 'us-east-1',
    kind: 'volumes',
  });
  const [volume, ...others] = await madeBy(recovery);
  expect(others).toEqual([]);
  expect(volume).toMatchObject({
    state: 'available',
    snapshotId: snapshots.data.awsSnapshotId,
    sizeGiB: 200,
    type: 'volume',
    zone: 'us-east-1b',
    encrypted: true,
    iops: 6000,
    attachments: [],
    tags: { Name: 'orders-db data', 'cpm:installation': at.server().context.installationId },
  });
  expect(recovery.objects).toMatchObject([{ kind: 'volume', awsId: volume?.id, state: 'kept', region: 'us-east-1' }]);
  const { items, ended } = await at.anna.call('GET /recoveries/:recoveryId/log', {
    params: { recoveryId: recovery.id },
  });
  expect(ended).toBe(true);
  expect(items.map(({ text }) => text).join('\n')).toContain(String(volume?.id));
});

test('a volume comes back larger, of another type and zone, and is attached to the free device that was named', async () => {
  const choice = {
    snapshotId: snapshots.assets.id,
    zone: web1.zone ?? '',
    sizeGiB: 60,
    volumeType: 'io2' as const,
    iops: 3000,
    preserveTags: false,
    attachTo: web1.id,
    deviceName: '/dev/sdk',
  };
  const recovery = await endOfRecovery(at, await recover(choice));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  const [volume] = await madeBy(recovery);
  expect(volume).toMatchObject({
    state: 'in-use',
    zone: web1.zone,
    sizeGiB: 60,
    iops: 3000,
    attachments: [{ instanceId: web1.id, device: '/dev/sdk' }],
  });
  expect(volume?.tags).not.toHaveProperty('Name');
});

test('without a device a free one is chosen', async () => {
  const recovery = await endOfRecovery(
    at,
    await recover({ snapshotId: snapshots.assets.id, zone: web1.zone, attachTo: web1.id }),
  );
  expect(recovery).toMatchObject({ status: 'successful' });
  const [volume] = await madeBy(recovery);
  expect(volume?.attachments).toMatchObject([{ instanceId: web1.id }]);
});

test('what cannot work is refused before anything is made, each field with its reason', async () => {
  const { assets, data, exports } = snapshots;
  expect(await fieldsOf({ snapshotId: assets.id, zone: web1.zone, attachTo: web1.id, deviceName: '/dev/sdf' })).toEqual(
    {
      'volumes.0.deviceName': expect.stringMatching(/taken|in use|busy/),
    },
  );
  expect(await fieldsOf({ snapshotId: data.id, sizeGiB: 199 })).toEqual({
    'volumes.0.sizeGiB': expect.stringContaining('200'),
  });
  expect(await fieldsOf({ snapshotId: assets.id, zone: 'us-east-1z' })).toHaveProperty(['volumes.0.zone']);
  expect(await fieldsOf({ snapshotId: assets.id, zone: 'eu-west-1a' })).toHaveProperty(['volumes.0.zone']);
  // web-1 stands in us-east-1a, the volume in us-east-1b.
  expect(Object.keys(await fieldsOf({ snapshotId: assets.id, zone: 'us-east-1b', attachTo: web1.id }))).toHaveLength(1);
  expect(await fieldsOf({ snapshotId: assets.id, attachTo: 'i-0123456789abcdef0' })).toHaveProperty([
    'volumes.0.attachTo',
  ]);
  expect(await fieldsOf({ snapshotId: assets.id, volumeType: 'gp3', iops: 100_000 })).toHaveProperty([
    'volumes.0.iops',
  ]);
  expect(await fieldsOf({ snapshotId: assets.id }, { snapshotId: exports.id })).toEqual({
    'volumes.1.snapshotId': expect.stringContaining('another region'),
  });
  expect(await fieldsOf({ snapshotId: backup.id })).toEqual({
    'volumes.0.snapshotId': 'is no snapshot of this backup',
  });
  expect(
    Object.keys(
      await fieldsOf(
        { snapshotId: assets.id, sizeGiB: 1.5, zone: 'nowhere' },
        { snapshotId: data.id, sizeGiB: 150, attachTo: web1.id, zone: web1.zone, deviceName: '../../etc' },
      ),
    ).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['volumes.0.sizeGiB', 'volumes.0.zone', 'volumes.1.deviceName', 'volumes.1.sizeGiB']);
});

test('two volumes for the same device of one instance are refused', async () => {
  const choice = { zone: web1.zone, attachTo: web1.id, deviceName: '/dev/sdm' };
  const { assets, data } = snapshots;
  expect(Object.keys(await fieldsOf({ ...choice, snapshotId: assets.id }, { ...choice, snapshotId: data.id }))).toEqual(
    ['volumes.1.deviceName'],
  );
});

test('where AWS refuses one of two volumes the recovery is partial and says what was made and what was not', async () => {
  const allow = await at.aws.fault({
    kind: 'deny',
    match: { action: 'CreateVolume', resource: snapshots.data.awsSnapshotId ?? '' },
  });
  const recovery = await endOfRecovery(
    at,
    await recover({ snapshotId: snapshots.assets.id }, { snapshotId: snapshots.data.id }),
  );
  await allow();
  expect(recovery).toMatchObject({ status: 'partial', statusText: 'Recovery Partially Successful' });
  expect(recovery.reasons).toHaveLength(1);
  expect(recovery.reasons[0]).toContain('ec2:CreateVolume');
  const made = await madeBy(recovery);
  expect(made).toHaveLength(1);
  expect(recovery.objects).toMatchObject([
    { kind: 'volume', awsId: made[0]?.id, state: 'kept' },
    { kind: 'volume', awsId: null, state: 'failed' },
  ]);
});

test('a device that is taken between plan and attachment leaves the new volume, and the recovery says so', async () => {
  const { VolumeId } = await at.aws.act('us-east-1', 'CreateVolume', { AvailabilityZone: web1.zone, Size: 1 });
  await at.clock.advance(10_000);
  const choice = { snapshotId: snapshots.assets.id, zone: web1.zone, attachTo: web1.id, deviceName: '/dev/sdp' };
  const started = await recover(choice);
  // The clock stands: the new volume is not ready to be attached yet.
  await at.aws.act('us-east-1', 'AttachVolume', { VolumeId, InstanceId: web1.id, Device: '/dev/sdp' });
  const recovery = await endOfRecovery(at, started);
  expect(recovery.status).toBe('partial');
  expect(recovery.reasons.join()).toContain(`not attached to ${web1.id} at /dev/sdp`);
  const [volume] = await madeBy(recovery);
  expect(volume).toMatchObject({ state: 'available', attachments: [] });
  expect(recovery.objects).toMatchObject([{ kind: 'volume', awsId: volume?.id, state: 'kept' }]);
});

test('a snapshot that somebody deleted outside CPM is refused with its id', async () => {
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(await named(at, 'archive'))] });
  const lost = await runBackup(at, policy);
  const [snapshot] = (await resourcesOf(at, lost)).flatMap((resource) => resource.snapshots);
  await at.aws.act('us-east-1', 'DeleteSnapshot', { SnapshotId: snapshot?.awsSnapshotId });
  const problem = await refusal(
    at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: lost.id },
      body: { volumes: [{ snapshotId: snapshot?.id ?? '' }] },
    }),
  );
  expect(problem).toMatchObject({
    code: 'recovery_refused',
    fields: [
      { path: 'volumes.0.snapshotId', message: `AWS does not show the snapshot ${snapshot?.awsSnapshotId} any more` },
    ],
  });
});

test('a backup whose snapshots are deleted by retention is nothing to recover from', async () => {
  const policy = await addPolicy(at.anna, {
    account,
    generations: 1,
    targets: [targetOf(await named(at, 'shared-assets'))],
  });
  const first = await runBackup(at, policy);
  const [snapshot] = (await resourcesOf(at, first)).flatMap((resource) => resource.snapshots);
  await at.clock.advance(60_000);
  await runBackup(at, policy);
  await endOfRetention(at, policy);
  const problem = await refusal(
    at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: first.id },
      body: { volumes: [{ snapshotId: snapshot?.id ?? '' }] },
    }),
  );
  expect(problem).toMatchObject({ status: 409, code: 'conflict_not_recoverable' });
});
