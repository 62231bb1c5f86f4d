import { instanceState } from '../state/lifecycle.ts';
import type { PlacementGroup } from '../state/records.ts';
import { madeBy, newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { applyFilters, tagFilters, type FilterTable } from './filters.ts';
import { kinds, ownThings } from './kinds.ts';
import type { Operations } from './operation.ts';
import { requestedTags, tagSet } from './tag-rules.ts';
import type { InstanceType } from './type-catalogue.ts';

const unknownGroup = (name: string): Error =>
  awsError('InvalidPlacementGroup.Unknown', `The Placement Group '${name}' is unknown.`);

const makePlacementGroup = (
  call: Call,
  wish: {
    readonly name: string;
    readonly strategy: string;
    readonly partitionCount?: number | undefined;
    readonly spreadLevel?: string | undefined;
    readonly tags?: ReadonlyMap<string, string> | undefined;
  },
): PlacementGroup => {
  const group: PlacementGroup = {
    ...newThing(call, call.world.ids.id('pg'), wish.tags),
    name: wish.name,
    strategy: wish.strategy,
    partitionCount: wish.strategy === 'partition' ? (wish.partitionCount ?? 2) : undefined,
    spreadLevel: wish.strategy === 'spread' ? (wish.spreadLevel ?? 'rack') : undefined,
  };
  call.region.placementGroups.set(group.id, group);
  return group;
};

/** The caller's placement group of this name. Throws InvalidPlacementGroup.Unknown. */
const placementGroupNamed = (call: Call, name: string): PlacementGroup => {
  const group = ownThings(call, kinds.placementGroup).find((one) => one.name === name || one.id === name);
  if (group === undefined) throw unknownGroup(name);
  return group;
};

/** The group's name for a launch of that type. Throws InvalidPlacementGroup.Unknown, or InvalidParameterCombination for a type that no cluster takes. */
export const placementGroupFor = (call: Call, name: string, type: InstanceType): string => {
  const group = placementGroupNamed(call, name);
  if (group.strategy === 'cluster' && (type.burstable || !type.current)) {
    throw invalidCombination(
      `Cluster placement groups are not supported by the '${type.name}' instance type. Specify a supported instance type or change the placement group strategy, and try again.`,
    );
  }
  if (call.params.text('Placement.Tenancy') === 'host')
    throw invalidCombination('Dedicated Hosts cannot be launched in placement groups.');
  return group.name;
};

/** The partition asked for. Throws for a group without partitions, or without this one. */
export const partitionOf = (call: Call, name: string | undefined): number | undefined => {
  const number = call.params.integer('Placement.PartitionNumber');
  if (number === undefined) return undefined;
  const count = name === undefined || name === '' ? undefined : placementGroupNamed(call, name).partitionCount;
  if (count === undefined)
    throw invalidCombination('A partition number needs a placement group of the strategy partition.');
  if (number < 1 || number > count) throw invalidValue(number, 'partitionNumber');
  return number;
};

const groupArn = (call: Call, group: PlacementGroup): string =>
  `arn:aws:ec2:${call.region.name}:${group.ownerId}:placement-group/${group.name}`;

const show = (call: Call, group: PlacementGroup): Reply => ({
  groupName: group.name,
  state: 'available',
  strategy: group.strategy,
  partitionCount: group.partitionCount,
  groupId: group.id,
  groupArn: groupArn(call, group),
  spreadLevel: group.spreadLevel,
  tagSet: tagSet(call, group),
});

const create = (call: Call): Reply => {
  const name = call.params.requiredText('GroupName');
  const strategy = call.params.text('Strategy') ?? 'cluster';
  if (!['cluster', 'spread', 'partition'].includes(strategy)) throw invalidValue(strategy, 'strategy');
  const partitionCount = call.params.integer('PartitionCount');
  if (partitionCount !== undefined && (strategy !== 'partition' || partitionCount < 1 || partitionCount > 7)) {
    throw invalidValue(partitionCount, 'partitionCount', 'Only partition groups have 1 to 7 partitions.');
  }
  if (ownThings(call, kinds.placementGroup).some((group) => group.name === name)) {
    throw awsError('InvalidPlacementGroup.Duplicate', `The Placement Group '${name}' already exists.`);
  }
  const group = makePlacementGroup(call, {
    name,
    strategy,
    partitionCount,
    spreadLevel: call.params.text('SpreadLevel'),
    tags: requestedTags(call, 'placement-group'),
  });
  return { return: true, placementGroup: show(call, group) };
};

const filters: FilterTable<PlacementGroup> = {
  ...tagFilters,
  'group-name': (group) => group.name,
  'group-arn': (group, call) => groupArn(call, group),
  'spread-level': (group) => group.spreadLevel,
  state: () => 'available',
  strategy: (group) => group.strategy,
};

const describe = (call: Call): Reply => {
  const names = call.params.texts('GroupName');
  const ids = call.params.texts('GroupId');
  const chosen = [...names, ...ids].map((name) => placementGroupNamed(call, name));
  const all = names.length + ids.length === 0 ? ownThings(call, kinds.placementGroup) : chosen;
  return { placementGroupSet: applyFilters(call, all, filters).map((group) => show(call, group)) };
};

const remove = (call: Call): Reply => {
  const group = placementGroupNamed(call, call.params.requiredText('GroupName'));
  const used = ownThings(call, kinds.instance).some(
    (one) => one.placementGroup === group.name && instanceState(one, call.now) !== 'terminated',
  );
  if (used)
    throw awsError(
      'InvalidPlacementGroup.InUse',
      `The placement group ${group.name} is in use and may not be deleted.`,
    );
  group.deletedAt = call.now;
  group.deletedBy = madeBy(call);
  return { return: true };
};

/** Placement groups. */
export const placementGroupOperations: Operations = {
  CreatePlacementGroup: { required: ['GroupName'], makes: ['placement-group'], run: create },
  DescribePlacementGroups: { run: describe },
  DeletePlacementGroup: { required: ['GroupName'], run: remove },
};
