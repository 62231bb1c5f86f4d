import { chooseKey } from '../rds/encryption.ts';
import { newSubnetGroup } from '../rds/groups.ts';
import { chooseSecurityGroups, numberWithin, showSecurityGroupsAs, zonesOf } from '../rds/placement.ts';
import type { RedshiftCluster, SubnetGroup } from '../state/database-records.ts';
import { existsAt } from '../state/lifecycle.ts';
import { keepNamed, lookNamed } from '../state/named.ts';
import { stateAt } from '../state/timeline.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf } from '../wire/xml.ts';
import { arnOf, newName } from './cluster-states.ts';
import { parameterGroupNamed } from './parameter-groups.ts';
import { makeAutomated } from './make-snapshot.ts';
import { readTags, tagList } from './tag-rules.ts';

const nodeMiB: Readonly<Record<string, number>> = {
  'dc2.large': 160_000,
  'dc2.8xlarge': 2_560_000,
  'ra3.large': 1_000_000,
  'ra3.xlplus': 4_000_000,
  'ra3.4xlarge': 128_000_000,
  'ra3.16xlarge': 128_000_000,
};

const defaultGroup = (call: Call): SubnetGroup => {
  const vpc = [...call.region.vpcs.values()].find((one) => one.ownerId === call.accountId && one.isDefault);
  const subnetIds = [...call.region.subnets.values()]
    .filter((one) => one.vpcId === vpc?.id && existsAt(one, call.now))
    .map((one) => one.id);
  const group = newSubnetGroup(call, { id: 'default', description: 'default', subnetIds, tags: new Map() });
  return keepNamed(call.region.redshiftSubnetGroups, group);
};

/** The subnet group of this name; `default` is made over the default VPC. Throws ClusterSubnetGroupNotFoundFault. */
export const subnetGroupNamed = (call: Call, named: string): SubnetGroup => {
  const at = { accountId: call.accountId, id: named, at: call.now };
  const group = lookNamed(call.region.redshiftSubnetGroups, at);
  if (group !== undefined) return group;
  if (named === 'default') return defaultGroup(call);
  throw awsError('ClusterSubnetGroupNotFoundFault', `Cluster subnet group ${named} not found.`);
};

/** Refuses a port that the node type does not have: RA3 takes 5431 to 5455 and 8191 to 8215, others 1150 to 65535. */
export const portFor = (call: Call, nodeType: string, usual: number): number => {
  const port = numberWithin(call, 'Port', { least: 1150, most: 65_535, usual });
  const fits = (port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215);
  if (nodeType.startsWith('ra3.') && !fits)
    throw awsError('InvalidParameterValue', 'The port of an RA3 cluster must be 5431-5455 or 8191-8215.');
  return port;
};

/** How many nodes the request asks for. Throws InvalidParameterCombination and …Value. */
export const nodesOf = (call: Call, usual: number): number => {
  const type =
    call.params.text('ClusterType') ??
    ((call.params.integer('NumberOfNodes') ?? usual) > 1 ? 'multi-node' : 'single-node');
  const nodes = call.params.integer('NumberOfNodes') ?? usual;
  if (type === 'single-node') {
    if (nodes !== 1)
      throw awsError('InvalidParameterCombination', 'Number of nodes for cluster type single-node must be 1.');
    return 1;
  }
  if (nodes < 2 || nodes > 100)
    throw awsError('InvalidParameterValue', 'Number of nodes for cluster type multi-node must be between 2 and 100.');
  return nodes;
};

/** What a cluster of this node type holds. Throws InvalidParameterValue for an unknown node type. */
export const sizeOf = (nodeType: string, nodes: number): number => {
  const each = nodeMiB[nodeType];
  if (each === undefined) throw awsError('InvalidParameterValue', `Invalid node type: ${nodeType}`);
  return each * nodes;
};

/** The name of the cluster a request wants to make. Throws ClusterAlreadyExists. */
export const newClusterName = (call: Call): string => {
  const id = newName(call, 'ClusterIdentifier', 63);
  const taken = lookNamed(call.region.redshiftClusters, { accountId: call.accountId, id, at: call.now });
  if (taken !== undefined) throw awsError('ClusterAlreadyExists', 'Cluster already exists');
  return id;
};

/** When and how a new cluster comes to life. */
export const startingStates = (call: Call): RedshiftCluster['states'] => [
  { at: call.now, state: 'creating' },
  {
    at: call.now + call.world.settings.timing.databaseCreateMs,
    state: call.failWith === undefined ? 'available' : 'incompatible-restore',
  },
];

/** Makes the cluster that a CreateCluster request describes. */
export const makeCluster = (call: Call): RedshiftCluster => {
  const { params } = call;
  const id = newClusterName(call);
  const nodeType = params.requiredText('NodeType');
  const nodes = nodesOf(call, 1);
  const sizeMiB = sizeOf(nodeType, nodes);
  if (params.flag('ManageMasterPassword') !== true && (params.text('MasterUserPassword') ?? '').length < 8)
    throw awsError('InvalidParameterValue', 'The parameter MasterUserPassword must have at least 8 characters.');
  const group = subnetGroupNamed(call, params.text('ClusterSubnetGroupName') ?? 'default');
  // Redshift encrypts every new cluster; only an explicit false leaves it open.
  const encrypted = params.flag('Encrypted') ?? true;
  const cluster: RedshiftCluster = {
    ...newThing(call, id, readTags(call)),
    ...chooseKey(call, { encrypted, kmsKeyId: params.text('KmsKeyId'), service: 'redshift' }),
    nodeType,
    nodes,
    sizeMiB,
    version: params.text('ClusterVersion') ?? '1.0',
    masterUsername: params.requiredText('MasterUsername'),
    databaseName: params.text('DBName') ?? 'dev',
    port: portFor(call, nodeType, 5439),
    zone: params.text('AvailabilityZone') ?? zonesOf(call, group)[0] ?? `${call.region.name}a`,
    vpcId: group.vpcId,
    subnetGroup: group.id,
    securityGroupIds: chooseSecurityGroups(call, group.vpcId),
    parameterGroup: parameterGroupNamed(call, params.text('ClusterParameterGroupName')),
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    enhancedVpcRouting: params.flag('EnhancedVpcRouting') ?? false,
    allowVersionUpgrade: params.flag('AllowVersionUpgrade') ?? true,
    maintenanceWindow: params.text('PreferredMaintenanceWindow') ?? 'sun:05:00-sun:05:30',
    automatedRetentionDays: numberWithin(call, 'AutomatedSnapshotRetentionPeriod', { least: 0, most: 35, usual: 1 }),
    manualRetentionDays: numberWithin(call, 'ManualSnapshotRetentionPeriod', { least: -1, most: 3653, usual: -1 }),
    states: startingStates(call),
    restoredAt: undefined,
  };
  makeAutomated(call, cluster);
  return keepNamed(call.region.redshiftClusters, cluster);
};

const restoreStatus = (call: Call, cluster: RedshiftCluster): Reply | undefined => {
  if (cluster.restoredAt === undefined) return undefined;
  const state = stateAt(cluster.states, call.now);
  const isDone = state !== 'creating';
  return {
    Status: state === 'incompatible-restore' ? 'failed' : isDone ? 'completed' : 'restoring',
    SnapshotSizeInMegaBytes: cluster.sizeMiB,
    ProgressInMegaBytes: isDone ? cluster.sizeMiB : 0,
  };
};

/** A cluster as DescribeClusters shows it. */
export const showCluster = (call: Call, cluster: RedshiftCluster): Reply => {
  const status = stateAt(cluster.states, call.now);
  return {
    ClusterIdentifier: cluster.id,
    NodeType: cluster.nodeType,
    ClusterStatus: status,
    ClusterAvailabilityStatus: status === 'available' ? 'Available' : status === 'paused' ? 'Paused' : 'Modifying',
    MasterUsername: cluster.masterUsername,
    DBName: cluster.databaseName,
    Endpoint:
      status === 'creating'
        ? undefined
        : { Address: `${cluster.id}.${call.region.name}.redshift.amazonaws.com`, Port: cluster.port },
    ClusterCreateTime: new Date(cluster.createdAt),
    AutomatedSnapshotRetentionPeriod: cluster.automatedRetentionDays,
    ManualSnapshotRetentionPeriod: cluster.manualRetentionDays,
    ClusterSecurityGroups: [],
    VpcSecurityGroups: showSecurityGroupsAs('VpcSecurityGroup', cluster.securityGroupIds),
    ClusterParameterGroups: listOf('ClusterParameterGroup', [
      { ParameterGroupName: cluster.parameterGroup, ParameterApplyStatus: 'in-sync' },
    ]),
    ClusterSubnetGroupName: cluster.subnetGroup,
    VpcId: cluster.vpcId,
    AvailabilityZone: cluster.zone,
    PreferredMaintenanceWindow: cluster.maintenanceWindow,
    PendingModifiedValues: {},
    ClusterVersion: cluster.version,
    AllowVersionUpgrade: cluster.allowVersionUpgrade,
    NumberOfNodes: cluster.nodes,
    PubliclyAccessible: cluster.publiclyAccessible,
    Encrypted: cluster.encrypted,
    KmsKeyId: cluster.kmsKeyArn,
    RestoreStatus: restoreStatus(call, cluster),
    EnhancedVpcRouting: cluster.enhancedVpcRouting,
    IamRoles: [],
    MaintenanceTrackName: 'current',
    ClusterNamespaceArn: arnOf(call, 'cluster', cluster.id),
    TotalStorageCapacityInMegaBytes: cluster.sizeMiB,
    MultiAZ: 'Disabled',
    Tags: tagList(cluster.tags),
  };
};
