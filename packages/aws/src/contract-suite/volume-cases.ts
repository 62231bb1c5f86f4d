import { expect } from 'vitest';
import type { Ec2Port } from '../port/ec2.ts';
import type { CreateVolumeInput } from '../port/ec2-volumes.ts';
import { snapshotOf, volumeInput } from './plant-estate.ts';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

async function availableVolume({ ec2, backEnd }: Stage, input: CreateVolumeInput): Promise<string> {
  const { volumeId } = await ec2.createVolume(input);
  await reaches(ec2, { backEnd, volumeId, state: 'available' });
  return volumeId;
}

type Reach = Pick<Stage, 'backEnd'> & { readonly volumeId: string; readonly state: string };

function reaches(ec2: Ec2Port, { backEnd, volumeId, state }: Reach): Promise<boolean> {
  return until(
    backEnd,
    `${volumeId} is ${state}`,
    async () => (await ec2.describeVolumes([volumeId]))[0]?.state === state,
  );
}

export const volumeCases: readonly Case[] = [
  {
    title: 'a volume from a snapshot has its size, the type asked for and its tags',
    run: async (stage) => {
      const { ec2, estate, backEnd } = stage;
      const awsSnapshotId = await snapshotOf(ec2, backEnd, estate.dataVolumeIds[0] ?? '');
      const given = {
        zone: estate.zone,
        awsSnapshotId,
        throughputMiBs: 250,
        iops: 4000,
        tags: { 'cpm:recovery': 'r-1' },
      };
      const volumeId = await availableVolume(stage, volumeInput(given));
      const [volume] = await ec2.describeVolumes([volumeId]);
      expect(volume).toMatchObject({ ...given, sizeGiB: 10, type: 'gp3', attachments: [] });
      expect((await ec2.listVolumes()).map((listed) => listed.volumeId)).toContain(volumeId);
      expect(await ec2.deleteVolume(volumeId)).toBe('deleted');
      await until(backEnd, 'it is gone', async () => (await ec2.describeVolumes([volumeId])).length === 0);
      expect(await ec2.deleteVolume(volumeId)).toBe('alreadyGone');
    },
  },
  {
    title: 'a volume smaller than its snapshot is refused',
    run: async ({ ec2, estate }) => {
      const input = volumeInput({ zone: estate.zone, awsSnapshotId: estate.imageSnapshotId, sizeGiB: 2 });
      expect(await refusalOf(ec2.createVolume(input))).toMatchObject({ class: 'invalid' });
    },
  },
  {
    title: 'a volume from an unknown snapshot is refused as missing',
    run: async ({ ec2, estate }) => {
      const input = volumeInput({ zone: estate.zone, awsSnapshotId: 'snap-0fedcba9876543210' });
      expect(await refusalOf(ec2.createVolume(input))).toMatchObject({
        class: 'missing',
        aws: { code: 'InvalidSnapshot.NotFound' },
      });
    },
  },
  {
    title: 'createVolume with the same token gives the same volume, with another input a refusal',
    run: async ({ ec2, estate, backEnd }) => {
      const input = volumeInput({ zone: estate.zone, sizeGiB: 5 });
      const [first, second] = [await ec2.createVolume(input), await ec2.createVolume(input)];
      expect(second.volumeId, 'the same volume').toBe(first.volumeId);
      const refusal = await refusalOf(ec2.createVolume({ ...input, sizeGiB: 6 }));
      expect(refusal).toMatchObject({ class: 'conflict', aws: { code: 'IdempotentParameterMismatch' } });
      await reaches(ec2, { backEnd, volumeId: first.volumeId, state: 'available' });
      await ec2.deleteVolume(first.volumeId);
    },
  },
  {
    title: 'a volume is attached to a free device, kept from deletion, detached and deleted',
    run: async (stage) => {
      const { ec2, estate, backEnd } = stage;
      const { instanceId, zone } = estate;
      const volumeId = await availableVolume(stage, volumeInput({ zone, sizeGiB: 5 }));
      expect(['attaching', 'attached']).toContain(await ec2.attachVolume(volumeId, instanceId, '/dev/sdh'));
      await reaches(ec2, { backEnd, volumeId, state: 'in-use' });
      const [attached] = await ec2.describeVolumes([volumeId]);
      expect(attached?.attachments).toMatchObject([{ instanceId, deviceName: '/dev/sdh', deleteOnTermination: false }]);
      expect(await refusalOf(ec2.deleteVolume(volumeId))).toMatchObject({
        class: 'conflict',
        aws: { code: 'VolumeInUse' },
      });
      expect(['detaching', 'detached']).toContain(await ec2.detachVolume({ volumeId, instanceId }));
      await reaches(ec2, { backEnd, volumeId, state: 'available' });
      expect(await ec2.deleteVolume(volumeId)).toBe('deleted');
    },
  },
  {
    title: 'a busy device is refused as a conflict',
    run: async (stage) => {
      const { ec2, estate } = stage;
      const volumeId = await availableVolume(stage, volumeInput({ zone: estate.zone, sizeGiB: 5 }));
      const refusal = await refusalOf(ec2.attachVolume(volumeId, estate.instanceId, '/dev/sdf'));
      expect(refusal).toMatchObject({ code: 'aws_conflict', aws: { code: 'InvalidParameterValue' } });
      await ec2.deleteVolume(volumeId);
    },
  },
  {
    title: 'a volume of another zone is refused',
    run: async (stage) => {
      const { ec2, estate } = stage;
      const volumeId = await availableVolume(stage, volumeInput({ zone: estate.otherZone, sizeGiB: 5 }));
      const refusal = await refusalOf(ec2.attachVolume(volumeId, estate.instanceId, '/dev/sdi'));
      expect(refusal).toMatchObject({ aws: { code: 'InvalidVolume.ZoneMismatch' } });
      await ec2.deleteVolume(volumeId);
    },
  },
  {
    title: 'attaching an unknown volume is refused as missing',
    run: async ({ ec2, estate }) => {
      const refusal = await refusalOf(ec2.attachVolume('vol-0fedcba9876543210', estate.instanceId, '/dev/sdj'));
      expect(refusal).toMatchObject({ class: 'missing', aws: { code: 'InvalidVolume.NotFound' } });
    },
  },
];
