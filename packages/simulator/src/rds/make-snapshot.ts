import type { ClusterSnapshot, Database, DatabaseCluster, DatabaseSnapshot } from '../state/database-records.ts';
import { keepNamed } from '../state/named.ts';
import { makingState, percentMade } from '../state/timeline.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { listOf } from '../wire/xml.ts';
import { arnOf, kinds } from './kinds.ts';
import { tagList } from './tag-rules.ts';

type Wish = { readonly id: string; readonly tags: ReadonlyMap<string, string> };
type Source = Database | DatabaseCluster;

const completionOf = (call: Call, allocatedGiB: number): number => {
  const { databaseSnapshotBaseMs, databaseSnapshotPerGiBMs } = call.world.settings.timing;
  return call.now + databaseSnapshotBaseMs + databaseSnapshotPerGiBMs * allocatedGiB;
};

const shared = (call: Call, source: Source, wish: Wish) => {
  const completesAt = completionOf(call, source.allocatedGiB);
  const fails = call.failWith !== undefined || source.snapshotsFail === true;
  return {
    ...newThing(call, wish.id, wish.tags),
    type: 'manual' as const,
    encrypted: source.encrypted,
    kmsKeyArn: source.kmsKeyArn,
    resourceId: source.resourceId,
    engine: source.engine,
    engineVersion: source.engineVersion,
    licenseModel: source.licenseModel,
    masterUsername: source.masterUsername,
    allocatedGiB: source.allocatedGiB,
    storageType: source.storageType,
    iops: source.iops,
    throughputMiBps: source.throughputMiBps,
    port: source.port,
    backupRetentionDays: source.backupRetentionDays,
    backupWindow: source.backupWindow,
    vpcId: source.vpcId,
    iamAuthentication: source.iamAuthentication,
    databaseName: source.databaseName,
    sourceCreatedAt: source.createdAt,
    completesAt,
    failsAt: fails ? completesAt : undefined,
    deletingAt: undefined,
    sharedWith: new Set<string>(),
    copiedFrom: undefined,
  };
};

/** Starts a manual snapshot of an instance, which is `backing-up` until it is done. */
export const makeDatabaseSnapshot = (call: Call, database: Database, wish: Wish): DatabaseSnapshot => {
  const { zone, optionGroup } = database;
  const snapshot = { ...shared(call, database, wish), databaseId: database.id, zone, optionGroup };
  database.states.push({ at: call.now, state: 'backing-up' }, { at: snapshot.completesAt, state: 'available' });
  return keepNamed(call.region.databaseSnapshots, snapshot);
};

/** The snapshot RDS makes by itself as soon as an instance with automated backups is there. */
export const makeAutomated = (call: Call, database: Database): void => {
  const at = database.states.at(-1)?.at ?? call.now;
  const stamp = new Date(at).toISOString().slice(0, 16).replace(/[T:]/g, '-');
  const { zone, optionGroup } = database;
  keepNamed(call.region.databaseSnapshots, {
    ...shared(call, database, {
      id: `rds:${database.id}-${stamp}`,
      tags: database.copyTagsToSnapshot ? database.tags : new Map(),
    }),
    createdAt: at,
    completesAt: at,
    failsAt: undefined,
    type: 'automated',
    databaseId: database.id,
    zone,
    optionGroup,
  });
};

/** Starts a manual snapshot of a cluster. Aurora stays available meanwhile, a Multi-AZ cluster is `backing-up`. */
export const makeClusterSnapshot = (call: Call, cluster: DatabaseCluster, wish: Wish): ClusterSnapshot => {
  const { engineMode, zones } = cluster;
  const snapshot = { ...shared(call, cluster, wish), clusterId: cluster.id, engineMode, zones };
  if (cluster.storageType !== 'aurora')
    cluster.states.push({ at: call.now, state: 'backing-up' }, { at: snapshot.completesAt, state: 'available' });
  return keepNamed(call.region.clusterSnapshots, snapshot);
};

/** A snapshot's status as RDS words it. */
export const snapshotStatus = (snapshot: DatabaseSnapshot | ClusterSnapshot, at: number): string => {
  if (snapshot.deletedAt !== undefined && snapshot.deletedAt <= at) return 'deleted';
  if (snapshot.deletingAt !== undefined && snapshot.deletingAt <= at) return 'deleting';
  const state = makingState(snapshot, at);
  return state === 'creating' && snapshot.copiedFrom !== undefined ? 'copying' : state;
};

const showCommon = (call: Call, snapshot: DatabaseSnapshot | ClusterSnapshot): Reply => ({
  SnapshotCreateTime: new Date(snapshot.createdAt),
  Status: snapshotStatus(snapshot, call.now),
  PercentProgress: percentMade(snapshot, call.now),
  SnapshotType: snapshot.type,
  Engine: snapshot.engine,
  EngineVersion: snapshot.engineVersion,
  LicenseModel: snapshot.licenseModel,
  MasterUsername: snapshot.masterUsername,
  AllocatedStorage: snapshot.allocatedGiB,
  StorageType: snapshot.storageType,
  StorageThroughput: snapshot.throughputMiBps,
  Port: snapshot.port,
  VpcId: snapshot.vpcId,
  KmsKeyId: snapshot.kmsKeyArn,
  BackupRetentionPeriod: snapshot.backupRetentionDays,
  PreferredBackupWindow: snapshot.backupWindow,
  IAMDatabaseAuthenticationEnabled: snapshot.iamAuthentication,
  TagList: tagList(snapshot.ownerId === call.accountId ? snapshot.tags : new Map()),
});

/** An instance's snapshot as DescribeDBSnapshots shows it. */
export const showDatabaseSnapshot = (call: Call, snapshot: DatabaseSnapshot): Reply => ({
  DBSnapshotIdentifier: snapshot.id,
  DBSnapshotArn: arnOf(call, kinds.snapshot, snapshot.id, snapshot.ownerId),
  DBInstanceIdentifier: snapshot.databaseId,
  DbiResourceId: snapshot.resourceId,
  ...showCommon(call, snapshot),
  Iops: snapshot.iops,
  AvailabilityZone: snapshot.zone,
  InstanceCreateTime: new Date(snapshot.sourceCreatedAt),
  OriginalSnapshotCreateTime: new Date(snapshot.createdAt),
  OptionGroupName: snapshot.optionGroup,
  Encrypted: snapshot.encrypted,
  SourceRegion: snapshot.copiedFrom?.region,
  SourceDBSnapshotIdentifier: snapshot.copiedFrom?.arn,
  SnapshotTarget: 'region',
  DedicatedLogVolume: false,
});

/** A cluster's snapshot as DescribeDBClusterSnapshots shows it. */
export const showClusterSnapshot = (call: Call, snapshot: ClusterSnapshot): Reply => ({
  DBClusterSnapshotIdentifier: snapshot.id,
  DBClusterSnapshotArn: arnOf(call, kinds.clusterSnapshot, snapshot.id, snapshot.ownerId),
  DBClusterIdentifier: snapshot.clusterId,
  DbClusterResourceId: snapshot.resourceId,
  ...showCommon(call, snapshot),
  EngineMode: snapshot.engineMode,
  AvailabilityZones: listOf('AvailabilityZone', snapshot.zones),
  ClusterCreateTime: new Date(snapshot.sourceCreatedAt),
  StorageEncrypted: snapshot.encrypted,
  SourceDBClusterSnapshotArn: snapshot.copiedFrom?.arn,
});
