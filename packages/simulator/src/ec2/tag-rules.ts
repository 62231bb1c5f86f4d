import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import type { Params } from '../wire/params.ts';
import type { Wire } from '../wire/xml.ts';

const checkTag = (key: string, value: string): void => {
  if (key.length > 128)
    throw awsError('InvalidParameterValue', `Tag key exceeds the maximum length of 128 characters: '${key}'`);
  if (value.length > 256)
    throw awsError(
      'InvalidParameterValue',
      `Tag value exceeds the maximum length of 256 characters. TagValue = '${value}'`,
    );
  if (key.toLowerCase().startsWith('aws:')) {
    throw awsError('InvalidParameterValue', "Tag keys starting with 'aws:' are reserved for internal use");
  }
};

/** Reads a list of tags. Throws InvalidParameterValue for a reserved, over-long or repeated key. */
export const readTags = (params: Params): Map<string, string> => {
  const tags = new Map<string, string>();
  for (const tag of params.structs('Tag')) {
    const key = tag.text('Key') ?? '';
    const value = tag.text('Value') ?? '';
    if (key === '') throw awsError('InvalidParameterValue', 'Tag key cannot be null or empty.');
    if (tags.has(key)) throw awsError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    checkTag(key, value);
    tags.set(key, value);
  }
  return tags;
};

/** The tags the request wants on a resource type; empty when it names none. */
export const requestedTags = (call: Call, type: string): Map<string, string> => {
  const wanted = call.params
    .structs('TagSpecification')
    .filter((specification) => specification.text('ResourceType') === type);
  return new Map(wanted.flatMap((specification) => [...readTags(specification)]));
};

/** Throws TagLimitExceeded when a resource would carry more than its share; AWS's own tags do not count. */
export const checkTagCount = (call: Call, tags: ReadonlyMap<string, string>): void => {
  const own = [...tags.keys()].filter((key) => !key.startsWith('aws:'));
  if (own.length > call.world.settings.limits.tagsPerResource) {
    throw awsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
};

/** Refuses TagSpecifications that name a type the action does not make, or that repeat one. */
export const checkTagSpecifications = (call: Call, makes: readonly string[]): void => {
  const seen = new Set<string>();
  for (const specification of call.params.structs('TagSpecification')) {
    const type = specification.text('ResourceType') ?? '';
    if (type === '') throw awsError('MissingParameter', 'The request must contain the parameter ResourceType');
    if (!makes.includes(type)) {
      throw awsError('InvalidParameterValue', `'${type}' is not a valid taggable resource type for this operation.`);
    }
    if (seen.has(type))
      throw awsError('InvalidParameterValue', `Duplicate resource type '${type}' in tag specifications.`);
    if (specification.structs('Tag').length === 0)
      throw awsError('InvalidParameterValue', 'Tag specification must have at least one tag');
    seen.add(type);
    checkTagCount(call, readTags(specification));
  }
};

/** Tags as EC2 lists them; another account's tags are not shown. */
export const tagSet = (
  call: Call,
  thing: { readonly ownerId: string; readonly tags: ReadonlyMap<string, string> },
): Wire => (thing.ownerId === call.accountId ? [...thing.tags].map(([key, value]) => ({ key, value })) : []);
