import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackedUpResource, Backup, InstancesRecoveryInput, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInstance } from './support/described-instance.ts';
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

const NAMES = ['web-1', 'web-2', 'orders-db', 'old-reports'];
let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cpm-several-'));
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const things = await Promise.all(NAMES.map((name) => named(at, name)));
  backup = await runBackup(
    at,
    await addPolicy(at.anna, { account, name: 'servers', targets: things.map((thing) => targetOf(thing)) }),
  );
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(async () => {
  await at.stop();
  await rm(directory, { recursive: true, force: true });
});

type Wish = Omit<InstancesRecoveryInput['instances'][number], 'resourceId'>;
const recover = (wishes: readonly (readonly [name: string, wish: Wish])[]) =>
  at.anna.call('POST /backups/:backupId/recoveries/several-instances', {
    params: { backupId: backup.id },
    body: { instances: wishes.map(([name, wish]) => ({ resourceId: resources[name]?.id ?? '', ...wish })) },
  });
const made = ({ objects }: Recovery) => objects.filter(({ kind, state }) => kind === 'instance' && state === 'kept');

test('several come back in one go, each as a recovery of its own, told together', async () => {
  await at.aws.forgetCalls();
  const { items } = await recover([
    ['web-1', { privateIp: null }],
    ['web-2', { privateIp: null, count: 2 }],
    ['orders-db', { privateIp: null, instanceType: 'm5.large' }],
  ]);
  const calls = (await at.aws.calls()).map(({ action }) => action);
  // The region is read once for all of them.
  for (const action of ['DescribeSubnets', 'DescribeKeyPairs', 'DescribePlacementGroups'])
    expect(calls.filter((each) => each === action)).toHaveLength(1);
  const ended = await Promise.all(items.map((each) => endOfRecovery(at, each)));
  expect(ended.map(({ status }) => status)).toEqual(['successful', 'successful', 'successful']);
  expect(ended.map((each) => made(each).length)).toEqual([1, 2, 1]);
  expect((await describeInstance(at.aws, made(ended[2] as Recovery)[0]?.awsId))['InstanceType']).toBe('m5.large');
  const groups = new Set(ended.map(({ groupId }) => groupId));
  expect(groups.size).toBe(1);
  const [groupId = null] = groups;
  const { items: listed } = await at.anna.call('GET /recoveries', { query: { groupId: groupId ?? '' } });
  expect(listed.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted());
});

test('all are checked first: one wrong field of one, and nothing of any is made', async () => {
  const things = (await at.aws.things()).length;
  const problem = await refusal(
    recover([
      ['web-1', { privateIp: null }],
      ['web-2', { privateIp: null, keyName: 'gone' }],
      ['orders-db', { privateIp: null, count: 0, instanceType: 'm99.huge' }],
    ]),
  );
  expect(problem.code).toBe('recovery_refused');
  expect((problem.fields ?? []).map(({ path }) => path).toSorted()).toEqual([
    'instances.1.keyName',
    'instances.2.count',
    'instances.2.instanceType',
  ]);
  expect((await at.aws.things()).length).toBe(things);
  expect(at.log()).not.toContain('instances.1.keyName');
});

test('two that want one address are refused, the later one by name', async () => {
  const web = resources['web-1'];
  const subnetId = (await at.aws.things({ id: web?.resourceId ?? '' }))[0] as unknown as { subnetId: string };
  const wish = { subnetId: subnetId.subnetId, privateIp: '10.20.1.77' };
  const problem = await refusal(
    recover([
      ['web-1', wish],
      ['web-2', wish],
    ]),
  );
  expect(problem.fields).toEqual([
    { path: 'instances.1.privateIp', message: expect.stringContaining('instances.0 takes 10.20.1.77 too') },
  ]);
});

test('the addresses of a subnet are counted for all together', async () => {
  const vpcs = await at.aws.act('us-east-1', 'DescribeVpcs', {
    Filters: [{ Name: 'tag:Name', Values: ['acme-main'] }],
  });
  const narrow = await at.aws.act('us-east-1', 'CreateSubnet', {
    VpcId: vpcs['Vpcs']?.[0]?.['VpcId'],
    CidrBlock: '10.20.9.0/28',
    AvailabilityZone: 'us-east-1a',
  });
  const subnetId = String(narrow['Subnet']?.['SubnetId']);
  const few = { subnetId, privateIp: null, count: 6 };
  const problem = await refusal(
    recover([
      ['web-1', few],
      ['web-2', few],
    ]),
  );
  expect(problem.fields?.map(({ path }) => path)).toEqual(['instances.0.subnetId', 'instances.1.subnetId']);
  expect(problem.fields?.[0]?.message).toContain('11 free addresses, and 12 are needed together');
});

test('where one fails the others come back all the same', async () => {
  const clear = await at.aws.fault({ kind: 'deny', match: { action: 'RegisterImage' }, count: 1 });
  const { items } = await recover([
    ['web-1', { privateIp: null }],
    ['web-2', { privateIp: null }],
  ]);
  const ended = await Promise.all(items.map((each) => endOfRecovery(at, each)));
  await clear();
  expect(ended.map(({ status }) => status).toSorted()).toEqual(['failed', 'successful']);
});
