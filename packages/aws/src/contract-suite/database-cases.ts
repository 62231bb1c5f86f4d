import { expect } from 'vitest';
import { MEMBER, ORDERS, plantDatabases, SALES } from './plant-databases.ts';
import type { Case } from './stage.ts';

export const databaseCases: readonly Case[] = [
  {
    title: 'a listing shows a database with what a restore needs, and its tags',
    run: async (stage) => {
      await plantDatabases(stage);
      const found = (await stage.rds.listDatabases()).find(({ databaseId }) => databaseId === ORDERS);
      expect(found).toMatchObject({
        state: 'available',
        engine: 'postgres',
        instanceClass: 'db.m5.large',
        allocatedGiB: 20,
        storageType: 'gp3',
        databaseName: 'orders',
        masterUsername: 'keeper',
        port: 5433,
        multiAz: true,
        deletionProtection: true,
        encrypted: false,
        clusterId: null,
        tags: { 'cpm backup': 'nightly' },
      });
      expect(found?.arn).toMatch(/^arn:aws:rds:.*:db:suite-orders$/);
      for (const fact of [found?.resourceId, found?.engineVersion, found?.parameterGroup, found?.host]) {
        expect(fact).toEqual(expect.stringMatching(/.+/));
      }
    },
  },
  {
    title: 'a database names its groups, its network and its zone',
    run: async (stage) => {
      await plantDatabases(stage);
      const [found] = await stage.rds.describeDatabases([ORDERS]);
      expect(found?.securityGroupIds, 'the default security group').toHaveLength(1);
      for (const fact of [found?.subnetGroup, found?.vpcId, found?.optionGroup, found?.zone]) {
        expect(fact).toEqual(expect.stringMatching(/.+/));
      }
    },
  },
  {
    title: 'a listing shows a cluster with its members, and each member its cluster',
    run: async (stage) => {
      await plantDatabases(stage);
      const cluster = (await stage.rds.listDatabaseClusters()).find(({ clusterId }) => clusterId === SALES);
      expect(cluster).toMatchObject({
        state: 'available',
        engine: 'aurora-postgresql',
        members: [{ databaseId: MEMBER, writer: true }],
        tags: { 'cpm backup': 'nightly' },
      });
      const [member] = await stage.rds.describeDatabases([MEMBER]);
      expect(member).toMatchObject({ clusterId: SALES, instanceClass: 'db.r5.large' });
    },
  },
  {
    title: 'an unknown database is absent from the answer and spoils nothing',
    run: async (stage) => {
      await plantDatabases(stage);
      const found = await stage.rds.describeDatabases(['no-such-database', ORDERS, 'nor-this-one']);
      expect(found.map(({ databaseId }) => databaseId)).toEqual([ORDERS]);
      expect(await stage.rds.describeDatabaseClusters(['no-such-cluster'])).toEqual([]);
    },
  },
  {
    title: 'the quotas tell how many manual snapshots are used and allowed',
    run: async ({ rds }) => {
      const { manualSnapshots, manualClusterSnapshots } = await rds.readQuotas();
      for (const quota of [manualSnapshots, manualClusterSnapshots]) {
        expect(quota?.max).toBeGreaterThan(quota?.used ?? Infinity);
      }
    },
  },
];
