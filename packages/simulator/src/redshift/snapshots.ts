import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { replyPage } from '../rds/listing.ts';
import { numberWithin } from '../rds/placement.ts';
import { checkKey } from '../rds/encryption.ts';
import type { RedshiftSnapshot } from '../state/database-records.ts';
import {
  demandState,
  findCluster,
  findSnapshot,
  lookSnapshot,
  ownSnapshots,
  snapshotNotFound,
  snapshotStatus,
} from './cluster-states.ts';
import { checkSnapshotQuota, makeSnapshot, newSnapshotName, shapeOf, showSnapshot } from './make-snapshot.ts';
import type { Operations } from './operation.ts';
import { meetsTags, readTags } from './tag-rules.ts';

const retentionIn = (call: Call): number | undefined =>
  call.params.has('ManualSnapshotRetentionPeriod')
    ? numberWithin(call, 'ManualSnapshotRetentionPeriod', { least: -1, most: 3653, usual: -1 })
    : undefined;

const create = (call: Call): Reply => {
  const cluster = findCluster(call);
  const id = newSnapshotName(call, 'SnapshotIdentifier');
  demandState(call, cluster, 'available');
  const tags = readTags(call);
  checkSnapshotQuota(call);
  checkKey(call, cluster);
  return {
    Snapshot: showSnapshot(call, makeSnapshot(call, shapeOf(cluster), { id, tags, retentionDays: retentionIn(call) })),
  };
};

const describe = (call: Call): Reply => {
  const { params } = call;
  const named = params.text('SnapshotIdentifier') || params.text('SnapshotArn')?.split('/').at(-1);
  const cluster = params.text('ClusterIdentifier')?.toLowerCase() || undefined;
  const type = params.text('SnapshotType') || undefined;
  const moment = (name: string): number | undefined => {
    const text = params.text(name);
    return text === undefined ? undefined : Date.parse(text);
  };
  const found = named === undefined ? ownSnapshots(call) : [lookSnapshot(call, named)].flatMap((one) => one ?? []);
  const met = found.filter(
    (one) =>
      (cluster === undefined || one.cluster.id === cluster) &&
      (type === undefined || one.type === type) &&
      one.createdAt >= (moment('StartTime') ?? 0) &&
      one.createdAt <= (moment('EndTime') ?? Infinity) &&
      meetsTags(call, one.tags),
  );
  if (named !== undefined && met.length === 0) throw snapshotNotFound(named);
  const show = (one: RedshiftSnapshot): Reply => showSnapshot(call, one);
  return replyPage(call, met, { list: 'Snapshots', element: 'Snapshot', show });
};

const remove = (call: Call): Reply => {
  const snapshot = findSnapshot(call);
  const cluster = call.params.text('SnapshotClusterIdentifier') || undefined;
  if (cluster !== undefined && cluster.toLowerCase() !== snapshot.cluster.id) throw snapshotNotFound(snapshot.id);
  const refuse = (why: string): Error =>
    awsError('InvalidClusterSnapshotState', `${snapshot.id} cannot be deleted: ${why}.`);
  if (snapshot.type !== 'manual') throw refuse('only manual snapshots can be deleted');
  if (snapshotStatus(snapshot, call.now) === 'creating') throw refuse('it is still being created');
  if (snapshot.sharedWith.size > 0) throw refuse('other accounts are authorized to access it');
  snapshot.deletedAt = call.now;
  snapshot.deletedBy = madeBy(call);
  return { Snapshot: { ...showSnapshot(call, snapshot), Status: 'deleted' } };
};

const copy = (call: Call): Reply => {
  const source = findSnapshot(call, 'SourceSnapshotIdentifier');
  if (source.type !== 'automated' || snapshotStatus(source, call.now) !== 'available')
    throw awsError('InvalidClusterSnapshotState', `${source.id} is not an automated snapshot that is available.`);
  const id = newSnapshotName(call, 'TargetSnapshotIdentifier');
  checkSnapshotQuota(call);
  const wish = { id, tags: source.tags, retentionDays: retentionIn(call), copied: true };
  return { Snapshot: showSnapshot(call, makeSnapshot(call, source.cluster, wish)) };
};

/** Snapshots of clusters: made, listed, copied, deleted. */
export const snapshotOperations: Operations = {
  CreateClusterSnapshot: {
    required: ['SnapshotIdentifier', 'ClusterIdentifier'],
    on: ({ params }) => [
      { type: 'snapshot', id: `${params.text('ClusterIdentifier')}/${params.text('SnapshotIdentifier')}` },
    ],
    run: create,
  },
  DescribeClusterSnapshots: { run: describe },
  DeleteClusterSnapshot: {
    required: ['SnapshotIdentifier'],
    on: (call) => {
      const id = call.params.text('SnapshotIdentifier') ?? '';
      const snapshot = lookSnapshot(call, id);
      return [{ type: 'snapshot', id: `${snapshot?.cluster.id ?? '*'}/${id}`, tags: snapshot?.tags }];
    },
    run: remove,
  },
  CopyClusterSnapshot: {
    required: ['SourceSnapshotIdentifier', 'TargetSnapshotIdentifier'],
    on: ({ params }) => [{ type: 'snapshot', id: `*/${params.text('TargetSnapshotIdentifier')}` }],
    run: copy,
  },
};
