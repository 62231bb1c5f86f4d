import { awsError } from '../wire/errors.ts';
import type { Call, Reply } from '../wire/call.ts';
import type { IamOperations } from './call.ts';
import { decide } from './caller.ts';
import { globalContext } from './context.ts';
import { policyOperations } from './policies.ts';
import { roleOperations } from './roles.ts';
import { simulationOperations } from './simulate.ts';
import { userOperations } from './users.ts';

const operations: IamOperations = {
  ...userOperations,
  ...roleOperations,
  ...policyOperations,
  ...simulationOperations,
};

export const isIamAction = (action: string): boolean => Object.hasOwn(operations, action);

const resourceOf = (call: Call): string => {
  const user = call.params.text('UserName');
  const role = call.params.text('RoleName');
  const own = call.caller.credential.bearer.kind === 'user' ? call.caller.arn : '*';
  if (user !== undefined)
    return call.caller.account.users.get(user)?.arn ?? `arn:aws:iam::${call.accountId}:user/${user}`;
  if (role !== undefined)
    return call.caller.account.roles.get(role)?.arn ?? `arn:aws:iam::${call.accountId}:role/${role}`;
  return (
    call.params.text('PolicyArn') ??
    call.params.text('PolicySourceArn') ??
    (/User$|AccessKey/.test(call.action) ? own : '*')
  );
};

/** Carries out an IAM action for a caller whose own policies allow it. */
export const runIam = (call: Call): Reply | undefined => {
  const operation = isIamAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined)
    throw awsError('InvalidAction', `Could not find operation ${call.action} for version 2010-05-08`);
  const { credential } = call.caller;
  // What GetSessionToken gives without MFA is no good for IAM (STS API Reference, GetSessionToken).
  if (credential.token !== undefined && credential.bearer.kind !== 'session')
    throw awsError('InvalidClientTokenId', 'The security token included in the request is invalid');
  const resource = resourceOf(call);
  if (decide(call.caller, { action: `iam:${call.action}`, resource, context: globalContext(call) }) !== 'allowed') {
    throw awsError(
      'AccessDenied',
      `User: ${call.caller.arn} is not authorized to perform: iam:${call.action} on resource: ${resource}`,
    );
  }
  return operation(call);
};
