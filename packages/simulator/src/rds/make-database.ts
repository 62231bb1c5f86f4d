import type { Database, DatabaseCluster } from '../state/database-records.ts';
import { keepNamed } from '../state/named.ts';
import { newThing, type Call } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { engineNamed, type EngineFacts } from './engines.ts';
import { chooseKey } from './encryption.ts';
import { find, isTaken, kinds, own } from './kinds.ts';
import { makeAutomated } from './make-snapshot.ts';
import { newName } from './names.ts';
import {
  chooseGroups,
  groupsNamed,
  chooseSecurityGroups,
  chooseSubnetGroup,
  numberWithin,
  zonesOf,
} from './placement.ts';
import { readTags } from './tag-rules.ts';

const resourceLetters = 24;

/** The id that RDS gives an instance or cluster for good. */
export const resourceId = (call: Call, prefix: 'db' | 'cluster'): string =>
  `${prefix}-${call.world.ids.letters(resourceLetters)}`;

/** The instance class of the request. Throws InvalidParameterValue for what is none. */
export const instanceClassOf = (call: Call): string => {
  const name = call.params.requiredText('DBInstanceClass');
  if (!/^db\.[a-z0-9-]+\.[a-z0-9-]+$/.test(name))
    throw awsError('InvalidParameterValue', `Invalid DB Instance class: ${name}`);
  return name;
};

/** The zone of a new instance; a Multi-AZ one takes none by name. Throws InvalidParameterCombination, InvalidVPCNetworkStateFault. */
export const checkZone = (call: Call, zones: readonly string[], multiAz: boolean): string => {
  const asked = call.params.text('AvailabilityZone') ?? '';
  if (asked !== '' && multiAz)
    throw invalidCombination('Requesting a specific availability zone is not valid for Multi-AZ instances.');
  if (asked !== '' && !zones.includes(asked))
    throw awsError('InvalidVPCNetworkStateFault', `The zone ${asked} is not covered by the DB subnet group.`);
  return asked === '' ? (zones[0] ?? `${call.region.name}a`) : asked;
};

export type Storage = Pick<Database, 'allocatedGiB' | 'storageType' | 'iops' | 'throughputMiBps'>;

/** The storage that the request asks for, beside what is taken for granted. Throws InvalidParameterCombination and …Value. */
export const storageOf = (call: Call, usualGiB: number | undefined): Storage => {
  const { params } = call;
  const allocatedGiB = params.integer('AllocatedStorage') ?? usualGiB;
  const iops = params.integer('Iops');
  const storageType = params.text('StorageType') ?? (iops === undefined ? 'gp3' : 'io1');
  if (!['standard', 'gp2', 'gp3', 'io1', 'io2'].includes(storageType))
    throw awsError('InvalidParameterValue', `Invalid storage type: ${storageType}`);
  if (allocatedGiB === undefined || allocatedGiB < 5 || allocatedGiB > 65_536)
    throw awsError(
      'InvalidParameterValue',
      `Invalid storage size for storage type ${storageType}: ${allocatedGiB ?? 0}`,
    );
  if (storageType.startsWith('io') && iops === undefined)
    throw invalidCombination(`You must specify an IOPS value for storage type ${storageType}.`);
  const isGp3 = storageType === 'gp3';
  return {
    allocatedGiB,
    storageType,
    iops: iops ?? (isGp3 ? 3000 : undefined),
    throughputMiBps: params.integer('StorageThroughput') ?? (isGp3 ? 125 : undefined),
  };
};

/** Throws InstanceQuotaExceeded when the account has as many instances, members of clusters included, as it may have. */
export const checkQuota = (call: Call): void => {
  const { quotas, databases } = call.world.settings.limits;
  if (quotas && own(call, kinds.database).length >= databases)
    throw awsError('InstanceQuotaExceeded', 'DB Instance quota exceeded');
};

const credentialsOf = (call: Call): string => {
  const user = call.params.text('MasterUsername') ?? '';
  const secret = call.params.text('MasterUserPassword') ?? '';
  if (user === '') throw awsError('InvalidParameterValue', 'The parameter MasterUsername must be provided.');
  if (call.params.flag('ManageMasterUserPassword') !== true && secret.length < 8)
    throw awsError(
      'InvalidParameterValue',
      'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
    );
  return user;
};

/** Throws DBClusterQuotaExceededFault when the account has as many clusters as it may have. */
export const checkClusterQuota = (call: Call): void => {
  const { quotas, databaseClusters } = call.world.settings.limits;
  if (quotas && own(call, kinds.cluster).length >= databaseClusters)
    throw awsError('DBClusterQuotaExceededFault', 'DB Cluster quota exceeded', 403);
};

/** When and how something new comes to life; a fault leaves it in the state that its message names, such as `storage-full`. */
export const startingStates = (call: Call): Database['states'] => {
  const end = call.failWith === undefined ? 'available' : /^[a-z-]+$/.test(call.failWith) ? call.failWith : 'failed';
  return [
    { at: call.now, state: 'creating' },
    { at: call.now + call.world.settings.timing.databaseCreateMs, state: end },
  ];
};

const backupOf = (call: Call): Pick<Database, 'backupRetentionDays' | 'backupWindow' | 'maintenanceWindow'> => ({
  backupRetentionDays: numberWithin(call, 'BackupRetentionPeriod', { least: 0, most: 35, usual: 1 }),
  backupWindow: call.params.text('PreferredBackupWindow') ?? '03:00-03:30',
  maintenanceWindow: call.params.text('PreferredMaintenanceWindow') ?? 'sun:04:00-sun:04:30',
});

const clusterFor = (call: Call, facts: EngineFacts): DatabaseCluster | undefined => {
  if ((call.params.text('DBClusterIdentifier') ?? '') === '') {
    if (facts.aurora) throw invalidCombination(`The engine ${facts.name} needs a DBClusterIdentifier.`);
    return undefined;
  }
  const cluster = find(call, kinds.cluster, 'DBClusterIdentifier');
  if (cluster.engine !== facts.name)
    throw invalidCombination(`The engine ${facts.name} is not that of the cluster ${cluster.id}.`);
  return cluster;
};

const auroraStorage: Storage = { allocatedGiB: 1, storageType: 'aurora', iops: undefined, throughputMiBps: undefined };

const memberOf = (cluster: DatabaseCluster) => ({
  encrypted: cluster.encrypted,
  kmsKeyArn: cluster.kmsKeyArn,
  engineVersion: cluster.engineVersion,
  licenseModel: cluster.licenseModel,
  masterUsername: cluster.masterUsername,
  iamAuthentication: cluster.iamAuthentication,
  subnetGroup: cluster.subnetGroup,
  vpcId: cluster.vpcId,
  securityGroupIds: cluster.securityGroupIds,
  port: cluster.port,
  databaseName: cluster.databaseName,
  backupWindow: cluster.backupWindow,
  backupRetentionDays: cluster.backupRetentionDays,
  maintenanceWindow: cluster.maintenanceWindow,
  copyTagsToSnapshot: cluster.copyTagsToSnapshot,
  ...auroraStorage,
});

const alone = (call: Call, facts: EngineFacts) => {
  const { params } = call;
  const group = chooseSubnetGroup(call);
  const kmsKeyId = params.text('KmsKeyId');
  return {
    ...chooseKey(call, { encrypted: params.flag('StorageEncrypted') === true, kmsKeyId, service: 'rds' }),
    ...storageOf(call, undefined),
    ...backupOf(call),
    engineVersion: params.text('EngineVersion') ?? facts.version,
    licenseModel: params.text('LicenseModel') ?? facts.license,
    masterUsername: credentialsOf(call),
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
    subnetGroup: group.id,
    vpcId: group.vpcId,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    port: numberWithin(call, 'Port', { least: 1150, most: 65_535, usual: facts.port }),
    databaseName: params.text('DBName'),
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
  };
};

/** Makes the DB instance that a CreateDBInstance request describes, alone or as a member of its cluster. */
export const makeDatabase = (call: Call): Database => {
  const { params } = call;
  const id = newName(call, 'DBInstanceIdentifier', 63);
  if (isTaken(call, kinds.database, id)) throw awsError('DBInstanceAlreadyExists', 'DB Instance already exists');
  const instanceClass = instanceClassOf(call);
  const facts = engineNamed(params.requiredText('Engine'));
  const cluster = clusterFor(call, facts);
  const base = cluster === undefined ? alone(call, facts) : memberOf(cluster);
  checkQuota(call);
  const tags = readTags(call);
  const group = cluster === undefined ? chooseSubnetGroup(call) : find(call, kinds.cluster, 'DBClusterIdentifier');
  const zones = 'subnetIds' in group ? zonesOf(call, group) : group.zones;
  const multiAz = cluster === undefined && params.flag('MultiAZ') === true;
  const zone = checkZone(call, zones, multiAz);
  const database: Database = {
    ...newThing(call, id, tags),
    ...base,
    ...chooseGroups(call, facts, { version: base.engineVersion, cluster: false }),
    resourceId: resourceId(call, 'db'),
    engine: facts.name,
    instanceClass,
    multiAz,
    zone,
    secondaryZone: multiAz ? zones.find((one) => one !== zone) : undefined,
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    autoMinorVersionUpgrade: params.flag('AutoMinorVersionUpgrade') ?? true,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    clusterId: cluster?.id,
    promotionTier: params.integer('PromotionTier') ?? 1,
    states: startingStates(call),
  };
  keepNamed(call.region.databases, database);
  if (cluster === undefined && database.backupRetentionDays > 0) makeAutomated(call, database);
  return database;
};

/** Makes the DB cluster that a CreateDBCluster request describes. */
export const makeCluster = (call: Call): DatabaseCluster => {
  const { params } = call;
  const id = newName(call, 'DBClusterIdentifier', 63);
  if (isTaken(call, kinds.cluster, id)) throw awsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
  checkClusterQuota(call);
  const facts = engineNamed(params.requiredText('Engine'));
  const instanceClass = params.text('DBClusterInstanceClass');
  if (!facts.aurora && instanceClass === undefined)
    throw invalidCombination('The parameter DBClusterInstanceClass must be provided for a Multi-AZ DB cluster.');
  const group = chooseSubnetGroup(call);
  const engineVersion = params.text('EngineVersion') ?? facts.version;
  const encrypted = params.flag('StorageEncrypted') === true;
  const cluster = keepNamed<DatabaseCluster>(call.region.databaseClusters, {
    ...newThing(call, id, readTags(call)),
    ...chooseKey(call, { encrypted, kmsKeyId: params.text('KmsKeyId'), service: 'rds' }),
    ...(facts.aurora ? auroraStorage : storageOf(call, undefined)),
    ...backupOf(call),
    ...chooseGroups(call, facts, { version: engineVersion, cluster: true }),
    resourceId: resourceId(call, 'cluster'),
    engine: facts.name,
    engineVersion,
    engineMode: params.text('EngineMode') ?? 'provisioned',
    instanceClass,
    licenseModel: facts.license,
    masterUsername: credentialsOf(call),
    iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? false,
    zones: zonesOf(call, group).slice(0, 3),
    subnetGroup: group.id,
    vpcId: group.vpcId,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    port: numberWithin(call, 'Port', { least: 1150, most: 65_535, usual: facts.port }),
    databaseName: params.text('DatabaseName'),
    copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    states: startingStates(call),
  });
  makeOwnMembers(call, cluster);
  return cluster;
};

/** The writer and two readers that a Multi-AZ DB cluster has by itself; Aurora's are made one by one. */
export const makeOwnMembers = (call: Call, cluster: DatabaseCluster): void => {
  if (cluster.instanceClass === undefined) return;
  const facts = engineNamed(cluster.engine);
  const groups = groupsNamed(call, facts, {
    version: cluster.engineVersion,
    cluster: false,
    parameterGroup: undefined,
    optionGroup: undefined,
  });
  for (const at of [0, 1, 2]) {
    keepNamed(call.region.databases, {
      ...newThing(call, `${cluster.id}-instance-${at + 1}`, new Map(cluster.tags)),
      ...memberOf(cluster),
      ...storageFrom(cluster),
      ...groups,
      resourceId: resourceId(call, 'db'),
      engine: cluster.engine,
      instanceClass: cluster.instanceClass,
      multiAz: false,
      zone: cluster.zones[at % cluster.zones.length] ?? `${call.region.name}a`,
      secondaryZone: undefined,
      publiclyAccessible: call.params.flag('PubliclyAccessible') ?? false,
      autoMinorVersionUpgrade: true,
      deletionProtection: false,
      clusterId: cluster.id,
      promotionTier: 1,
      states: [...cluster.states],
    });
  }
};

const storageFrom = ({ allocatedGiB, storageType, iops, throughputMiBps }: DatabaseCluster): Storage => ({
  allocatedGiB,
  storageType,
  iops,
  throughputMiBps,
});
