import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator, type Estate, type Simulator, type SimulatorOptions } from '../index.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { sdkDriver } from '../testing/sdk-driver.ts';

const boss = { accessKeyId: 'AKIABOSS000000000001', secretAccessKey: 'secret-of-the-boss' };
const clerk = { accessKeyId: 'AKIACLERK00000000001', secretAccessKey: 'secret-of-the-clerk' };
const instance = 'i-0aa00000000000001';

const estate: Estate = {
  name: 'guarded',
  regions: ['us-east-1'],
  accounts: [
    {
      id: '111122223333',
      accessKeys: [boss, { ...clerk, user: 'clerk' }],
      users: [
        {
          name: 'clerk',
          policies: {
            some: {
              Version: '2012-10-17',
              Statement: [
                { Effect: 'Allow', Action: ['rds:Describe*', 'redshift:Describe*', 'ssm:Describe*'], Resource: '*' },
                {
                  Effect: 'Allow',
                  Action: 'rds:CreateDBSnapshot',
                  Resource: ['arn:aws:rds:us-east-1:111122223333:db:open', 'arn:aws:rds:*:*:snapshot:cpm-*'],
                },
                {
                  Effect: 'Allow',
                  Action: 'rds:DeleteDBSnapshot',
                  Resource: '*',
                  Condition: { StringEquals: { 'aws:ResourceTag/by': 'clerk' } },
                },
                {
                  Effect: 'Allow',
                  Action: 'redshift:CreateClusterSnapshot',
                  Resource: 'arn:aws:redshift:*:*:snapshot:sales/*',
                },
                { Effect: 'Allow', Action: 'ssm:SendCommand', Resource: 'arn:aws:ssm:*::document/AWS-RunShellScript' },
              ],
            },
          },
        },
      ],
      regions: {
        'us-east-1': {
          instances: [{ id: instance, image: 'al2023-ami', type: 't3.micro', managed: true }],
          databases: ['open', 'shut'].map((name) => ({
            name,
            engine: 'postgres',
            class: 'db.t3.micro',
            sizeGiB: 20,
            backupRetentionDays: 0,
          })),
          redshiftClusters: ['sales', 'staff'].map((name) => ({ name, nodeType: 'ra3.large' })),
        },
      },
    },
  ],
};

describe('RDS, Redshift and Systems Manager', () => {
  let simulator: Simulator;
  const driver = sdkDriver();
  type Service = 'rds' | 'redshift' | 'ssm';
  const open = async (options: SimulatorOptions = {}): Promise<void> => {
    simulator = await startSimulator({ estate, clock: 'manual', ...options });
  };
  const aws = (credentials: typeof boss, service: Service, action: string, params: object = {}): Promise<Shape> =>
    driver.call({ url: simulator.url, service, region: 'us-east-1', ...credentials }, action, params);
  const snapshot = (who: typeof boss, id: string, database: string, more: object = {}): Promise<Shape> =>
    aws(who, 'rds', 'CreateDBSnapshot', { DBSnapshotIdentifier: id, DBInstanceIdentifier: database, ...more });
  afterEach(() => simulator.stop());

  it('allow an action only on the resources that a policy names', async () => {
    await open();
    expect(await codeOf(snapshot(clerk, 'cpm-1', 'shut'))).toBe('AccessDenied');
    expect(await codeOf(snapshot(clerk, 'mine', 'open'))).toBe('AccessDenied');
    await expect(snapshot(clerk, 'mine', 'open')).rejects.toThrow(
      'not authorized to perform: rds:CreateDBSnapshot on resource: arn:aws:rds:us-east-1:111122223333:snapshot:mine',
    );
    expect(await codeOf(snapshot(clerk, 'cpm-1', 'open'))).toBe('accepted');
  });

  it('want permission for tags on what is made, and look at the tags of what is there', async () => {
    await open();
    const tagged = { Tags: [{ Key: 'by', Value: 'clerk' }] };
    await expect(snapshot(clerk, 'cpm-2', 'open', tagged)).rejects.toThrow('rds:AddTagsToResource');
    await snapshot(boss, 'cpm-2', 'open', tagged);
    await snapshot(boss, 'cpm-3', 'shut');
    simulator.clock?.advance(60_000);
    const remove = (id: string): Promise<Shape> => aws(clerk, 'rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: id });
    expect(await codeOf(remove('cpm-3'))).toBe('AccessDenied');
    expect(await codeOf(remove('cpm-2'))).toBe('accepted');
  });

  it('name a Redshift snapshot with its cluster, and a script with its document and instance', async () => {
    await open();
    const make = (cluster: string): Promise<Shape> =>
      aws(clerk, 'redshift', 'CreateClusterSnapshot', { SnapshotIdentifier: 's', ClusterIdentifier: cluster });
    expect([await codeOf(make('staff')), await codeOf(make('sales'))]).toEqual(['AccessDenied', 'accepted']);
    const sent = aws(clerk, 'ssm', 'SendCommand', {
      InstanceIds: [instance],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
    });
    await expect(sent).rejects.toThrow(`arn:aws:ec2:us-east-1:111122223333:instance/${instance}`);
  });

  it('refuse requests that come too fast, each action on its own', async () => {
    const bucket = { capacity: 2, refillPerSecond: 0 };
    await open({ limits: { buckets: { 'rds:DescribeDBInstances': bucket, DescribeClusters: bucket } } });
    const ask = (service: Service, action: string): Promise<string> => codeOf(aws(boss, service, action));
    const codes: string[] = [];
    for (let at = 0; at < 3; at += 1) codes.push(await ask('rds', 'DescribeDBInstances'));
    for (let at = 0; at < 3; at += 1) codes.push(await ask('redshift', 'DescribeClusters'));
    expect(codes).toEqual(['accepted', 'accepted', 'Throttling', 'accepted', 'accepted', 'Throttling']);
    expect(await ask('rds', 'DescribeDBSnapshots')).toBe('accepted');
    const calls = (await (await fetch(`${simulator.url}/_simulator/calls?service=rds&list=no`)).json()) as Shape;
    expect(calls['byAction']).toMatchObject({
      'rds:DescribeDBInstances': { count: 3, codes: { OK: 2, Throttling: 1 } },
    });
  });

  it('keep everything across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const stateFile = join(folder, 'state');
    await open({ stateFile });
    await snapshot(boss, 'kept', 'open');
    await aws(boss, 'redshift', 'CreateClusterSnapshot', { SnapshotIdentifier: 'kept', ClusterIdentifier: 'sales' });
    await simulator.stop();
    await open({ stateFile });
    expect((await aws(boss, 'rds', 'DescribeDBSnapshots')).DBSnapshots).toMatchObject([
      { DBSnapshotIdentifier: 'kept' },
    ]);
    expect(
      (await aws(boss, 'redshift', 'DescribeClusterSnapshots', { SnapshotType: 'manual' }))['Snapshots'],
    ).toHaveLength(1);
    expect((await aws(boss, 'ssm', 'DescribeInstanceInformation'))['InstanceInformationList']).toHaveLength(1);
  });
});
