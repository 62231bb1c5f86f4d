import type { Bucket } from '../settings.ts';
import { drawTokens, setBucket } from '../wire/buckets.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const generous = new Set([
  'CreateSnapshot',
  'CreateSnapshots',
  'DeleteSnapshot',
  'ModifySnapshotAttribute',
  'CreateVolume',
  'DeleteVolume',
  'DeregisterImage',
  'ModifyImageAttribute',
  'TerminateInstances',
  'AssociateIamInstanceProfile',
]);
const costlyWhenPlain = new Set([
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroups',
  'DescribeSnapshots',
  'DescribeVolumes',
]);

const isPlain = (call: Call): boolean =>
  !call.params.has('MaxResults') &&
  !call.params.has('Filter') &&
  !call.params.all().some(([name]) => /Id\.\d+$/.test(name));

/** The bucket and the share of it that an action draws on (EC2 Developer Guide, "Request throttling"). */
const bucketFor = (call: Call): readonly [string, Bucket] => {
  const { action } = call;
  const set = setBucket(call);
  if (set !== undefined) return [action, set];
  if (/^(?:Describe|Get|List)/.test(action)) {
    const plain = costlyWhenPlain.has(action) && isPlain(call);
    return plain
      ? [`${action}:plain`, { capacity: 50, refillPerSecond: 10 }]
      : [action, { capacity: 100, refillPerSecond: 20 }];
  }
  if (action === 'CreateTags' || action === 'DeleteTags') return [action, { capacity: 100, refillPerSecond: 10 }];
  if (action === 'CopyImage') return [action, { capacity: 100, refillPerSecond: 1 }];
  if (action === 'RunInstances' || action === 'StartInstances') return [action, { capacity: 5, refillPerSecond: 2 }];
  return generous.has(action)
    ? [action, { capacity: 100, refillPerSecond: 5 }]
    : [action, { capacity: 50, refillPerSecond: 5 }];
};

const draw = (call: Call, name: string, bucket: Bucket, tokens: number): void => {
  if (!drawTokens(call, name, bucket, tokens)) throw awsError('RequestLimitExceeded', 'Request limit exceeded.');
};

/** Takes one request token; throws RequestLimitExceeded (503) when there is none. */
export const drawRequest = (call: Call): void => {
  if (!call.world.settings.limits.throttling) return;
  const [name, bucket] = bucketFor(call);
  draw(call, name, bucket, 1);
};

/** Takes one resource token per instance for an action that starts, stops or ends them. */
export const drawInstances = (call: Call, count: number): void => {
  if (!call.world.settings.limits.throttling) return;
  const starting = call.action === 'RunInstances' || call.action === 'StartInstances';
  draw(call, `${call.action}:instances`, { capacity: 1000, refillPerSecond: starting ? 2 : 20 }, count);
};
