import { replyPage } from '../rds/listing.ts';
import type { EngineGroup } from '../state/database-records.ts';
import { keepNamed, lookNamed, ownNamed } from '../state/named.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { newName } from './cluster-states.ts';
import type { Operations, Subject } from './operation.ts';
import { readTags, tagList } from './tag-rules.ts';

const usual = 'default.redshift-1.0';

const look = (call: Call, id: string): EngineGroup | undefined =>
  lookNamed(call.region.redshiftParameterGroups, { accountId: call.accountId, id, at: call.now });

/** The parameter group of this name; the default one, also for none. Throws ClusterParameterGroupNotFound. */
export const parameterGroupNamed = (call: Call, named: string | undefined): string => {
  if (named === undefined || named === '' || named.startsWith('default.redshift-')) return named || usual;
  const group = look(call, named);
  if (group === undefined) throw awsError('ClusterParameterGroupNotFound', `${named} not found.`, 404);
  return group.id;
};

const show = (group: EngineGroup): Reply => ({
  ParameterGroupName: group.id,
  ParameterGroupFamily: group.family,
  Description: group.description,
  Tags: tagList(group.tags),
});

const create = (call: Call): Reply => {
  const id = newName(call, 'ParameterGroupName', 255);
  if (look(call, id) !== undefined)
    throw awsError('ClusterParameterGroupAlreadyExists', `The parameter group ${id} already exists.`);
  const group = keepNamed<EngineGroup>(call.region.redshiftParameterGroups, {
    ...newThing(call, id, readTags(call)),
    family: call.params.requiredText('ParameterGroupFamily'),
    description: call.params.requiredText('Description'),
  });
  return { ClusterParameterGroup: show(group) };
};

/** The account's own groups behind the default one, which every account has. */
const describe = (call: Call): Reply => {
  const named = call.params.text('ParameterGroupName') || undefined;
  const own = ownNamed(call.region.redshiftParameterGroups, call.accountId, call.readAt);
  const standard = { ...newStandard(), ownerId: call.accountId } as EngineGroup;
  const groups = [standard, ...own].filter((group) => named === undefined || group.id === named.toLowerCase());
  if (named !== undefined && groups.length === 0)
    throw awsError('ClusterParameterGroupNotFound', `${named} not found.`, 404);
  return replyPage(call, groups, { list: 'ParameterGroups', element: 'ClusterParameterGroup', show });
};

const newStandard = () => ({
  id: usual,
  seq: 0,
  family: 'redshift-1.0',
  description: 'Default parameter group for redshift-1.0',
  tags: new Map<string, string>(),
  createdAt: 0,
});

const named = (call: Call): readonly Subject[] => [
  { type: 'parametergroup', id: call.params.text('ParameterGroupName') || '*' },
];

/** Parameter groups of clusters. */
export const parameterGroupOperations: Operations = {
  CreateClusterParameterGroup: {
    required: ['ParameterGroupName', 'ParameterGroupFamily', 'Description'],
    on: named,
    run: create,
  },
  DescribeClusterParameterGroups: { on: named, run: describe },
};
