import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, type Stage } from '../testing/stage.ts';

const postgres = {
  DBInstanceIdentifier: 'Orders',
  DBInstanceClass: 'db.t4g.medium',
  Engine: 'postgres',
  AllocatedStorage: 20,
  MasterUsername: 'root',
  MasterUserPassword: 'not-a-secret',
  Tags: [{ Key: 'Name', Value: 'orders' }],
};
const aurora = {
  DBClusterIdentifier: 'shop',
  Engine: 'aurora-postgresql',
  MasterUsername: 'root',
  MasterUserPassword: 'not-a-secret',
};

describe.each(drivers)('RDS, spoken to by %s', (_, makeDriver) => {
  let stage: Stage;
  const rds = (action: string, params: object = {}, as: object = {}): Promise<Shape> =>
    stage.aws(action, params, { service: 'rds', ...as });
  const statusOf = async (id = 'orders'): Promise<Shape | undefined> =>
    (await rds('DescribeDBInstances', { DBInstanceIdentifier: id }))['DBInstances']?.[0]?.['DBInstanceStatus'];
  const snapshot = (name: string, more: object = {}): Promise<Shape> =>
    rds('CreateDBSnapshot', { DBSnapshotIdentifier: name, DBInstanceIdentifier: 'orders', ...more });
  const snapshotNamed = async (name: string): Promise<Shape | undefined> =>
    (await rds('DescribeDBSnapshots', { DBSnapshotIdentifier: name }))['DBSnapshots']?.[0];

  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.reset();
    await rds('CreateDBInstance', postgres);
    stage.advance(60);
  });

  it('shows an instance with everything that building it again needs', async () => {
    const found = (await rds('DescribeDBInstances')).DBInstances?.[0];
    expect(found).toMatchObject({
      DBInstanceIdentifier: 'orders',
      DBInstanceStatus: 'available',
      DBInstanceArn: 'arn:aws:rds:us-east-1:100000000001:db:orders',
      Engine: 'postgres',
      EngineVersion: '16.8',
      AllocatedStorage: 20,
      StorageType: 'gp3',
      Iops: 3000,
      StorageThroughput: 125,
      MultiAZ: false,
      AvailabilityZone: 'us-east-1a',
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres16' }],
      OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-16' }],
      DBSubnetGroup: { DBSubnetGroupName: 'default' },
      TagList: [{ Key: 'Name', Value: 'orders' }],
    });
    expect(found?.['VpcSecurityGroups']).toHaveLength(1);
    expect(found?.['Endpoint']?.['Port']).toBe(5432);
  });

  it('is creating first, then available, and puts a Multi-AZ instance into two zones', async () => {
    await rds('CreateDBInstance', { ...postgres, DBInstanceIdentifier: 'two', Engine: 'mysql', MultiAZ: true });
    expect(await statusOf('two')).toBe('creating');
    stage.advance(60);
    const [two] = (await rds('DescribeDBInstances', { DBInstanceIdentifier: 'two' })).DBInstances ?? [];
    expect(two).toMatchObject({
      DBInstanceStatus: 'available',
      MultiAZ: true,
      SecondaryAvailabilityZone: 'us-east-1b',
    });
  });

  it('makes a snapshot over time, and the instance is backing up meanwhile', async () => {
    const made = await snapshot('First-Copy', { Tags: [{ Key: 'cpm', Value: '1' }] });
    expect(made['DBSnapshot']).toMatchObject({
      DBSnapshotIdentifier: 'first-copy',
      Status: 'creating',
      PercentProgress: 0,
    });
    expect(await statusOf()).toBe('backing-up');
    expect(await codeOf(snapshot('second'))).toMatch(/^InvalidDBInstanceState/);
    stage.advance(6);
    expect(Number((await snapshotNamed('first-copy'))?.['PercentProgress'])).toBe(50);
    stage.advance(60);
    expect(await snapshotNamed('first-copy')).toMatchObject({
      Status: 'available',
      PercentProgress: 100,
      SnapshotType: 'manual',
      AllocatedStorage: 20,
      TagList: [{ Key: 'cpm', Value: '1' }],
    });
    expect(await statusOf()).toBe('available');
  });

  it('knows a snapshot name once per account, whatever its case, and frees it after the deletion', async () => {
    await snapshot('copy');
    stage.advance(60);
    expect(await codeOf(snapshot('COPY'))).toMatch(/^DBSnapshotAlreadyExists/);
    expect((await rds('DeleteDBSnapshot', { DBSnapshotIdentifier: 'copy' }))['DBSnapshot']?.['Status']).toBe('deleted');
    expect((await snapshotNamed('copy'))?.['Status']).toBe('deleting');
    stage.advance(5);
    expect(await codeOf(snapshotNamed('copy'))).toMatch(/^DBSnapshotNotFound/);
    expect(await codeOf(rds('DeleteDBSnapshot', { DBSnapshotIdentifier: 'copy' }))).toMatch(/^DBSnapshotNotFound/);
    expect(await codeOf(snapshot('copy'))).toBe('accepted');
    const kept = await stage.control('GET', 'inventory?type=db-snapshot&id=copy');
    expect(kept['resources']?.map((one) => one['state'])).toEqual(['deleted', 'creating']);
  });

  it.each(['1st', 'a--b', 'a-', 'a_b', 'a.b', `a${'b'.repeat(255)}`])('refuses the snapshot name %s', async (name) => {
    expect(await codeOf(snapshot(name))).toBe('InvalidParameterValue');
  });

  it('keeps automated snapshots from being deleted', async () => {
    const automated = (await rds('DescribeDBSnapshots', { SnapshotType: 'automated' })).DBSnapshots?.[0];
    expect(String(automated?.['DBSnapshotIdentifier'])).toMatch(/^rds:orders-/);
    const refusal = codeOf(rds('DeleteDBSnapshot', { DBSnapshotIdentifier: automated?.['DBSnapshotIdentifier'] }));
    expect(await refusal).toMatch(/^InvalidDBSnapshotState/);
  });

  it('refuses a snapshot of a stopped instance', async () => {
    await rds('StopDBInstance', { DBInstanceIdentifier: 'orders' });
    stage.advance(60);
    expect(await statusOf()).toBe('stopped');
    expect(await codeOf(snapshot('x'))).toMatch(/^InvalidDBInstanceState/);
  });

  it('counts manual snapshots against a quota that settings can change', async () => {
    await stage.control('POST', 'settings', { limits: { manualDatabaseSnapshots: 1 } });
    await snapshot('one');
    stage.advance(60);
    expect(await codeOf(snapshot('two'))).toMatch(/^SnapshotQuotaExceeded/);
    const quotas = (await rds('DescribeAccountAttributes')).AccountQuotas;
    expect(quotas?.find((one) => String(one['AccountQuotaName']) === 'ManualSnapshots')).toMatchObject({
      Used: 1,
      Max: 1,
    });
    await stage.control('POST', 'settings', { limits: { manualDatabaseSnapshots: 100 } });
  });

  it('makes snapshots of a cluster but not of its members', async () => {
    await rds('CreateDBCluster', aurora);
    for (const id of ['shop-1', 'shop-2'])
      await rds('CreateDBInstance', {
        DBInstanceIdentifier: id,
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-postgresql',
        DBClusterIdentifier: 'shop',
      });
    stage.advance(60);
    const cluster = (await rds('DescribeDBClusters', { DBClusterIdentifier: 'shop' })).DBClusters?.[0];
    expect(cluster).toMatchObject({
      Status: 'available',
      DBClusterMembers: [
        { DBInstanceIdentifier: 'shop-1', IsClusterWriter: true },
        { DBInstanceIdentifier: 'shop-2', IsClusterWriter: false },
      ],
    });
    const ofMember = rds('CreateDBSnapshot', { DBSnapshotIdentifier: 'm', DBInstanceIdentifier: 'shop-1' });
    expect(await codeOf(ofMember)).toBe('InvalidParameterValue');
    const wish = { DBClusterSnapshotIdentifier: 'c', DBClusterIdentifier: 'shop' };
    expect((await rds('CreateDBClusterSnapshot', wish)).DBClusterSnapshot?.['Status']).toBe('creating');
    expect(await codeOf(rds('CreateDBClusterSnapshot', wish))).toBe('DBClusterSnapshotAlreadyExistsFault');
    stage.advance(60);
    const listed = (await rds('DescribeDBClusterSnapshots', { DBClusterIdentifier: 'shop' }))['DBClusterSnapshots'];
    expect(listed).toMatchObject([{ DBClusterSnapshotIdentifier: 'c', Status: 'available', PercentProgress: 100 }]);
    await rds('DeleteDBClusterSnapshot', { DBClusterSnapshotIdentifier: 'c' });
    stage.advance(5);
    expect(await codeOf(rds('DescribeDBClusterSnapshots', { DBClusterSnapshotIdentifier: 'c' }))).toBe(
      'DBClusterSnapshotNotFoundFault',
    );
  });

  it('refuses a key that is disabled, and takes one that is not', async () => {
    const make = (id: string, key: string): Promise<Shape> =>
      rds('CreateDBInstance', {
        ...postgres,
        DBInstanceIdentifier: id,
        StorageEncrypted: true,
        KmsKeyId: `alias/${key}`,
      });
    expect(await codeOf(make('sealed', 'broken'))).toBe('KMSKeyNotAccessibleFault');
    expect((await make('sealed', 'private')).DBInstance).toMatchObject({ StorageEncrypted: true });
  });

  it.each(['täg,value', 'a;b', 'a*b', 'x'.repeat(257)])('refuses the tag value %s', async (Value) => {
    expect(await codeOf(snapshot('tagged', { Tags: [{ Key: 'k', Value }] }))).toBe('InvalidParameterValue');
  });

  it('changes tags by ARN', async () => {
    const ResourceName = 'arn:aws:rds:us-east-1:100000000001:db:orders';
    await rds('AddTagsToResource', { ResourceName, Tags: [{ Key: 'Stage', Value: 'production' }] });
    await rds('RemoveTagsFromResource', { ResourceName, TagKeys: ['Name'] });
    expect((await rds('ListTagsForResource', { ResourceName }))['TagList']).toEqual([
      { Key: 'Stage', Value: 'production' },
    ]);
  });

  it('lists in pages of 20 to 100 and narrows by filters', async () => {
    for (let at = 0; at < 22; at += 1) {
      await snapshot(`n${at}`);
      stage.advance(60);
    }
    const first = await rds('DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 20 });
    expect(first['DBSnapshots']).toHaveLength(20);
    const Marker = first['Marker'];
    const second = await rds('DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 20, Marker });
    expect(second['DBSnapshots']).toHaveLength(2);
    expect(second['Marker']).toBeUndefined();
    const Filters = [{ Name: 'db-snapshot-id', Values: ['n3', 'n4', 'gone'] }];
    expect((await rds('DescribeDBSnapshots', { Filters }))['DBSnapshots']).toHaveLength(2);
    expect(await codeOf(rds('DescribeDBSnapshots', { MaxRecords: 5 }))).toBe('InvalidParameterValue');
    expect(await codeOf(rds('DescribeDBSnapshots', { Filters: [{ Name: 'nope', Values: ['x'] }] }))).toBe(
      'InvalidParameterValue',
    );
  });

  it('deletes an instance with a last snapshot, which outlives it, and without its automated ones', async () => {
    expect(await codeOf(rds('DeleteDBInstance', { DBInstanceIdentifier: 'orders' }))).toBe(
      'InvalidParameterCombination',
    );
    await rds('DeleteDBInstance', { DBInstanceIdentifier: 'orders', FinalDBSnapshotIdentifier: 'last' });
    expect(await statusOf()).toBe('deleting');
    stage.advance(60);
    expect(await codeOf(statusOf())).toMatch(/^DBInstanceNotFound/);
    const left = (await rds('DescribeDBSnapshots')).DBSnapshots;
    expect(left?.map((one) => one['DBSnapshotIdentifier'])).toEqual(['last']);
  });

  it('meets faults: lost answers, throttling, snapshots that fail, denials', async () => {
    await stage.control('POST', 'faults', [
      { kind: 'execute-then-drop', match: { service: 'rds', action: 'CreateDBSnapshot' }, nth: 1 },
      { kind: 'throttle', match: { service: 'rds', action: 'DescribeDBClusters' } },
      { kind: 'deny', match: { service: 'rds', action: 'DeleteDBSnapshot' } },
      { kind: 'error-state', match: { service: 'rds', action: 'CreateDBSnapshot', resource: 'bad' } },
    ]);
    expect(await codeOf(snapshot('lost')).catch(() => 'no answer')).not.toBe('accepted');
    stage.advance(60);
    expect((await snapshotNamed('lost'))?.['Status']).toBe('available');
    expect(await codeOf(rds('DescribeDBClusters'))).toBe('Throttling');
    expect(await codeOf(rds('DeleteDBSnapshot', { DBSnapshotIdentifier: 'lost' }))).toBe('AccessDenied');
    await snapshot('bad');
    stage.advance(60);
    expect((await snapshotNamed('bad'))?.['Status']).toBe('failed');
    expect(await statusOf()).toBe('available');
  });
});
