import { lookNamed } from '../state/named.ts';
import { named, securityGroupIds, text, type Fields } from './fields.ts';
import { found, type Place } from './founding.ts';
import type { EstateDatabase, EstateDatabaseCluster, EstateRedshiftCluster, EstateRegion } from './format.ts';

const hourMs = 3_600_000;
const password = 'Simulated-password-1';

const tagFields = (tags: Readonly<Record<string, string>> | undefined): Fields =>
  Object.entries(tags ?? {}).flatMap(([key, value], at): Fields => [
    [`Tags.Tag.${at + 1}.Key`, key],
    [`Tags.Tag.${at + 1}.Value`, value],
  ]);

const groupFields = (place: Place, names: readonly string[] | undefined): Fields =>
  securityGroupIds(place, names).map((id, at) => [`VpcSecurityGroupIds.VpcSecurityGroupId.${at + 1}`, id] as const);

const engineFields = (place: Place, wish: EstateDatabase | EstateDatabaseCluster): Fields => [
  ['Engine', wish.engine],
  ['EngineVersion', wish.version],
  ['MasterUsername', 'master'],
  ['MasterUserPassword', password],
  ['DBSubnetGroupName', wish.subnetGroup],
  ['Port', text(wish.port)],
  ['StorageEncrypted', text(wish.encrypted)],
  ['KmsKeyId', wish.kmsKey],
  ['BackupRetentionPeriod', text(wish.backupRetentionDays)],
  ['DeletionProtection', text(wish.deletionProtection)],
  ['CopyTagsToSnapshot', text(wish.copyTagsToSnapshot)],
  ...groupFields(place, wish.securityGroups),
  ...tagFields(wish.tags),
];

const settleDatabase = (place: Place, wish: EstateDatabase): void => {
  const { region, account } = place;
  found(place, {
    service: 'rds',
    action: 'CreateDBInstance',
    fields: [
      ['DBInstanceIdentifier', wish.name],
      ['DBInstanceClass', wish.class],
      ['DBName', wish.databaseName],
      ['AllocatedStorage', text(wish.sizeGiB)],
      ['StorageType', wish.storageType],
      ['Iops', text(wish.iops)],
      ['StorageThroughput', text(wish.throughputMiBps)],
      ['MultiAZ', text(wish.multiAz)],
      ['AvailabilityZone', wish.zone === undefined ? undefined : region.name + wish.zone],
      ...engineFields(place, wish),
    ],
  });
  const database = lookNamed(region.databases, { accountId: account.id, id: wish.name, at: Infinity });
  if (database !== undefined) database.snapshotsFail = wish.snapshotsFail;
  if (wish.state === 'stopped') {
    const fields: Fields = [['DBInstanceIdentifier', wish.name]];
    found(place, { service: 'rds', action: 'StopDBInstance', fields, laterMs: hourMs });
  }
};

const settleCluster = (place: Place, wish: EstateDatabaseCluster): void => {
  const { region, account } = place;
  found(place, {
    service: 'rds',
    action: 'CreateDBCluster',
    fields: [['DBClusterIdentifier', wish.name], ['DatabaseName', wish.databaseName], ...engineFields(place, wish)],
  });
  const cluster = lookNamed(region.databaseClusters, { accountId: account.id, id: wish.name, at: Infinity });
  if (cluster !== undefined) cluster.snapshotsFail = wish.snapshotsFail;
  for (const member of wish.members ?? []) {
    found(place, {
      service: 'rds',
      action: 'CreateDBInstance',
      fields: [
        ['DBInstanceIdentifier', member.name],
        ['DBInstanceClass', member.class],
        ['Engine', wish.engine],
        ['DBClusterIdentifier', wish.name],
        ...tagFields(member.tags),
      ],
    });
  }
};

const settleRedshift = (place: Place, wish: EstateRedshiftCluster): void => {
  const { region, account } = place;
  found(place, {
    service: 'redshift',
    action: 'CreateCluster',
    fields: [
      ['ClusterIdentifier', wish.name],
      ['NodeType', wish.nodeType],
      ['NumberOfNodes', text(wish.nodes)],
      ['DBName', wish.databaseName],
      ['MasterUsername', 'master'],
      ['MasterUserPassword', password],
      ['ClusterSubnetGroupName', wish.subnetGroup],
      ['Port', text(wish.port)],
      ['Encrypted', text(wish.encrypted)],
      ['KmsKeyId', wish.kmsKey],
      ...groupFields(place, wish.securityGroups),
      ...tagFields(wish.tags),
    ],
  });
  const cluster = lookNamed(region.redshiftClusters, { accountId: account.id, id: wish.name, at: Infinity });
  if (cluster !== undefined) cluster.snapshotsFail = wish.snapshotsFail;
  if (wish.state === 'paused') {
    const fields: Fields = [['ClusterIdentifier', wish.name]];
    found(place, { service: 'redshift', action: 'PauseCluster', fields, laterMs: hourMs });
  }
};

/** Makes the databases and Redshift clusters of an estate's region. Throws what AWS would refuse. */
export const settleDatabases = (place: Place, wish: EstateRegion): void => {
  for (const group of wish.databaseSubnetGroups ?? []) {
    const subnets = group.subnets.map((name) => named(place, place.region.subnets.values(), name, 'subnet').id);
    found(place, {
      service: 'rds',
      action: 'CreateDBSubnetGroup',
      fields: [
        ['DBSubnetGroupName', group.name],
        ['DBSubnetGroupDescription', group.name],
        ...subnets.map((id, at) => [`SubnetIds.SubnetIdentifier.${at + 1}`, id] as const),
      ],
    });
  }
  for (const database of wish.databases ?? []) settleDatabase(place, database);
  for (const cluster of wish.databaseClusters ?? []) settleCluster(place, cluster);
  for (const cluster of wish.redshiftClusters ?? []) settleRedshift(place, cluster);
};
