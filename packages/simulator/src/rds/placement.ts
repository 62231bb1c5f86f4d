import { existsAt } from '../state/lifecycle.ts';
import type { SubnetGroup } from '../state/database-records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf, type Wire } from '../wire/xml.ts';
import { familyOf, majorVersion, type EngineFacts } from './engines.ts';
import { defaultSubnetGroup, engineGroup } from './groups.ts';
import { kinds, look, notFound } from './kinds.ts';

/** The subnet group that the request names; the account's default one when it names none. */
export const chooseSubnetGroup = (call: Call): SubnetGroup => {
  const named = call.params.text('DBSubnetGroupName') ?? '';
  if (named === '') return defaultSubnetGroup(call);
  const group = look(call, kinds.subnetGroup, named);
  if (group === undefined) throw notFound(kinds.subnetGroup, named);
  return group;
};

/** The zones that a subnet group covers, in order. */
export const zonesOf = (call: Call, group: SubnetGroup): readonly string[] =>
  [...new Set(group.subnetIds.flatMap((id) => call.region.subnets.get(id)?.zone ?? []))].toSorted();

const namedGroups = (call: Call): readonly string[] =>
  call.params.has('VpcSecurityGroupIds.VpcSecurityGroupId')
    ? call.params.texts('VpcSecurityGroupIds.VpcSecurityGroupId')
    : call.params.texts('VpcSecurityGroupIds');

/** The security groups that the request names, or the VPC's default one. Throws InvalidParameterValue for one of another VPC. */
export const chooseSecurityGroups = (call: Call, vpcId: string): readonly string[] => {
  const ids = namedGroups(call);
  const groups = [...call.region.securityGroups.values()].filter(
    (one) => one.ownerId === call.accountId && one.vpcId === vpcId && existsAt(one, call.now),
  );
  if (ids.length === 0) return groups.filter((one) => one.name === 'default').map((one) => one.id);
  for (const id of ids) {
    if (!groups.some((one) => one.id === id))
      throw awsError('InvalidParameterValue', `Invalid security group , groupId= ${id}, groupName=.`);
  }
  return ids;
};

/** The parameter and option group of an engine version, named by the request or the engine's default ones. */
export const chooseGroups = (
  call: Call,
  facts: EngineFacts,
  wish: { readonly version: string; readonly cluster: boolean },
): { readonly parameterGroup: string; readonly optionGroup: string } => {
  const { params } = call;
  const named = params.text(wish.cluster ? 'DBClusterParameterGroupName' : 'DBParameterGroupName');
  return groupsNamed(call, facts, { ...wish, parameterGroup: named, optionGroup: params.text('OptionGroupName') });
};

/** The groups of these names, or the engine's default ones. Throws NotFound, and InvalidParameterCombination for another family. */
export const groupsNamed = (
  call: Call,
  facts: EngineFacts,
  wish: {
    readonly version: string;
    readonly cluster: boolean;
    readonly parameterGroup: string | undefined;
    readonly optionGroup: string | undefined;
  },
): { readonly parameterGroup: string; readonly optionGroup: string } => {
  const family = familyOf(facts, wish.version);
  const major = majorVersion(facts, wish.version);
  return {
    parameterGroup: engineGroup(call, {
      kind: wish.cluster ? 'clusterParameterGroup' : 'parameterGroup',
      name: wish.parameterGroup ?? `default.${family}`,
      family,
    }),
    optionGroup: engineGroup(call, {
      kind: 'optionGroup',
      name: wish.optionGroup ?? `default:${facts.name}-${major.replaceAll('.', '-')}`,
      family: `${facts.name} ${major}`,
    }),
  };
};

/** Security groups as RDS and Redshift list them, in elements of this name. */
export const showSecurityGroupsAs = (element: string, ids: readonly string[]): Wire =>
  listOf(
    element,
    ids.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
  );

/** The number in a request, checked against its bounds. Throws InvalidParameterValue. */
export const numberWithin = (
  call: Call,
  parameter: string,
  bounds: { readonly least: number; readonly most: number; readonly usual: number },
): number => {
  const value = call.params.integer(parameter) ?? bounds.usual;
  if (value < bounds.least || value > bounds.most) {
    throw awsError(
      'InvalidParameterValue',
      `Invalid ${parameter}: ${value}. It must be between ${bounds.least} and ${bounds.most}.`,
    );
  }
  return value;
};
