import { describe, expect, test } from 'vitest';
import { buildDatabase, buildOffer, buildRequest } from './database-builder.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import type { DatabaseOffer, DatabaseRecoveryChoice } from './database-recovery.ts';
import { planDatabase } from './plan-database.ts';
import { planDatabaseCluster } from './plan-database-cluster.ts';
import { planRedshiftCluster } from './plan-redshift-cluster.ts';

type Given = { configuration?: DatabaseConfiguration; offer?: DatabaseOffer };
const plan = (choice: DatabaseRecoveryChoice, given: Given = {}) =>
  planDatabase(buildRequest({ databaseId: 'orders-2', ...choice }, given));
const errorsOf = (planned: ReturnType<typeof plan>) =>
  planned.ok ? [] : planned.errors.map(({ path, message }) => `${path}: ${message}`);

describe('the recovery of a database', () => {
  test('takes everything from the record that a restore needs to be told', () => {
    const planned = plan({});
    expect(planned).toMatchObject({
      ok: true,
      plan: {
        databaseId: 'orders-2',
        awsSnapshotId: 'cpm-1',
        instanceClass: 'db.m6g.large',
        port: 5432,
        zone: 'eu-central-1a',
        multiAz: false,
        subnetGroup: 'private',
        securityGroupIds: ['sg-1'],
        parameterGroup: 'tuned',
        optionGroup: 'default:postgres-16',
        storageType: 'gp3',
        sizeGiB: 50,
        deletionProtection: true,
        copyTagsToSnapshot: true,
        iamAuthentication: true,
        logExports: ['postgresql'],
        tags: [
          { key: 'cpm:recovery', value: 'r-1' },
          { key: 'Name', value: 'orders' },
        ],
        change: { maintenanceWindow: 'mon:01:00-mon:01:30' },
      },
      warnings: [],
    });
  });

  test('leaves speed out where AWS lets nobody set it, and passes it where it does', () => {
    expect(plan({})).toMatchObject({ plan: { iops: null, throughputMiBs: null } });
    const large = buildDatabase({ sizeGiB: 500, iops: 15_000, throughputMiBs: 600 });
    expect(plan({}, { configuration: large })).toMatchObject({ plan: { iops: 15_000, throughputMiBs: 600 } });
    const fast = buildDatabase({ storageType: 'io1', sizeGiB: 100, iops: 3000 });
    expect(plan({}, { configuration: fast })).toMatchObject({ plan: { iops: 3000, storageType: 'io1' } });
  });

  test.each<[string, DatabaseRecoveryChoice, RegExp]>([
    ['a taken name', { databaseId: 'Orders' }, /^databaseId: orders exists already/],
    ['a name that begins with a digit', { databaseId: '2orders' }, /^databaseId: must begin with a letter/],
    ['two hyphens together', { databaseId: 'orders--2' }, /^databaseId: must begin/],
    ['a hyphen at the end', { databaseId: 'orders-' }, /^databaseId: must begin/],
    ['an over-long name', { databaseId: 'a'.repeat(64) }, /^databaseId: a+ is longer than 63/],
    [
      'a zone together with Multi-AZ',
      { isMultiAz: true, zone: 'eu-central-1a' },
      /^zone: cannot be chosen with Multi-AZ/,
    ],
    ['a zone outside the subnet group', { zone: 'eu-central-1c' }, /^zone: eu-central-1c is not covered/],
    ['a port below those of RDS', { port: 1149 }, /^port: must be a whole number from 1150 to 65535/],
    ['a port above', { port: 65_536 }, /^port/],
    ['half a port', { port: 5432.5 }, /^port/],
    ['an unknown subnet group', { subnetGroup: 'nowhere' }, /^subnetGroup: there is no subnet group nowhere/],
    [
      'an unknown security group',
      { securityGroupIds: ['sg-9'] },
      /^securityGroupIds.0: there is no security group sg-9/,
    ],
    [
      'a security group of another VPC',
      { securityGroupIds: ['sg-1', 'sg-2'] },
      /^securityGroupIds.1: sg-2 belongs to vpc-2; the subnet group private is in vpc-1/,
    ],
    [
      'a subnet group of another VPC alone',
      { subnetGroup: 'other', zone: null },
      /^securityGroupIds: sg-1 belongs to vpc-1/,
    ],
    ['an unknown parameter group', { parameterGroup: 'none' }, /^parameterGroup: there is no parameter group none/],
    [
      'a parameter group of another family',
      { parameterGroup: 'mysql' },
      /^parameterGroup: mysql is of the family mysql8.0; postgres 16.8 needs postgres16/,
    ],
    ['an unknown option group', { optionGroup: 'none' }, /^optionGroup: there is no option group none/],
    ['an option group of another engine', { optionGroup: 'mysql-options' }, /^optionGroup: mysql-options is for mysql/],
    ['a size below the snapshot', { sizeGiB: 49 }, /^sizeGiB: must be at least 50/],
    ['half a GiB', { sizeGiB: 60.5 }, /^sizeGiB: must be a whole number/],
    ['more than RDS has', { sizeGiB: 70_000 }, /^sizeGiB: must be at most 65536/],
    ['an unknown storage type', { storageType: 'st1' }, /^storageType: must be one of/],
    ['IOPS for gp2', { storageType: 'gp2', iops: 3000 }, /^iops: cannot be set for gp2/],
    ['IOPS for a small gp3', { iops: 12_000 }, /^iops: cannot be set for gp3 below 400 GiB/],
    ['throughput for a small gp3', { throughputMiBps: 500 }, /^throughputMiBps: cannot be set for gp3 below 400/],
    [
      'throughput for io1',
      { storageType: 'io1', sizeGiB: 100, iops: 3000, throughputMiBps: 500 },
      /^throughputMiBps: cannot be set for io1/,
    ],
    ['io1 without IOPS', { storageType: 'io1', sizeGiB: 100 }, /^iops: must be told for io1/],
    ['io1 below 100 GiB', { storageType: 'io1', iops: 1000 }, /^sizeGiB: must be at least 100 for io1/],
    ['io1 above its ratio', { storageType: 'io1', sizeGiB: 100, iops: 6000 }, /^iops: must be 0.5 to 50 for each GiB/],
    ['io2 below its least', { storageType: 'io2', sizeGiB: 100, iops: 999 }, /^iops: must be from 1000/],
    ['gp3 IOPS out of bounds', { sizeGiB: 400, iops: 11_000 }, /^iops: must be from 12000 to 64000/],
    [
      'gp3 throughput out of bounds',
      { sizeGiB: 400, throughputMiBps: 5000 },
      /^throughputMiBps: must be from 500 to 4000/,
    ],
    ['no class', { instanceClass: 'm6g.large' }, /^instanceClass: m6g.large is no class of databases/],
    ['a class that is not sold', { instanceClass: 'db.m1.small' }, /^instanceClass: db.m1.small is not offered/],
    [
      'a class without that storage',
      { instanceClass: 'db.t3.micro', zone: null, storageType: 'gp2' },
      /^storageType: db.t3.micro is not offered with gp2/,
    ],
    ['a class in another zone', { instanceClass: 'db.t3.micro' }, /^zone: db.t3.micro is not offered in eu-central-1a/],
    [
      'a class that cannot be Multi-AZ',
      { instanceClass: 'db.t3.micro', isMultiAz: true },
      /^isMultiAz: db.t3.micro cannot/,
    ],
  ])('is refused for %s', (_, choice, message) => {
    const errors = errorsOf(plan(choice));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message);
  });

  test('is refused where the account has no room for it', () => {
    const quotas = { databases: { used: 40, max: 40 }, databaseClusters: null, storageGiB: { used: 990, max: 1000 } };
    expect(errorsOf(plan({}, { offer: buildOffer({ quotas }) }))).toEqual([
      'quota: the account has 40 of 40 databases in this region',
      'quota: the account uses 990 of 1000 GiB for databases in this region',
    ]);
  });

  test('is not refused for what AWS does not tell', () => {
    const nothing = {
      subnetGroups: null,
      securityGroups: null,
      parameterGroups: null,
      optionGroups: null,
      classes: {},
    };
    const quotas = { databases: null, databaseClusters: null, storageGiB: null };
    expect(plan({ subnetGroup: 'x', parameterGroup: 'y' }, { offer: buildOffer({ ...nothing, quotas }) }).ok).toBe(
      true,
    );
  });

  test('tells what the new one will not have of the original', () => {
    const settings = {
      masterSecretArn: 'arn:secret',
      replicaIds: ['orders-r1'],
      replicaOf: 'main',
      roles: [{ roleArn: 'arn:role', feature: null }],
      domains: [{ domainId: 'd-1' }],
    };
    const planned = plan({}, { configuration: buildDatabase({ settings }) });
    expect(planned.ok && planned.warnings.join('\n')).toMatch(/main[^]*orders-r1[^]*d-1[^]*arn:role[^]*new secret/);
  });
});

const cluster = buildDatabase({
  engine: 'aurora-postgresql',
  engineVersion: '16.6',
  instanceClass: null,
  storageType: 'aurora',
  sizeGiB: 1,
  iops: null,
  throughputMiBs: null,
  zones: ['eu-central-1a', 'eu-central-1b'],
  parameterGroups: ['default.aurora-postgresql16'],
  optionGroup: 'default:aurora-postgresql-16',
  members: [
    { identifier: 'orders-a', instanceClass: 'db.r6g.large', isWriter: true, promotionTier: 0 },
    { identifier: 'orders-b', instanceClass: 'db.r6g.xlarge', isWriter: false, promotionTier: 1 },
  ],
});
const planCluster = (choice: Parameters<typeof planDatabaseCluster>[0]['choice'], configuration = cluster) =>
  planDatabaseCluster(buildRequest(choice, { configuration }));
const clusterErrors = (planned: ReturnType<typeof planCluster>) =>
  planned.ok ? [] : planned.errors.map(({ path, message }) => `${path}: ${message}`);

describe('the recovery of a database cluster', () => {
  test('names its members after the new cluster, writer first, each of its class', () => {
    expect(planCluster({ clusterId: 'orders-2' })).toMatchObject({
      ok: true,
      plan: {
        storageType: null,
        members: [
          { databaseId: 'orders-2-a', instanceClass: 'db.r6g.large', promotionTier: 0 },
          { databaseId: 'orders-2-b', instanceClass: 'db.r6g.xlarge', promotionTier: 1 },
        ],
      },
    });
  });

  test.each([
    ['a taken cluster', { clusterId: 'shop' }, 'clusterId: shop exists already'],
    ['a taken member', { clusterId: 'c', members: [{ databaseId: 'orders' }] }, 'members.0.databaseId: orders exists'],
    [
      'a member named twice',
      { clusterId: 'c', members: [{ databaseId: 'a' }, { databaseId: 'A' }] },
      'members.1.databaseId: a is named twice',
    ],
    [
      'a class that is not sold',
      { clusterId: 'c', members: [{ databaseId: 'a', instanceClass: 'db.m1.small' }] },
      'members.0.instanceClass: db.m1.small',
    ],
    ['a wrong port', { clusterId: 'c', port: 22 }, 'port: must be'],
  ])('is refused for %s', (_, choice, message) => {
    const errors = clusterErrors(planCluster(choice));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });

  test('leaves the members of a Multi-AZ cluster to AWS, which makes them itself', () => {
    const multiAz = buildDatabase({ engine: 'postgres', instanceClass: 'db.m6gd.large', members: cluster.members });
    expect(planCluster({ clusterId: 'c' }, multiAz)).toMatchObject({
      plan: { members: [], instanceClass: 'db.m6gd.large' },
    });
    expect(clusterErrors(planCluster({ clusterId: 'c', members: [{ databaseId: 'x' }] }, multiAz))).toEqual([
      'members: AWS makes the members of a Multi-AZ DB cluster itself',
    ]);
  });
});

const warehouse = buildDatabase({
  engine: 'redshift',
  instanceClass: 'ra3.xlplus',
  nodeCount: 2,
  port: 5439,
  storageType: null,
  parameterGroups: ['default.redshift-1.0'],
  optionGroup: null,
});
const planWarehouse = (choice: Parameters<typeof planRedshiftCluster>[0]['choice']) =>
  planRedshiftCluster(buildRequest({ clusterId: 'dwh', ...choice }, { configuration: warehouse }));

describe('the recovery of a Redshift cluster', () => {
  test('is as recorded', () => {
    expect(planWarehouse({})).toMatchObject({
      ok: true,
      plan: { nodeType: 'ra3.xlplus', nodeCount: 2, port: 5439, subnetGroup: 'private', zone: 'eu-central-1a' },
    });
  });

  test.each([
    ['a port that RA3 does not have', { port: 5456 }, 'port: must be a whole number from 5431 to 5455 or 8191 to 8215'],
    ['a node type of another family', { nodeType: 'dc2.large' }, 'nodeType: a snapshot of ra3.xlplus'],
    ['no nodes', { nodeCount: 0 }, 'nodeCount: must be a whole number from 1'],
    ['a taken name', { clusterId: 'shop' }, 'clusterId: shop exists already'],
    ['an unknown subnet group', { subnetGroup: 'x' }, 'subnetGroup: there is no subnet group x'],
    ['an unknown parameter group', { parameterGroup: 'x' }, 'parameterGroup: there is no parameter group x'],
  ])('is refused for %s', (_, choice, message) => {
    const planned = planWarehouse(choice);
    expect(planned.ok ? [] : planned.errors.map(({ path, message: text }) => `${path}: ${text}`)).toEqual([
      expect.stringContaining(message),
    ]);
  });
});
