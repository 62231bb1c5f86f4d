import type * as sdk from '@aws-sdk/client-redshift';
import type { Tags } from '../port/access.ts';
import type { RedshiftCluster, RedshiftSnapshot } from '../port/redshift.ts';
import { instantOf, orNull, tagsOf } from './shapes.ts';

export function toRedshiftCluster(from: sdk.Cluster): RedshiftCluster {
  return {
    ...placeFacts(from),
    ...upkeepFacts(from),
    clusterId: from.ClusterIdentifier ?? '',
    namespaceArn: orNull(from.ClusterNamespaceArn),
    state: from.ClusterStatus ?? '',
    availability: orNull(from.ClusterAvailabilityStatus),
    restore: restoreOf(from),
    nodeType: from.NodeType ?? '',
    nodeCount: from.NumberOfNodes ?? 0,
    version: orNull(from.ClusterVersion),
    databaseName: orNull(from.DBName),
    masterUsername: orNull(from.MasterUsername),
    masterSecretArn: orNull(from.MasterPasswordSecretArn),
    parameterGroups: (from.ClusterParameterGroups ?? []).flatMap(({ ParameterGroupName }) => ParameterGroupName ?? []),
    encrypted: from.Encrypted ?? false,
    kmsKeyId: orNull(from.KmsKeyId),
    iamRoleArns: (from.IamRoles ?? []).flatMap(({ IamRoleArn }) => IamRoleArn ?? []),
    defaultIamRoleArn: orNull(from.DefaultIamRoleArn),
    totalStorageMiB: orNull(from.TotalStorageCapacityInMegaBytes),
    createdAt: instantOf(from.ClusterCreateTime),
    tags: tagsOf(from.Tags),
  };
}

function restoreOf({ RestoreStatus: from }: sdk.Cluster): RedshiftCluster['restore'] {
  if (from === undefined) return null;
  const { ProgressInMegaBytes: done = 0, SnapshotSizeInMegaBytes: all = 0 } = from;
  return { state: from.Status ?? '', progressPercent: all > 0 ? Math.min(100, Math.floor((100 * done) / all)) : null };
}

function placeFacts(from: sdk.Cluster) {
  return {
    host: orNull(from.Endpoint?.Address),
    port: orNull(from.Endpoint?.Port),
    zone: orNull(from.AvailabilityZone),
    // AWS writes a word where everyone else has yes or no.
    multiAz: from.MultiAZ?.toLowerCase() === 'enabled',
    vpcId: orNull(from.VpcId),
    subnetGroup: orNull(from.ClusterSubnetGroupName),
    securityGroupIds: (from.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    publiclyAccessible: from.PubliclyAccessible ?? false,
    elasticIp: orNull(from.ElasticIpStatus?.ElasticIp),
    enhancedVpcRouting: from.EnhancedVpcRouting ?? false,
    zoneRelocation: from.AvailabilityZoneRelocationStatus?.toLowerCase() === 'enabled',
  };
}

function upkeepFacts(from: sdk.Cluster) {
  return {
    maintenanceWindow: orNull(from.PreferredMaintenanceWindow),
    maintenanceTrack: orNull(from.MaintenanceTrackName),
    allowVersionUpgrade: from.AllowVersionUpgrade ?? false,
    automatedRetentionDays: orNull(from.AutomatedSnapshotRetentionPeriod),
    snapshotSchedule: orNull(from.SnapshotScheduleIdentifier),
  };
}

/** `askedTags` stand in where the answer of a create does not repeat them. */
export function toRedshiftSnapshot(from: sdk.Snapshot, askedTags: Tags = {}): RedshiftSnapshot {
  const totalMiB = from.TotalBackupSizeInMegaBytes;
  return {
    awsSnapshotId: from.SnapshotIdentifier ?? '',
    arn: orNull(from.SnapshotArn),
    sourceId: from.ClusterIdentifier ?? '',
    state: from.Status ?? 'creating',
    progressPercent: percentOf(from),
    kind: from.SnapshotType ?? 'manual',
    createdAt: instantOf(from.SnapshotCreateTime),
    sizeGiB: totalMiB === undefined || totalMiB < 0 ? null : totalMiB / 1024,
    encrypted: from.Encrypted ?? false,
    kmsKeyId: orNull(from.KmsKeyId),
    tags: from.Tags === undefined ? askedTags : tagsOf(from.Tags),
    ...sourceFacts(from),
    restorableNodeTypes: from.RestorableNodeTypes ?? [],
    secondsToCompletion: orNull(from.EstimatedSecondsToCompletion),
    sharedWith: (from.AccountsWithRestoreAccess ?? []).flatMap(({ AccountId }) => AccountId ?? []),
  };
}

function sourceFacts(from: sdk.Snapshot) {
  return {
    nodeType: orNull(from.NodeType),
    nodeCount: orNull(from.NumberOfNodes),
    version: orNull(from.ClusterVersion),
    databaseName: orNull(from.DBName),
    masterUsername: orNull(from.MasterUsername),
    port: orNull(from.Port),
    zone: orNull(from.AvailabilityZone),
    vpcId: orNull(from.VpcId),
    enhancedVpcRouting: from.EnhancedVpcRouting ?? false,
    maintenanceTrack: orNull(from.MaintenanceTrackName),
  };
}

/** AWS tells megabytes instead: those done of those that this snapshot adds. */
function percentOf({
  Status,
  BackupProgressInMegaBytes: done,
  ActualIncrementalBackupSizeInMegaBytes: all,
}: sdk.Snapshot) {
  if (Status === 'available') return 100;
  if (done === undefined || all === undefined || all <= 0) return null;
  return Math.min(100, Math.max(0, Math.floor((100 * done) / all)));
}
