import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import type { Params } from '../wire/params.ts';
import { listOf, type Wire } from '../wire/xml.ts';

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const checkTag = (key: string, value: string): void => {
  const refuse = (message: string): Error => awsError('InvalidParameterValue', message);
  if (key === '' || key.length > 128) throw refuse('Tag keys must have 1 to 128 characters.');
  if (value.length > 256) throw refuse(`The value of the tag ${key} is longer than 256 characters.`);
  if (/^(?:aws|rds):/i.test(key)) throw refuse(`The tag key ${key} is invalid: aws: and rds: are reserved.`);
  if (!allowed.test(key))
    throw refuse(`Invalid tag key: ${key}. Only letters, digits, spaces and _.:/=+-@ are allowed.`);
  if (!allowed.test(value))
    throw refuse(`Invalid value of the tag ${key}: only letters, digits, spaces and _.:/=+-@ are allowed.`);
};

const structs = (params: Params): readonly Params[] =>
  params.has('Tags.Tag') ? params.structs('Tags.Tag') : params.structs('Tags');

/** The tags a request wants. Throws InvalidParameterValue for what RDS does not take (RDS User Guide, "Tagging Amazon RDS resources"). */
export const readTags = (call: Call): Map<string, string> => {
  const tags = new Map<string, string>();
  for (const tag of structs(call.params)) {
    const key = tag.text('Key') ?? '';
    const value = tag.text('Value') ?? '';
    checkTag(key, value);
    if (tags.has(key)) throw awsError('InvalidParameterValue', `Duplicate tag key: ${key}`);
    tags.set(key, value);
  }
  checkTagCount(call, tags);
  return tags;
};

/** Throws when a resource would carry more tags than it may. */
export const checkTagCount = (call: Call, tags: ReadonlyMap<string, string>): void => {
  const most = call.world.settings.limits.tagsPerResource;
  const own = [...tags.keys()].filter((key) => !key.startsWith('aws:'));
  if (own.length > most) throw awsError('InvalidParameterValue', `A resource can have at most ${most} tags.`);
};

/** Tags as RDS and Redshift list them. */
export const tagList = (tags: ReadonlyMap<string, string>): Wire =>
  listOf(
    'Tag',
    [...tags].map(([Key, Value]) => ({ Key, Value })),
  );
