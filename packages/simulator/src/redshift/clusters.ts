import { replyPage } from '../rds/listing.ts';
import { newSubnetGroup } from '../rds/groups.ts';
import { chooseSecurityGroups, numberWithin, zonesOf } from '../rds/placement.ts';
import { checkKey } from '../rds/encryption.ts';
import type { RedshiftCluster, SubnetGroup } from '../state/database-records.ts';
import { keepNamed, ownNamed } from '../state/named.ts';
import { stateAt } from '../state/timeline.ts';
import { madeBy, newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { listOf } from '../wire/xml.ts';
import {
  demandState,
  findCluster,
  findSnapshot,
  lookCluster,
  newName,
  ownClusters,
  ownSnapshots,
  snapshotStatus,
} from './cluster-states.ts';
import {
  makeCluster,
  newClusterName,
  nodesOf,
  portFor,
  showCluster,
  sizeOf,
  startingStates,
  subnetGroupNamed,
} from './make-cluster.ts';
import { parameterGroupNamed } from './parameter-groups.ts';
import { checkSnapshotQuota, makeSnapshot, newSnapshotName, shapeOf } from './make-snapshot.ts';
import type { Operations, Subject } from './operation.ts';
import { meetsTags, readTags, tagList } from './tag-rules.ts';

const describe = (call: Call): Reply => {
  const named = call.params.text('ClusterIdentifier') || undefined;
  const met = (named === undefined ? ownClusters(call) : [findCluster(call)]).filter((one) =>
    meetsTags(call, one.tags),
  );
  const show = (one: RedshiftCluster): Reply => showCluster(call, one);
  return replyPage(call, met, { list: 'Clusters', element: 'Cluster', show });
};

const change = (call: Call, wish: { readonly from: string; readonly by: string; readonly to: string }): Reply => {
  const cluster = findCluster(call);
  demandState(call, cluster, wish.from);
  const done = call.now + call.world.settings.timing.clusterPauseMs;
  cluster.states.push({ at: call.now, state: wish.by }, { at: done, state: wish.to });
  return { Cluster: showCluster(call, cluster) };
};

const finalName = (call: Call): string | undefined => {
  const skip = call.params.flag('SkipFinalClusterSnapshot') ?? false;
  const named = (call.params.text('FinalClusterSnapshotIdentifier') ?? '') !== '';
  if (skip === named)
    throw invalidCombination(
      'FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is true, and refused when it is.',
    );
  return named ? newSnapshotName(call, 'FinalClusterSnapshotIdentifier') : undefined;
};

const remove = (call: Call): Reply => {
  const cluster = findCluster(call);
  const final = finalName(call);
  const state = stateAt(cluster.states, call.now);
  if (state !== 'available' && !(state === 'paused' && final === undefined)) demandState(call, cluster, 'available');
  if (final !== undefined) {
    checkSnapshotQuota(call);
    makeSnapshot(call, shapeOf(cluster), { id: final, tags: new Map() });
  }
  cluster.states.push({ at: call.now, state: 'deleting' });
  cluster.deletedAt = call.now + call.world.settings.timing.databaseDeleteMs;
  cluster.deletedBy = madeBy(call);
  for (const snapshot of ownSnapshots(call, call.now)) {
    if (snapshot.type !== 'automated' || snapshot.cluster.seq !== cluster.seq) continue;
    snapshot.deletedAt = cluster.deletedAt;
    snapshot.deletedBy = cluster.deletedBy;
  }
  return { Cluster: showCluster(call, cluster) };
};

const restore = (call: Call): Reply => {
  const { params } = call;
  const id = newClusterName(call);
  const snapshot = findSnapshot(call);
  if (snapshotStatus(snapshot, call.now) !== 'available')
    throw awsError('InvalidClusterSnapshotState', `The snapshot ${snapshot.id} is not available.`);
  checkKey(call, snapshot);
  const before = snapshot.cluster;
  const nodeType = params.text('NodeType') ?? before.nodeType;
  if (nodeType.split('.')[0] !== before.nodeType.split('.')[0])
    throw awsError('InvalidRestore', `A snapshot of ${before.nodeType} cannot be restored to ${nodeType}.`, 406);
  const group = subnetGroupNamed(call, params.text('ClusterSubnetGroupName') ?? 'default');
  const zones = zonesOf(call, group);
  const zone = params.text('AvailabilityZone') || zones[0] || before.zone;
  if (!zones.includes(zone))
    throw awsError('InvalidVPCNetworkStateFault', `The zone ${zone} is not covered by the subnet group ${group.id}.`);
  const nodes = nodesOf(call, before.nodes);
  const cluster: RedshiftCluster = {
    ...before,
    ...newThing(call, id, readTags(call)),
    nodeType,
    nodes,
    sizeMiB: sizeOf(nodeType, nodes),
    port: portFor(call, nodeType, before.port),
    zone,
    vpcId: group.vpcId,
    subnetGroup: group.id,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    parameterGroup: parameterGroupNamed(call, params.text('ClusterParameterGroupName')),
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    enhancedVpcRouting: params.flag('EnhancedVpcRouting') ?? before.enhancedVpcRouting,
    allowVersionUpgrade: params.flag('AllowVersionUpgrade') ?? true,
    maintenanceWindow: params.text('PreferredMaintenanceWindow') ?? 'sun:05:00-sun:05:30',
    automatedRetentionDays: numberWithin(call, 'AutomatedSnapshotRetentionPeriod', {
      least: 0,
      most: 35,
      usual: before.automatedRetentionDays,
    }),
    states: startingStates(call),
    restoredAt: call.now,
  };
  return { Cluster: showCluster(call, keepNamed(call.region.redshiftClusters, cluster)) };
};

const showSubnetGroup = (call: Call, group: SubnetGroup): Reply => ({
  ClusterSubnetGroupName: group.id,
  Description: group.description,
  VpcId: group.vpcId,
  SubnetGroupStatus: 'Complete',
  Subnets: listOf(
    'Subnet',
    group.subnetIds.map((id) => ({
      SubnetIdentifier: id,
      SubnetAvailabilityZone: { Name: call.region.subnets.get(id)?.zone },
      SubnetStatus: 'Active',
    })),
  ),
  Tags: tagList(group.tags),
});

const describeSubnetGroups = (call: Call): Reply => {
  const named = call.params.text('ClusterSubnetGroupName') || undefined;
  const groups =
    named === undefined
      ? ownNamed(call.region.redshiftSubnetGroups, call.accountId, call.readAt)
      : [subnetGroupNamed(call, named)];
  const show = (group: SubnetGroup): Reply => showSubnetGroup(call, group);
  return replyPage(call, groups, { list: 'ClusterSubnetGroups', element: 'ClusterSubnetGroup', show });
};

const createSubnetGroup = (call: Call): Reply => {
  const { params } = call;
  const id = newName(call, 'ClusterSubnetGroupName', 255);
  const list = params.has('SubnetIds.SubnetIdentifier') ? 'SubnetIds.SubnetIdentifier' : 'SubnetIds';
  const group = newSubnetGroup(call, {
    id,
    description: params.text('Description') ?? '',
    subnetIds: params.texts(list),
    tags: readTags(call),
  });
  keepNamed(call.region.redshiftSubnetGroups, group);
  return { ClusterSubnetGroup: showSubnetGroup(call, group) };
};

const named = (call: Call): readonly Subject[] => {
  const id = call.params.text('ClusterIdentifier') || '*';
  return [{ type: 'cluster', id, tags: lookCluster(call, id)?.tags }];
};

const required = ['ClusterIdentifier'];

/** Clusters: made, listed, paused, resumed, restored, deleted. */
export const clusterOperations: Operations = {
  CreateCluster: {
    required: ['ClusterIdentifier', 'NodeType', 'MasterUsername'],
    on: named,
    run: (call) => ({ Cluster: showCluster(call, makeCluster(call)) }),
  },
  DescribeClusters: { on: named, run: describe },
  DeleteCluster: { required, on: named, run: remove },
  PauseCluster: {
    required,
    on: named,
    run: (call) => change(call, { from: 'available', by: 'pausing', to: 'paused' }),
  },
  ResumeCluster: {
    required,
    on: named,
    run: (call) => change(call, { from: 'paused', by: 'resuming', to: 'available' }),
  },
  RestoreFromClusterSnapshot: { required: ['ClusterIdentifier', 'SnapshotIdentifier'], on: named, run: restore },
  DescribeClusterSubnetGroups: {
    on: (call) => [{ type: 'subnetgroup', id: call.params.text('ClusterSubnetGroupName') || '*' }],
    run: describeSubnetGroups,
  },
  CreateClusterSubnetGroup: {
    required: ['ClusterSubnetGroupName', 'SubnetIds'],
    on: (call) => [{ type: 'subnetgroup', id: call.params.text('ClusterSubnetGroupName') ?? '' }],
    run: createSubnetGroup,
  },
};
