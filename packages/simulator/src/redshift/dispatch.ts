import { demand } from '../iam/demand.ts';
import { drawRequestOf } from '../wire/buckets.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, missingParameter } from '../wire/errors.ts';
import { arnOf } from './cluster-states.ts';
import { clusterOperations } from './clusters.ts';
import type { Operation, Operations } from './operation.ts';
import { parameterGroupOperations } from './parameter-groups.ts';
import { snapshotOperations } from './snapshots.ts';
import { readTags } from './tag-rules.ts';
import { tagOperations } from './tags.ts';

const operations: Operations = {
  ...clusterOperations,
  ...parameterGroupOperations,
  ...snapshotOperations,
  ...tagOperations,
};

/** Whether Redshift has the action; tells the service of an unsigned request. */
export const isRedshiftAction = (action: string): boolean => Object.hasOwn(operations, action);

const buckets = { read: { capacity: 100, refillPerSecond: 20 }, change: { capacity: 50, refillPerSecond: 5 } };

const authorize = (call: Call, operation: Operation): void => {
  const subjects = operation.on?.(call) ?? [];
  const requestTags = call.params.has('Tags') ? readTags(call) : undefined;
  if (subjects.length === 0) demand(call, { resource: '*', requestTags });
  for (const { type, id, tags } of subjects) {
    const resource = arnOf(call, type, id.toLowerCase());
    demand(call, { resource, tags, requestTags });
    if (call.action !== 'CreateTags' && requestTags !== undefined && requestTags.size > 0)
      demand(call, { action: 'redshift:CreateTags', resource, requestTags });
  }
};

/** Carries out a Redshift action in AWS's order: known, throttled, well-formed, permitted, done. */
export const runRedshift = (call: Call): Reply | undefined => {
  const operation = isRedshiftAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined)
    throw awsError('InvalidAction', `Could not find operation ${call.action} for version 2012-12-01`);
  drawRequestOf(call, buckets);
  for (const parameter of operation.required ?? [])
    if (!call.params.has(parameter) || call.params.text(parameter) === '') throw missingParameter(parameter);
  authorize(call, operation);
  return operation.run(call);
};
