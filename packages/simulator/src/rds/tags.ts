import { lookNamed, type Named } from '../state/named.ts';
import type { Thing } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { kinds, notFound } from './kinds.ts';
import type { Operations } from './operation.ts';
import { checkTagCount, readTags, tagList } from './tag-rules.ts';

/** The thing of this region and account that an ARN names. Throws InvalidParameterValue for what is no ARN of RDS. */
const resourceOf = (call: Call): Thing => {
  const arn = call.params.requiredText('ResourceName');
  const [, region, accountId, type, id = ''] = /^arn:aws[^:]*:rds:([^:]*):(\d{12}):([a-z-]+):(.+)$/.exec(arn) ?? [];
  const kind = Object.values(kinds).find((one) => one.type === type);
  if (kind === undefined) throw awsError('InvalidParameterValue', `Invalid resource name: ${arn}`);
  if (region !== call.region.name)
    throw awsError(
      'InvalidParameterValue',
      `The specified resource name does not match an RDS resource in this region.`,
    );
  if (accountId !== call.accountId) throw notFound(kind, id);
  const things = call.region[kind.collection] as Named<Thing>;
  const thing = lookNamed(things, { accountId, id, at: call.readAt });
  if (thing === undefined) throw notFound(kind, id);
  return thing;
};

const add = (call: Call): undefined => {
  const thing = resourceOf(call);
  const tags = readTags(call);
  checkTagCount(call, new Map([...thing.tags, ...tags]));
  for (const [key, value] of tags) thing.tags.set(key, value);
};

const remove = (call: Call): undefined => {
  const thing = resourceOf(call);
  const keys = call.params.has('TagKeys.member') ? call.params.texts('TagKeys.member') : call.params.texts('TagKeys');
  for (const key of keys) thing.tags.delete(key);
};

const list = (call: Call): Reply => ({ TagList: tagList(resourceOf(call).tags) });

/** Tags of anything in RDS, named by its ARN. */
export const tagOperations: Operations = {
  AddTagsToResource: { required: ['ResourceName', 'Tags'], run: add },
  RemoveTagsFromResource: { required: ['ResourceName', 'TagKeys'], run: remove },
  ListTagsForResource: { required: ['ResourceName'], run: list },
};
