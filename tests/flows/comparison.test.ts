import type { BackedUpResource, Backup, InstanceRecoveryInput, RecoveryComparison } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
const NAMES = ['web-1', 'orders-db', 'analytics-arm', 'shared-assets'];
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const things = await Promise.all(NAMES.map((name) => named(at, name)));
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(() => at.stop());

const start = (name: string, wish: Omit<InstanceRecoveryInput, 'resourceId'> = {}) =>
  at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: { resourceId: resources[name]?.id ?? '', privateIp: null, ...wish },
  });
const recover = async (name: string, wish: Omit<InstanceRecoveryInput, 'resourceId'> = {}) =>
  endOfRecovery(at, await start(name, wish));
const compare = ({ id }: { readonly id: string }): Promise<RecoveryComparison> =>
  at.anna.call('GET /recoveries/:recoveryId/comparison', { params: { recoveryId: id } });
type Fields = RecoveryComparison['items'][number]['fields'];
const fieldsOf = ({ items: [item] }: RecoveryComparison): Fields => item?.fields ?? [];
const verdictsBut = (fields: Fields, verdict: string) =>
  fields.filter((each) => each.verdict !== verdict).map((each) => [each.field, each.verdict]);
const field = (fields: Fields, name: string) => fields.find((each) => each.field === name);

test.each(['web-1', 'orders-db', 'analytics-arm'])(
  '%s is the same everywhere but for its address, which was left to AWS',
  async (name) => {
    const comparison = await compare(await recover(name));
    expect(comparison.items).toHaveLength(1);
    expect(comparison.items[0]).toMatchObject({ kind: 'instance', original: resources[name]?.resourceId });
    const fields = fieldsOf(comparison);
    expect(verdictsBut(fields, 'same')).toEqual([['private address', 'as-asked']]);
    expect(fields.length).toBeGreaterThan(40);
  },
);

test('what was asked for is as-asked, on the instance and on its volumes', async () => {
  const data = resources['web-1']?.snapshots.find(({ isRoot }) => !isRoot)?.id ?? '';
  const recovery = await recover('web-1', {
    instanceType: 't3.large',
    keyName: null,
    userDataBase64: null,
    preserveTags: false,
    volumes: [{ snapshotId: data, sizeGiB: 60, deviceName: '/dev/sdh' }],
  });
  const asked = fieldsOf(await compare(recovery)).filter(({ verdict }) => verdict !== 'same');
  expect(asked.map(({ verdict }) => verdict)).toEqual(asked.map(() => 'as-asked'));
  expect(asked.map((each) => each.field)).toEqual(
    expect.arrayContaining(['type', 'key', 'user data', 'tags', 'volume /dev/sdf: size in GiB']),
  );
  expect(field(asked, 'type')).toMatchObject({ original: 't3.medium', recovered: 't3.large' });
  expect(field(asked, 'volume /dev/sdf: device')).toMatchObject({ original: '/dev/sdf', recovered: '/dev/sdh' });
});

test('user data are compared and never shown', async () => {
  const recovery = await recover('web-1');
  const [, instance] = recovery.objects;
  expect(field(fieldsOf(await compare(recovery)), 'user data')).toMatchObject({
    original: 'set',
    recovered: 'the same',
  });
  const InstanceId = instance?.awsId ?? '';
  await at.aws.act('us-east-1', 'StopInstances', { InstanceIds: [InstanceId] });
  await at.clock.advance(60_000);
  const Value = Buffer.from('#!/bin/sh\nsomething else\n');
  await at.aws.act('us-east-1', 'ModifyInstanceAttribute', { InstanceId, UserData: { Value } });
  const comparison = await compare(recovery);
  expect(field(fieldsOf(comparison), 'user data')).toMatchObject({ recovered: 'another', verdict: 'different' });
  expect(JSON.stringify(comparison)).not.toContain(Value.toString('base64'));
});

test('what somebody changed afterwards is different, and the command line ends with 1', async () => {
  const recovery = await recover('web-1', { instanceType: 't3.large' });
  const InstanceId = recovery.objects[1]?.awsId ?? '';
  await at.aws.act('us-east-1', 'StopInstances', { InstanceIds: [InstanceId] });
  await at.clock.advance(60_000);
  await at.aws.act('us-east-1', 'ModifyInstanceAttribute', { InstanceId, InstanceType: { Value: 't3.xlarge' } });
  await at.aws.act('us-east-1', 'CreateTags', { Resources: [InstanceId], Tags: [{ Key: 'Stage', Value: 'test' }] });
  const fields = fieldsOf(await compare(recovery));
  expect(fields.filter(({ verdict }) => verdict === 'different').map((each) => each.field)).toEqual(['type', 'tags']);
  expect(field(fields, 'type')).toMatchObject({ original: 't3.medium', recovered: 't3.xlarge' });
});

test('a volume by itself is compared with the one that it is of', async () => {
  const [snapshot] = resources['shared-assets']?.snapshots ?? [];
  const recoverVolume = async (wish: object) =>
    endOfRecovery(
      at,
      await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
        params: { backupId: backup.id },
        body: { volumes: [{ snapshotId: snapshot?.id ?? '', ...wish }] },
      }),
    );
  const same = await compare(await recoverVolume({}));
  expect(same.items[0]).toMatchObject({ kind: 'volume', original: snapshot?.sourceId });
  expect(verdictsBut(fieldsOf(same), 'same')).toEqual([]);
  const larger = await recoverVolume({ sizeGiB: 80, zone: 'us-east-1a' });
  expect(verdictsBut(fieldsOf(await compare(larger)), 'same')).toEqual([
    ['size in GiB', 'as-asked'],
    ['zone', 'as-asked'],
  ]);
  await at.aws.act('us-east-1', 'DeleteVolume', { VolumeId: larger.objects[0]?.awsId });
  await at.clock.advance(60_000);
  expect(await compare(larger)).toEqual({ items: [] });
});

test('a recovery that runs still is not compared', async () => {
  const started = await start('web-1');
  expect(await refusal(compare(started))).toMatchObject({ code: 'conflict_still_running' });
  await endOfRecovery(at, started);
});
