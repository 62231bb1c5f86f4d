import type { ClusterSnapshot, Database, DatabaseCluster, DatabaseSnapshot } from '../state/database-records.ts';
import { keepNamed } from '../state/named.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { checkKey } from './encryption.ts';
import { engineNamed } from './engines.ts';
import { find, isTaken, kinds, look, notFound } from './kinds.ts';
import {
  checkClusterQuota,
  checkQuota,
  checkZone,
  instanceClassOf,
  makeOwnMembers,
  resourceId,
  startingStates,
} from './make-database.ts';
import { snapshotStatus } from './make-snapshot.ts';
import { newName } from './names.ts';
import type { Operations } from './operation.ts';
import { chooseGroups, chooseSecurityGroups, chooseSubnetGroup, numberWithin, zonesOf } from './placement.ts';
import { showCluster } from './show-cluster.ts';
import { showDatabase } from './show-database.ts';
import { readTags } from './tag-rules.ts';

const demandAvailable = (call: Call, snapshot: DatabaseSnapshot | ClusterSnapshot, code: string): void => {
  const status = snapshotStatus(snapshot, call.now);
  if (status !== 'available') throw awsError(code, `The snapshot ${snapshot.id} is ${status}, not available.`);
  checkKey(call, snapshot);
};

/** What a restored instance or cluster takes over from its snapshot. */
const taken = (call: Call, snapshot: DatabaseSnapshot | ClusterSnapshot) => ({
  encrypted: snapshot.encrypted,
  kmsKeyArn: snapshot.kmsKeyArn,
  engine: snapshot.engine,
  masterUsername: snapshot.masterUsername,
  backupRetentionDays: numberWithin(call, 'BackupRetentionPeriod', {
    least: 0,
    most: 35,
    usual: snapshot.backupRetentionDays,
  }),
  backupWindow: call.params.text('PreferredBackupWindow') ?? snapshot.backupWindow,
  maintenanceWindow: 'sun:04:00-sun:04:30',
});

const storageAfter = (call: Call, snapshot: DatabaseSnapshot) => {
  const { params } = call;
  const allocatedGiB = params.integer('AllocatedStorage') ?? snapshot.allocatedGiB;
  if (allocatedGiB < snapshot.allocatedGiB)
    throw awsError('InvalidParameterValue', 'AllocatedStorage cannot be less than that of the snapshot.');
  const iops = params.integer('Iops');
  const storageType = params.text('StorageType') ?? (iops === undefined ? 'gp3' : 'io1');
  if (!['standard', 'gp2', 'gp3', 'io1', 'io2'].includes(storageType))
    throw awsError('InvalidParameterValue', `Invalid storage type: ${storageType}`);
  if (storageType.startsWith('io') && iops === undefined)
    throw invalidCombination(`You must specify an IOPS value for storage type ${storageType}.`);
  const isGp3 = storageType === 'gp3';
  const striped = snapshot.engine.startsWith('sqlserver') ? 0 : snapshot.engine.startsWith('oracle') ? 200 : 400;
  if (isGp3 && allocatedGiB < striped && (iops !== undefined || params.has('StorageThroughput')))
    throw invalidCombination(
      `You can't specify IOPS or storage throughput for engine ${snapshot.engine} and a storage size less than ${striped}.`,
    );
  const throughputMiBps = params.integer('StorageThroughput') ?? (isGp3 ? 125 : undefined);
  return { allocatedGiB, storageType, iops: iops ?? (isGp3 ? 3000 : undefined), throughputMiBps };
};

/** MySQL, MariaDB and PostgreSQL keep the name that is in the snapshot; the others take another one. */
const nameAfter = (call: Call, snapshot: DatabaseSnapshot): string | undefined => {
  const asked = call.params.text('DBName');
  if (asked !== undefined && /^(?:mysql|mariadb|postgres)$/.test(snapshot.engine))
    throw invalidCombination(`DBName must be null when restoring ${snapshot.engine} instances.`);
  return asked ?? snapshot.databaseName;
};

const restoreDatabase = (call: Call): Reply => {
  const { params } = call;
  const id = newName(call, 'DBInstanceIdentifier', 63);
  const snapshot = find(call, kinds.snapshot, 'DBSnapshotIdentifier');
  if (isTaken(call, kinds.database, id)) throw awsError('DBInstanceAlreadyExists', 'DB Instance already exists');
  demandAvailable(call, snapshot, 'InvalidDBSnapshotState');
  checkQuota(call);
  const facts = engineNamed(params.text('Engine') ?? snapshot.engine);
  const group = chooseSubnetGroup(call);
  const zones = zonesOf(call, group);
  const multiAz = params.flag('MultiAZ') === true;
  const zone = checkZone(call, zones, multiAz);
  const database: Database = {
    ...newThing(call, id, readTags(call)),
    ...taken(call, snapshot),
    ...storageAfter(call, snapshot),
    ...chooseGroups(call, facts, { version: snapshot.engineVersion, cluster: false }),
    resourceId: resourceId(call, 'db'),
    engineVersion: snapshot.engineVersion,
    licenseModel: params.text('LicenseModel') ?? snapshot.licenseModel,
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? snapshot.iamAuthentication,
    port: numberWithin(call, 'Port', { least: 1150, most: 65_535, usual: snapshot.port }),
    instanceClass: params.has('DBInstanceClass') ? instanceClassOf(call) : 'db.t3.medium',
    multiAz,
    zone,
    secondaryZone: multiAz ? zones.find((one) => one !== zone) : undefined,
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    autoMinorVersionUpgrade: params.flag('AutoMinorVersionUpgrade') ?? true,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    subnetGroup: group.id,
    vpcId: group.vpcId,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    databaseName: nameAfter(call, snapshot),
    clusterId: undefined,
    promotionTier: 1,
    states: startingStates(call),
  };
  return { DBInstance: showDatabase(call, keepNamed(call.region.databases, database)) };
};

const restoreCluster = (call: Call): Reply => {
  const { params } = call;
  const id = newName(call, 'DBClusterIdentifier', 63);
  const named = params.requiredText('SnapshotIdentifier');
  const snapshot = look(call, kinds.clusterSnapshot, named);
  if (snapshot === undefined) throw notFound(kinds.clusterSnapshot, named);
  if (isTaken(call, kinds.cluster, id)) throw awsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
  demandAvailable(call, snapshot, 'InvalidDBClusterSnapshotStateFault');
  checkClusterQuota(call);
  const facts = engineNamed(params.requiredText('Engine'));
  if (!facts.aurora && !params.has('DBClusterInstanceClass'))
    throw invalidCombination('The parameter DBClusterInstanceClass must be provided for a Multi-AZ DB cluster.');
  if (facts.name !== snapshot.engine)
    throw awsError('InvalidParameterValue', `The engine ${facts.name} is not that of the snapshot.`);
  const group = chooseSubnetGroup(call);
  const cluster: DatabaseCluster = {
    ...newThing(call, id, readTags(call)),
    ...taken(call, snapshot),
    ...chooseGroups(call, facts, { version: snapshot.engineVersion, cluster: true }),
    resourceId: resourceId(call, 'cluster'),
    engineVersion: params.text('EngineVersion') ?? snapshot.engineVersion,
    engineMode: params.text('EngineMode') ?? snapshot.engineMode,
    instanceClass: params.text('DBClusterInstanceClass'),
    licenseModel: snapshot.licenseModel,
    allocatedGiB: snapshot.allocatedGiB,
    storageType: facts.aurora ? snapshot.storageType : (params.text('StorageType') ?? snapshot.storageType),
    iops: params.integer('Iops') ?? snapshot.iops,
    throughputMiBps: snapshot.throughputMiBps,
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? snapshot.iamAuthentication,
    port: numberWithin(call, 'Port', { least: 1150, most: 65_535, usual: snapshot.port }),
    zones: zonesOf(call, group).slice(0, 3),
    subnetGroup: group.id,
    vpcId: group.vpcId,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    databaseName: params.text('DatabaseName') ?? snapshot.databaseName,
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    states: startingStates(call),
  };
  keepNamed(call.region.databaseClusters, cluster);
  makeOwnMembers(call, cluster);
  return { DBCluster: showCluster(call, cluster) };
};

/** New instances and clusters out of snapshots; a restored cluster has no instances yet. */
export const restoreOperations: Operations = {
  RestoreDBInstanceFromDBSnapshot: {
    required: ['DBInstanceIdentifier', 'DBSnapshotIdentifier'],
    on: { DBSnapshotIdentifier: 'snapshot' },
    makes: { DBInstanceIdentifier: 'database' },
    run: restoreDatabase,
  },
  RestoreDBClusterFromSnapshot: {
    required: ['DBClusterIdentifier', 'SnapshotIdentifier', 'Engine'],
    on: { SnapshotIdentifier: 'clusterSnapshot' },
    makes: { DBClusterIdentifier: 'cluster' },
    run: restoreCluster,
  },
};
