import { keepNamed } from '../state/named.ts';
import type { EngineGroup, SubnetGroup } from '../state/database-records.ts';
import { existsAt } from '../state/lifecycle.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { listOf, type Wire } from '../wire/xml.ts';
import { replyPage } from './listing.ts';
import { arnOf, isTaken, kinds, look, lookFresh, notFound, own, type Kind } from './kinds.ts';
import type { Operations } from './operation.ts';
import { readTags } from './tag-rules.ts';

/** The subnets of a group as RDS shows them. */
export const showSubnetGroup = (call: Call, group: SubnetGroup): Reply => ({
  DBSubnetGroupName: group.id,
  DBSubnetGroupDescription: group.description,
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
  DBSubnetGroupArn: arnOf(call, kinds.subnetGroup, group.id, group.ownerId),
  SupportedNetworkTypes: ['IPV4'],
});

const subnetIdsIn = (call: Call): readonly string[] =>
  call.params.has('SubnetIds.SubnetIdentifier')
    ? call.params.texts('SubnetIds.SubnetIdentifier')
    : call.params.texts('SubnetIds');

/** A subnet group for RDS or Redshift, not kept yet. Throws InvalidSubnet for subnets that are not the caller's or not of one VPC. */
export const newSubnetGroup = (
  call: Call,
  wish: Pick<SubnetGroup, 'id' | 'description' | 'subnetIds'> & { readonly tags: Map<string, string> },
): SubnetGroup => {
  const { id, tags, ...rest } = wish;
  const subnets = wish.subnetIds.map((subnetId) => {
    const subnet = call.region.subnets.get(subnetId);
    if (subnet === undefined || subnet.ownerId !== call.accountId || !existsAt(subnet, call.now))
      throw awsError('InvalidSubnet', `The subnet ${subnetId} is invalid or does not exist.`);
    return subnet;
  });
  const [vpcId, ...others] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (vpcId === undefined || others.length > 0)
    throw awsError('InvalidSubnet', 'The subnets of a group must be at least one and all of the same VPC.');
  return { ...newThing(call, id, tags), ...rest, vpcId };
};

const createSubnetGroup = (call: Call): Reply => {
  const id = call.params.requiredText('DBSubnetGroupName').toLowerCase();
  if (id === 'default' || !/^[a-z0-9 ._-]{1,255}$/.test(id))
    throw awsError('InvalidParameterValue', 'The parameter DBSubnetGroupName is not a valid identifier.');
  if (isTaken(call, kinds.subnetGroup, id))
    throw awsError('DBSubnetGroupAlreadyExists', `The DB subnet group '${id}' already exists.`);
  const group = newSubnetGroup(call, {
    id,
    description: call.params.text('DBSubnetGroupDescription') ?? '',
    subnetIds: subnetIdsIn(call),
    tags: readTags(call),
  });
  const zones = new Set(group.subnetIds.map((one) => call.region.subnets.get(one)?.zone));
  if (zones.size < 2) {
    throw awsError(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Please add subnets to cover at least 2 AZs.",
    );
  }
  return { DBSubnetGroup: showSubnetGroup(call, keepNamed(call.region.subnetGroups, group)) };
};

/** The account's `default` group over its default VPC, which RDS makes when it is first needed. */
export const defaultSubnetGroup = (call: Call): SubnetGroup => {
  const known = lookFresh(call, kinds.subnetGroup, 'default');
  if (known !== undefined) return known;
  const vpc = [...call.region.vpcs.values()].find((one) => one.ownerId === call.accountId && one.isDefault);
  const subnets = [...call.region.subnets.values()].filter((one) => one.vpcId === vpc?.id && existsAt(one, call.now));
  if (subnets.length === 0)
    throw awsError('DBSubnetGroupNotFoundFault', 'No default subnet group: the account has no default VPC.', 404);
  const group = newSubnetGroup(call, {
    id: 'default',
    description: 'default',
    subnetIds: subnets.map((one) => one.id),
    tags: new Map(),
  });
  return keepNamed(call.region.subnetGroups, group);
};

const oneOrOwn = <K extends Kind>(call: Call, kind: K, parameter: string) => {
  const name = call.params.text(parameter);
  if (name === undefined || name === '') return own(call, kind);
  const found = look(call, kind, name);
  if (found === undefined) throw notFound(kind, name);
  return [found];
};

/** Makes sure of a parameter or option group: the engine's own `default…`, made when first named, or one that exists. */
export const engineGroup = (
  call: Call,
  wish: {
    readonly kind: 'parameterGroup' | 'clusterParameterGroup' | 'optionGroup';
    readonly name: string;
    readonly family: string;
  },
): string => {
  const kind = kinds[wish.kind];
  const found = lookFresh(call, kind, wish.name);
  if (found !== undefined && found.family !== wish.family)
    throw invalidCombination(
      `The ${kind.noun} ${found.id} with family ${found.family} cannot be used with ${wish.family}.`,
    );
  if (found !== undefined) return found.id;
  if (!wish.name.startsWith('default')) throw notFound(kind, wish.name);
  return makeEngineGroup(call, { ...wish, description: `Default group for ${wish.family}`, tags: new Map() }).id;
};

const makeEngineGroup = (
  call: Call,
  wish: {
    readonly kind: 'parameterGroup' | 'clusterParameterGroup' | 'optionGroup';
    readonly name: string;
    readonly family: string;
    readonly description: string;
    readonly tags: Map<string, string>;
  },
): EngineGroup =>
  keepNamed(call.region[kinds[wish.kind].collection], {
    ...newThing(call, wish.name.toLowerCase(), wish.tags),
    family: wish.family,
    description: wish.description,
  });

const showParameterGroup = (call: Call, group: EngineGroup): Wire => ({
  DBParameterGroupName: group.id,
  DBParameterGroupFamily: group.family,
  Description: group.description,
  DBParameterGroupArn: arnOf(call, kinds.parameterGroup, group.id, group.ownerId),
});

const createParameterGroup = (call: Call): Reply => {
  const name = call.params.requiredText('DBParameterGroupName');
  if (isTaken(call, kinds.parameterGroup, name))
    throw awsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
  const group = makeEngineGroup(call, {
    kind: 'parameterGroup',
    name,
    family: call.params.requiredText('DBParameterGroupFamily'),
    description: call.params.requiredText('Description'),
    tags: readTags(call),
  });
  return { DBParameterGroup: showParameterGroup(call, group) };
};

const showClusterParameterGroup = (call: Call, group: EngineGroup): Wire => ({
  DBClusterParameterGroupName: group.id,
  DBParameterGroupFamily: group.family,
  Description: group.description,
  DBClusterParameterGroupArn: arnOf(call, kinds.clusterParameterGroup, group.id, group.ownerId),
});

const createClusterParameterGroup = (call: Call): Reply => {
  const name = call.params.requiredText('DBClusterParameterGroupName');
  if (isTaken(call, kinds.clusterParameterGroup, name))
    throw awsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
  const group = makeEngineGroup(call, {
    kind: 'clusterParameterGroup',
    name,
    family: call.params.requiredText('DBParameterGroupFamily'),
    description: call.params.requiredText('Description'),
    tags: readTags(call),
  });
  return { DBClusterParameterGroup: showClusterParameterGroup(call, group) };
};

const showOptionGroup = (call: Call, group: EngineGroup): Wire => {
  const [engine = '', major] = group.family.split(' ');
  return {
    OptionGroupName: group.id,
    OptionGroupDescription: group.description,
    EngineName: engine,
    MajorEngineVersion: major,
    Options: [],
    AllowsVpcAndNonVpcInstanceMemberships: true,
    OptionGroupArn: arnOf(call, kinds.optionGroup, group.id, group.ownerId),
  };
};

const createOptionGroup = (call: Call): Reply => {
  const name = call.params.requiredText('OptionGroupName');
  if (isTaken(call, kinds.optionGroup, name))
    throw awsError('OptionGroupAlreadyExistsFault', `An option group with the name ${name} already exists.`);
  const group = makeEngineGroup(call, {
    kind: 'optionGroup',
    name,
    family: `${call.params.requiredText('EngineName')} ${call.params.requiredText('MajorEngineVersion')}`,
    description: call.params.requiredText('OptionGroupDescription'),
    tags: readTags(call),
  });
  return { OptionGroup: showOptionGroup(call, group) };
};

/** Subnet, parameter and option groups. */
export const groupOperations: Operations = {
  CreateDBSubnetGroup: {
    required: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds'],
    makes: { DBSubnetGroupName: 'subnetGroup' },
    run: createSubnetGroup,
  },
  DescribeDBSubnetGroups: {
    on: { DBSubnetGroupName: 'subnetGroup' },
    run: (call) => {
      const groups = oneOrOwn(call, kinds.subnetGroup, 'DBSubnetGroupName');
      const show = (group: SubnetGroup): Wire => showSubnetGroup(call, group);
      return replyPage(call, groups, { list: 'DBSubnetGroups', element: 'DBSubnetGroup', show });
    },
  },
  CreateDBParameterGroup: {
    required: ['DBParameterGroupName', 'DBParameterGroupFamily', 'Description'],
    makes: { DBParameterGroupName: 'parameterGroup' },
    run: createParameterGroup,
  },
  DescribeDBParameterGroups: {
    on: { DBParameterGroupName: 'parameterGroup' },
    run: (call) =>
      replyPage(call, oneOrOwn(call, kinds.parameterGroup, 'DBParameterGroupName'), {
        list: 'DBParameterGroups',
        element: 'DBParameterGroup',
        show: (group) => showParameterGroup(call, group),
      }),
  },
  CreateDBClusterParameterGroup: {
    required: ['DBClusterParameterGroupName', 'DBParameterGroupFamily', 'Description'],
    makes: { DBClusterParameterGroupName: 'clusterParameterGroup' },
    run: createClusterParameterGroup,
  },
  DescribeDBClusterParameterGroups: {
    on: { DBClusterParameterGroupName: 'clusterParameterGroup' },
    run: (call) =>
      replyPage(call, oneOrOwn(call, kinds.clusterParameterGroup, 'DBClusterParameterGroupName'), {
        list: 'DBClusterParameterGroups',
        element: 'DBClusterParameterGroup',
        show: (group) => showClusterParameterGroup(call, group),
      }),
  },
  CreateOptionGroup: {
    required: ['OptionGroupName', 'EngineName', 'MajorEngineVersion', 'OptionGroupDescription'],
    makes: { OptionGroupName: 'optionGroup' },
    run: createOptionGroup,
  },
  DescribeOptionGroups: {
    on: { OptionGroupName: 'optionGroup' },
    run: (call) =>
      replyPage(call, oneOrOwn(call, kinds.optionGroup, 'OptionGroupName'), {
        list: 'OptionGroupsList',
        element: 'OptionGroup',
        show: (group) => showOptionGroup(call, group),
      }),
  },
};
