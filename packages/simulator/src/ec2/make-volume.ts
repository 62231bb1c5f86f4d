import { attachmentState, liveAttachments, volumeState } from '../state/lifecycle.ts';
import type { Attachment, Snapshot, Volume, VolumeShape } from '../state/records.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import type { ChosenEncryption } from './encryption.ts';
import { tagSet } from './tag-rules.ts';

type NewVolume = {
  readonly shape: VolumeShape;
  readonly zone: string;
  readonly source: Snapshot | undefined;
  readonly encryption: ChosenEncryption;
  readonly tags: ReadonlyMap<string, string>;
  /** A volume of a launch is attached at once. */
  readonly readyAtOnce?: boolean;
};

/** Makes a volume; one whose key cannot be used, or that a fault strikes, turns to `error` instead of becoming available. */
export const makeVolume = (call: Call, wish: NewVolume): Volume => {
  const { volumeCreateMs } = call.world.settings.timing;
  const availableAt = wish.readyAtOnce === true ? call.now : call.now + volumeCreateMs;
  const volume: Volume = {
    ...newThing(call, call.world.ids.id('vol'), wish.tags),
    shape: wish.shape,
    zone: wish.zone,
    snapshotId: wish.source?.id,
    productCodes: wish.source?.productCodes ?? [],
    encrypted: wish.encryption.encrypted,
    kmsKeyArn: wish.encryption.kmsKeyArn,
    availableAt,
    failsAt: wish.encryption.keyRefused || call.failWith !== undefined ? availableAt : undefined,
    attachments: [],
    deletingAt: undefined,
    changes: [],
    autoEnableIo: false,
  };
  call.region.volumes.set(volume.id, volume);
  return volume;
};

/** An attachment as AttachVolume, DetachVolume and DescribeVolumes show it. */
export const showAttachment = (call: Call, attachment: Attachment): Reply => ({
  volumeId: attachment.volumeId,
  instanceId: attachment.instanceId,
  device: attachment.device,
  status: attachmentState(attachment, call.now),
  attachTime: new Date(attachment.attachingAt),
  deleteOnTermination: attachment.deleteOnTermination,
});

/** A volume as CreateVolume and DescribeVolumes show it. */
export const showVolume = (call: Call, volume: Volume): Reply => ({
  volumeId: volume.id,
  size: volume.shape.sizeGiB,
  snapshotId: volume.snapshotId ?? '',
  availabilityZone: volume.zone,
  availabilityZoneId: call.region.zones.find((zone) => zone.name === volume.zone)?.id,
  status: volumeState(volume, call.now),
  createTime: new Date(volume.createdAt),
  attachmentSet: liveAttachments(volume.attachments, call.now).map((attachment) => showAttachment(call, attachment)),
  tagSet: tagSet(call, volume),
  volumeType: volume.shape.type,
  iops: volume.shape.iops,
  throughput: volume.shape.throughputMiBps,
  encrypted: volume.encrypted,
  kmsKeyId: volume.kmsKeyArn,
  sseType: volume.encrypted ? 'sse-kms' : undefined,
  multiAttachEnabled: volume.shape.multiAttach,
  operator: { managed: false },
});
