import { awsError } from '../wire/errors.ts';
import type { Call, Reply } from '../wire/call.ts';
import { putInlinePolicy } from './accounts.ts';
import {
  alreadyExists,
  demandName,
  demandText,
  pageOf,
  roleOf,
  showPolicy,
  userOf,
  type IamOperations,
} from './call.ts';
import { awsPolicies } from './caller.ts';
import { readIdentityPolicy } from './read-policy.ts';
import type { ManagedPolicy, Permitted } from './records.ts';

type Finder = (call: Call) => Permitted & { readonly name: string };

const noPolicy = (arn: string): Error => awsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`);

const putPolicy =
  (find: Finder) =>
  (call: Call): undefined => {
    const bearer = find(call);
    putInlinePolicy(bearer, demandName(call, 'PolicyName'), demandText(call, 'PolicyDocument'));
  };

const inlineOf = (call: Call, bearer: Permitted & { readonly name: string }) => {
  const name = demandText(call, 'PolicyName');
  const policy = bearer.inline.get(name);
  if (policy === undefined) throw awsError('NoSuchEntity', `The policy with name ${name} cannot be found.`);
  return policy;
};

const getPolicyOf =
  (find: Finder, nameField: string) =>
  (call: Call): Reply => {
    const bearer = find(call);
    const policy = inlineOf(call, bearer);
    return { [nameField]: bearer.name, PolicyName: policy.name, PolicyDocument: encodeURIComponent(policy.text) };
  };

const deletePolicyOf =
  (find: Finder) =>
  (call: Call): undefined => {
    const bearer = find(call);
    bearer.inline.delete(inlineOf(call, bearer).name);
  };

const attach =
  (find: Finder) =>
  (call: Call): undefined => {
    const bearer = find(call);
    const arn = demandText(call, 'PolicyArn');
    if (!call.caller.account.policies.has(arn) && !awsPolicies.has(arn)) throw noPolicy(arn);
    bearer.attached.add(arn);
  };

const detach =
  (find: Finder) =>
  (call: Call): undefined => {
    const arn = demandText(call, 'PolicyArn');
    if (!find(call).attached.delete(arn)) throw awsError('NoSuchEntity', `Policy ${arn} was not found.`);
  };

const listAttached =
  (find: Finder) =>
  (call: Call): Reply =>
    pageOf(
      call,
      'AttachedPolicies',
      [...find(call).attached].map((PolicyArn) => ({ PolicyName: PolicyArn.split('/').at(-1), PolicyArn })),
    );

const createPolicy = (call: Call): Reply => {
  const { account } = call.caller;
  const name = demandName(call, 'PolicyName');
  const path = call.params.text('Path') ?? '/';
  const arn = `arn:aws:iam::${account.id}:policy${path}${name}`;
  if (account.policies.has(arn)) throw alreadyExists('A policy called', name);
  const policy: ManagedPolicy = {
    ...readIdentityPolicy(name, demandText(call, 'PolicyDocument')),
    arn,
    path,
    id: `ANPA${call.world.ids.letters(17)}`,
    description: call.params.text('Description'),
    createdAt: call.now,
  };
  account.policies.set(arn, policy);
  return { Policy: showPolicy(call, policy) };
};

const policyOf = (call: Call): ManagedPolicy => {
  const arn = demandText(call, 'PolicyArn');
  const own = call.caller.account.policies.get(arn);
  if (own !== undefined) return own;
  const document = awsPolicies.get(arn);
  if (document === undefined) throw awsError('NoSuchEntity', `Policy ${arn} was not found.`);
  return {
    name: arn.split('/').at(-1) ?? arn,
    document,
    text: JSON.stringify(document),
    arn,
    path: '/',
    id: 'ANPAAWSMANAGED000000',
    description: undefined,
    createdAt: 0,
  };
};

const getPolicyVersion = (call: Call): Reply => {
  const policy = policyOf(call);
  const version = demandText(call, 'VersionId');
  if (version !== 'v1') throw awsError('NoSuchEntity', `Policy ${policy.arn} version ${version} does not exist.`);
  return {
    PolicyVersion: {
      Document: encodeURIComponent(policy.text),
      VersionId: 'v1',
      IsDefaultVersion: true,
      CreateDate: new Date(policy.createdAt),
    },
  };
};

const deletePolicy = (call: Call): undefined => {
  const { account } = call.caller;
  const { arn } = policyOf(call);
  const attached = [...account.users.values(), ...account.roles.values()].some((bearer) => bearer.attached.has(arn));
  if (attached) throw awsError('DeleteConflict', 'Cannot delete a policy attached to entities.');
  account.policies.delete(arn);
};

const bearerOperations = (kind: 'User' | 'Role', find: Finder): IamOperations => ({
  [`Put${kind}Policy`]: putPolicy(find),
  [`Get${kind}Policy`]: getPolicyOf(find, `${kind}Name`),
  [`Delete${kind}Policy`]: deletePolicyOf(find),
  [`List${kind}Policies`]: (call) => pageOf(call, 'PolicyNames', [...find(call).inline.keys()]),
  [`Attach${kind}Policy`]: attach(find),
  [`Detach${kind}Policy`]: detach(find),
  [`ListAttached${kind}Policies`]: listAttached(find),
});

/** Policies, inline and managed, and who carries them. */
export const policyOperations: IamOperations = {
  ...bearerOperations('User', userOf),
  ...bearerOperations('Role', roleOf),
  CreatePolicy: createPolicy,
  GetPolicy: (call) => ({ Policy: showPolicy(call, policyOf(call)) }),
  GetPolicyVersion: getPolicyVersion,
  ListPolicyVersions: (call) => {
    const { createdAt } = policyOf(call);
    const only = { VersionId: 'v1', IsDefaultVersion: true, CreateDate: new Date(createdAt) };
    return pageOf(call, 'Versions', [only]);
  },
  ListPolicies: (call) =>
    pageOf(
      call,
      'Policies',
      [...call.caller.account.policies.values()].map((policy) => showPolicy(call, policy)),
    ),
  DeletePolicy: deletePolicy,
};
