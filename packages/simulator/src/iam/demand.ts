import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { decide } from './caller.ts';
import { globalContext } from './context.ts';

type Tags = ReadonlyMap<string, string>;

/** What a caller must be allowed: an action on a resource, with what conditions can look at. */
export type Demand = {
  /** `SERVICE:Action`; the call's own when left out. */
  readonly action?: string;
  readonly resource: string;
  /** The tags the resource has. */
  readonly tags?: Tags | undefined;
  /** The tags the request would give it. */
  readonly requestTags?: Tags | undefined;
  /** Names of the service's own tag condition keys besides `aws:ResourceTag`, such as `rds:snapshot-tag`. */
  readonly tagKeys?: readonly string[];
  /** Further condition keys. */
  readonly facts?: Readonly<Record<string, string>>;
};

const contextOf = (call: Call, { tags, requestTags, tagKeys = [], facts = {} }: Demand) => {
  const context = globalContext(call);
  const put = (prefix: string, values: Tags | undefined): void => {
    for (const [key, value] of values ?? []) context.set(`${prefix}/${key}`.toLowerCase(), [value]);
  };
  for (const prefix of ['aws:ResourceTag', ...tagKeys]) put(prefix, tags);
  put('aws:RequestTag', requestTags);
  if (requestTags !== undefined && requestTags.size > 0) context.set('aws:tagkeys', [...requestTags.keys()]);
  for (const [key, value] of Object.entries(facts)) context.set(key.toLowerCase(), [value]);
  return context;
};

const isJson = (service: string): boolean => ['ssm', 'kms', 'servicequotas'].includes(service);

/** A service's refusal of a caller without permission: the query services say AccessDenied, those of JSON AccessDeniedException. */
export const accessDenied = (call: Call, wish: { readonly action: string; readonly reason: string }): Error => {
  const message = `User: ${call.caller.arn} is not authorized to perform: ${wish.action} ${wish.reason}`;
  return isJson(call.service)
    ? awsError('AccessDeniedException', message, 400)
    : awsError('AccessDenied', message, 403);
};

/** Asks IAM once; throws AccessDenied (or AccessDeniedException) that names action and resource unless it allows. */
export const demand = (call: Call, wish: Demand): void => {
  const { resource, action = `${call.service}:${call.action}` } = wish;
  const decision = decide(call.caller, { action, resource, context: contextOf(call, wish) });
  if (decision === 'allowed') return;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  throw accessDenied(call, { action, reason: `on resource: ${resource} ${why}` });
};
