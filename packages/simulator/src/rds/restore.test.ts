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
