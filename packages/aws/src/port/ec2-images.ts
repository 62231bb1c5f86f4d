import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';

export type ImageState = 'available' | 'pending' | 'failed' | 'invalid' | 'deregistered' | (string & {});

export type ImageBlockDevice = {
  readonly deviceName: string;
  readonly awsSnapshotId: string | null;
  readonly sizeGiB: number | null;
  readonly type: string | null;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly encrypted: boolean | null;
  readonly deleteOnTermination: boolean | null;
  /** `ephemeralN` for instance store. */
  readonly virtualName: string | null;
};

export type Image = {
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  readonly state: ImageState;
  readonly stateReason: string | null;
  readonly ownerId: string | null;
  readonly ownerAlias: string | null;
  readonly isPublic: boolean;
  readonly architecture: string | null;
  readonly virtualizationType: string | null;
  readonly rootDeviceName: string | null;
  readonly rootDeviceType: string | null;
  readonly blockDevices: readonly ImageBlockDevice[];
  readonly bootMode: string | null;
  readonly enaSupport: boolean;
  readonly sriovNetSupport: string | null;
  readonly tpmSupport: string | null;
  readonly imdsSupport: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly platform: string | null;
  readonly platformDetails: string | null;
  readonly usageOperation: string | null;
  readonly productCodes: readonly string[];
  readonly createdAt: Instant | null;
  readonly tags: Tags;
};

/** A volume from a snapshot, or an empty one, at launch. Encryption follows the snapshot: it may not be set here. */
export type RegisterBlockDevice = {
  readonly deviceName: string;
  readonly awsSnapshotId: string;
  readonly sizeGiB: number | null;
  readonly type: string;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly deleteOnTermination: boolean;
};

export type RegisterImageInput = {
  /** Unique in account and region, 3 to 128 characters of `A-Za-z0-9()[] ./-'@_`: holds the attempt's id. */
  readonly name: string;
  readonly description: string;
  /** AWS's default is i386: always the backed-up instance's. */
  readonly architecture: string;
  /** AWS's default is paravirtual: mostly `hvm`. */
  readonly virtualizationType: string;
  readonly rootDeviceName: string;
  readonly blockDevices: readonly RegisterBlockDevice[];
  readonly enaSupport: boolean;
  readonly sriovNetSupport: string | null;
  readonly bootMode: string | null;
  readonly tpmSupport: string | null;
  readonly uefiDataBase64: string | null;
  readonly imdsSupport: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly tags: Tags;
};

/** Which images to look for; every part narrows it, and an empty one does not. */
export type ImageSearch = {
  /** Account numbers, `self`, `amazon` and the like. */
  readonly owners: readonly string[];
  /** May hold the wildcards `*` and `?`. */
  readonly names: readonly string[];
  readonly architecture: string | null;
  readonly virtualizationType: string | null;
  readonly rootDeviceType: string | null;
};

/** Machine images of one account and region. A fresh image may be unknown to `describe…` and `find…` for seconds. */
export type Ec2Images = {
  /** Those of the ids that AWS shows to this account now, public ones included; missing ones are absent. */
  readonly describeImages: (imageIds: readonly string[]) => Promise<readonly Image[]>;
  /**
   * Available images that AWS shows to this account, deprecated ones too, of at most `most` rows: whoever asks for everything
   * gets a part. EC2 API Reference, DescribeImages.
   */
  readonly searchImages: (search: ImageSearch, most: number) => Promise<readonly Image[]>;
  /** The account's own image of that name, null when there is none (yet). */
  readonly findImageByName: (name: string) => Promise<Image | null>;
  /**
   * The new image's id. Sent once; after `outcomeUnknown`, and on `conflict` (`InvalidAMIName.Duplicate`), find it by
   * its name. EC2 API Reference, RegisterImage.
   */
  readonly registerImage: (input: RegisterImageInput) => Promise<string>;
  /** May be repeated. Never deletes the snapshots: they are the backup. EC2 API Reference, DeregisterImage. */
  readonly deregisterImage: (imageId: string) => Promise<'deregistered' | 'alreadyGone'>;
};
