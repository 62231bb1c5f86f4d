import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';

export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting' | 'deleted' | 'error' | (string & {});
export type AttachmentState = 'attaching' | 'attached' | 'detaching' | 'detached' | 'busy' | (string & {});

export type VolumeAttachment = {
  readonly instanceId: string;
  readonly deviceName: string;
  readonly state: AttachmentState;
  readonly deleteOnTermination: boolean;
};

export type Volume = {
  readonly volumeId: string;
  readonly state: VolumeState;
  readonly sizeGiB: number;
  /** `gp3`, `io2`, …: the list grows. */
  readonly type: string;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly zone: string;
  readonly awsSnapshotId: string | null;
  readonly multiAttach: boolean;
  readonly createdAt: Instant | null;
  readonly attachments: readonly VolumeAttachment[];
  readonly tags: Tags;
};

export type CreateVolumeInput = {
  /** At most 64 ASCII characters, stored before the call: a repeat with it gives the first volume. */
  readonly clientToken: string;
  readonly zone: string;
  readonly awsSnapshotId: string | null;
  /** At least the snapshot's; null takes the snapshot's. */
  readonly sizeGiB: number | null;
  readonly type: string;
  /** Only for gp3, io1 (required) and io2 (required). */
  readonly iops: number | null;
  /** Only for gp3. */
  readonly throughputMiBs: number | null;
  /** null leaves it to the snapshot and the region's default. */
  readonly encrypted: boolean | null;
  readonly kmsKeyId: string | null;
  readonly tags: Tags;
};

export type DetachVolumeInput = {
  readonly volumeId: string;
  readonly instanceId: string;
  readonly deviceName?: string;
};

/** EBS volumes of one account and region. A fresh volume may be unknown to the other calls for seconds to minutes. */
export type Ec2Volumes = {
  /** Every volume, all pages, or an error: never a part. */
  readonly listVolumes: () => Promise<readonly Volume[]>;
  /** Those of the ids that AWS shows now; missing ones are absent. */
  readonly describeVolumes: (volumeIds: readonly string[]) => Promise<readonly Volume[]>;
  /**
   * May be repeated with the same token and input; another input is refused (`IdempotentParameterMismatch`). A wrong key
   * shows later: the volume vanishes or goes to `error`. EC2 API Reference, CreateVolume.
   */
  readonly createVolume: (input: CreateVolumeInput) => Promise<Volume>;
  /**
   * Sent once; after `outcomeUnknown` describe the volume. `conflict` when volume or device is taken
   * (`VolumeInUse`, `InvalidParameterValue … already in use`) or the state forbids it. EC2 API Reference, AttachVolume.
   */
  readonly attachVolume: (volumeId: string, instanceId: string, deviceName: string) => Promise<AttachmentState>;
  /** Sent once; `conflict` when it is not attached, or is the root of a running instance. EC2 API Reference, DetachVolume. */
  readonly detachVolume: (input: DetachVolumeInput) => Promise<AttachmentState>;
  /** May be repeated; `conflict` while attached. EC2 API Reference, DeleteVolume. */
  readonly deleteVolume: (volumeId: string) => Promise<'deleted' | 'alreadyGone'>;
};
