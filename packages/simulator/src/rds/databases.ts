import type { Database, DatabaseCluster } from '../state/database-records.ts';
import { stateAt } from '../state/timeline.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { find, isTaken, kinds, look, notFound, own } from './kinds.ts';
import { applyFilters, replyPage, type Filters } from './listing.ts';
import { makeCluster, makeDatabase } from './make-database.ts';
import { makeClusterSnapshot, makeDatabaseSnapshot } from './make-snapshot.ts';
import { newName } from './names.ts';
import type { Operations } from './operation.ts';
import { showCluster } from './show-cluster.ts';
import { showDatabase } from './show-database.ts';
import { checkSnapshotQuota } from './snapshot-rules.ts';

const databaseFilters: Filters<Database> = {
  'db-cluster-id': (one) => one.clusterId,
  'db-instance-id': (one) => one.id,
  'dbi-resource-id': (one) => one.resourceId,
  domain: () => undefined,
  engine: (one) => one.engine,
};

const clusterFilters: Filters<DatabaseCluster> = {
  'clone-group-id': () => undefined,
  'db-cluster-id': (one) => one.id,
  'db-cluster-resource-id': (one) => one.resourceId,
  domain: () => undefined,
  engine: (one) => one.engine,
};

const describeDatabases = (call: Call): Reply => {
  const named = call.params.text('DBInstanceIdentifier') ?? '';
  const found = named === '' ? undefined : look(call, kinds.database, named);
  if (named !== '' && found === undefined) throw notFound(kinds.database, named);
  const met = applyFilters(call, found === undefined ? own(call, kinds.database) : [found], databaseFilters);
  const show = (one: Database): Reply => showDatabase(call, one);
  return replyPage(call, met, { list: 'DBInstances', element: 'DBInstance', show });
};

const describeClusters = (call: Call): Reply => {
  const named = call.params.text('DBClusterIdentifier') ?? '';
  const found = named === '' ? undefined : look(call, kinds.cluster, named);
  if (named !== '' && found === undefined) throw notFound(kinds.cluster, named);
  const met = applyFilters(call, found === undefined ? own(call, kinds.cluster) : [found], clusterFilters);
  const show = (one: DatabaseCluster): Reply => showCluster(call, one);
  return replyPage(call, met, { list: 'DBClusters', element: 'DBCluster', show });
};

const invalidState = (database: Database, state: string): Error =>
  awsError('InvalidDBInstanceState', `Instance ${database.id} is not in ${state} state.`);

const stop = (call: Call): Reply => {
  const database = find(call, kinds.database, 'DBInstanceIdentifier');
  if (database.clusterId !== undefined)
    throw invalidCombination(`${database.engine} db instances are not eligible for stopping or starting.`);
  if (stateAt(database.states, call.now) !== 'available') throw invalidState(database, 'available');
  const done = call.now + call.world.settings.timing.databaseStopMs;
  database.states.push({ at: call.now, state: 'stopping' }, { at: done, state: 'stopped' });
  return { DBInstance: showDatabase(call, database) };
};

const start = (call: Call): Reply => {
  const database = find(call, kinds.database, 'DBInstanceIdentifier');
  if (stateAt(database.states, call.now) !== 'stopped') throw invalidState(database, 'stopped');
  const done = call.now + call.world.settings.timing.databaseStartMs;
  database.states.push({ at: call.now, state: 'starting' }, { at: done, state: 'available' });
  return { DBInstance: showDatabase(call, database) };
};

/** Checks what a deletion says of a last snapshot; gives the name of the one to make. */
const finalSnapshotName = (call: Call, parameter: string): string | undefined => {
  const skip = call.params.flag('SkipFinalSnapshot') ?? false;
  const named = (call.params.text(parameter) ?? '') !== '';
  if (skip && named)
    throw invalidCombination(`${parameter} can not be specified when deleting with SkipFinalSnapshot.`);
  if (!skip && !named) throw invalidCombination(`${parameter} is required unless SkipFinalSnapshot is specified.`);
  return named ? newName(call, parameter, 255) : undefined;
};

const end = (call: Call, thing: Database | DatabaseCluster): void => {
  const last = thing.states.at(-1)?.at ?? call.now;
  // What was still to come does not come any more, but a last snapshot is waited for.
  const past = thing.states.filter((entry) => entry.at <= call.now);
  thing.states.splice(0, thing.states.length, ...past, { at: call.now, state: 'deleting' });
  thing.deletedAt = Math.max(call.now, last) + call.world.settings.timing.databaseDeleteMs;
  thing.deletedBy = madeBy(call);
};

const deleteDatabase = (call: Call): Reply => {
  const database = find(call, kinds.database, 'DBInstanceIdentifier');
  const final = database.clusterId === undefined ? finalSnapshotName(call, 'FinalDBSnapshotIdentifier') : undefined;
  if (database.deletionProtection)
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  const state = stateAt(database.states, call.now);
  if (state === 'deleting' || state === 'creating' || (final !== undefined && state !== 'available'))
    throw awsError('InvalidDBInstanceState', `Instance ${database.id} is already being deleted or not available.`);
  if (final !== undefined) {
    if (isTaken(call, kinds.snapshot, final))
      throw awsError('DBSnapshotAlreadyExists', `A snapshot with the identifier ${final} already exists.`);
    checkSnapshotQuota(call, kinds.snapshot);
    makeDatabaseSnapshot(call, database, { id: final, tags: new Map() });
  }
  end(call, database);
  for (const snapshot of own(call, kinds.snapshot)) {
    if (snapshot.resourceId !== database.resourceId || snapshot.type !== 'automated') continue;
    snapshot.deletedAt = database.deletedAt;
    snapshot.deletedBy = madeBy(call);
  }
  return { DBInstance: showDatabase(call, database) };
};

const deleteCluster = (call: Call): Reply => {
  const cluster = find(call, kinds.cluster, 'DBClusterIdentifier');
  const final = finalSnapshotName(call, 'FinalDBSnapshotIdentifier');
  if (cluster.deletionProtection)
    throw invalidCombination('Cannot delete protected Cluster, please disable deletion protection and try again.');
  const members = own(call, kinds.database).filter(
    (one) => one.clusterId === cluster.id && stateAt(one.states, call.now) !== 'deleting',
  );
  const isAurora = cluster.instanceClass === undefined;
  if (isAurora && members.length > 0)
    throw awsError(
      'InvalidDBClusterStateFault',
      'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    );
  if (stateAt(cluster.states, call.now) !== 'available')
    throw awsError('InvalidDBClusterStateFault', `The cluster ${cluster.id} is not in available state.`);
  if (final !== undefined) {
    if (isTaken(call, kinds.clusterSnapshot, final))
      throw awsError('DBClusterSnapshotAlreadyExistsFault', `A snapshot with the identifier ${final} already exists.`);
    checkSnapshotQuota(call, kinds.clusterSnapshot);
    makeClusterSnapshot(call, cluster, { id: final, tags: new Map() });
  }
  end(call, cluster);
  if (!isAurora) for (const member of members) end(call, member);
  return { DBCluster: showCluster(call, cluster) };
};

/** A change that is made at once, or in the next maintenance window, which never comes here. */
const isAtOnce = (call: Call): boolean => call.params.flag('ApplyImmediately') === true;

const changeable = new Set([
  'available',
  'storage-optimization',
  'backing-up',
  'configuring-enhanced-monitoring',
  'stopped',
]);

const modifyDatabase = (call: Call): Reply => {
  const { params } = call;
  const database = find(call, kinds.database, 'DBInstanceIdentifier');
  if (!changeable.has(stateAt(database.states, call.now))) throw invalidState(database, 'available');
  const most = params.integer('MaxAllocatedStorage');
  if (most !== undefined && most < database.allocatedGiB)
    throw invalidCombination('MaxAllocatedStorage must be at least the allocated storage.');
  const interval = params.integer('MonitoringInterval');
  const roleArn = params.text('MonitoringRoleArn');
  if (interval !== undefined && interval > 0 && roleArn === undefined)
    throw invalidCombination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  // Neither of these waits for a maintenance window (RDS User Guide, "Settings for DB instances").
  database.deletionProtection = params.flag('DeletionProtection') ?? database.deletionProtection;
  database.maintenanceWindow = params.text('PreferredMaintenanceWindow') ?? database.maintenanceWindow;
  database.maxAllocatedGiB = most ?? database.maxAllocatedGiB;
  if (!isAtOnce(call)) return { DBInstance: showDatabase(call, database) };
  if (interval !== undefined)
    database.monitoring = interval === 0 || roleArn === undefined ? undefined : { intervalSeconds: interval, roleArn };
  if (params.flag('EnablePerformanceInsights') === true)
    database.performanceInsightsDays = params.integer('PerformanceInsightsRetentionPeriod') ?? 7;
  return { DBInstance: showDatabase(call, database) };
};

const modifyCluster = (call: Call): Reply => {
  const cluster = find(call, kinds.cluster, 'DBClusterIdentifier');
  if (stateAt(cluster.states, call.now) !== 'available')
    throw awsError('InvalidDBClusterStateFault', `The cluster ${cluster.id} is not in available state.`);
  cluster.deletionProtection = call.params.flag('DeletionProtection') ?? cluster.deletionProtection;
  cluster.maintenanceWindow = call.params.text('PreferredMaintenanceWindow') ?? cluster.maintenanceWindow;
  return { DBCluster: showCluster(call, cluster) };
};

/** Instances and clusters: made, listed, changed, stopped, started, deleted. */
export const databaseOperations: Operations = {
  CreateDBInstance: {
    required: ['DBInstanceIdentifier', 'DBInstanceClass', 'Engine'],
    makes: { DBInstanceIdentifier: 'database' },
    run: (call) => ({ DBInstance: showDatabase(call, makeDatabase(call)) }),
  },
  CreateDBCluster: {
    required: ['DBClusterIdentifier', 'Engine'],
    makes: { DBClusterIdentifier: 'cluster' },
    run: (call) => ({ DBCluster: showCluster(call, makeCluster(call)) }),
  },
  DescribeDBInstances: { on: { DBInstanceIdentifier: 'database' }, run: describeDatabases },
  DescribeDBClusters: { on: { DBClusterIdentifier: 'cluster' }, run: describeClusters },
  StopDBInstance: {
    required: ['DBInstanceIdentifier'],
    on: { DBInstanceIdentifier: 'database' },
    run: stop,
  },
  StartDBInstance: {
    required: ['DBInstanceIdentifier'],
    on: { DBInstanceIdentifier: 'database' },
    run: start,
  },
  ModifyDBInstance: {
    required: ['DBInstanceIdentifier'],
    on: { DBInstanceIdentifier: 'database' },
    run: modifyDatabase,
  },
  ModifyDBCluster: {
    required: ['DBClusterIdentifier'],
    on: { DBClusterIdentifier: 'cluster' },
    run: modifyCluster,
  },
  DeleteDBInstance: {
    required: ['DBInstanceIdentifier'],
    on: { DBInstanceIdentifier: 'database' },
    run: deleteDatabase,
  },
  DeleteDBCluster: {
    required: ['DBClusterIdentifier'],
    on: { DBClusterIdentifier: 'cluster' },
    run: deleteCluster,
  },
};
