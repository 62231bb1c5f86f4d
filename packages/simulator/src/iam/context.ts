import type { Call } from '../wire/call.ts';
import type { Caller } from './caller.ts';

/** Values of condition keys; the keys are in lower case. */
export type Context = Map<string, readonly string[]>;

const bearerFacts = ({ account, credential, arn }: Caller): readonly (readonly [string, string])[] => {
  const { bearer } = credential;
  if (bearer.kind === 'root')
    return [
      ['aws:principaltype', 'Account'],
      ['aws:principalarn', arn],
    ];
  const [one, type] =
    bearer.kind === 'user'
      ? [account.users.get(bearer.userName), 'User']
      : [account.roles.get(bearer.roleName), 'AssumedRole'];
  return [
    ['aws:principaltype', type],
    ['aws:principalarn', one?.arn ?? arn],
    ...(bearer.kind === 'user' ? [['aws:username', bearer.userName] as const] : []),
    ...[...(one?.tags ?? [])].map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value] as const),
  ];
};

/** The condition keys that every request has (IAM User Guide, "Global condition context keys"). */
export const globalContext = (call: Call): Context => {
  const { credential, userId } = call.caller;
  const now = call.world.clock.now();
  const temporary = credential.token !== undefined;
  const facts: readonly (readonly [string, string])[] = [
    ['aws:requestedregion', call.region.name],
    ['aws:principalaccount', call.accountId],
    ['aws:userid', userId],
    ['aws:currenttime', new Date(now).toISOString()],
    ['aws:epochtime', String(Math.floor(now / 1000))],
    ['aws:sourceip', '127.0.0.1'],
    ['aws:securetransport', 'true'],
    ['aws:viaawsservice', 'false'],
    ...(temporary
      ? ([
          ['aws:tokenissuetime', new Date(credential.createdAt).toISOString()],
          ['aws:multifactorauthpresent', 'false'],
        ] as const)
      : []),
    ...bearerFacts(call.caller),
  ];
  return new Map(facts.map(([key, value]) => [key, [value]]));
};
