import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { CreateSnapshotsInput } from '../port/ec2-snapshots.ts';
import { imageInput, snapshotOf } from './plant-estate.ts';
import { refusalOf, uniqueTag, until, type Case, type Stage } from './stage.ts';

function wholeInstance({ estate }: Stage, given: Partial<CreateSnapshotsInput> = {}): CreateSnapshotsInput {
  const { key, value } = uniqueTag();
  const all = { excludeRoot: false, excludeVolumeIds: [], description: 'nightly backup', copySourceTags: false };
  return { instanceId: estate.instanceId, ...all, tags: { [key]: value }, ...given };
}

/** A volume takes only so many snapshots in a quarter minute, and so many pending ones. */
async function breathe({ backEnd }: Stage): Promise<void> {
  await backEnd.settle(120);
}

export const snapshotCases: readonly Case[] = [
  {
    title: 'createSnapshots makes one snapshot of each volume, with description and tags',
    run: async (stage) => {
      const { ec2, estate } = stage;
      const input = wholeInstance(stage);
      const made = await ec2.createSnapshots(input);
      expect(made.map(({ volumeId }) => volumeId).toSorted()).toEqual(
        [estate.rootVolumeId, ...estate.dataVolumeIds].toSorted(),
      );
      for (const snapshot of made) expect(snapshot).toMatchObject({ description: 'nightly backup', tags: input.tags });
      expect(made.map(({ sizeGiB }) => sizeGiB).toSorted((one, other) => one - other)).toEqual([8, 10, 20]);
      await breathe(stage);
    },
  },
  {
    title: 'createSnapshots leaves out the root volume when it is told to',
    run: async (stage) => {
      const made = await stage.ec2.createSnapshots(wholeInstance(stage, { excludeRoot: true }));
      expect(made.map(({ volumeId }) => volumeId).toSorted()).toEqual([...stage.estate.dataVolumeIds].toSorted());
      await breathe(stage);
    },
  },
  {
    title: 'createSnapshots leaves out the volumes that it is told to leave out',
    run: async (stage) => {
      const [kept = '', excluded = ''] = stage.estate.dataVolumeIds;
      const made = await stage.ec2.createSnapshots(wholeInstance(stage, { excludeVolumeIds: [excluded] }));
      const volumeIds = made.map(({ volumeId }) => volumeId);
      expect(volumeIds, 'one is left out').toHaveLength(2);
      expect(volumeIds).toEqual(expect.arrayContaining([kept, stage.estate.rootVolumeId]));
      await breathe(stage);
    },
  },
  {
    title: 'createSnapshots adds the tags of each volume when it is asked to',
    run: async (stage) => {
      const made = await stage.ec2.createSnapshots(wholeInstance(stage, { copySourceTags: true }));
      const ids = made.map(({ awsSnapshotId }) => awsSnapshotId);
      await until(stage.backEnd, 'all are shown', async () => (await stage.ec2.describeSnapshots(ids)).length === 3);
      for (const { tags } of await stage.ec2.describeSnapshots(ids)) expect(tags).toMatchObject({ team: 'blue' });
      await breathe(stage);
    },
  },
  {
    title: 'createSnapshots of an unknown instance is refused as missing',
    run: async (stage) => {
      const refusal = await refusalOf(
        stage.ec2.createSnapshots(wholeInstance(stage, { instanceId: 'i-0fedcba9876543210' })),
      );
      expect(refusal).toMatchObject({
        class: 'missing',
        outcomeUnknown: false,
        aws: { code: 'InvalidInstanceID.NotFound' },
      });
    },
  },
  {
    title: 'a fresh snapshot is pending, then completed with 100 percent',
    run: async ({ ec2, estate, backEnd }) => {
      const volumeId = estate.dataVolumeIds[0] ?? '';
      const made = await ec2.createSnapshot({ volumeId, description: 'progress', tags: {} });
      expect(made.state).toBe('pending');
      const [fresh] = await ec2.describeSnapshots([made.awsSnapshotId]);
      expect(fresh?.state).toBe('pending');
      expect(fresh?.progressPercent ?? 0).toBeLessThan(100);
      await until(backEnd, 'completed', async () => {
        const [snapshot] = await ec2.describeSnapshots([made.awsSnapshotId]);
        return snapshot?.state === 'completed' && snapshot.progressPercent === 100;
      });
    },
  },
  {
    title: 'every snapshot of a backup is completed in the end',
    run: async (stage) => {
      const made = await stage.ec2.createSnapshots(wholeInstance(stage));
      const ids = made.map(({ awsSnapshotId }) => awsSnapshotId);
      await until(stage.backEnd, 'all are completed', async () => {
        const found = await stage.ec2.describeSnapshots(ids);
        return found.length === 3 && found.every(({ state }) => state === 'completed');
      });
      await breathe(stage);
    },
  },
  {
    title: 'snapshots are found by their tag, and only those',
    run: async (stage) => {
      const { ec2, backEnd } = stage;
      const [one, other] = [wholeInstance(stage), wholeInstance(stage)];
      await ec2.createSnapshots(one);
      await ec2.createSnapshots(other);
      const values = [one, other].map(({ tags }) => tags['cpm:attempt'] ?? '');
      await until(
        backEnd,
        'all are shown',
        async () => (await ec2.findSnapshotsByTag('cpm:attempt', values)).length === 6,
      );
      const found = await ec2.findSnapshotsByTag('cpm:attempt', values.slice(0, 1));
      expect(found.map(({ tags }) => tags['cpm:attempt'])).toEqual(Array.from({ length: 3 }, () => values[0]));
      expect(await ec2.findSnapshotsByTag('cpm:attempt', [randomUUID()])).toEqual([]);
      await breathe(stage);
    },
  },
  {
    title: 'an unknown snapshot is absent from the answer and spoils nothing',
    run: async ({ ec2, estate }) => {
      const found = await ec2.describeSnapshots([
        estate.imageSnapshotId,
        'snap-0fedcba9876543210',
        estate.imageSnapshotId,
      ]);
      expect(found.map(({ awsSnapshotId }) => awsSnapshotId)).toEqual([estate.imageSnapshotId]);
    },
  },
  {
    title: 'a snapshot is deleted once, and deleting it again finds it gone',
    run: async ({ ec2, estate, backEnd }) => {
      const id = await snapshotOf(ec2, backEnd, estate.dataVolumeIds[1] ?? '');
      expect([await ec2.deleteSnapshot(id), await ec2.deleteSnapshot(id)]).toEqual(['deleted', 'alreadyGone']);
      expect(await ec2.describeSnapshots([id])).toEqual([]);
    },
  },
  {
    title: 'a snapshot that an image uses is kept, and AWS says why',
    run: async ({ ec2, estate, backEnd }) => {
      const awsSnapshotId = await snapshotOf(ec2, backEnd, estate.rootVolumeId);
      const imageId = await ec2.registerImage(imageInput({ awsSnapshotId, name: `cpm ${randomUUID()}` }));
      const outcome: unknown = await ec2.deleteSnapshot(awsSnapshotId).catch((thrown: unknown) => thrown);
      await ec2.deregisterImage(imageId);
      expect(outcome).toMatchObject({ class: 'conflict', aws: { code: 'InvalidSnapshot.InUse' } });
      expect(await ec2.deleteSnapshot(awsSnapshotId)).toBe('deleted');
    },
  },
];
