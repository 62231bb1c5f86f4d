import { afterEach, describe, expect, it } from 'vitest';
import { acme, startSimulator, type Estate, type Simulator } from '../index.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { sdkDriver } from '../testing/sdk-driver.ts';

const production = {
  accessKeyId: 'AKIAACMEPRODUCTION01',
  secretAccessKey: 'simulated-secret-of-acme-production-0001',
};
const auditor = { accessKeyId: 'AKIAACMEREADONLY0001', secretAccessKey: 'simulated-secret-of-acme-read-only-00001' };
const key = { accessKeyId: 'AKIAEXAMPLE000000001', secretAccessKey: 'not-a-real-secret' };

const failing: Estate = {
  name: 'failing',
  regions: ['us-east-1'],
  faults: [{ kind: 'deny', match: { service: 'rds', action: 'CreateDBSnapshot', accessKey: key.accessKeyId } }],
  commands: [{ match: { command: '*freeze*' }, hangs: true }],
  accounts: [
    {
      id: '111122223333',
      accessKeys: [key],
      regions: {
        'us-east-1': {
          instances: [
            {
              id: 'i-0bad0000000000001',
              image: 'al2023-ami',
              type: 't3.micro',
              managed: true,
              disks: [
                { id: 'vol-0bad0000000000001', device: '/dev/xvda', sizeGiB: 8 },
                { id: 'vol-0bad0000000000002', device: '/dev/sdf', sizeGiB: 8, snapshotsFail: 'The disk is on fire' },
              ],
            },
          ],
          databases: [
            { name: 'denied', engine: 'postgres', class: 'db.t3.micro', sizeGiB: 20 },
            { name: 'resting', engine: 'mysql', class: 'db.t3.micro', sizeGiB: 20, state: 'stopped' },
          ],
          redshiftClusters: [
            { name: 'broken', nodeType: 'ra3.large', snapshotsFail: true },
            { name: 'asleep', nodeType: 'ra3.large', state: 'paused' },
          ],
        },
      },
    },
  ],
};

describe('An estate with databases', () => {
  let simulator: Simulator;
  const driver = sdkDriver();
  const open = async (estate: Estate): Promise<void> => {
    simulator = await startSimulator({ estate, clock: 'manual', seed: 3 });
  };
  type Service = 'ec2' | 'rds' | 'redshift' | 'ssm';
  const as =
    (credentials: typeof key) =>
    (service: Service, action: string, params: object = {}): Promise<Shape> =>
      driver.call({ url: simulator.url, service, region: 'us-east-1', ...credentials }, action, params);
  afterEach(() => simulator.stop());

  it('acme has PostgreSQL, a Multi-AZ MySQL, Aurora with two instances, Redshift and managed instances', async () => {
    await open(acme);
    const aws = as(production);
    const databases = (await aws('rds', 'DescribeDBInstances'))['DBInstances'];
    expect(databases).toMatchObject([
      { DBInstanceIdentifier: 'acme-billing', Engine: 'postgres', MultiAZ: false, DBInstanceStatus: 'available' },
      { DBInstanceIdentifier: 'acme-crm', Engine: 'mysql', MultiAZ: true, StorageEncrypted: true, Iops: 3000 },
      { DBInstanceIdentifier: 'acme-shop-1', DBClusterIdentifier: 'acme-shop' },
      { DBInstanceIdentifier: 'acme-shop-2', DBClusterIdentifier: 'acme-shop' },
    ]);
    const clusters = (await aws('rds', 'DescribeDBClusters'))['DBClusters'];
    expect(clusters).toMatchObject([{ DBClusterIdentifier: 'acme-shop', DBClusterMembers: [{}, {}] }]);
    expect((await aws('redshift', 'DescribeClusters'))['Clusters']).toMatchObject([
      { ClusterIdentifier: 'acme-warehouse', ClusterStatus: 'available' },
    ]);
    const managed = (await aws('ssm', 'DescribeInstanceInformation'))['InstanceInformationList'];
    expect(managed).toHaveLength(4);
    expect(await codeOf(as(auditor)('rds', 'DescribeDBInstances'))).toBe('AccessDenied');
  });

  it('fails as it is told: a volume, a cluster, a denied call, a script that hangs', async () => {
    await open(failing);
    const aws = as(key);
    const set = await aws('ec2', 'CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-0bad0000000000001' } });
    expect(set['Snapshots']).toHaveLength(2);
    const wish = { DBSnapshotIdentifier: 'x', DBInstanceIdentifier: 'denied' };
    expect(await codeOf(aws('rds', 'CreateDBSnapshot', wish))).toBe('AccessDenied');
    await aws('redshift', 'CreateClusterSnapshot', { SnapshotIdentifier: 'x', ClusterIdentifier: 'broken' });
    const command = await aws('ssm', 'SendCommand', {
      InstanceIds: ['i-0bad0000000000001'],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['fsfreeze'], executionTimeout: ['120'] },
    });
    simulator.clock?.advance(100_000);
    const CommandId = command['Command']?.['CommandId'];
    const invocation = { CommandId, InstanceId: 'i-0bad0000000000001' };
    expect((await aws('ssm', 'GetCommandInvocation', invocation))['Status']).toBe('InProgress');
    expect((await aws('ec2', 'DescribeSnapshots', { OwnerIds: ['self'] }))['Snapshots']).toMatchObject([
      { State: 'error', StateMessage: 'Another snapshot of the same set failed.' },
      { State: 'error', StateMessage: 'The disk is on fire' },
    ]);
    expect((await aws('redshift', 'DescribeClusterSnapshots', { SnapshotType: 'manual' }))['Snapshots']).toMatchObject([
      { Status: 'failed' },
    ]);
    const states = (await aws('rds', 'DescribeDBInstances')).DBInstances?.map((one) => one['DBInstanceStatus']);
    expect(states).toEqual(['available', 'stopped']);
    const clusters = (await aws('redshift', 'DescribeClusters')).Clusters?.map((one) => one['ClusterStatus']);
    expect(clusters).toEqual(['available', 'paused']);
  });
});
