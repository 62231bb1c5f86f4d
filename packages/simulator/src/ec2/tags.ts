import type { Thing } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { applyFilters, tagFilters, type FilterTable } from './filters.ts';
import { checkForm, find, isShown, kindOfId, kinds } from './kinds.ts';
import type { Operations } from './operation.ts';
import { page } from './paging.ts';
import { checkTagCount, readTags } from './tag-rules.ts';

const resources = (call: Call): Thing[] => {
  const ids = call.params.texts('ResourceId');
  if (ids.length > 1000)
    throw awsError('InvalidParameterValue', 'At most 1000 resources can be tagged in one request.');
  return ids.map((id) => {
    const kind = kindOfId(id);
    if (kind === undefined) throw awsError('InvalidID', `The ID '${id}' is not valid`);
    checkForm(kind, id, 'resourceId');
    const thing: Thing = find(call, kind, id);
    if (thing.ownerId !== call.accountId)
      throw awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.');
    return thing;
  });
};

const create = (call: Call): Reply => {
  const things = resources(call);
  const tags = readTags(call.params);
  // All or none: a resource that would carry too many tags keeps the others untouched.
  for (const thing of things) checkTagCount(call, new Map([...thing.tags, ...tags]));
  for (const thing of things) for (const [key, value] of tags) thing.tags.set(key, value);
  return { return: true };
};

const removeFrom = (call: Call, thing: Thing): void => {
  const wanted = call.params.structs('Tag');
  if (wanted.length === 0) {
    for (const key of thing.tags.keys()) if (!key.startsWith('aws:')) thing.tags.delete(key);
  }
  for (const tag of wanted) {
    const key = tag.text('Key') ?? '';
    const value = tag.text('Value');
    if (key.toLowerCase().startsWith('aws:'))
      throw awsError('InvalidParameterValue', "Tag keys starting with 'aws:' are reserved for internal use");
    if (value === undefined || thing.tags.get(key) === value) thing.tags.delete(key);
  }
};

const remove = (call: Call): Reply => {
  for (const thing of resources(call)) removeFrom(call, thing);
  return { return: true };
};

type TagRow = {
  readonly seq: number;
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
  readonly tags: ReadonlyMap<string, string>;
};

const rowsOf = (call: Call): TagRow[] => {
  const rows: TagRow[] = [];
  for (const kind of Object.values(kinds)) {
    for (const thing of call.region[kind.collection].values()) {
      if (thing.ownerId !== call.accountId || !isShown(call, thing)) continue;
      for (const [key, value] of thing.tags) {
        rows.push({
          seq: rows.length,
          resourceId: thing.id,
          resourceType: kind.type,
          key,
          value,
          tags: new Map([[key, value]]),
        });
      }
    }
  }
  return rows;
};

const filters: FilterTable<TagRow> = {
  ...tagFilters,
  key: (row) => row.key,
  'resource-id': (row) => row.resourceId,
  'resource-type': (row) => row.resourceType,
  value: (row) => row.value,
};

const describe = (call: Call): Reply => {
  const { shown, nextToken } = page(call, applyFilters(call, rowsOf(call), filters));
  return {
    tagSet: shown.map(({ resourceId, resourceType, key, value }) => ({ resourceId, resourceType, key, value })),
    nextToken,
  };
};

/** Tags of anything. */
export const tagOperations: Operations = {
  CreateTags: { required: ['ResourceId', 'Tag'], targets: ['ResourceId'], run: create },
  DeleteTags: { required: ['ResourceId'], targets: ['ResourceId'], run: remove },
  DescribeTags: { run: describe },
};
