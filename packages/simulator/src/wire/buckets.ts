import type { Bucket } from '../settings.ts';
import type { Call } from './call.ts';
import { awsError } from './errors.ts';

type Level = { tokens: number; at: number };

/** How full each bucket is: one per account, region and action, and one per kind of resource token. */
export type Buckets = Map<string, Level>;

/** Takes tokens out of a bucket of the caller's account in this region; false when there are not enough. */
export const drawTokens = (call: Call, name: string, bucket: Bucket, tokens: number): boolean => {
  const key = `${call.accountId}/${call.region.name}/${name}`;
  const now = call.world.throttleNow();
  const level = call.world.buckets.get(key) ?? { tokens: bucket.capacity, at: now };
  const refilled = Math.min(
    bucket.capacity,
    level.tokens + (Math.max(0, now - level.at) / 1000) * bucket.refillPerSecond,
  );
  const enough = refilled >= tokens;
  call.world.buckets.set(key, { tokens: enough ? refilled - tokens : refilled, at: now });
  return enough;
};

/** The bucket that settings give an action, named with its service (`rds:CreateDBSnapshot`) or alone. */
export const setBucket = (call: Call): Bucket | undefined => {
  const { buckets } = call.world.settings.limits;
  return buckets[`${call.service}:${call.action}`] ?? buckets[call.action];
};

/** One bucket for the reads and one for the changes of a service; AWS publishes none of these figures, they can all be set. */
export type ServiceBuckets = { readonly read: Bucket; readonly change: Bucket };

/** What a throttled call of a service other than EC2 is told. */
export const throttled = (service: string): Error =>
  service === 'ssm' || service === 'kms'
    ? awsError('ThrottlingException', 'Rate exceeded', 400)
    : service === 'servicequotas'
      ? awsError('TooManyRequestsException', 'Rate exceeded', 400)
      : awsError('Throttling', 'Rate exceeded', 400);

/** Takes one request token of the action's bucket; throws Throttling ("Rate exceeded", 400) when there is none. */
export const drawRequestOf = (call: Call, { read, change }: ServiceBuckets): void => {
  if (!call.world.settings.limits.throttling) return;
  const usual = /^(?:Describe|Get|List)/.test(call.action) ? read : change;
  if (!drawTokens(call, `${call.service}:${call.action}`, setBucket(call) ?? usual, 1)) throw throttled(call.service);
};
