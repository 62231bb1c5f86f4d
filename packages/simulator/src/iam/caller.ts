import type { World } from '../state/world.ts';
import { evaluate, type Decision, type Question } from './evaluate.ts';
import type { Account, Credential, Permitted, PolicyDocument } from './records.ts';

/** Who signed a request. */
export type Caller = {
  readonly account: Account;
  readonly credential: Credential;
  readonly arn: string;
  readonly userId: string;
};

const administrator: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }] };
const readOnly: PolicyDocument = {
  Statement: [{ Effect: 'Allow', Action: ['*:Describe*', '*:Get*', '*:List*'], Resource: ['*'] }],
};
const ec2Full: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: ['ec2:*'], Resource: ['*'] }] };
const ec2ReadOnly: PolicyDocument = {
  Statement: [{ Effect: 'Allow', Action: ['ec2:Describe*', 'ec2:Get*'], Resource: ['*'] }],
};

/** The policies of AWS itself that the simulator knows, by ARN. */
export const awsPolicies: ReadonlyMap<string, PolicyDocument> = new Map([
  ['arn:aws:iam::aws:policy/AdministratorAccess', administrator],
  ['arn:aws:iam::aws:policy/ReadOnlyAccess', readOnly],
  ['arn:aws:iam::aws:policy/AmazonEC2FullAccess', ec2Full],
  ['arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess', ec2ReadOnly],
]);

/** Finds the caller's name and ids. Undefined when the user or role behind the key is gone. */
export const callerOf = (world: World, credential: Credential): Caller | undefined => {
  const account = world.accounts.get(credential.accountId);
  if (account === undefined) return undefined;
  const { bearer } = credential;
  if (bearer.kind === 'root')
    return { account, credential, arn: `arn:aws:iam::${account.id}:root`, userId: account.id };
  if (bearer.kind === 'user') {
    const user = account.users.get(bearer.userName);
    return user && { account, credential, arn: user.arn, userId: user.id };
  }
  const role = account.roles.get(bearer.roleName);
  const arn = `arn:aws:sts::${account.id}:assumed-role/${bearer.roleName}/${bearer.sessionName}`;
  return role && { account, credential, arn, userId: `${role.id}:${bearer.sessionName}` };
};

/** Every policy that a user or role carries. */
export const policiesOf = (account: Account, permitted: Permitted): PolicyDocument[] => [
  ...[...permitted.inline.values()].map((policy) => policy.document),
  ...[...permitted.attached].flatMap((arn) => account.policies.get(arn)?.document ?? awsPolicies.get(arn) ?? []),
];

const callerPolicies = (caller: Caller): PolicyDocument[] => {
  const { bearer } = caller.credential;
  if (bearer.kind === 'root') return [administrator];
  const permitted =
    bearer.kind === 'user' ? caller.account.users.get(bearer.userName) : caller.account.roles.get(bearer.roleName);
  return permitted === undefined ? [] : policiesOf(caller.account, permitted);
};

/** What IAM decides for this caller; a session policy can only take away. */
export const decide = (caller: Caller, question: Question): Decision => {
  const decision = evaluate(callerPolicies(caller), question);
  const { bearer } = caller.credential;
  if (decision !== 'allowed' || bearer.kind !== 'session' || bearer.policies === undefined) return decision;
  return evaluate(bearer.policies, question);
};
