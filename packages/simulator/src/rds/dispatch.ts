import { demand } from '../iam/demand.ts';
import { drawRequestOf } from '../wire/buckets.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, missingParameter } from '../wire/errors.ts';
import { copyOperations } from './copies.ts';
import { databaseOperations } from './databases.ts';
import { groupOperations } from './groups.ts';
import { arnOf, kinds, look } from './kinds.ts';
import type { KindName, Operation, Operations, Subjects } from './operation.ts';
import { orderableOperations } from './orderable.ts';
import { quotaOperations } from './quotas.ts';
import { restoreOperations } from './restore.ts';
import { snapshotOperations } from './snapshots.ts';
import { readTags } from './tag-rules.ts';
import { tagOperations } from './tags.ts';

const operations: Operations = {
  ...copyOperations,
  ...databaseOperations,
  ...groupOperations,
  ...orderableOperations,
  ...quotaOperations,
  ...restoreOperations,
  ...snapshotOperations,
  ...tagOperations,
};

/** Whether RDS has the action; tells the service of an unsigned request. */
export const isRdsAction = (action: string): boolean => Object.hasOwn(operations, action);

const buckets = { read: { capacity: 100, refillPerSecond: 20 }, change: { capacity: 50, refillPerSecond: 5 } };

const subjectsOf = (call: Call, subjects: Subjects | undefined): { name: KindName; text: string }[] =>
  Object.entries(subjects ?? {}).map(([parameter, name]) => ({ name, text: call.params.text(parameter) || '*' }));

const arnFor = (call: Call, name: KindName, text: string): string =>
  text.startsWith('arn:') ? text : arnOf(call, kinds[name], text.toLowerCase());

const tagsOf = (call: Call, arn: string | undefined): ReadonlyMap<string, string> | undefined => {
  const kind = Object.values(kinds).find((one) => one.type === arn?.split(':')[5]);
  return kind === undefined || arn === undefined ? undefined : look(call, kind, arn)?.tags;
};

const authorize = (call: Call, operation: Operation): void => {
  const on = subjectsOf(call, operation.on);
  const made = subjectsOf(call, operation.makes);
  const requestTags = call.params.has('Tags') ? readTags(call) : undefined;
  const arn = call.params.text('ResourceName');
  if (on.length === 0 && made.length === 0)
    demand(call, { resource: arn ?? '*', tags: tagsOf(call, arn), requestTags });
  for (const { name, text } of on) {
    const { tags } = look(call, kinds[name], text) ?? {};
    demand(call, { resource: arnFor(call, name, text), tags, requestTags, tagKeys: [kinds[name].tagKey] });
  }
  for (const { name, text } of made) {
    const resource = arnFor(call, name, text);
    demand(call, { resource, requestTags });
    if (requestTags !== undefined && requestTags.size > 0)
      demand(call, { action: 'rds:AddTagsToResource', resource, requestTags });
  }
};

/** Carries out an RDS action in AWS's order: known, throttled, well-formed, permitted, done. */
export const runRds = (call: Call): Reply | undefined => {
  const operation = isRdsAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined)
    throw awsError('InvalidAction', `Could not find operation ${call.action} for version 2014-10-31`);
  drawRequestOf(call, buckets);
  for (const parameter of operation.required ?? [])
    if (!call.params.has(parameter) || call.params.text(parameter) === '') throw missingParameter(parameter);
  authorize(call, operation);
  return operation.run(call);
};
