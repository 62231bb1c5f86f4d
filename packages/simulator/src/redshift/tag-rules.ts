import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf, type Wire } from '../wire/xml.ts';

/** The tags a request wants. Throws InvalidTagFault for a reserved, over-long or repeated one. */
export const readTags = (call: Call): Map<string, string> => {
  const { params } = call;
  const tags = new Map<string, string>();
  for (const tag of params.has('Tags.Tag') ? params.structs('Tags.Tag') : params.structs('Tags')) {
    const key = tag.text('Key') ?? '';
    const value = tag.text('Value') ?? '';
    if (key === '' || key.length > 128 || value.length > 256 || /^aws:/i.test(key) || tags.has(key))
      throw awsError('InvalidTagFault', `The tag is invalid: ${key}`);
    tags.set(key, value);
  }
  checkTagCount(call, tags);
  return tags;
};

/** Throws TagLimitExceededFault when a resource would carry more tags than it may. */
export const checkTagCount = (call: Call, tags: ReadonlyMap<string, string>): void => {
  const most = call.world.settings.limits.tagsPerResource;
  if (tags.size > most)
    throw awsError('TagLimitExceededFault', `The number of tags exceeds the limit of ${most} for a resource.`);
};

export const tagList = (tags: ReadonlyMap<string, string>): Wire =>
  listOf(
    'Tag',
    [...tags].map(([Key, Value]) => ({ Key, Value })),
  );

const textsOf = (call: Call, list: string, element: string): readonly string[] =>
  call.params.has(`${list}.${element}`) ? call.params.texts(`${list}.${element}`) : call.params.texts(list);

/** The keys that a request lists. */
export const tagKeysIn = (call: Call): readonly string[] => textsOf(call, 'TagKeys', 'TagKey');

/** Whether a thing carries one of the keys and one of the values that a request asks for, where it asks for any. */
export const meetsTags = (call: Call, tags: ReadonlyMap<string, string>): boolean => {
  const keys = tagKeysIn(call);
  const values = textsOf(call, 'TagValues', 'TagValue');
  return (
    (keys.length === 0 || keys.some((key) => tags.has(key))) &&
    (values.length === 0 || [...tags.values()].some((value) => values.includes(value)))
  );
};
