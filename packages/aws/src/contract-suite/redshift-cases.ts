import { expect } from 'vitest';
import { isAlreadyThere, isSourceBusy } from '../port/errors.ts';
import { named } from './database-snapshot-cases.ts';
import { plantWarehouse, WAREHOUSE } from './plant-databases.ts';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

async function prepared(stage: Stage) {
  await plantWarehouse(stage);
  return { ...named(), clusterId: WAREHOUSE };
}

async function finished({ redshift, backEnd }: Stage, awsSnapshotId: string): Promise<void> {
  await until(backEnd, 'the snapshot is available, and its cluster', async () => {
    const [snapshot] = await redshift.describeClusterSnapshots([awsSnapshotId]);
    const [cluster] = await redshift.describeClusters([WAREHOUSE]);
    return snapshot?.state === 'available' && cluster?.state === 'available';
  });
}

export const redshiftCases: readonly Case[] = [
  {
    title: 'a listing shows a Redshift cluster with what a restore needs, and its tags',
    run: async (stage) => {
      await plantWarehouse(stage);
      const found = (await stage.redshift.listClusters()).find(({ clusterId }) => clusterId === WAREHOUSE);
      expect(found).toMatchObject({
        state: 'available',
        nodeType: 'ra3.xlplus',
        nodeCount: 2,
        databaseName: 'warehouse',
        masterUsername: 'keeper',
        port: 5439,
        parameterGroups: [expect.stringMatching(/^default/)],
        tags: { 'cpm backup': 'nightly' },
      });
    },
  },
  {
    title: 'an unknown Redshift cluster is absent from the answer and spoils nothing',
    run: async (stage) => {
      await plantWarehouse(stage);
      const names = ['no-such-cluster', WAREHOUSE, 'nor-this-one'];
      for (const asked of [names, [...names, 'many', 'more']]) {
        const found = await stage.redshift.describeClusters(asked);
        expect(found.map(({ clusterId }) => clusterId)).toEqual([WAREHOUSE]);
      }
    },
  },
  {
    title: 'a snapshot of a Redshift cluster is found by its name, with its tags, and listed as a manual one',
    run: async (stage) => {
      const input = await prepared(stage);
      const { awsSnapshotId, tags } = input;
      const made = await stage.redshift.createClusterSnapshot(input);
      expect(made).toMatchObject({ awsSnapshotId, sourceId: WAREHOUSE, kind: 'manual', tags });
      await finished(stage, awsSnapshotId);
      const [found] = await stage.redshift.describeClusterSnapshots(['no-such-snapshot', awsSnapshotId]);
      expect(found).toMatchObject({ awsSnapshotId, nodeType: 'ra3.xlplus', nodeCount: 2, sharedWith: [], tags });
      const listed = await stage.redshift.listManualSnapshots();
      expect(new Set(listed.map(({ kind }) => kind))).toEqual(new Set(['manual']));
      expect(listed.find((snapshot) => snapshot.awsSnapshotId === awsSnapshotId)?.tags).toEqual(tags);
    },
  },
  {
    title: 'a fresh snapshot of a Redshift cluster is being created',
    run: async (stage) => {
      const input = await prepared(stage);
      expect((await stage.redshift.createClusterSnapshot(input)).state).toBe('creating');
      await finished(stage, input.awsSnapshotId);
    },
  },
  {
    title: 'a second snapshot of the same name of a Redshift cluster is refused as being there',
    run: async (stage) => {
      const input = await prepared(stage);
      await stage.redshift.createClusterSnapshot(input);
      await finished(stage, input.awsSnapshotId);
      const refusal = await refusalOf(stage.redshift.createClusterSnapshot(input));
      expect(refusal).toMatchObject({ class: 'conflict', outcomeUnknown: false });
      expect([isAlreadyThere(refusal), isSourceBusy(refusal)]).toEqual([true, false]);
    },
  },
  {
    title: 'a snapshot of an unknown Redshift cluster is refused as missing',
    run: async (stage) => {
      const refusal = await refusalOf(
        stage.redshift.createClusterSnapshot({ ...named(), clusterId: 'no-such-cluster' }),
      );
      expect(refusal).toMatchObject({ class: 'missing', outcomeUnknown: false });
    },
  },
  {
    title: 'a snapshot of a Redshift cluster is deleted once, and deleting it again finds it gone',
    run: async (stage) => {
      const { redshift, backEnd } = stage;
      const input = await prepared(stage);
      await redshift.createClusterSnapshot(input);
      await finished(stage, input.awsSnapshotId);
      expect(await redshift.deleteClusterSnapshot(input.awsSnapshotId)).toBe('deleted');
      await until(backEnd, 'it is gone', async () => {
        const left = await redshift.describeClusterSnapshots([input.awsSnapshotId]);
        return left.length === 0;
      });
      expect(await redshift.deleteClusterSnapshot(input.awsSnapshotId)).toBe('alreadyGone');
    },
  },
];
