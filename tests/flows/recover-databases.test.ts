import type {
  BackedUpResource,
  Backup,
  DatabaseClusterRecoveryInput,
  DatabaseRecoveryInput,
  Recovery,
  RedshiftClusterRecoveryInput,
} from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addPolicy, endOfRecovery, letAnswer, refusal, resourcesOf, runBackup } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const REGION = 'us-east-1';

let at: TestServer;
let backup: Backup;
let account: { readonly id: string };
let resources: Record<string, BackedUpResource>;

beforeAll(async () => {
  at = await startTestServer();
  const added = await addAccount(at.anna);
  account = added;
  const policy = await addPolicy(at.anna, {
    account: added,
    targets: [
      { kind: 'database', region: REGION, resourceId: 'acme-billing' },
      { kind: 'database', region: REGION, resourceId: 'acme-crm' },
      { kind: 'database-cluster', region: REGION, resourceId: 'acme-shop' },
      { kind: 'redshift-cluster', region: REGION, resourceId: 'acme-warehouse' },
    ],
  });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceId, resource]));
});
afterAll(() => at.stop());

const idOf = (name: string): string => resources[name]?.id ?? '';
const params = () => ({ backupId: backup.id });
type Wish<Input> = Omit<Input, 'resourceId'>;

const asked = <T>(request: Promise<T>): Promise<T> => letAnswer(at, request);

const startDatabase = (name: string, wish: Wish<DatabaseRecoveryInput>): Promise<Recovery> =>
  asked(
    at.anna.call('POST /backups/:backupId/recoveries/databases', {
      params: params(),
      body: { resourceId: idOf(name), ...wish },
    }),
  );
const startCluster = (wish: Wish<DatabaseClusterRecoveryInput>): Promise<Recovery> =>
  asked(
    at.anna.call('POST /backups/:backupId/recoveries/database-clusters', {
      params: params(),
      body: { resourceId: idOf('acme-shop'), ...wish },
    }),
  );
const startRedshift = (wish: Wish<RedshiftClusterRecoveryInput>): Promise<Recovery> =>
  asked(
    at.anna.call('POST /backups/:backupId/recoveries/redshift-clusters', {
      params: params(),
      body: { resourceId: idOf('acme-warehouse'), ...wish },
    }),
  );

type Described = Record<string, unknown>;
const rds = async (action: string, input: object, list: string): Promise<Described> => {
  const answer = (await at.aws.act(
    REGION,
    action,
    input,
    list === 'Clusters' ? 'redshift' : 'rds',
  )) as unknown as Record<string, Described[] | undefined>;
  return answer[list]?.[0] ?? {};
};
const database = (DBInstanceIdentifier: string) => rds('DescribeDBInstances', { DBInstanceIdentifier }, 'DBInstances');
const cluster = (DBClusterIdentifier: string) => rds('DescribeDBClusters', { DBClusterIdentifier }, 'DBClusters');
const warehouse = async (ClusterIdentifier: string): Promise<Described> =>
  rds('DescribeClusters', { ClusterIdentifier }, 'Clusters');

/** What belongs to one thing alone, wherever it was made of. */
const OWN = new Set([
  'DBInstanceIdentifier',
  'DBInstanceArn',
  'DbiResourceId',
  'InstanceCreateTime',
  'LatestRestorableTime',
  'Endpoint',
  'DBClusterIdentifier',
  'DBClusterArn',
  'DbClusterResourceId',
  'ClusterCreateTime',
  'EarliestRestorableTime',
  'ReaderEndpoint',
  'DBClusterMembers',
  'ClusterIdentifier',
  'ClusterNamespaceArn',
  'RestoreStatus',
  'TagList',
  'Tags',
]);
const alike = (described: Described) =>
  Object.fromEntries(Object.entries(described).filter(([field]) => !OWN.has(field)));
const ownTags = (tags: unknown) =>
  (tags as { Key: string; Value: string }[])
    .filter(({ Key }) => !Key.startsWith('cpm:'))
    .map(({ Key, Value }) => `${Key}=${Value}`)
    .toSorted();
const portOf = ({ Endpoint }: Described) => (Endpoint as { Port: number } | undefined)?.Port;

test.each([
  ['acme-billing', 'billing-back', 'one zone'],
  ['acme-crm', 'crm-back', 'Multi-AZ, encrypted, provisioned IOPS'],
])('%s comes back as %s alike, field by field: %s', async (name, databaseId) => {
  const recovery = await endOfRecovery(at, await startDatabase(name, { databaseId }));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [], kind: 'database', progressPercent: 100 });
  expect(recovery.objects.map(({ kind, awsId, state }) => `${kind} ${awsId} ${state}`)).toEqual([
    `database ${databaseId} kept`,
  ]);
  const [original, made] = [await database(name), await database(databaseId)];
  expect(alike(made)).toEqual(alike(original));
  expect(portOf(made)).toBe(portOf(original));
  expect(ownTags(made['TagList'])).toEqual(ownTags(original['TagList']));
  expect(made['TagList']).toContainEqual(expect.objectContaining({ Key: 'cpm:recovery', Value: recovery.id }));
});

test('an Aurora cluster comes back with its two members, writer first, alike field by field', async () => {
  const recovery = await endOfRecovery(at, await startCluster({ clusterId: 'shop-back' }));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(recovery.objects.map(({ kind, awsId, state }) => `${kind} ${awsId} ${state}`)).toEqual([
    'database-cluster shop-back kept',
    'database shop-back-1 kept',
    'database shop-back-2 kept',
  ]);
  const [original, made] = [await cluster('acme-shop'), await cluster('shop-back')];
  expect(alike(made)).toEqual(alike(original));
  expect(made['DBClusterMembers']).toMatchObject([
    { DBInstanceIdentifier: 'shop-back-1', IsClusterWriter: true },
    { DBInstanceIdentifier: 'shop-back-2', IsClusterWriter: false },
  ]);
  const members = [await database('acme-shop-1'), await database('shop-back-1')];
  expect(members[1]?.['DBInstanceClass']).toBe(members[0]?.['DBInstanceClass']);
  expect(ownTags(made['TagList'])).toEqual(ownTags(original['TagList']));
});

test('a Redshift cluster comes back alike field by field, with its tags, once its data are restored', async () => {
  const recovery = await endOfRecovery(at, await startRedshift({ clusterId: 'warehouse-back' }));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  const [original, made] = [await warehouse('acme-warehouse'), await warehouse('warehouse-back')];
  expect(alike(made)).toEqual(alike(original));
  expect(made['RestoreStatus']).toMatchObject({ Status: 'completed' });
  expect(ownTags(made['Tags'])).toEqual(ownTags(original['Tags']));
  expect(made['Tags']).toContainEqual(expect.objectContaining({ Key: 'cpm:recovery', Value: recovery.id }));
});

const creates = async (action: string) => (await at.aws.calls()).filter((call) => call.action === action).length;
const running = async (type: string, prefix: string) =>
  (await at.aws.things({ type })).filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id);

test.each([
  [
    'RestoreDBInstanceFromDBSnapshot',
    'db-instance',
    'lost-db',
    () => startDatabase('acme-billing', { databaseId: 'lost-db' }),
    ['lost-db'],
  ],
  [
    'RestoreDBClusterFromSnapshot',
    'db-cluster',
    'lost-aurora',
    () => startCluster({ clusterId: 'lost-aurora' }),
    ['lost-aurora'],
  ],
  [
    'CreateDBInstance',
    'db-instance',
    'lost-member',
    () => startCluster({ clusterId: 'lost-member' }),
    ['lost-member-1', 'lost-member-2'],
  ],
  [
    'RestoreFromClusterSnapshot',
    'redshift-cluster',
    'lost-dwh',
    () => startRedshift({ clusterId: 'lost-dwh' }),
    ['lost-dwh'],
  ],
] as const)('a lost answer of %s leaves exactly what was asked for', async (action, type, prefix, start, expected) => {
  const faults = await at.aws.watchedFault({ kind: 'execute-then-drop', match: { action }, nth: 1 });
  const recovery = await endOfRecovery(at, await start());
  expect(await faults.struck()).toBe(1);
  await faults.clear();
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(await running(type, prefix)).toEqual(expected);
});

test('a recovery that a restart of the server interrupts goes on and makes each thing once', async () => {
  const started = await startCluster({ clusterId: 'after-restart' });
  await at.runUntil('the cluster is being made', async () => {
    const { objects } = await at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: started.id } });
    return objects[0]?.awsId ?? null;
  });
  await at.restart();
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(await running('db-cluster', 'after-restart')).toEqual(['after-restart']);
  expect(await running('db-instance', 'after-restart')).toEqual(['after-restart-1', 'after-restart-2']);
});

test('all wrong fields are told at once, beside their options, before anything is made', async () => {
  const before = await creates('RestoreDBInstanceFromDBSnapshot');
  const problem = await refusal(
    startDatabase('acme-crm', {
      databaseId: 'acme-billing',
      zone: 'us-east-1a',
      port: 80,
      subnetGroup: 'nowhere',
      parameterGroup: 'tuned',
      optionGroup: 'extras',
      storageType: 'gp2',
      sizeGiB: 10,
      iops: 5,
      instanceClass: 'db.m1.tiny',
    }),
  );
  expect(problem.code).toBe('recovery_refused');
  expect(problem.fields?.map(({ path }) => path).toSorted()).toEqual([
    'databaseId',
    'instanceClass',
    'iops',
    'optionGroup',
    'parameterGroup',
    'port',
    'sizeGiB',
    'subnetGroup',
    'zone',
  ]);
  expect(await creates('RestoreDBInstanceFromDBSnapshot')).toBe(before);
});

test('a taken member, a port that RA3 does not have and a foreign security group are told before anything is made', async () => {
  const groups = (await at.aws.act(REGION, 'DescribeSecurityGroups', {})) as unknown as {
    SecurityGroups: { GroupId: string; VpcId: string; GroupName: string }[];
  };
  const web = groups.SecurityGroups.find(({ GroupName }) => GroupName === 'acme-web')?.GroupId ?? '';
  const taken = await refusal(startCluster({ clusterId: 'other-shop', members: [{ databaseId: 'acme-shop-1' }] }));
  expect(taken.fields).toMatchObject([{ path: 'members.0.databaseId' }]);
  const wish = { clusterId: 'dwh', port: 3306, securityGroupIds: [web] };
  const redshift = await refusal(startRedshift(wish));
  expect(redshift.fields?.map(({ path }) => path).toSorted()).toEqual(['port', 'securityGroupIds.0']);
  const other = await refusal(startRedshift({ clusterId: 'dwh', nodeType: 'dc2.large' }));
  expect(other.fields).toMatchObject([{ path: 'nodeType' }]);
});

test('without a new name the original is in the way, and a plan says so and makes nothing', async () => {
  const plan = await asked(
    at.anna.call('POST /backups/:backupId/recovery-plans/databases', {
      params: params(),
      body: { resourceId: idOf('acme-billing') },
    }),
  );
  expect(plan.canStart).toBe(false);
  expect(plan.checks.find(({ name }) => name === 'names')).toMatchObject({
    result: 'fail',
    findings: [{ path: 'databaseId' }],
  });
  const good = await asked(
    at.anna.call('POST /backups/:backupId/recovery-plans/database-clusters', {
      params: params(),
      body: { resourceId: idOf('acme-shop'), clusterId: 'shop-planned' },
    }),
  );
  expect(good.canStart).toBe(true);
  expect(good.checks.map(({ name }) => name)).toEqual([
    'permissions',
    'snapshots',
    'names',
    'place',
    'network',
    'launch',
    'keys',
    'quotas',
  ]);
  expect(good.missingPermissions).toBeNull();
  expect(good.objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'database-cluster shop-planned',
    'database shop-planned-1',
    'database shop-planned-2',
  ]);
  expect(await running('db-cluster', 'shop-planned')).toEqual([]);
});

test('a denied restore is told by the name of the permission', async () => {
  const faults = await at.aws.watchedFault({ kind: 'deny', match: { action: 'RestoreDBInstanceFromDBSnapshot' } });
  const recovery = await endOfRecovery(at, await startDatabase('acme-billing', { databaseId: 'denied-db' }));
  await faults.clear();
  expect(recovery.status).toBe('failed');
  expect(recovery.reasons.join()).toContain('rds:RestoreDBInstanceFromDBSnapshot');
  expect(recovery.objects).toMatchObject([{ awsId: null, state: 'failed' }]);
});

test('a database that AWS cannot bring up ends the recovery with its state, and stays on record', async () => {
  const faults = await at.aws.watchedFault({
    kind: 'error-state',
    match: { action: 'RestoreDBInstanceFromDBSnapshot' },
    message: 'incompatible-parameters',
  });
  const recovery = await endOfRecovery(at, await startDatabase('acme-billing', { databaseId: 'bad-db' }));
  await faults.clear();
  expect(recovery).toMatchObject({ status: 'failed', objects: [{ awsId: 'bad-db', state: 'kept' }] });
  expect(recovery.reasons).toEqual(['bad-db went to the state incompatible-parameters']);
});

test('somebody else who takes the name meanwhile keeps it', async () => {
  const started = startDatabase('acme-billing', { databaseId: 'contested' });
  await at.aws.act(
    REGION,
    'CreateDBInstance',
    {
      DBInstanceIdentifier: 'contested',
      DBInstanceClass: 'db.t3.micro',
      Engine: 'mysql',
      AllocatedStorage: 20,
      MasterUsername: 'other',
      MasterUserPassword: 'not-a-secret',
    },
    'rds',
  );
  // Either the check before or AWS itself finds it; never is it taken for ours.
  const ended = await started.then(
    async (recovery) => [(await endOfRecovery(at, recovery)).status],
    () => ['refused'],
  );
  expect(['failed', 'refused']).toEqual(expect.arrayContaining(ended));
  expect(await database('contested')).toMatchObject({ Engine: 'mysql' });
});

test('the choices of a region name its groups and the names that are taken', async () => {
  const choices = await asked(
    at.anna.call('GET /accounts/:accountId/regions/:region/database-recovery-choices', {
      params: { accountId: account.id, region: REGION },
    }),
  );
  expect(choices.databaseSubnetGroups).toContainEqual(
    expect.objectContaining({ name: 'acme-databases', zones: ['us-east-1a', 'us-east-1b'] }),
  );
  expect(choices.databaseIds).toContain('acme-billing');
  expect(choices.databaseClusterIds).toContain('acme-shop');
  expect(choices.redshiftClusterIds).toContain('acme-warehouse');
  expect(choices.redshiftParameterGroups).toContainEqual({ name: 'default.redshift-1.0', family: 'redshift-1.0' });
});

test('a recoverable database says so in the backup', () => {
  expect(Object.values(resources).map(({ cannotRecoverBecause }) => cannotRecoverBecause)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
