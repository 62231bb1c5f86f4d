import { replyPage } from '../rds/listing.ts';
import type { Thing } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { arnOf, lookCluster, lookSnapshot, ownClusters, ownSnapshots, snapshotArn } from './cluster-states.ts';
import type { Operations, Subject } from './operation.ts';
import { checkTagCount, meetsTags, readTags, tagKeysIn } from './tag-rules.ts';

const arnPattern = /^arn:aws[^:]*:redshift:([^:]*):(\d{12}):(cluster|snapshot):(.+)$/;

const resourceOf = (call: Call): Thing => {
  const arn = call.params.requiredText('ResourceName');
  const [, region, accountId, type, id = ''] = arnPattern.exec(arn) ?? [];
  const isOwn = region === call.region.name && accountId === call.accountId;
  const thing = type === 'cluster' ? lookCluster(call, id) : lookSnapshot(call, id.split('/').at(-1) ?? '');
  if (!isOwn || type === undefined || thing === undefined)
    throw awsError('ResourceNotFoundFault', `The resource ${arn} was not found.`, 404);
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
  for (const key of tagKeysIn(call)) thing.tags.delete(key);
};

const describe = (call: Call): Reply => {
  const arn = call.params.text('ResourceName') || undefined;
  const type = call.params.text('ResourceType') || undefined;
  const things = [
    ...ownClusters(call).map((one) => ({ type: 'cluster', arn: arnOf(call, 'cluster', one.id), tags: one.tags })),
    ...ownSnapshots(call).map((one) => ({ type: 'snapshot', arn: snapshotArn(call, one), tags: one.tags })),
  ].filter((one) => (arn === undefined || one.arn === arn) && (type === undefined || one.type === type));
  const rows = things
    .flatMap((one) => [...one.tags].map(([Key, Value]) => ({ ...one, Key, Value })))
    .filter(({ Key, Value }) => meetsTags(call, new Map([[Key, Value]])))
    .map((row, seq) => ({ ...row, seq }));
  return replyPage(call, rows, {
    list: 'TaggedResources',
    element: 'TaggedResource',
    show: (row) => ({ Tag: { Key: row.Key, Value: row.Value }, ResourceName: row.arn, ResourceType: row.type }),
  });
};

const named = (call: Call): readonly Subject[] => {
  const [, , , type, id = ''] = arnPattern.exec(call.params.text('ResourceName') ?? '') ?? [];
  return type === undefined ? [] : [{ type: type === 'cluster' ? 'cluster' : 'snapshot', id }];
};

/** Tags of clusters and snapshots, named by their ARNs. */
export const tagOperations: Operations = {
  CreateTags: { required: ['ResourceName', 'Tags'], on: named, run: add },
  DeleteTags: { required: ['ResourceName', 'TagKeys'], on: named, run: remove },
  DescribeTags: { run: describe },
};
