import { decide } from '../iam/caller.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import type { Context } from '../iam/context.ts';
import { madeContext, requestContext, targetContext } from './condition-keys.ts';
import { arnOf, kindFor, kindOfId, kinds, type Kind } from './kinds.ts';
import type { Operation } from './operation.ts';

const refuse = (call: Call, action: string, resource: string): Error => {
  const encoded = Buffer.from(
    JSON.stringify({ allowed: false, action, resource, principal: call.caller.arn }),
  ).toString('base64url');
  return awsError(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. User: ${call.caller.arn} is not authorized to perform: ${action} on resource: ${resource}. Encoded authorization failure message: ${encoded}`,
  );
};

/** Asks IAM once; throws UnauthorizedOperation unless it allows. */
const demand = (call: Call, action: string, resource: string, context: Context): void => {
  if (decide(call.caller, { action, resource, context }) !== 'allowed') throw refuse(call, action, resource);
};

const idsIn = (call: Call, path: string): readonly string[] => {
  const single = call.params.text(path);
  return single === undefined || single === '' ? call.params.texts(path) : [single];
};

/** The kind and id of everything the request names as a target. */
export const targetsOf = (call: Call, operation: Operation): { kind: Kind; id: string; path: string }[] =>
  (operation.targets ?? []).flatMap((path) =>
    idsIn(call, path).flatMap((id) => {
      const kind = kindFor(path) ?? kindOfId(id);
      return kind === undefined ? [] : [{ kind, id, path }];
    }),
  );

const typeToArn = (call: Call, type: string): string => {
  const kind = Object.values(kinds).find((candidate) => candidate.type === type);
  return kind === undefined ? '*' : arnOf(kind, call, '*');
};

/** Throws UnauthorizedOperation unless the caller may do the action to every target and to everything it makes. */
export const authorize = (call: Call, operation: Operation): void => {
  const action = `ec2:${call.action}`;
  const targets = targetsOf(call, operation);
  const made = operation.makes ?? [];
  if (targets.length === 0 && made.length === 0) demand(call, action, '*', madeContext(call, ''));
  for (const { kind, id } of targets) demand(call, action, arnOf(kind, call, id), targetContext(call, kind, id));
  for (const type of made) demand(call, action, typeToArn(call, type), madeContext(call, type));
  for (const specification of call.params.structs('TagSpecification')) {
    const type = specification.text('ResourceType') ?? '';
    const context = madeContext(call, type).set('ec2:createaction', [call.action]);
    demand(call, 'ec2:CreateTags', typeToArn(call, type), context);
  }
  operation.demands?.(call);
};

/** Whether the caller may hand this role to an instance. Throws UnauthorizedOperation. */
export const demandPassRole = (call: Call, roleArn: string): void =>
  demand(call, 'iam:PassRole', roleArn, requestContext(call).set('iam:passedtoservice', ['ec2.amazonaws.com']));
