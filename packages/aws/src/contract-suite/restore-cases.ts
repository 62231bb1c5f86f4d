import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { isAlreadyThere } from '../port/errors.ts';
import type {
  CreateClusterMemberInput,
  RestoreDatabaseClusterInput,
  RestoreDatabaseInput,
} from '../port/rds-restores.ts';
import type { RestoreClusterInput } from '../port/redshift-restores.ts';
import { named } from './database-snapshot-cases.ts';
import { ORDERS, plantDatabases, plantWarehouse, SALES, WAREHOUSE } from './plant-databases.ts';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

const newName = () => `suite-${randomUUID()}`;
const TAGS = { 'cpm:recovery': 'suite' };

const shared = {
  port: null,
  subnetGroup: null,
  securityGroupIds: [],
  parameterGroup: null,
  optionGroup: null,
  publiclyAccessible: false,
  storageType: null,
  iops: null,
  deletionProtection: true,
  copyTagsToSnapshot: true,
  iamAuthentication: null,
  networkType: null,
  logExports: [],
  backupRetentionDays: null,
  backupWindow: null,
  tags: TAGS,
};

/** A snapshot of the planted database, its name, and the wish to restore it under a new name. */
async function databaseWish(stage: Stage): Promise<RestoreDatabaseInput> {
  await plantDatabases(stage);
  const { rds, backEnd } = stage;
  const { awsSnapshotId, tags } = named();
  await rds.createDatabaseSnapshot({ awsSnapshotId, tags, databaseId: ORDERS });
  await until(backEnd, 'the snapshot is available, and its database', async () => {
    const [snapshot] = await rds.describeDatabaseSnapshots([awsSnapshotId]);
    const [source] = await rds.describeDatabases([ORDERS]);
    return snapshot?.state === 'available' && source?.state === 'available';
  });
  return {
    ...shared,
    awsSnapshotId,
    databaseId: newName(),
    engine: 'postgres',
    instanceClass: 'db.m5.large',
    port: 5444,
    zone: null,
    multiAz: false,
    sizeGiB: null,
    storageType: 'gp3',
    throughputMiBs: null,
    autoMinorVersionUpgrade: null,
    licenseModel: null,
    certificateAuthority: null,
    dedicatedLogVolume: null,
    processorFeatures: {},
    managesMasterPassword: false,
  };
}

async function clusterWish(stage: Stage): Promise<RestoreDatabaseClusterInput> {
  await plantDatabases(stage);
  const { rds, backEnd } = stage;
  const { awsSnapshotId, tags } = named();
  await rds.createDatabaseClusterSnapshot({ awsSnapshotId, tags, clusterId: SALES });
  await until(backEnd, 'the snapshot is available', async () => {
    const [snapshot] = await rds.describeDatabaseClusterSnapshots([awsSnapshotId]);
    return snapshot?.state === 'available';
  });
  return {
    ...shared,
    awsSnapshotId,
    clusterId: newName(),
    engine: 'aurora-postgresql',
    engineVersion: null,
    engineMode: null,
    instanceClass: null,
    publiclyAccessible: null,
    zones: [],
    backtrackWindowSeconds: null,
    serverlessScaling: null,
  };
}

const memberWish = (clusterId: string): CreateClusterMemberInput => ({
  databaseId: newName(),
  clusterId,
  engine: 'aurora-postgresql',
  instanceClass: 'db.r5.large',
  parameterGroup: null,
  zone: null,
  promotionTier: null,
  publiclyAccessible: null,
  autoMinorVersionUpgrade: null,
  copyTagsToSnapshot: null,
  certificateAuthority: null,
  tags: TAGS,
});

async function warehouseWish(stage: Stage): Promise<RestoreClusterInput> {
  await plantWarehouse(stage);
  const { redshift, backEnd } = stage;
  const { awsSnapshotId, tags } = named();
  await redshift.createClusterSnapshot({ awsSnapshotId, tags, clusterId: WAREHOUSE });
  await until(backEnd, 'the snapshot is available', async () => {
    const [snapshot] = await redshift.describeClusterSnapshots([awsSnapshotId]);
    return snapshot?.state === 'available';
  });
  return {
    awsSnapshotId,
    clusterId: newName(),
    nodeType: null,
    nodeCount: null,
    port: 5440,
    zone: null,
    subnetGroup: null,
    securityGroupIds: [],
    parameterGroup: null,
    publiclyAccessible: null,
    enhancedVpcRouting: null,
    zoneRelocation: null,
    multiAz: null,
    kmsKeyId: null,
    iamRoleArns: [],
    defaultIamRoleArn: null,
    maintenanceWindow: null,
    maintenanceTrack: null,
    allowVersionUpgrade: null,
    automatedRetentionDays: null,
    snapshotSchedule: null,
    managesMasterPassword: false,
  };
}

const available = ({ backEnd, rds }: Stage, databaseId: string) =>
  until(backEnd, 'the database is available', async () => {
    const [found] = await rds.describeDatabases([databaseId]);
    return found?.state === 'available';
  });
const clusterAvailable = ({ backEnd, rds }: Stage, clusterId: string) =>
  until(backEnd, 'the cluster is available', async () => {
    const [found] = await rds.describeDatabaseClusters([clusterId]);
    return found?.state === 'available';
  });
const gone = (stage: Stage, what: string, read: () => Promise<readonly unknown[]>) =>
  until(stage.backEnd, `${what} is gone`, async () => (await read()).length === 0);

export const restoreCases: readonly Case[] = [
  {
    title: 'a snapshot becomes a database with what was asked for, and its name is taken from then on',
    run: async (stage) => {
      const input = await databaseWish(stage);
      await stage.rds.restoreDatabase(input);
      await available(stage, input.databaseId);
      const [made] = await stage.rds.describeDatabases([input.databaseId]);
      expect(made).toMatchObject({
        engine: 'postgres',
        instanceClass: 'db.m5.large',
        allocatedGiB: 20,
        port: 5444,
        copyTagsToSnapshot: true,
        tags: TAGS,
      });
      const refusal = await refusalOf(stage.rds.restoreDatabase(input));
      expect(isAlreadyThere(refusal)).toBe(true);
      expect(await stage.rds.deleteDatabase(input.databaseId)).toBe('deleted');
      await gone(stage, 'the database', () => stage.rds.describeDatabases([input.databaseId]));
      expect(await stage.rds.deleteDatabase(input.databaseId)).toBe('alreadyGone');
    },
  },
  {
    title: 'a change of a database is made at once',
    run: async (stage) => {
      const input = await databaseWish(stage);
      await stage.rds.restoreDatabase(input);
      await available(stage, input.databaseId);
      await stage.rds.changeDatabase(input.databaseId, {
        maintenanceWindow: 'tue:01:00-tue:01:30',
        maxAllocatedGiB: 200,
      });
      await until(stage.backEnd, 'it is changed', async () => {
        const [found] = await stage.rds.describeDatabases([input.databaseId]);
        return found?.maintenanceWindow === 'tue:01:00-tue:01:30' && found.maxAllocatedGiB === 200;
      });
      await stage.rds.deleteDatabase(input.databaseId);
    },
  },
  {
    title: 'a snapshot becomes a cluster without members, takes one, and is deleted after it',
    run: async (stage) => {
      const { rds } = stage;
      const input = await clusterWish(stage);
      await rds.restoreDatabaseCluster(input);
      await clusterAvailable(stage, input.clusterId);
      const [bare] = await rds.describeDatabaseClusters([input.clusterId]);
      expect(bare).toMatchObject({ engine: 'aurora-postgresql', members: [], tags: TAGS });
      expect(isAlreadyThere(await refusalOf(rds.restoreDatabaseCluster(input)))).toBe(true);
      const member = memberWish(input.clusterId);
      await rds.createClusterMember(member);
      await available(stage, member.databaseId);
      const [whole] = await rds.describeDatabaseClusters([input.clusterId]);
      expect(whole?.members).toMatchObject([{ databaseId: member.databaseId, writer: true }]);
      expect(await refusalOf(rds.deleteDatabaseCluster(input.clusterId)), 'with a member').toMatchObject({
        class: 'conflict',
      });
      expect(await rds.deleteDatabase(member.databaseId)).toBe('deleted');
      await gone(stage, 'the member', () => rds.describeDatabases([member.databaseId]));
      expect(await rds.deleteDatabaseCluster(input.clusterId)).toBe('deleted');
      await gone(stage, 'the cluster', () => rds.describeDatabaseClusters([input.clusterId]));
      expect(await rds.deleteDatabaseCluster(input.clusterId)).toBe('alreadyGone');
    },
  },
  {
    title: 'a snapshot becomes a Redshift cluster, which takes tags by its name, and its name is taken from then on',
    run: async (stage) => {
      const { redshift, backEnd } = stage;
      const input = await warehouseWish(stage);
      await redshift.restoreCluster(input);
      await until(backEnd, 'the cluster is restored', async () => {
        const [found] = await redshift.describeClusters([input.clusterId]);
        return found?.state === 'available' && found.restore?.state === 'completed';
      });
      const [source] = await redshift.describeClusterSnapshots([input.awsSnapshotId]);
      const accountNumber = source?.arn?.split(':')[4] ?? '';
      await redshift.tagCluster({ accountNumber, clusterId: input.clusterId }, TAGS);
      const [made] = await redshift.describeClusters([input.clusterId]);
      expect(made).toMatchObject({ nodeType: 'ra3.xlplus', nodeCount: 2, port: 5440, tags: TAGS });
      expect(isAlreadyThere(await refusalOf(redshift.restoreCluster(input)))).toBe(true);
      expect(await redshift.deleteCluster(input.clusterId)).toBe('deleted');
      await gone(stage, 'the cluster', () => redshift.describeClusters([input.clusterId]));
      expect(await redshift.deleteCluster(input.clusterId)).toBe('alreadyGone');
    },
  },
  {
    title: 'a restore of an unknown snapshot is refused as missing',
    run: async (stage) => {
      const awsSnapshotId = 'no-such-snapshot';
      const database = await refusalOf(stage.rds.restoreDatabase({ ...(await databaseWish(stage)), awsSnapshotId }));
      const warehouse = await refusalOf(
        stage.redshift.restoreCluster({ ...(await warehouseWish(stage)), awsSnapshotId }),
      );
      expect([database, warehouse]).toMatchObject([{ class: 'missing' }, { class: 'missing' }]);
    },
  },
  {
    title: 'the subnet and parameter groups that a database can be put into are listed',
    run: async ({ rds, redshift }) => {
      const lists = await Promise.all([
        rds.listSubnetGroups(),
        rds.listParameterGroups(),
        rds.listClusterParameterGroups(),
        redshift.listSubnetGroups(),
        redshift.listParameterGroups(),
      ]);
      for (const list of lists) for (const { name } of list) expect(name).toMatch(/.+/);
      expect(lists[4].map(({ name }) => name)).toContain('default.redshift-1.0');
    },
  },
  {
    title: 'option groups are listed with engine and version',
    run: async (stage) => {
      await plantDatabases(stage);
      const groups = await stage.rds.listOptionGroups();
      expect(groups).toContainEqual(expect.objectContaining({ engine: 'postgres', majorVersion: '16' }));
    },
  },
  {
    title: 'a class that RDS does not sell is told from one that it sells with storage and zones',
    run: async ({ rds }) => {
      const ask = (instanceClass: string) =>
        rds.listOrderableClasses({ engine: 'postgres', engineVersion: null, instanceClass });
      expect(await ask('db.m0.none')).toEqual([]);
      const offers = (await ask('db.m6g.large')) ?? [];
      expect(offers.map(({ storageType }) => storageType)).toContain('gp3');
      expect(offers.every(({ zones }) => zones.length > 0)).toBe(true);
    },
  },
];
