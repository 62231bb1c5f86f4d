import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Redshift, spoken to by %s', (_, makeDriver) => {
  let stage: Stage;
  const redshift = (action: string, params: object = {}): Promise<Shape> =>
    stage.aws(action, params, { service: 'redshift' });
  const create = (id: string, more: object = {}): Promise<Shape> =>
    redshift('CreateCluster', {
      ClusterIdentifier: id,
      NodeType: 'ra3.xlplus',
      NumberOfNodes: 2,
      MasterUsername: 'root',
      MasterUserPassword: 'Not-a-secret-1',
      ...more,
    });
  const snapshot = (name: string, more: object = {}): Promise<Shape> =>
    redshift('CreateClusterSnapshot', { SnapshotIdentifier: name, ClusterIdentifier: 'sales', ...more });
  const snapshotNamed = async (name: string): Promise<Shape | undefined> =>
    (await redshift('DescribeClusterSnapshots', { SnapshotIdentifier: name }))['Snapshots']?.[0];
  const remove = (name: string): Promise<Shape> => redshift('DeleteClusterSnapshot', { SnapshotIdentifier: name });

  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.reset();
    await create('Sales', { Tags: [{ Key: 'Name', Value: 'sales' }] });
    stage.advance(60);
  });

  it('shows a cluster with everything that building it again needs', async () => {
    expect((await redshift('DescribeClusters'))['Clusters']).toMatchObject([
      {
        ClusterIdentifier: 'sales',
        ClusterStatus: 'available',
        NodeType: 'ra3.xlplus',
        NumberOfNodes: 2,
        DBName: 'dev',
        Encrypted: true,
        ClusterSubnetGroupName: 'default',
        ClusterParameterGroups: [{ ParameterGroupName: 'default.redshift-1.0' }],
        VpcSecurityGroups: [{ Status: 'active' }],
        Tags: [{ Key: 'Name', Value: 'sales' }],
      },
    ]);
  });

  it('makes a snapshot over time under a name that is its key', async () => {
    const made = await snapshot('Daily-1', { Tags: [{ Key: 'cpm', Value: '1' }] });
    expect(made['Snapshot']).toMatchObject({
      SnapshotIdentifier: 'daily-1',
      Status: 'creating',
      SnapshotType: 'manual',
    });
    expect(await codeOf(snapshot('daily-1'))).toMatch(/^ClusterSnapshotAlreadyExists/);
    expect(await codeOf(remove('daily-1'))).toMatch(/^InvalidClusterSnapshotState/);
    stage.advance(60);
    expect(await snapshotNamed('daily-1')).toMatchObject({
      Status: 'available',
      ClusterIdentifier: 'sales',
      SnapshotArn: 'arn:aws:redshift:us-east-1:100000000001:snapshot:sales/daily-1',
      ManualSnapshotRetentionPeriod: -1,
      Tags: [{ Key: 'cpm', Value: '1' }],
    });
    await remove('daily-1');
    expect(await codeOf(snapshotNamed('daily-1'))).toMatch(/^ClusterSnapshotNotFound/);
    expect(await codeOf(remove('daily-1'))).toMatch(/^ClusterSnapshotNotFound/);
  });

  it('refuses a snapshot of a paused cluster and takes one after it resumed', async () => {
    await redshift('PauseCluster', { ClusterIdentifier: 'sales' });
    stage.advance(60);
    expect(await codeOf(snapshot('x'))).toMatch(/^InvalidClusterState/);
    await redshift('ResumeCluster', { ClusterIdentifier: 'sales' });
    stage.advance(60);
    expect(await codeOf(snapshot('x'))).toBe('accepted');
  });

  it('allows twenty manual snapshots in a region', async () => {
    for (let at = 0; at < 20; at += 1) await snapshot(`s${at}`);
    expect(await codeOf(snapshot('more'))).toMatch(/^ClusterSnapshotQuotaExceeded/);
    stage.advance(600);
    await remove('s0');
    expect(await codeOf(snapshot('more'))).toBe('accepted');
  });

  it('makes an automated snapshot, which only a copy of it outlives', async () => {
    stage.advance(60);
    const [automated] = (await redshift('DescribeClusterSnapshots', { SnapshotType: 'automated' })).Snapshots ?? [];
    const id = String(automated?.['SnapshotIdentifier']);
    expect(id).toMatch(/^rs:sales-/);
    expect(await codeOf(remove(id))).toMatch(/^InvalidClusterSnapshotState/);
    await redshift('CopyClusterSnapshot', { SourceSnapshotIdentifier: id, TargetSnapshotIdentifier: 'copy' });
    await redshift('DeleteCluster', { ClusterIdentifier: 'sales', SkipFinalClusterSnapshot: true });
    stage.advance(60);
    const left = (await redshift('DescribeClusterSnapshots'))['Snapshots'];
    expect(left).toMatchObject([{ SnapshotIdentifier: 'copy', SnapshotType: 'manual', Status: 'available' }]);
  });

  it('changes and finds tags by ARN', async () => {
    const ResourceName = 'arn:aws:redshift:us-east-1:100000000001:cluster:sales';
    await redshift('CreateTags', { ResourceName, Tags: [{ Key: 'Stage', Value: 'test' }] });
    await redshift('DeleteTags', { ResourceName, TagKeys: ['Name'] });
    expect((await redshift('DescribeTags', { ResourceName }))['TaggedResources']).toMatchObject([
      { Tag: { Key: 'Stage', Value: 'test' }, ResourceName, ResourceType: 'cluster' },
    ]);
    expect((await redshift('DescribeClusters', { TagKeys: ['Name'] }))['Clusters']).toEqual([]);
  });

  it('restores a snapshot to a new cluster and deletes the old one with a last snapshot', async () => {
    await snapshot('base');
    stage.advance(60);
    const wish = { ClusterIdentifier: 'sales-2', SnapshotIdentifier: 'base' };
    expect((await redshift('RestoreFromClusterSnapshot', wish)).Cluster).toMatchObject({
      ClusterStatus: 'creating',
      RestoreStatus: { Status: 'restoring' },
    });
    await redshift('DeleteCluster', { ClusterIdentifier: 'sales', FinalClusterSnapshotIdentifier: 'last' });
    stage.advance(60);
    const left = (await redshift('DescribeClusters'))['Clusters'];
    expect(left).toMatchObject([{ ClusterIdentifier: 'sales-2', RestoreStatus: { Status: 'completed' } }]);
    expect((await snapshotNamed('last'))?.['Status']).toBe('available');
  });

  it('restores into groups that exist, with the ports of its nodes, and keeps what the snapshot knows', async () => {
    await snapshot('base');
    stage.advance(60);
    const restore = (id: string, more: object = {}): Promise<Shape> =>
      redshift('RestoreFromClusterSnapshot', { ClusterIdentifier: id, SnapshotIdentifier: 'base', ...more });
    expect(await codeOf(restore('sales'))).toMatch(/^ClusterAlreadyExists/);
    expect(await codeOf(restore('two', { Port: 3306 }))).toBe('InvalidParameterValue');
    expect(await codeOf(restore('two', { NodeType: 'dc2.large' }))).toMatch(/^InvalidRestore/);
    expect(await codeOf(restore('two', { ClusterSubnetGroupName: 'none' }))).toMatch(/^ClusterSubnetGroupNotFound/);
    expect(await codeOf(restore('two', { ClusterParameterGroupName: 'none' }))).toMatch(
      /^ClusterParameterGroupNotFound/,
    );
    expect(await codeOf(restore('two', { AvailabilityZone: 'eu-west-1a' }))).toMatch(/^InvalidVPCNetworkState/);
    await redshift('CreateClusterParameterGroup', {
      ParameterGroupName: 'tuned',
      ParameterGroupFamily: 'redshift-1.0',
      Description: 'tuned',
    });
    expect((await redshift('DescribeClusterParameterGroups'))['ParameterGroups']).toMatchObject([
      { ParameterGroupName: 'default.redshift-1.0' },
      { ParameterGroupName: 'tuned', ParameterGroupFamily: 'redshift-1.0' },
    ]);
    expect((await redshift('DescribeClusterSubnetGroups'))['ClusterSubnetGroups']).toMatchObject([
      { ClusterSubnetGroupName: 'default', SubnetGroupStatus: 'Complete' },
    ]);
    const wish = { ClusterParameterGroupName: 'tuned', AutomatedSnapshotRetentionPeriod: 5, Port: 8200 };
    expect((await restore('two', wish)).Cluster).toMatchObject({
      ClusterParameterGroups: [{ ParameterGroupName: 'tuned' }],
      AutomatedSnapshotRetentionPeriod: 5,
      DBName: 'dev',
      Tags: [],
    });
  });

  it('meets faults: lost answers, snapshots that fail, denials and throttling', async () => {
    await stage.control('POST', 'faults', [
      { kind: 'execute-then-drop', match: { service: 'redshift', action: 'CreateClusterSnapshot' }, nth: 1 },
      { kind: 'error-state', match: { resource: 'bad' } },
      { kind: 'deny', match: { service: 'redshift', action: 'DeleteClusterSnapshot' } },
      { kind: 'throttle', match: { service: 'redshift', action: 'DescribeTags' } },
    ]);
    expect(await codeOf(snapshot('lost')).catch(() => 'no answer')).not.toBe('accepted');
    await snapshot('bad');
    stage.advance(60);
    expect((await snapshotNamed('lost'))?.['Status']).toBe('available');
    expect((await snapshotNamed('bad'))?.['Status']).toBe('failed');
    expect(await codeOf(remove('lost'))).toBe('AccessDenied');
    expect(await codeOf(redshift('DescribeTags'))).toBe('Throttling');
  });
});
