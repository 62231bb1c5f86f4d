import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, type Stage } from '../testing/stage.ts';

const master = { MasterUsername: 'root', MasterUserPassword: 'not-a-secret' };

describe.each(drivers)('RDS snapshots, used by %s,', (_, makeDriver) => {
  let stage: Stage;
  const rds = (action: string, params: object = {}, as: object = {}): Promise<Shape> =>
    stage.aws(action, params, { service: 'rds', ...as });

  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.reset();
    await rds('CreateDBInstance', {
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.t3.micro',
      Engine: 'mysql',
      AllocatedStorage: 20,
      ...master,
    });
    await rds('CreateDBCluster', { DBClusterIdentifier: 'shop', Engine: 'aurora-mysql', ...master });
    stage.advance(60);
    await rds('CreateDBSnapshot', {
      DBSnapshotIdentifier: 'one',
      DBInstanceIdentifier: 'orders',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    await rds('CreateDBClusterSnapshot', { DBClusterSnapshotIdentifier: 'all', DBClusterIdentifier: 'shop' });
  });

  it('are not restored before they are available', async () => {
    const wish = { DBInstanceIdentifier: 'new', DBSnapshotIdentifier: 'one' };
    expect(await codeOf(rds('RestoreDBInstanceFromDBSnapshot', wish))).toMatch(/^InvalidDBSnapshotState/);
  });

  it('become a new instance with the default groups, or those that are passed', async () => {
    stage.advance(60);
    const wish = { DBInstanceIdentifier: 'new', DBSnapshotIdentifier: 'one', Port: 3307 };
    expect((await rds('RestoreDBInstanceFromDBSnapshot', wish))['DBInstance']?.['DBInstanceStatus']).toBe('creating');
    stage.advance(60);
    const [made] = (await rds('DescribeDBInstances', { DBInstanceIdentifier: 'new' })).DBInstances ?? [];
    expect(made).toMatchObject({
      DBInstanceStatus: 'available',
      Engine: 'mysql',
      AllocatedStorage: 20,
      StorageType: 'gp3',
      DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.0' }],
      Endpoint: { Port: 3307 },
    });
    const both = {
      DBInstanceIdentifier: 'x',
      DBSnapshotIdentifier: 'one',
      MultiAZ: true,
      AvailabilityZone: 'us-east-1a',
    };
    expect(await codeOf(rds('RestoreDBInstanceFromDBSnapshot', both))).toBe('InvalidParameterCombination');
  });

  it('keep speed, family and engine rules, and take what a restore may be told', async () => {
    stage.advance(60);
    const restore = (more: object): Promise<Shape> =>
      rds('RestoreDBInstanceFromDBSnapshot', { DBInstanceIdentifier: 'new', DBSnapshotIdentifier: 'one', ...more });
    await rds('CreateDBParameterGroup', {
      DBParameterGroupName: 'old',
      DBParameterGroupFamily: 'mysql5.7',
      Description: 'old',
    });
    expect(await codeOf(restore({ StorageType: 'gp3', Iops: 3000 }))).toBe('InvalidParameterCombination');
    expect(await codeOf(restore({ AllocatedStorage: 10 }))).toBe('InvalidParameterValue');
    expect(await codeOf(restore({ DBParameterGroupName: 'none' }))).toMatch(/^DBParameterGroupNotFound/);
    expect(await codeOf(restore({ DBParameterGroupName: 'old' }))).toBe('InvalidParameterCombination');
    expect(await codeOf(restore({ DBName: 'other' }))).toBe('InvalidParameterCombination');
    expect(await codeOf(restore({ Port: 1149 }))).toBe('InvalidParameterValue');
    await restore({ BackupRetentionPeriod: 9, PreferredBackupWindow: '05:00-05:30', DeletionProtection: true });
    expect(await codeOf(restore({}))).toMatch(/^DBInstanceAlreadyExists/);
    stage.advance(60);
    const [made] = (await rds('DescribeDBInstances', { DBInstanceIdentifier: 'new' })).DBInstances ?? [];
    expect(made).toMatchObject({ BackupRetentionPeriod: 9, PreferredBackupWindow: '05:00-05:30' });
  });

  it('give an instance that can be changed at once, and deleted when its protection is lifted', async () => {
    stage.advance(60);
    const id = { DBInstanceIdentifier: 'new' };
    const modify = (more: object): Promise<Shape> =>
      rds('ModifyDBInstance', { ...id, ...more, ApplyImmediately: true });
    await rds('RestoreDBInstanceFromDBSnapshot', { ...id, DBSnapshotIdentifier: 'one', DeletionProtection: true });
    expect(await codeOf(modify({ MaxAllocatedStorage: 100 }))).toMatch(/^InvalidDBInstanceState/);
    stage.advance(60);
    expect(await codeOf(modify({ MaxAllocatedStorage: 5 }))).toBe('InvalidParameterCombination');
    expect(await codeOf(modify({ MonitoringInterval: 60 }))).toBe('InvalidParameterCombination');
    await modify({ MaxAllocatedStorage: 100, PreferredMaintenanceWindow: 'tue:01:00-tue:01:30' });
    const [made] = (await rds('DescribeDBInstances', id)).DBInstances ?? [];
    expect(made).toMatchObject({ MaxAllocatedStorage: 100, PreferredMaintenanceWindow: 'tue:01:00-tue:01:30' });
    const remove = (): Promise<Shape> => rds('DeleteDBInstance', { ...id, SkipFinalSnapshot: true });
    expect(await codeOf(remove())).toBe('InvalidParameterCombination');
    await modify({ DeletionProtection: false });
    expect(await codeOf(remove())).toBe('accepted');
  });

  it('end in the state that a fault names', async () => {
    stage.advance(60);
    await stage.control('POST', 'faults', [
      {
        kind: 'error-state',
        match: { action: 'RestoreDBInstanceFromDBSnapshot' },
        message: 'incompatible-parameters',
      },
    ]);
    await rds('RestoreDBInstanceFromDBSnapshot', { DBInstanceIdentifier: 'new', DBSnapshotIdentifier: 'one' });
    stage.advance(60);
    const [made] = (await rds('DescribeDBInstances', { DBInstanceIdentifier: 'new' })).DBInstances ?? [];
    expect(made?.['DBInstanceStatus']).toBe('incompatible-parameters');
  });

  it('become a Multi-AZ cluster with the three instances that RDS makes itself', async () => {
    const Engine = 'postgres';
    const DBClusterInstanceClass = 'db.m5d.large';
    await rds('CreateDBCluster', {
      DBClusterIdentifier: 'pool',
      Engine,
      DBClusterInstanceClass,
      StorageType: 'io1',
      Iops: 1000,
      AllocatedStorage: 100,
      ...master,
    });
    stage.advance(60);
    await rds('CreateDBClusterSnapshot', { DBClusterSnapshotIdentifier: 'pool-1', DBClusterIdentifier: 'pool' });
    stage.advance(60);
    const wish = { DBClusterIdentifier: 'pool-2', SnapshotIdentifier: 'pool-1', Engine };
    expect(await codeOf(rds('RestoreDBClusterFromSnapshot', wish))).toBe('InvalidParameterCombination');
    await rds('RestoreDBClusterFromSnapshot', { ...wish, DBClusterInstanceClass });
    stage.advance(60);
    const [made] = (await rds('DescribeDBClusters', { DBClusterIdentifier: 'pool-2' })).DBClusters ?? [];
    expect(made).toMatchObject({ Status: 'available', MultiAZ: true, StorageType: 'io1', Iops: 1000 });
    expect(made?.['DBClusterMembers']).toHaveLength(3);
    await rds('DeleteDBCluster', { DBClusterIdentifier: 'pool-2', SkipFinalSnapshot: true });
    stage.advance(60);
    const left = (await rds('DescribeDBInstances')).DBInstances ?? [];
    expect(left.filter((one) => one['DBClusterIdentifier'] === 'pool-2')).toEqual([]);
  });

  it('are offered classes to come back on', async () => {
    const ask = async (Engine: string, DBInstanceClass: string): Promise<readonly Shape[]> =>
      (await rds('DescribeOrderableDBInstanceOptions', { Engine, DBInstanceClass })).OrderableDBInstanceOptions ?? [];
    expect((await ask('mysql', 'db.t3.micro')).map((one) => one['StorageType'])).toEqual(['gp2', 'gp3', 'io1', 'io2']);
    expect(await ask('aurora-mysql', 'db.m6g.large')).toEqual([]);
    expect(await ask('mysql', 'db.m1.small')).toEqual([]);
  });

  it('become a new cluster without instances', async () => {
    stage.advance(60);
    const wish = { DBClusterIdentifier: 'shop-2', SnapshotIdentifier: 'all', Engine: 'aurora-mysql' };
    await rds('RestoreDBClusterFromSnapshot', wish);
    stage.advance(60);
    const listed = (await rds('DescribeDBClusters', { DBClusterIdentifier: 'shop-2' }))['DBClusters'];
    expect(listed).toMatchObject([{ Status: 'available', DBClusterMembers: [] }]);
  });

  it('are copied to another region by ARN, with their tags only when asked for', async () => {
    stage.advance(60);
    const eu = { region: 'eu-west-1' };
    const SourceDBSnapshotIdentifier = 'arn:aws:rds:us-east-1:100000000001:snapshot:one';
    const copy = (TargetDBSnapshotIdentifier: string, more: object = {}): Promise<Shape> =>
      rds('CopyDBSnapshot', { SourceDBSnapshotIdentifier, TargetDBSnapshotIdentifier, ...more }, eu);
    expect((await copy('plain'))['DBSnapshot']).toMatchObject({ Status: 'copying', SourceRegion: 'us-east-1' });
    await copy('tagged', { CopyTags: true });
    stage.advance(60);
    expect((await rds('DescribeDBSnapshots', {}, eu))['DBSnapshots']).toMatchObject([
      { DBSnapshotIdentifier: 'plain', Status: 'available', TagList: [] },
      { DBSnapshotIdentifier: 'tagged', TagList: [{ Key: 'a', Value: 'b' }] },
    ]);
  });

  it('are shared with accounts', async () => {
    stage.advance(60);
    const wish = { DBSnapshotIdentifier: 'one', AttributeName: 'restore', ValuesToAdd: ['100000000002'] };
    await rds('ModifyDBSnapshotAttribute', wish);
    const shown = await rds('DescribeDBSnapshotAttributes', { DBSnapshotIdentifier: 'one' });
    expect(shown['DBSnapshotAttributesResult']?.['DBSnapshotAttributes']).toMatchObject([
      { AttributeName: 'restore', AttributeValues: ['100000000002'] },
    ]);
  });
});
