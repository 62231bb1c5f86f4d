import type * as sdk from '@aws-sdk/client-rds';
import type { Tags } from '../port/access.ts';
import type { DatabaseClusterSnapshot, DatabaseSnapshot } from '../port/rds.ts';
import { featuresOf } from './rds-shapes.ts';
import { instantOf, orNull, tagsOf } from './shapes.ts';

/** `askedTags` stand in where the answer of a create does not repeat them. */
export function toDatabaseSnapshot(from: sdk.DBSnapshot, askedTags: Tags = {}): DatabaseSnapshot {
  return {
    ...sharedFacts(from, askedTags),
    awsSnapshotId: from.DBSnapshotIdentifier ?? '',
    arn: orNull(from.DBSnapshotArn),
    sourceId: from.DBInstanceIdentifier ?? '',
    sourceResourceId: orNull(from.DbiResourceId),
    encrypted: from.Encrypted ?? false,
    zone: orNull(from.AvailabilityZone),
    iops: orNull(from.Iops),
    optionGroup: orNull(from.OptionGroupName),
    timezone: orNull(from.Timezone),
    tdeCredentialArn: orNull(from.TdeCredentialArn),
    dedicatedLogVolume: from.DedicatedLogVolume ?? false,
    processorFeatures: featuresOf(from.ProcessorFeatures),
  };
}

export function toDatabaseClusterSnapshot(from: sdk.DBClusterSnapshot, askedTags: Tags = {}): DatabaseClusterSnapshot {
  return {
    ...sharedFacts(from, askedTags),
    awsSnapshotId: from.DBClusterSnapshotIdentifier ?? '',
    arn: orNull(from.DBClusterSnapshotArn),
    sourceId: from.DBClusterIdentifier ?? '',
    sourceResourceId: orNull(from.DbClusterResourceId),
    encrypted: from.StorageEncrypted ?? false,
    engineMode: orNull(from.EngineMode),
    zones: from.AvailabilityZones ?? [],
  };
}

function sharedFacts(from: sdk.DBSnapshot | sdk.DBClusterSnapshot, askedTags: Tags) {
  return {
    state: from.Status ?? 'creating',
    progressPercent: orNull(from.PercentProgress),
    kind: from.SnapshotType ?? 'manual',
    createdAt: instantOf(from.SnapshotCreateTime),
    // Aurora writes 0 or 1 for storage that grows by itself.
    sizeGiB: orNull(from.AllocatedStorage),
    kmsKeyId: orNull(from.KmsKeyId),
    engine: from.Engine ?? '',
    engineVersion: orNull(from.EngineVersion),
    licenseModel: orNull(from.LicenseModel),
    masterUsername: orNull(from.MasterUsername),
    port: orNull(from.Port),
    vpcId: orNull(from.VpcId),
    storageType: orNull(from.StorageType),
    throughputMiBs: orNull(from.StorageThroughput),
    iamAuthentication: from.IAMDatabaseAuthenticationEnabled ?? false,
    tags: from.TagList === undefined ? askedTags : tagsOf(from.TagList),
  };
}
