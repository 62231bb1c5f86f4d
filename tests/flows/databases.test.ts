import type { NewTarget } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault, Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRetention,
  letPass,
  logOf,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const region = 'us-east-1';
const BILLING: NewTarget = { kind: 'database', region, resourceId: 'acme-billing' };
const CRM: NewTarget = { kind: 'database', region, resourceId: 'acme-crm' };
const SHOP: NewTarget = { kind: 'database-cluster', region, resourceId: 'acme-shop' };
const WAREHOUSE: NewTarget = { kind: 'redshift-cluster', region, resourceId: 'acme-warehouse' };
const KINDS = ['db-snapshot', 'db-cluster-snapshot', 'redshift-snapshot'];

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});
const withFault = async (...faults: Fault[]) => void undo.push(await at.aws.fault(...faults));

/** CPM's snapshots of databases and clusters in AWS, of one backup or policy. */
async function snapshotsOf(tag: 'cpm:backup' | 'cpm:policy', { id }: { readonly id: string }): Promise<Thing[]> {
  const all = await Promise.all(KINDS.map((type) => at.aws.things({ type })));
  return all.flat().filter(({ tags }) => tags[tag] === id);
}

const policyOf = (...targets: NewTarget[]) => addPolicy(at.anna, { account, targets, retries: 0 });

test('an instance, a database, a Multi-AZ one, an Aurora cluster and a Redshift cluster are backed up by one policy', async () => {
  const web1 = await named(at, 'web-1');
  const policy = await policyOf(targetOf(web1), BILLING, CRM, SHOP, WAREHOUSE);
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'successful', isGeneration: true, reasons: [], recoverable: true });
  const made = await snapshotsOf('cpm:backup', backup);
  expect(made.map(({ type }) => type).toSorted()).toEqual([
    'db-cluster-snapshot',
    'db-snapshot',
    'db-snapshot',
    'redshift-snapshot',
  ]);
  for (const { name, id, tags } of made) {
    expect(name ?? id).toMatch(/^cpm-policy-\d+-[0-9a-f-]{36}$/);
    expect(tags).toMatchObject({ 'cpm:policy': policy.id, 'cpm:backup': backup.id });
  }
  const resources = await resourcesOf(at, backup);
  const databases = resources.filter(({ kind }) => kind !== 'instance');
  expect(databases.map(({ kind, resourceId, state }) => `${kind} ${resourceId} ${state}`).toSorted()).toEqual([
    'database acme-billing recoverable',
    'database acme-crm recoverable',
    'database-cluster acme-shop recoverable',
    'redshift-cluster acme-warehouse recoverable',
  ]);
});

test('what a restore needs is on record with the backup, and nothing stands in its way', async () => {
  const backup = await runBackup(at, await policyOf(CRM, SHOP, WAREHOUSE));
  const byId = new Map((await resourcesOf(at, backup)).map((resource) => [resource.resourceId, resource]));
  expect(byId.get('acme-crm')).toMatchObject({
    resourceName: 'crm',
    canRecoverInstance: false,
    configuration: null,
    database: {
      engine: 'mysql',
      instanceClass: 'db.m6g.large',
      storageType: 'io1',
      iops: 3000,
      sizeGiB: 100,
      isMultiAz: true,
      isEncrypted: true,
      subnetGroup: 'acme-databases',
      hasDeletionProtection: true,
      copiesTagsToSnapshots: true,
      settings: { backupRetentionDays: 7 },
    },
  });
  expect(byId.get('acme-crm')?.cannotRecoverBecause).toBeNull();
  expect(byId.get('acme-shop')?.database).toMatchObject({
    engine: 'aurora-postgresql',
    databaseName: 'shop',
    members: [
      { identifier: 'acme-shop-1', instanceClass: 'db.r6g.large', isWriter: true },
      { identifier: 'acme-shop-2', instanceClass: 'db.r6g.large', isWriter: false },
    ],
  });
  expect(byId.get('acme-warehouse')?.database).toMatchObject({ instanceClass: 'ra3.xlplus', nodeCount: 2 });
  const [snapshot] = byId.get('acme-crm')?.snapshots ?? [];
  const refused = await refusal(
    at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: { volumes: [{ snapshotId: snapshot?.id ?? '', zone: `${region}a` }] },
    }),
  );
  expect(refused.fields).toMatchObject([{ path: 'volumes.0.snapshotId' }]);
});

test('pickers show databases with engine, class, size, state and cluster; a member of a cluster says why it is no target', async () => {
  const list = (kind: NewTarget['kind']) =>
    at.anna.call('GET /accounts/:accountId/regions/:region/resources', {
      params: { accountId: account.id, region },
      query: { kind },
    });
  const databases = (await list('database')).items;
  expect(databases.find(({ id }) => id === 'acme-crm')).toMatchObject({
    name: 'crm',
    type: 'db.m6g.large',
    sizeGiB: 100,
    state: 'available',
    database: { engine: 'mysql', isMultiAz: true, clusterId: null },
    cannotBeTarget: null,
  });
  const member = databases.find(({ id }) => id === 'acme-shop-1');
  expect(member).toMatchObject({ database: { clusterId: 'acme-shop' } });
  expect(member?.cannotBeTarget).toContain('It is a member of the cluster acme-shop');
  expect((await list('database-cluster')).items).toMatchObject([
    { id: 'acme-shop', database: { members: [{ id: 'acme-shop-1', isWriter: true }, { id: 'acme-shop-2' }] } },
  ]);
  expect((await list('redshift-cluster')).items).toMatchObject([{ id: 'acme-warehouse', type: 'ra3.xlplus × 2' }]);
});

test.each<[string, NewTarget[], string, string]>([
  ['is not there', [{ ...BILLING, resourceId: 'acme-none' }], 'targets.0.resourceId', 'there is no database acme-none'],
  ['is a member of a cluster', [{ ...BILLING, resourceId: 'acme-shop-2' }], 'targets.0.resourceId', 'add that instead'],
  [
    'is named as the wrong kind',
    [{ ...SHOP, resourceId: 'acme-crm' }],
    'targets.0.resourceId',
    'there is no database cluster',
  ],
  ['has an impossible name', [{ ...BILLING, resourceId: 'a--b' }], 'targets.0.resourceId', 'is no identifier'],
  ['is named twice, in other letters', [BILLING, { ...BILLING, resourceId: 'ACME-Billing' }], 'targets.1', 'already'],
])('a database that %s is refused by its field, and nothing is added', async (_, targets, path, words) => {
  const policy = await policyOf();
  const refused = await refusal(
    at.anna.call('POST /policies/:policyId/targets', { params: { policyId: policy.id }, body: { targets } }),
  );
  expect(refused.fields?.map((field) => field.path)).toEqual([path]);
  expect(refused.fields?.[0]?.message).toContain(words);
  const { items } = await at.anna.call('GET /policies/:policyId/targets', { params: { policyId: policy.id } });
  expect(items).toEqual([]);
});

test.each([
  ['CreateDBSnapshot', BILLING],
  ['CreateDBClusterSnapshot', SHOP],
  ['CreateClusterSnapshot', WAREHOUSE],
])(
  'the answer to %s is lost, more often than it is repeated: one snapshot is there, found by its name',
  async (action, target) => {
    const policy = await policyOf(target);
    await withFault({ kind: 'execute-then-drop', match: { action }, count: 9 });
    const backup = await runBackup(at, policy);
    expect(backup).toMatchObject({ status: 'successful', isGeneration: true });
    expect(await snapshotsOf('cpm:policy', policy)).toHaveLength(1);
    const log = await logOf(at, backup);
    expect(log.some((text) => text.includes('the answer of AWS was lost'))).toBe(true);
  },
);

test('the answer is lost and AWS hides what is fresh: the call is sent again under the same name, and one snapshot is there', async () => {
  const policy = await policyOf(BILLING);
  await withFault(
    { kind: 'execute-then-drop', match: { action: 'CreateDBSnapshot' }, count: 9 },
    { kind: 'stale-read', match: { action: 'DescribeDBSnapshots' }, staleMs: 600_000, count: 2 },
  );
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'successful', isGeneration: true });
  expect(await snapshotsOf('cpm:policy', policy)).toHaveLength(1);
  const calls = (await at.aws.calls({ action: 'CreateDBSnapshot' })).slice(-4);
  expect(calls.some(({ code }) => code === 'DBSnapshotAlreadyExists')).toBe(true);
});

test('a connection that breaks before AWS did anything makes one snapshot all the same', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE);
  await withFault({ kind: 'reset-before', match: { action: 'Create*Snapshot' }, count: 2 });
  expect(await runBackup(at, policy)).toMatchObject({ status: 'successful' });
  expect(await snapshotsOf('cpm:policy', policy)).toHaveLength(2);
});

test('a snapshot that AWS ends as failed fails its part; the other databases are a partial backup', async () => {
  const policy = await policyOf(BILLING, CRM);
  await withFault({ kind: 'error-state', match: { action: 'CreateDBSnapshot', resource: 'acme-crm' } });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial', isGeneration: false });
  expect(backup.reasons).toMatchObject([
    expect.stringContaining('snapshot of acme-crm failed: AWS ended it as failed'),
  ]);
});

test('a database that AWS is backing up itself is waited for, and then backed up', async () => {
  const policy = await policyOf(BILLING);
  await at.aws.change({ timing: { databaseSnapshotBaseMs: 240_000 } });
  undo.push(() => at.aws.change({ timing: { databaseSnapshotBaseMs: 10_000 } }));
  const theirs = { DBInstanceIdentifier: 'acme-billing', DBSnapshotIdentifier: 'by-hand' };
  await at.aws.act(region, 'CreateDBSnapshot', theirs, 'rds');
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'successful' });
  const log = await logOf(at, backup);
  expect(log).toContain('acme-billing is backing-up: its snapshot starts when it is available');
  expect(log.filter((text) => text.includes('tried again every 30 s'))).toHaveLength(1);
  await at.aws.act(region, 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'by-hand' }, 'rds');
});

test('a database that stays stopped fails its part after the start window, with its state, and stays a target', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE);
  await at.aws.act(region, 'StopDBInstance', { DBInstanceIdentifier: 'acme-billing' }, 'rds');
  undo.push(async () => {
    await at.aws.act(region, 'StartDBInstance', { DBInstanceIdentifier: 'acme-billing' }, 'rds');
    await letPass(at, 60_000);
  });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons).toMatchObject([
    expect.stringMatching(/snapshot of acme-billing failed: it was not available within 15 minutes: it is stopped\./),
  ]);
  expect(await snapshotsOf('cpm:policy', policy)).toMatchObject([{ type: 'redshift-snapshot' }]);
});

test('a full quota is an error that names the quota and its figures, in the log and in the outcome', async () => {
  const policy = await policyOf(BILLING, SHOP);
  const used = (await at.aws.things({ type: 'db-snapshot', region })).length;
  await at.aws.change({ limits: { quotas: true, manualDatabaseSnapshots: 1 } });
  undo.push(() => at.aws.change({ limits: { quotas: false, manualDatabaseSnapshots: 100 } }));
  expect(used).toBeGreaterThan(0);
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons.join()).toMatch(
    /The quota of manual snapshots of databases in us-east-1 is used up \(\d+ of 1\).*SnapshotQuotaExceeded/,
  );
});

test('a denied action is named, with what to allow, and the rest of the backup goes on', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE);
  await withFault({ kind: 'deny', match: { service: 'rds', action: 'CreateDBSnapshot' } });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons.join()).toContain('rds:CreateDBSnapshot');
  expect(await snapshotsOf('cpm:policy', policy)).toMatchObject([{ type: 'redshift-snapshot' }]);
});

test('RDS that does not tell what is there fails its own targets, not the instances and Redshift clusters of the region', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE, targetOf(await named(at, 'web-2')));
  await withFault({ kind: 'deny', match: { service: 'rds', action: 'DescribeDBInstances' } });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial', snapshotCount: 3 });
  expect(backup.reasons.join()).toContain('rds:DescribeDBInstances');
});

test('a policy warns when its generations do not fit into the quota, and no more when they do', async () => {
  const targets = [BILLING, CRM, WAREHOUSE];
  const policy = await addPolicy(at.ben, { account: await addAccount(at.ben), targets, generations: 60 });
  const params = { policyId: policy.id };
  const { warnings } = await at.ben.call('GET /policies/:policyId', { params });
  expect(warnings.filter((text) => text.includes('manual snapshots'))).toMatchObject([
    expect.stringMatching(
      /^60 generations × 2 databases = 120 snapshots, 122 while the next is made; the quota of us-east-1 is 100 /,
    ),
    expect.stringMatching(
      /^60 generations × 1 Redshift cluster = 60 snapshots, 61 while the next is made; AWS's default quota in us-east-1 is 20 /,
    ),
  ]);
  const changed = await at.ben.call('PATCH /policies/:policyId', { params, body: { generations: 1 } });
  expect(changed.warnings.filter((text) => text.includes('2 databases'))).toEqual([]);
});

test('retention deletes the snapshots of databases and clusters through their own service', async () => {
  const policy = await addPolicy(at.anna, { account, targets: [BILLING, SHOP, WAREHOUSE], generations: 1 });
  const first = await runBackup(at, policy);
  await letPass(at, 60_000);
  const second = await runBackup(at, policy);
  await endOfRetention(at, policy);
  await letPass(at, 60_000);
  expect(await snapshotsOf('cpm:backup', first)).toEqual([]);
  expect(await snapshotsOf('cpm:backup', second)).toHaveLength(3);
  const shown = await at.anna.call('GET /backups/:backupId', { params: { backupId: first.id } });
  expect(shown.deletion).toMatchObject({ state: 'deleted' });
});

test('a deletion whose answer is lost is refused when repeated, while AWS deletes: it is confirmed soon, and nobody is alarmed', async () => {
  const policy = await addPolicy(at.anna, { account, targets: [BILLING, SHOP, WAREHOUSE], generations: 1 });
  const first = await runBackup(at, policy);
  await letPass(at, 60_000);
  const lost = ['DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteClusterSnapshot'];
  await withFault(...lost.map((action) => ({ kind: 'execute-then-drop', match: { action }, count: 1 })));
  await runBackup(at, policy);
  await letPass(at, 20 * 60_000);
  const shown = await at.anna.call('GET /backups/:backupId', { params: { backupId: first.id } });
  expect(shown.deletion).toMatchObject({ state: 'deleted' });
  const { items } = await at.anna.call('GET /alerts', { query: { state: 'all' } });
  expect(items.filter((alert) => alert.policy?.id === policy.id)).toEqual([]);
});

test('a snapshot that AWS took and does not show until the window is over is no part of the backup, and is removed', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE);
  await withFault(
    { kind: 'execute-then-drop', match: { action: 'CreateDBSnapshot' }, count: 1 },
    { kind: 'error503', match: { action: 'DescribeDBSnapshots' } },
  );
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons.join()).toContain('the answer of AWS was lost and no snapshot shows under its name');
  expect(await snapshotsOf('cpm:policy', policy)).toHaveLength(2);
  for (const each of undo.splice(0)) await each();
  await letPass(at, 90 * 60_000);
  expect(await snapshotsOf('cpm:policy', policy)).toMatchObject([{ type: 'redshift-snapshot' }]);
  expect((await logOf(at, backup)).some((text) => text.includes('turned up late and were deleted'))).toBe(true);
});

test('a snapshot that AWS does not show any more fails its part once that is certain', async () => {
  const policy = await policyOf(BILLING, WAREHOUSE);
  await at.aws.change({ timing: { databaseSnapshotBaseMs: 40 * 60_000 } });
  undo.push(() => at.aws.change({ timing: { databaseSnapshotBaseMs: 10_000 } }));
  await withFault({ kind: 'stale-read', match: { action: 'DescribeDBSnapshots' }, staleMs: 3 * 3600_000 });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons.join()).toContain('AWS does not show it any more');
});

async function makeDatabase(name: string): Promise<void> {
  const create = { DBInstanceIdentifier: name, DBInstanceClass: 'db.t4g.micro', Engine: 'postgres' };
  const more = { AllocatedStorage: 20, MasterUsername: 'someone', MasterUserPassword: 'not-a-secret-1' };
  await at.aws.act(region, 'CreateDBInstance', { ...create, ...more }, 'rds');
  await letPass(at, 120_000);
}

test('a database that one listing does not show stays a target: the second look sees it', async () => {
  await makeDatabase('acme-new');
  const targets: NewTarget[] = [{ ...BILLING, resourceId: 'acme-new' }, CRM];
  const policy = await addPolicy(at.anna, { account, targets, autoTargetRemoval: 'yes', retries: 0 });
  await withFault({ kind: 'stale-read', match: { action: 'DescribeDBInstances' }, staleMs: 600_000, count: 1 });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'partial' });
  expect(backup.reasons).toMatchObject([expect.stringContaining('acme-new in us-east-1 does not exist')]);
  const { items } = await at.anna.call('GET /policies/:policyId/targets', { params: { policyId: policy.id } });
  expect(items).toHaveLength(2);
});

test('a deleted database leaves its policy after two looks five minutes apart', async () => {
  await makeDatabase('acme-old');
  const targets: NewTarget[] = [{ ...BILLING, resourceId: 'acme-old' }, CRM];
  const policy = await addPolicy(at.anna, { account, targets, autoTargetRemoval: 'yes', retries: 0 });
  await at.aws.act(region, 'DeleteDBInstance', { DBInstanceIdentifier: 'acme-old', SkipFinalSnapshot: true }, 'rds');
  await letPass(at, 120_000);
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'successful' });
  expect(Date.parse(backup.endedAt ?? '') - Date.parse(backup.startedAt)).toBeGreaterThanOrEqual(300_000);
  expect(await logOf(at, backup)).toContain(
    'warning: database acme-old in us-east-1 is gone and was removed from the policy',
  );
  const { items } = await at.anna.call('GET /policies/:policyId/targets', { params: { policyId: policy.id } });
  expect(items.map(({ resourceId }) => resourceId)).toEqual(['acme-crm']);
});
