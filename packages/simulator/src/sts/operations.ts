import { awsPolicies, callerOf, decide } from '../iam/caller.ts';
import { globalContext } from '../iam/context.ts';
import { evaluate, type Principals } from '../iam/evaluate.ts';
import { readPolicy } from '../iam/read-policy.ts';
import type { Account, Credential, PolicyDocument, Role } from '../iam/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const validation = (message: string): Error => awsError('ValidationError', `1 validation error detected: ${message}`);

const demandText = (call: Call, name: string): string => {
  const value = call.params.text(name);
  if (value === undefined || value === '')
    throw validation(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
  return value;
};

const accessDenied = (call: Call, resource: string): Error =>
  awsError(
    'AccessDenied',
    `User: ${call.caller.arn} is not authorized to perform: sts:${call.action} on resource: ${resource}`,
  );

const durationOf = (call: Call, rules: { readonly normal: number; readonly most: number }): number => {
  const seconds = call.params.integer('DurationSeconds') ?? rules.normal;
  if (seconds < 900 || seconds > rules.most) {
    const bound = seconds < 900 ? 'greater than or equal to 900' : `less than or equal to ${rules.most}`;
    throw validation(
      `Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  return seconds;
};

const issue = (
  call: Call,
  bearer: Credential['bearer'],
  input: { readonly accountId: string; readonly seconds: number },
): Credential => {
  const { ids, credentials } = call.world;
  const credential: Credential = {
    accessKeyId: `ASIA${ids.letters(16)}`,
    secret: ids.hex(40),
    accountId: input.accountId,
    createdAt: call.now,
    active: true,
    bearer,
    token: Buffer.from(`session:${ids.hex(64)}`).toString('base64'),
    expiresAt: call.now + input.seconds * 1000,
  };
  credentials.set(credential.accessKeyId, credential);
  return credential;
};

const showCredentials = (credential: Credential): Reply => ({
  AccessKeyId: credential.accessKeyId,
  SecretAccessKey: credential.secret,
  SessionToken: credential.token,
  Expiration: new Date(credential.expiresAt ?? 0),
});

const getCallerIdentity = (call: Call): Reply => ({
  UserId: call.caller.userId,
  Account: call.accountId,
  Arn: call.caller.arn,
});

const roleFor = (call: Call, arn: string): { role: Role; account: Account } | undefined => {
  const [, accountId = '', path = ''] = /^arn:aws:iam::(\d{12}):role\/(.+)$/.exec(arn) ?? [];
  const account = call.world.accounts.get(accountId);
  const role = account?.roles.get(path.split('/').at(-1) ?? '');
  return account !== undefined && role?.arn === arn ? { role, account } : undefined;
};

const context = (call: Call): ReadonlyMap<string, readonly string[]> => {
  const externalId = call.params.text('ExternalId');
  const sessionName = call.params.text('RoleSessionName');
  const facts = globalContext(call);
  if (externalId !== undefined) facts.set('sts:externalid', [externalId]);
  if (sessionName !== undefined) facts.set('sts:rolesessionname', [sessionName]);
  return facts;
};

const principalsOf = (call: Call): Principals => {
  const { bearer } = call.caller.credential;
  const role = bearer.kind === 'session' ? call.caller.account.roles.get(bearer.roleName)?.arn : undefined;
  return {
    direct: [call.caller.arn, ...(role === undefined ? [] : [role])],
    account: [`arn:aws:iam::${call.accountId}:root`, call.accountId],
  };
};

const mayAssume = (call: Call, role: Role, accountId: string): boolean => {
  const principals = principalsOf(call);
  const question = { action: 'sts:AssumeRole', resource: role.arn, context: context(call) };
  const trust = (names: Principals) => evaluate([role.trust.document], { ...question, principals: names });
  if (trust(principals) !== 'allowed') return false;
  const identity = decide(call.caller, question);
  // Inside one account a trust policy that names the caller itself is enough; otherwise the caller needs permission too.
  const named = accountId === call.accountId && trust({ ...principals, account: [] }) === 'allowed';
  return identity === 'allowed' || (identity === 'implicitDeny' && named);
};

const sessionPolicies = (call: Call, account: Account): PolicyDocument[] | undefined => {
  const text = call.params.text('Policy');
  const arns = call.params.structs('PolicyArns').map((one) => one.text('arn') ?? '');
  if (text === undefined && arns.length === 0) return undefined;
  const managed = arns.map((arn) => {
    const document = account.policies.get(arn)?.document ?? awsPolicies.get(arn);
    if (document === undefined) throw awsError('MalformedPolicyDocument', `The policy ${arn} does not exist.`);
    return document;
  });
  return [...(text === undefined ? [] : [readPolicy('session', text).document]), ...managed];
};

const checkNames = (call: Call): { readonly arn: string; readonly sessionName: string } => {
  const arn = demandText(call, 'RoleArn');
  const sessionName = demandText(call, 'RoleSessionName');
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw validation(
      String.raw`Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
    );
  }
  const externalId = call.params.text('ExternalId');
  if (externalId !== undefined && !/^[\w+=,.@:/\\-]{2,1224}$/.test(externalId)) {
    throw validation(
      `Value '${externalId}' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2`,
    );
  }
  if (!/^arn:[^:]+:iam::[^:]*:role\/./.test(arn)) throw awsError('ValidationError', `${arn} is invalid`);
  return { arn, sessionName };
};

// How full, in percent, the session policy makes what STS packs into the token.
const packedSize = (call: Call): number => Math.min(100, Math.ceil((call.params.text('Policy') ?? '').length / 20));

const assumeRole = (call: Call): Reply => {
  const { arn, sessionName } = checkNames(call);
  if (call.caller.credential.bearer.kind === 'root')
    throw awsError('AccessDenied', 'Roles may not be assumed by root accounts.');
  const found = roleFor(call, arn);
  if (found === undefined || !mayAssume(call, found.role, found.account.id)) throw accessDenied(call, arn);
  const { role, account } = found;
  const chained = call.caller.credential.bearer.kind === 'session';
  const seconds = durationOf(call, { normal: 3600, most: 43_200 });
  if (chained && seconds > 3600)
    throw awsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  if (seconds > role.maxSessionSeconds)
    throw awsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  const policies = sessionPolicies(call, account);
  const credential = issue(
    call,
    { kind: 'session', roleName: role.name, sessionName, policies },
    { accountId: account.id, seconds },
  );
  const assumed = callerOf(call.world, credential);
  return {
    Credentials: showCredentials(credential),
    AssumedRoleUser: { AssumedRoleId: assumed?.userId, Arn: assumed?.arn },
    PackedPolicySize: policies === undefined ? undefined : packedSize(call),
  };
};

const getSessionToken = (call: Call): Reply => {
  const { bearer } = call.caller.credential;
  if (bearer.kind === 'session') throw awsError('AccessDenied', 'Cannot call GetSessionToken with session credentials');
  const most = bearer.kind === 'root' ? 3600 : 129_600;
  const seconds = durationOf(call, { normal: Math.min(43_200, most), most });
  return { Credentials: showCredentials(issue(call, bearer, { accountId: call.accountId, seconds })) };
};

const getAccessKeyInfo = (call: Call): Reply => {
  const id = demandText(call, 'AccessKeyId');
  const credential = call.world.credentials.get(id);
  if (credential === undefined) throw validation(`Value '${id}' at 'accessKeyId' is not a known access key`);
  return { Account: credential.accountId };
};

const decodeMessage = (call: Call): Reply => {
  if (
    decide(call.caller, { action: 'sts:DecodeAuthorizationMessage', resource: '*', context: context(call) }) !==
    'allowed'
  )
    throw accessDenied(call, '*');
  const text = Buffer.from(demandText(call, 'EncodedMessage'), 'base64url').toString();
  if (!text.startsWith('{')) throw awsError('InvalidAuthorizationMessageException', 'Message is not valid');
  return { DecodedMessage: text };
};

const operations: Readonly<Record<string, (call: Call) => Reply>> = {
  GetCallerIdentity: getCallerIdentity,
  AssumeRole: assumeRole,
  GetSessionToken: getSessionToken,
  GetAccessKeyInfo: getAccessKeyInfo,
  DecodeAuthorizationMessage: decodeMessage,
};

export const isStsAction = (action: string): boolean => Object.hasOwn(operations, action);

/** Carries out an STS action. Session credentials end by the simulator's clock. */
export const runSts = (call: Call): Reply => {
  const operation = isStsAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined)
    throw awsError('InvalidAction', `Could not find operation ${call.action} for version 2011-06-15`);
  return operation(call);
};
