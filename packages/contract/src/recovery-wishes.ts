import { ATTACH_BEHAVIORS, IMAGE_HANDLINGS, LAUNCH_SOURCES, VOLUME_TYPES } from '@cpm/core';
import { z } from 'zod';
import { id, region } from './common.ts';

/** What every recovery may be asked beside what it brings back. */
const common = {
  place: z
    .strictObject({ accountId: id, region })
    .optional()
    .meta({ description: 'Where to, one of the places of the recovery panel; absent: where it was.' }),
  credentials: z
    .strictObject({
      accessKeyId: z.string().min(1).max(128),
      secretAccessKey: z.string().min(1).max(256),
      sessionToken: z.string().min(1).max(8192).optional(),
    })
    .optional()
    .meta({
      description:
        "Used instead of the account's own, for this recovery alone; must belong to the same AWS account, is held in memory only.",
    }),
};

/** Size, type and speed of a volume; what is absent is as the original's. Checked by core against today's EBS limits. */
const shape = {
  sizeGiB: z.number().optional(),
  volumeType: z.enum(VOLUME_TYPES).optional(),
  iops: z.number().optional(),
  throughputMiBps: z.number().optional(),
  kmsKeyId: z
    .string()
    .max(256)
    .optional()
    .meta({ description: 'Encrypts it under this key: an id, ARN, or alias. Absent: as its snapshot is.' }),
};

const device = z.string().max(32);
const ec2Id = z.string().max(32);

/** Volumes of one backup and one region. */
export const volumeRecovery = z.strictObject({
  ...common,
  attachBehavior: z.enum(ATTACH_BEHAVIORS).optional().meta({
    description: 'What to do where a device is taken; switching needs a stopped instance (only-if-free unless told).',
  }),
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id.meta({ description: "CPM's record of the snapshot." }),
        zone: z.string().max(32).optional(),
        ...shape,
        preserveTags: z.boolean().optional(),
        attachTo: ec2Id.optional().meta({ description: 'The instance to attach it to; absent: to none.' }),
        deviceName: device.optional().meta({ description: 'Absent: the original one, or one that is free.' }),
      }),
    )
    .min(1, 'name at least one volume')
    .max(40, 'at most 40 at once'),
});

const instanceWish = {
  resourceId: id.meta({ description: 'The backed-up instance, as `listBackedUpResources` names it.' }),
  launchFrom: z.enum(LAUNCH_SOURCES).optional().meta({
    description:
      'snapshot: of its root volume; image: as the image is; image-then-swap: an image, whose root volume is then replaced by the backed-up one. Absent: whatever brings it back as it was.',
  }),
  imageId: ec2Id.optional().meta({ description: 'To launch from; absent: the one it was launched from.' }),
  imageHandling: z.enum(IMAGE_HANDLINGS).optional(),
  count: z.number().optional(),
  instanceType: z.string().max(64).optional(),
  architecture: z.enum(['i386', 'x86_64', 'arm64']).optional(),
  keyName: z.string().max(255).nullable().optional().meta({ description: 'Null: without a key.' }),
  zone: z.string().max(32).optional().meta({ description: 'Into the default subnet of this zone; not with a subnet.' }),
  subnetId: ec2Id.optional(),
  privateIp: z.string().max(64).nullable().optional().meta({ description: 'Null: any address of the subnet.' }),
  associatePublicIp: z.boolean().nullable().optional().meta({ description: 'Null: as the subnet has it.' }),
  securityGroupIds: z.array(ec2Id).max(16).optional(),
  placementGroup: z.string().max(255).nullable().optional().meta({ description: 'Null: in none.' }),
  tenancy: z.enum(['default', 'dedicated', 'host']).optional(),
  hostId: ec2Id.nullable().optional().meta({ description: 'Of a dedicated host; null: any of the account.' }),
  instanceProfileArn: z.string().max(640).nullable().optional().meta({ description: 'Null: without a profile.' }),
  userDataBase64: z.string().max(32_768).nullable().optional().meta({ description: 'Null: without user data.' }),
  kernelId: ec2Id.nullable().optional().meta({ description: 'Of paravirtual instances; null: that of the image.' }),
  ramdiskId: ec2Id.nullable().optional(),
  ephemeral: z
    .array(z.strictObject({ deviceName: device, virtualName: z.string().max(16) }))
    .max(24)
    .optional()
    .meta({ description: 'Instance store of older types, as ephemeral0 to ephemeral23.' }),
  preserveTags: z.boolean().optional(),
  shutdownBehavior: z.enum(['stop', 'terminate']).optional(),
  isTerminationProtected: z.boolean().optional(),
  isMonitored: z.boolean().optional(),
  isEbsOptimized: z.boolean().optional(),
  requiresImdsV2: z.boolean().optional().meta({ description: 'Whether the metadata service wants a session token.' }),
  volumes: z
    .array(
      z.strictObject({
        snapshotId: id,
        recover: z.boolean().optional(),
        ...shape,
        deviceName: device.optional(),
        deleteOnTermination: z.boolean().optional(),
        preserveTags: z.boolean().optional(),
      }),
    )
    .max(40)
    .optional(),
};

/** Whatever is absent is as the backed-up instance was. */
export const instanceRecovery = z.strictObject({ ...common, ...instanceWish });

/** Several instances of one backup in one go: all of them are checked before anything of any is made. */
export const instancesRecovery = z.strictObject({
  ...common,
  instances: z.array(z.strictObject(instanceWish)).min(1, 'name at least one instance').max(100, 'at most 100 at once'),
});

const groupName = z.string().max(255);
const newName = z.string().max(63);
const database = {
  resourceId: id.meta({ description: 'The backed-up database or cluster, as `listBackedUpResources` names it.' }),
  port: z.number().optional(),
  subnetGroup: groupName.optional(),
  securityGroupIds: z.array(ec2Id).max(20).optional(),
  parameterGroup: groupName.optional(),
  isPubliclyAccessible: z.boolean().optional(),
  preserveTags: z.boolean().optional(),
};

/** An RDS database; whatever is absent is as the backed-up one was. */
export const databaseRecovery = z.strictObject({
  ...common,
  ...database,
  databaseId: newName.optional().meta({ description: 'Must be free; absent: that of the original.' }),
  instanceClass: z.string().max(64).optional(),
  zone: z.string().max(32).nullable().optional().meta({ description: 'Null: AWS chooses. Not with Multi-AZ.' }),
  isMultiAz: z.boolean().optional(),
  optionGroup: groupName.optional(),
  storageType: z.string().max(16).optional(),
  sizeGiB: z.number().optional(),
  iops: z.number().optional(),
  throughputMiBps: z.number().optional(),
  hasDeletionProtection: z.boolean().optional(),
});

/** An Aurora (or Multi-AZ) cluster with its members. */
export const databaseClusterRecovery = z.strictObject({
  ...common,
  ...database,
  clusterId: newName.optional().meta({ description: 'Must be free; absent: that of the original.' }),
  members: z
    .array(z.strictObject({ databaseId: newName, instanceClass: z.string().max(64).optional() }))
    .max(16)
    .optional()
    .meta({ description: 'The first becomes the writer. Absent: as the original had; empty: none.' }),
  hasDeletionProtection: z.boolean().optional(),
});

export const redshiftClusterRecovery = z.strictObject({
  ...common,
  ...database,
  clusterId: newName.optional().meta({ description: 'Must be free; absent: that of the original.' }),
  zone: z.string().max(32).nullable().optional().meta({ description: 'Null: AWS chooses.' }),
  nodeType: z.string().max(64).optional(),
  nodeCount: z.number().optional(),
});

export type VolumeRecoveryInput = z.input<typeof volumeRecovery>;
export type InstanceRecoveryInput = z.input<typeof instanceRecovery>;
export type InstancesRecoveryInput = z.input<typeof instancesRecovery>;
export type DatabaseRecoveryInput = z.input<typeof databaseRecovery>;
export type DatabaseClusterRecoveryInput = z.input<typeof databaseClusterRecovery>;
export type RedshiftClusterRecoveryInput = z.input<typeof redshiftClusterRecovery>;
