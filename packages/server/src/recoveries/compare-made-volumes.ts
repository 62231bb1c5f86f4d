import type { Volume } from '@cpm/aws/port';
import { compareVolumes, type ComparedVolume, type VolumeType } from '@cpm/core';
import type { SnapshotRow } from '../backups/snapshots.store.ts';
import { inputsOf, unrecorded, type Compared, type ComparisonScene } from './comparison-scene.ts';

/** A volume that was made by itself, beside the one whose snapshot it came from. */
export async function compareMadeVolume(scene: ComparisonScene, volumeId: string): Promise<Compared> {
  const [volume] = await scene.access.ec2.describeVolumes([volumeId]);
  if (volume === undefined) return null;
  const snapshot = scene.snapshots.find(({ awsSnapshotId }) => awsSnapshotId === volume.awsSnapshotId);
  // A root volume that takes the place of an image's belongs to its instance and is compared there.
  if (scene.resource !== undefined) return null;
  if (snapshot === undefined) return unrecorded(volume.awsSnapshotId ?? '');
  const original = await withKey(scene, originalVolume(scene, snapshot), snapshot);
  const fields = compareVolumes(original, madeVolume(volume), inputsOf(scene, snapshot.id));
  return { original: snapshot.sourceId, fields };
}

/** Of a volume by itself no key is recorded: its snapshot is under the very same one, while that is there. */
async function withKey(
  { access }: ComparisonScene,
  original: ComparedVolume,
  { awsSnapshotId }: SnapshotRow,
): Promise<ComparedVolume> {
  if (original.kmsKeyId !== undefined || awsSnapshotId === null) return original;
  const [found] = await access.ec2.describeSnapshots([awsSnapshotId]);
  return { ...original, kmsKeyId: found?.kmsKeyId ?? undefined };
}

/** A volume as the backup recorded it. */
export function originalVolume({ resources }: ComparisonScene, snapshot: SnapshotRow): ComparedVolume {
  const resource = resources.find(({ id }) => id === snapshot.resourceId);
  const configured = resource?.configuration?.volumes.find(({ volumeId }) => volumeId === snapshot.sourceId);
  return {
    deviceName: snapshot.device,
    sizeGiB: snapshot.sizeGiB,
    volumeType: snapshot.volumeType as VolumeType,
    iops: snapshot.iops,
    throughputMiBps: snapshot.throughputMiBs,
    isEncrypted: snapshot.encrypted,
    kmsKeyId: configured === undefined && snapshot.encrypted ? undefined : (configured?.kmsKeyId ?? null),
    zone: snapshot.zone,
    deleteOnTermination: configured?.deleteOnTermination ?? null,
    tags: snapshot.volumeTags,
  };
}

/** A volume as AWS shows it; the attachment is that to the instance, where one is named. */
export function madeVolume(volume: Volume, instanceId?: string): ComparedVolume {
  const attachment = volume.attachments.find((each) => each.instanceId === instanceId);
  return {
    deviceName: attachment?.deviceName ?? null,
    sizeGiB: volume.sizeGiB,
    volumeType: volume.type as VolumeType,
    iops: volume.iops,
    throughputMiBps: volume.throughputMiBs,
    isEncrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    zone: volume.zone,
    deleteOnTermination: attachment?.deleteOnTermination ?? null,
    tags: Object.entries(volume.tags).map(([key, value]) => ({ key, value })),
  };
}
