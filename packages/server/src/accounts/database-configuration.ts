import type { Database, DatabaseCluster, RedshiftCluster } from '@cpm/aws/port';
import type { DatabaseConfiguration, DatabaseMember } from '@cpm/core';
import { tagList } from './tags.ts';

/** What AWS tells of an RDS database, as a backup records it. */
export function databaseConfiguration(database: Database): DatabaseConfiguration {
  const { tags, resourceId, zone, secondaryZone, parameterGroup, ...others } = database;
  return {
    ...recorded(others),
    awsResourceId: resourceId,
    instanceClass: database.instanceClass,
    sizeGiB: database.allocatedGiB,
    zones: [zone, secondaryZone].filter((each) => each !== null),
    vpcId: database.vpcId,
    parameterGroups: parameterGroup === null ? [] : [parameterGroup],
    members: [],
    tags: tagList(tags),
  };
}

/** The same of an Aurora or Multi-AZ cluster; the classes of its members come from `members`. */
export function databaseClusterConfiguration(
  cluster: DatabaseCluster,
  members: readonly Database[],
): DatabaseConfiguration {
  const { tags, resourceId, zones, parameterGroup, members: own, ...others } = cluster;
  const classes = new Map(members.map(({ databaseId, instanceClass }) => [databaseId, instanceClass]));
  return {
    ...recorded(others),
    awsResourceId: resourceId,
    instanceClass: cluster.instanceClass,
    sizeGiB: cluster.allocatedGiB,
    zones,
    vpcId: members[0]?.vpcId ?? null,
    parameterGroups: parameterGroup === null ? [] : [parameterGroup],
    members: own
      .toSorted((a, b) => Number(b.writer) - Number(a.writer) || a.databaseId.localeCompare(b.databaseId))
      .map(({ databaseId, writer, promotionTier }): DatabaseMember => {
        const instanceClass = classes.get(databaseId) ?? '';
        return { identifier: databaseId, instanceClass, isWriter: writer, promotionTier };
      }),
    tags: tagList(tags),
  };
}

/** What RDS tells of both; the rest goes into `settings` as it came. */
function recorded({
  engine,
  engineVersion,
  state,
  storageType,
  iops,
  throughputMiBs,
  databaseName,
  masterUsername,
  port,
  multiAz,
  publiclyAccessible,
  subnetGroup,
  securityGroupIds,
  optionGroup,
  encrypted,
  kmsKeyId,
  deletionProtection,
  copyTagsToSnapshot,
  ...settings
}: Omit<Database | DatabaseCluster, 'tags' | 'resourceId' | 'parameterGroup' | 'members' | 'zones' | 'zone'>) {
  return {
    engine,
    engineVersion,
    state,
    storageType,
    iops,
    throughputMiBs,
    databaseName,
    masterUsername,
    port,
    isMultiAz: multiAz,
    isPubliclyAccessible: publiclyAccessible,
    subnetGroup,
    securityGroupIds,
    optionGroup,
    isEncrypted: encrypted,
    kmsKeyId,
    hasDeletionProtection: deletionProtection,
    copiesTagsToSnapshots: copyTagsToSnapshot,
    nodeCount: null,
    settings,
  } satisfies Partial<DatabaseConfiguration>;
}

/** The same of a Redshift cluster. */
export function redshiftConfiguration(cluster: RedshiftCluster): DatabaseConfiguration {
  const { clusterId: _, nodeType, nodeCount, version, namespaceArn, totalStorageMiB, tags, ...named } = cluster;
  const { state, databaseName, masterUsername, port, zone, multiAz, publiclyAccessible, ...placed } = named;
  const { vpcId, subnetGroup, securityGroupIds, parameterGroups, encrypted, kmsKeyId, ...settings } = placed;
  return {
    engine: 'redshift',
    engineVersion: version,
    awsResourceId: namespaceArn,
    state,
    instanceClass: nodeType,
    storageType: null,
    sizeGiB: totalStorageMiB === null ? null : Math.ceil(totalStorageMiB / 1024),
    iops: null,
    throughputMiBs: null,
    databaseName,
    masterUsername,
    port,
    zones: zone === null ? [] : [zone],
    isMultiAz: multiAz,
    isPubliclyAccessible: publiclyAccessible,
    vpcId,
    subnetGroup,
    securityGroupIds,
    parameterGroups,
    optionGroup: null,
    isEncrypted: encrypted,
    kmsKeyId,
    // Redshift knows neither.
    hasDeletionProtection: false,
    copiesTagsToSnapshots: false,
    nodeCount,
    members: [],
    tags: tagList(tags),
    settings,
  };
}
