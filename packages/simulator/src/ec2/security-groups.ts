import type { Permission, SecurityGroup } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, missingParameter } from '../wire/errors.ts';
import type { Params } from '../wire/params.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { find, findById, kinds, ownThings } from './kinds.ts';
import { makeSecurityGroup } from './make-network.ts';
import type { Operations } from './operation.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const showPermission = (permission: Permission): Reply => ({
  ipProtocol: permission.protocol,
  fromPort: permission.fromPort,
  toPort: permission.toPort,
  groups: permission.groups.map((group) => ({ userId: group.userId, groupId: group.groupId })),
  ipRanges: permission.cidrs.map((range) => ({ cidrIp: range.cidr, description: range.description })),
  ipv6Ranges: [],
  prefixListIds: [],
});

const groupArn = (call: Call, group: SecurityGroup): string =>
  `arn:aws:ec2:${call.region.name}:${group.ownerId}:security-group/${group.id}`;

const showGroup = (call: Call, group: SecurityGroup): Reply => ({
  groupId: group.id,
  groupName: group.name,
  groupDescription: group.description,
  ownerId: group.ownerId,
  vpcId: group.vpcId,
  securityGroupArn: groupArn(call, group),
  ipPermissions: group.ingress.map(showPermission),
  ipPermissionsEgress: group.egress.map(showPermission),
  tagSet: tagSet(call, group),
});

const ruleFilters = (prefix: string, side: 'ingress' | 'egress'): FilterTable<SecurityGroup> => ({
  [`${prefix}.cidr`]: (group) => group[side].flatMap((rule) => rule.cidrs.map((range) => range.cidr)),
  [`${prefix}.from-port`]: (group) => group[side].map((rule) => rule.fromPort),
  [`${prefix}.to-port`]: (group) => group[side].map((rule) => rule.toPort),
  [`${prefix}.protocol`]: (group) => group[side].map((rule) => rule.protocol),
  [`${prefix}.group-id`]: (group) => group[side].flatMap((rule) => rule.groups.map((one) => one.groupId)),
  [`${prefix}.user-id`]: (group) => group[side].flatMap((rule) => rule.groups.map((one) => one.userId)),
  [`${prefix}.group-name`]: () => undefined,
  [`${prefix}.ipv6-cidr`]: () => undefined,
  [`${prefix}.prefix-list-id`]: () => undefined,
});

const filters: FilterTable<SecurityGroup> = {
  ...tagFilters,
  ...ruleFilters('ip-permission', 'ingress'),
  ...ruleFilters('egress.ip-permission', 'egress'),
  description: (group) => group.description,
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  'owner-id': (group) => group.ownerId,
  'vpc-id': (group) => group.vpcId,
};

const defaultVpcId = (call: Call): string | undefined => ownThings(call, kinds.vpc).find((vpc) => vpc.isDefault)?.id;

const named = (call: Call): SecurityGroup[] => {
  const names = call.params.texts('GroupName');
  const own = ownThings(call, kinds.securityGroup);
  if (names.length === 0) return own;
  const inDefault = own.filter((group) => group.vpcId === defaultVpcId(call));
  const unknown = names.find((name) => !inDefault.some((group) => group.name === name));
  if (unknown !== undefined)
    throw awsError(
      'InvalidGroup.NotFound',
      `The security group '${unknown}' does not exist in default VPC '${defaultVpcId(call) ?? ''}'`,
    );
  return inDefault.filter((group) => names.includes(group.name));
};

const describe = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: named(call),
    kind: kinds.securityGroup,
    idParameter: 'GroupId',
    wireName: 'groupIds',
    filters,
  });
  return { securityGroupInfo: shown.map((group) => showGroup(call, group)), nextToken };
};

const create = (call: Call): Reply => {
  const name = call.params.requiredText('GroupName');
  const vpcId = call.params.text('VpcId') ?? defaultVpcId(call);
  if (vpcId === undefined) throw awsError('VPCIdNotSpecified', 'No default VPC for this user');
  if (name === 'default') throw awsError('InvalidParameterValue', 'Cannot use reserved security group name: default');
  if (name.startsWith('sg-')) throw awsError('InvalidParameterValue', 'Group names may not be in the format sg-*');
  if (name.length > 255) throw awsError('InvalidParameterValue', 'Group names have at most 255 characters.');
  if (ownThings(call, kinds.securityGroup).some((group) => group.vpcId === vpcId && group.name === name)) {
    throw awsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
  }
  const description = call.params.requiredText('GroupDescription');
  const group = makeSecurityGroup(call, { name, description, vpcId, tags: requestedTags(call, 'security-group') });
  return { return: true, groupId: group.id, securityGroupArn: groupArn(call, group), tagSet: tagSet(call, group) };
};

const groupOf = (call: Call): SecurityGroup => {
  if (call.params.has('GroupId')) return findById(call, kinds.securityGroup, 'GroupId');
  const name = call.params.text('GroupName');
  if (name === undefined) throw missingParameter('GroupId');
  const group = ownThings(call, kinds.securityGroup).find(
    (one) => one.name === name && one.vpcId === defaultVpcId(call),
  );
  if (group === undefined) throw awsError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
  return group;
};

const remove = (call: Call): Reply => {
  const group = groupOf(call);
  if (group.name === 'default')
    throw awsError('CannotDelete', `the specified group: "${group.id}" name: "default" cannot be deleted by a user`);
  const used = ownThings(call, kinds.networkInterface).some((one) => one.groupIds.includes(group.id));
  if (used) throw awsError('DependencyViolation', `resource ${group.id} has a dependent object`);
  group.deletedAt = call.now;
  group.deletedBy = madeBy(call);
  return { return: true, groupId: group.id };
};

const readPermission = (call: Call, params: Params): Permission => ({
  protocol: params.text('IpProtocol') ?? '-1',
  fromPort: params.integer('FromPort'),
  toPort: params.integer('ToPort'),
  cidrs: params
    .structs('IpRanges')
    .map((range) => ({ cidr: range.text('CidrIp') ?? '', description: range.text('Description') })),
  groups: params.structs('Groups').map((one) => ({
    groupId: find(call, kinds.securityGroup, one.text('GroupId') ?? '').id,
    userId: one.text('UserId') ?? call.accountId,
  })),
});

const requestedPermissions = (call: Call): Permission[] => {
  const listed = call.params.structs('IpPermissions').map((params) => readPermission(call, params));
  const cidr = call.params.text('CidrIp');
  const flat = {
    ...readPermission(call, call.params),
    cidrs: cidr === undefined ? [] : [{ cidr, description: undefined }],
  };
  const all = listed.length === 0 && call.params.has('IpProtocol') ? [flat] : listed;
  if (all.length === 0) throw missingParameter('IpPermissions');
  return all;
};

const same = (a: Permission, b: Permission): boolean =>
  JSON.stringify(showPermission(a)) === JSON.stringify(showPermission(b));

const authorize =
  (side: 'ingress' | 'egress') =>
  (call: Call): Reply => {
    const group = groupOf(call);
    const added = requestedPermissions(call);
    if (added.some((rule) => group[side].some((known) => same(rule, known)))) {
      throw awsError('InvalidPermission.Duplicate', 'the specified rule already exists');
    }
    group[side] = [...group[side], ...added];
    const rules = added.map((rule) => ({
      securityGroupRuleId: call.world.ids.id('sgr'),
      groupId: group.id,
      groupOwnerId: group.ownerId,
      isEgress: side === 'egress',
      ipProtocol: rule.protocol,
      fromPort: rule.fromPort ?? -1,
      toPort: rule.toPort ?? -1,
      cidrIpv4: rule.cidrs[0]?.cidr,
    }));
    return { return: true, securityGroupRuleSet: rules };
  };

const revoke =
  (side: 'ingress' | 'egress') =>
  (call: Call): Reply => {
    const group = groupOf(call);
    const gone = requestedPermissions(call);
    if (gone.some((rule) => !group[side].some((known) => same(rule, known)))) {
      throw awsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    }
    group[side] = group[side].filter((known) => !gone.some((rule) => same(rule, known)));
    return { return: true };
  };

/** Security groups and their rules. */
export const securityGroupOperations: Operations = {
  DescribeSecurityGroups: { run: describe },
  CreateSecurityGroup: {
    required: ['GroupName', 'GroupDescription'],
    targets: ['VpcId'],
    makes: ['security-group'],
    run: create,
  },
  DeleteSecurityGroup: { targets: ['GroupId'], run: remove },
  AuthorizeSecurityGroupIngress: { targets: ['GroupId'], run: authorize('ingress') },
  AuthorizeSecurityGroupEgress: { targets: ['GroupId'], run: authorize('egress') },
  RevokeSecurityGroupIngress: { targets: ['GroupId'], run: revoke('ingress') },
  RevokeSecurityGroupEgress: { targets: ['GroupId'], run: revoke('egress') },
};
