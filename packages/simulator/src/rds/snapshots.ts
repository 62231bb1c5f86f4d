import type { ClusterSnapshot, DatabaseSnapshot } from '../state/database-records.ts';
import { stateAt } from '../state/timeline.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf } from '../wire/xml.ts';
import { checkKey } from './encryption.ts';
import { find, isTaken, kinds, look, notFound, own, readName } from './kinds.ts';
import { applyFilters, replyPage, type Filters } from './listing.ts';
import {
  makeClusterSnapshot,
  makeDatabaseSnapshot,
  showClusterSnapshot,
  showDatabaseSnapshot,
} from './make-snapshot.ts';
import { newName } from './names.ts';
import type { Operations } from './operation.ts';
import { changeSharing, checkSnapshotQuota, listedSnapshots, removeSnapshot } from './snapshot-rules.ts';
import { readTags } from './tag-rules.ts';

type Source = { readonly tags: ReadonlyMap<string, string>; readonly copyTagsToSnapshot: boolean };

// RDS User Guide, "Copying tags to DB snapshots": tags in the request are taken instead of the source's, not beside them.
const tagsFor = (call: Call, source: Source): ReadonlyMap<string, string> => {
  const asked = readTags(call);
  if (asked.size > 0 || !source.copyTagsToSnapshot) return asked;
  return new Map([...source.tags].filter(([key]) => !key.startsWith('aws:')));
};

const createSnapshot = (call: Call): Reply => {
  const id = newName(call, 'DBSnapshotIdentifier', 255);
  const database = find(call, kinds.database, 'DBInstanceIdentifier');
  if (database.clusterId !== undefined) {
    throw awsError(
      'InvalidParameterValue',
      'The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API instead.',
    );
  }
  const tags = tagsFor(call, database);
  if (isTaken(call, kinds.snapshot, id))
    throw awsError(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
    );
  const state = stateAt(database.states, call.now);
  if (state !== 'available' && state !== 'storage-optimization') {
    throw awsError(
      'InvalidDBInstanceState',
      `Cannot create a snapshot because the database instance ${database.id} is not currently in the available state.`,
    );
  }
  checkSnapshotQuota(call, kinds.snapshot);
  checkKey(call, database);
  return { DBSnapshot: showDatabaseSnapshot(call, makeDatabaseSnapshot(call, database, { id, tags })) };
};

const createClusterSnapshot = (call: Call): Reply => {
  const id = newName(call, 'DBClusterSnapshotIdentifier', 63);
  const cluster = find(call, kinds.cluster, 'DBClusterIdentifier');
  const tags = tagsFor(call, cluster);
  if (isTaken(call, kinds.clusterSnapshot, id)) {
    throw awsError(
      'DBClusterSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
    );
  }
  if (stateAt(cluster.states, call.now) !== 'available')
    throw awsError('InvalidDBClusterStateFault', `The cluster ${cluster.id} is not currently in the available state.`);
  checkSnapshotQuota(call, kinds.clusterSnapshot);
  checkKey(call, cluster);
  return { DBClusterSnapshot: showClusterSnapshot(call, makeClusterSnapshot(call, cluster, { id, tags })) };
};

const snapshotFilters: Filters<DatabaseSnapshot> = {
  'db-instance-id': (one) => one.databaseId,
  'db-snapshot-id': (one) => one.id,
  'dbi-resource-id': (one) => one.resourceId,
  'snapshot-type': (one) => one.type,
  engine: (one) => one.engine,
};

const clusterSnapshotFilters: Filters<ClusterSnapshot> = {
  'db-cluster-id': (one) => one.clusterId,
  'db-cluster-snapshot-id': (one) => one.id,
  'snapshot-type': (one) => one.type,
  engine: (one) => one.engine,
};

const textOf = (call: Call, parameter: string): string | undefined => call.params.text(parameter) || undefined;

const describeSnapshots = (call: Call): Reply => {
  const { databaseSnapshots } = call.region;
  const named = textOf(call, 'DBSnapshotIdentifier');
  const source = textOf(call, 'DBInstanceIdentifier');
  const resource = textOf(call, 'DbiResourceId');
  const listed = listedSnapshots(call, { own: own(call, kinds.snapshot), all: databaseSnapshots.values() });
  const candidates = named === undefined ? listed : [look(call, kinds.snapshot, named)].flatMap((one) => one ?? []);
  const wanted = candidates.filter(
    (one) =>
      (source === undefined || one.databaseId === readName(call, source).id) &&
      (resource === undefined || one.resourceId === resource),
  );
  if (named !== undefined && wanted.length === 0) throw notFound(kinds.snapshot, named);
  const show = (one: DatabaseSnapshot): Reply => showDatabaseSnapshot(call, one);
  const met = applyFilters(call, wanted, snapshotFilters);
  return replyPage(call, met, { list: 'DBSnapshots', element: 'DBSnapshot', show });
};

const describeClusterSnapshots = (call: Call): Reply => {
  const { clusterSnapshots } = call.region;
  const named = textOf(call, 'DBClusterSnapshotIdentifier');
  const source = textOf(call, 'DBClusterIdentifier');
  const listed = listedSnapshots(call, { own: own(call, kinds.clusterSnapshot), all: clusterSnapshots.values() });
  const candidates =
    named === undefined ? listed : [look(call, kinds.clusterSnapshot, named)].flatMap((one) => one ?? []);
  const wanted = candidates.filter((one) => source === undefined || one.clusterId === readName(call, source).id);
  if (named !== undefined && wanted.length === 0) throw notFound(kinds.clusterSnapshot, named);
  const show = (one: ClusterSnapshot): Reply => showClusterSnapshot(call, one);
  const met = applyFilters(call, wanted, clusterSnapshotFilters);
  return replyPage(call, met, { list: 'DBClusterSnapshots', element: 'DBClusterSnapshot', show });
};

const deleteSnapshot = (call: Call): Reply => {
  const snapshot = find(call, kinds.snapshot, 'DBSnapshotIdentifier');
  removeSnapshot(call, kinds.snapshot, snapshot);
  return { DBSnapshot: { ...showDatabaseSnapshot(call, snapshot), Status: 'deleted' } };
};

const deleteClusterSnapshot = (call: Call): Reply => {
  const snapshot = find(call, kinds.clusterSnapshot, 'DBClusterSnapshotIdentifier');
  removeSnapshot(call, kinds.clusterSnapshot, snapshot);
  return { DBClusterSnapshot: { ...showClusterSnapshot(call, snapshot), Status: 'deleted' } };
};

const showAttributes = (snapshot: DatabaseSnapshot): Reply => ({
  DBSnapshotAttributesResult: {
    DBSnapshotIdentifier: snapshot.id,
    DBSnapshotAttributes: listOf('DBSnapshotAttribute', [
      { AttributeName: 'restore', AttributeValues: listOf('AttributeValue', [...snapshot.sharedWith]) },
    ]),
  },
});

const modifyAttribute = (call: Call): Reply => {
  const snapshot = find(call, kinds.snapshot, 'DBSnapshotIdentifier');
  changeSharing(call, kinds.snapshot, snapshot);
  return showAttributes(snapshot);
};

/** Snapshots of instances and clusters: made, listed, shared, deleted. */
export const snapshotOperations: Operations = {
  CreateDBSnapshot: {
    required: ['DBSnapshotIdentifier', 'DBInstanceIdentifier'],
    on: { DBInstanceIdentifier: 'database' },
    makes: { DBSnapshotIdentifier: 'snapshot' },
    run: createSnapshot,
  },
  CreateDBClusterSnapshot: {
    required: ['DBClusterSnapshotIdentifier', 'DBClusterIdentifier'],
    on: { DBClusterIdentifier: 'cluster' },
    makes: { DBClusterSnapshotIdentifier: 'clusterSnapshot' },
    run: createClusterSnapshot,
  },
  DescribeDBSnapshots: { on: { DBSnapshotIdentifier: 'snapshot' }, run: describeSnapshots },
  DescribeDBClusterSnapshots: {
    on: { DBClusterSnapshotIdentifier: 'clusterSnapshot' },
    run: describeClusterSnapshots,
  },
  DeleteDBSnapshot: {
    required: ['DBSnapshotIdentifier'],
    on: { DBSnapshotIdentifier: 'snapshot' },
    run: deleteSnapshot,
  },
  DeleteDBClusterSnapshot: {
    required: ['DBClusterSnapshotIdentifier'],
    on: { DBClusterSnapshotIdentifier: 'clusterSnapshot' },
    run: deleteClusterSnapshot,
  },
  ModifyDBSnapshotAttribute: {
    required: ['DBSnapshotIdentifier', 'AttributeName'],
    on: { DBSnapshotIdentifier: 'snapshot' },
    run: modifyAttribute,
  },
  DescribeDBSnapshotAttributes: {
    required: ['DBSnapshotIdentifier'],
    on: { DBSnapshotIdentifier: 'snapshot' },
    run: (call) => showAttributes(find(call, kinds.snapshot, 'DBSnapshotIdentifier')),
  },
};
