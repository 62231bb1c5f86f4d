import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { isAlreadyThere, isSourceBusy } from '../port/errors.ts';
import { MEMBER, ORDERS, plantDatabases, SALES } from './plant-databases.ts';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

/** A name as CPM gives it, and tags that only this case's snapshot carries. */
export function named() {
  const attempt = randomUUID();
  return { awsSnapshotId: `cpm-suite-${attempt}`, tags: { 'cpm:attempt': attempt } };
}

async function prepared(stage: Stage) {
  await plantDatabases(stage);
  const { awsSnapshotId, tags } = named();
  return {
    ofDatabase: { awsSnapshotId, databaseId: ORDERS, tags },
    ofCluster: { awsSnapshotId, clusterId: SALES, tags },
    awsSnapshotId,
  };
}

/** The source takes the next snapshot only when it is available again. */
async function finished({ rds, backEnd }: Stage, awsSnapshotId: string): Promise<void> {
  await until(backEnd, 'the snapshot is available, and its source', async () => {
    const snapshots = [
      ...(await rds.describeDatabaseSnapshots([awsSnapshotId])),
      ...(await rds.describeDatabaseClusterSnapshots([awsSnapshotId])),
    ];
    const sources = [...(await rds.describeDatabases([ORDERS])), ...(await rds.describeDatabaseClusters([SALES]))];
    return snapshots.length > 0 && [...snapshots, ...sources].every(({ state }) => state === 'available');
  });
}

export const databaseSnapshotCases: readonly Case[] = [
  {
    title: 'a snapshot of a database is found by its name, with its tags and what a restore needs',
    run: async (stage) => {
      const { ofDatabase, awsSnapshotId } = await prepared(stage);
      const made = await stage.rds.createDatabaseSnapshot(ofDatabase);
      expect(made).toMatchObject({ awsSnapshotId, sourceId: ORDERS, kind: 'manual', tags: ofDatabase.tags });
      await finished(stage, awsSnapshotId);
      const [found] = await stage.rds.describeDatabaseSnapshots([awsSnapshotId, 'no-such-snapshot']);
      expect(found).toMatchObject({
        awsSnapshotId,
        engine: 'postgres',
        sizeGiB: 20,
        encrypted: false,
        tags: ofDatabase.tags,
      });
    },
  },
  {
    title: 'a fresh snapshot of a database is being created, then available with 100 percent',
    run: async (stage) => {
      const { ofDatabase, awsSnapshotId } = await prepared(stage);
      expect((await stage.rds.createDatabaseSnapshot(ofDatabase)).state).toBe('creating');
      await finished(stage, awsSnapshotId);
      const [found] = await stage.rds.describeDatabaseSnapshots([awsSnapshotId]);
      expect(found?.progressPercent).toBe(100);
    },
  },
  {
    title: 'a snapshot of a cluster is found by its name, with its tags',
    run: async (stage) => {
      const { ofCluster, awsSnapshotId } = await prepared(stage);
      const made = await stage.rds.createDatabaseClusterSnapshot(ofCluster);
      expect(made).toMatchObject({ awsSnapshotId, sourceId: SALES, kind: 'manual', tags: ofCluster.tags });
      await finished(stage, awsSnapshotId);
      const [found] = await stage.rds.describeDatabaseClusterSnapshots(['no-such-snapshot', awsSnapshotId]);
      expect(found).toMatchObject({ awsSnapshotId, engine: 'aurora-postgresql', tags: ofCluster.tags });
    },
  },
  {
    title: 'a second snapshot of the same name is refused as being there, and the first one tells whose it is',
    run: async (stage) => {
      const { ofDatabase, ofCluster, awsSnapshotId } = await prepared(stage);
      await stage.rds.createDatabaseSnapshot(ofDatabase);
      await stage.rds.createDatabaseClusterSnapshot(ofCluster);
      await finished(stage, awsSnapshotId);
      const foreign = { tags: { 'cpm:attempt': randomUUID() } };
      const refusals = [
        await refusalOf(stage.rds.createDatabaseSnapshot({ ...ofDatabase, ...foreign })),
        await refusalOf(stage.rds.createDatabaseClusterSnapshot({ ...ofCluster, ...foreign })),
      ];
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ class: 'conflict', outcomeUnknown: false });
        expect(isAlreadyThere(refusal)).toBe(true);
      }
      const found = [
        ...(await stage.rds.describeDatabaseSnapshots([awsSnapshotId])),
        ...(await stage.rds.describeDatabaseClusterSnapshots([awsSnapshotId])),
      ];
      expect(found.map(({ tags }) => tags)).toEqual([ofDatabase.tags, ofDatabase.tags]);
    },
  },
  {
    title: 'a snapshot of an unknown database or cluster is refused as missing',
    run: async (stage) => {
      const { ofDatabase, ofCluster } = await prepared(stage);
      const refusals = [
        await refusalOf(stage.rds.createDatabaseSnapshot({ ...ofDatabase, databaseId: 'no-such-database' })),
        await refusalOf(stage.rds.createDatabaseClusterSnapshot({ ...ofCluster, clusterId: 'no-such-cluster' })),
      ];
      for (const refusal of refusals) expect(refusal).toMatchObject({ class: 'missing', outcomeUnknown: false });
    },
  },
  {
    title: 'a member of a cluster takes no snapshot of its own',
    run: async (stage) => {
      const { ofDatabase } = await prepared(stage);
      const refusal = await refusalOf(stage.rds.createDatabaseSnapshot({ ...ofDatabase, databaseId: MEMBER }));
      expect(refusal).toMatchObject({ class: 'invalid', outcomeUnknown: false });
    },
  },
  {
    title: 'a database that AWS is backing up takes no second snapshot now',
    run: async (stage) => {
      const [first, second] = [await prepared(stage), await prepared(stage)];
      await stage.rds.createDatabaseSnapshot(first.ofDatabase);
      const refusal = await refusalOf(stage.rds.createDatabaseSnapshot(second.ofDatabase));
      expect(isSourceBusy(refusal)).toBe(true);
      await finished(stage, first.awsSnapshotId);
      expect(await stage.rds.describeDatabaseSnapshots([second.awsSnapshotId])).toEqual([]);
    },
  },
  {
    title: 'the manual snapshots are listed with their tags, and none that AWS made',
    run: async (stage) => {
      const { ofDatabase, ofCluster, awsSnapshotId } = await prepared(stage);
      await stage.rds.createDatabaseSnapshot(ofDatabase);
      await stage.rds.createDatabaseClusterSnapshot(ofCluster);
      await finished(stage, awsSnapshotId);
      for (const list of [stage.rds.listManualDatabaseSnapshots, stage.rds.listManualDatabaseClusterSnapshots]) {
        const found = await list();
        expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['manual']));
        expect(found.find((snapshot) => snapshot.awsSnapshotId === awsSnapshotId)?.tags).toEqual(ofDatabase.tags);
      }
    },
  },
  {
    title: 'a snapshot of a database or cluster is deleted once, and deleting it again finds it gone',
    run: async (stage) => {
      const { rds, backEnd } = stage;
      const { ofDatabase, ofCluster, awsSnapshotId } = await prepared(stage);
      await rds.createDatabaseSnapshot(ofDatabase);
      await rds.createDatabaseClusterSnapshot(ofCluster);
      await finished(stage, awsSnapshotId);
      expect(await rds.deleteDatabaseSnapshot(awsSnapshotId)).toBe('deleted');
      expect(await rds.deleteDatabaseClusterSnapshot(awsSnapshotId)).toBe('deleted');
      await until(backEnd, 'both are gone', async () => {
        const left = await Promise.all([
          rds.describeDatabaseSnapshots([awsSnapshotId]),
          rds.describeDatabaseClusterSnapshots([awsSnapshotId]),
        ]);
        return left.flat().length === 0;
      });
      expect(await rds.deleteDatabaseSnapshot(awsSnapshotId)).toBe('alreadyGone');
      expect(await rds.deleteDatabaseClusterSnapshot(awsSnapshotId)).toBe('alreadyGone');
    },
  },
  {
    title: 'a denied snapshot of a database is refused with the name of the permission, and nothing is made',
    run: async (stage) => {
      const { ofDatabase, awsSnapshotId } = await prepared(stage);
      const { gateway, backEnd } = stage;
      const watcher = { accountKey: 'watcher', credentials: async () => backEnd.watcher };
      const refusal = await refusalOf(gateway.rds(watcher, backEnd.region).createDatabaseSnapshot(ofDatabase));
      expect(refusal).toMatchObject({ code: 'aws_denied', missingPermission: 'rds:CreateDBSnapshot' });
      expect(await stage.rds.describeDatabaseSnapshots([awsSnapshotId])).toEqual([]);
    },
  },
];
