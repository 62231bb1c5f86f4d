import { awsError } from '../wire/errors.ts';
import type { Call, Reply } from '../wire/call.ts';
import { addInstanceProfile, addRole } from './accounts.ts';
import {
  alreadyExists,
  demandName,
  demandText,
  noSuchEntity,
  pageOf,
  readTagList,
  roleOf,
  showRole,
  showTags,
  type IamOperations,
} from './call.ts';
import { readPolicy } from './read-policy.ts';
import type { InstanceProfile, NamedPolicy } from './records.ts';

const readSessionLimit = (call: Call): number | undefined => {
  const seconds = call.params.integer('MaxSessionDuration');
  if (seconds !== undefined && (seconds < 3600 || seconds > 43_200))
    throw awsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds.');
  return seconds;
};

// A trust policy may name nobody who is not there; of accounts that are not simulated everything is believed.
const checkPrincipals = (call: Call, { document }: NamedPolicy): void => {
  for (const name of document.Statement.flatMap((one) => [...(one.Principal ?? []), ...(one.NotPrincipal ?? [])])) {
    const [, accountId = '', kind, path = ''] = /^arn:aws:iam::(\d{12}):(user|role)\/(.+)$/.exec(name) ?? [];
    const account = call.world.accounts.get(accountId);
    if (account === undefined || kind === undefined) continue;
    const known = (kind === 'user' ? account.users : account.roles).get(path.split('/').at(-1) ?? '');
    if (known?.arn !== name) throw awsError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${name}"`);
  }
};

const createRole = (call: Call): Reply => {
  const { account } = call.caller;
  const name = demandName(call, 'RoleName');
  if (account.roles.has(name)) throw alreadyExists('Role', name);
  const maxSessionSeconds = readSessionLimit(call) ?? 3600;
  const trust = demandText(call, 'AssumeRolePolicyDocument');
  checkPrincipals(call, readPolicy('trust', trust));
  const role = addRole(account, call.world.ids, {
    name,
    path: call.params.text('Path'),
    createdAt: call.now,
    trust,
    maxSessionSeconds,
    description: call.params.text('Description'),
  });
  for (const [key, value] of readTagList(call)) role.tags.set(key, value);
  return { Role: showRole(role) };
};

const deleteRole = (call: Call): undefined => {
  const role = roleOf(call);
  const { account } = call.caller;
  if (role.inline.size > 0) throw awsError('DeleteConflict', 'Cannot delete entity, must delete policies first.');
  if (role.attached.size > 0) throw awsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.');
  if ([...account.instanceProfiles.values()].some((profile) => profile.roleName === role.name)) {
    throw awsError('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.');
  }
  account.roles.delete(role.name);
};

const updateTrust = (call: Call): undefined => {
  const trust = readPolicy('trust', demandText(call, 'PolicyDocument'));
  checkPrincipals(call, trust);
  roleOf(call).trust = trust;
};

const updateRole = (call: Call): Reply => {
  const role = roleOf(call);
  role.maxSessionSeconds = readSessionLimit(call) ?? 3600;
  role.description = call.params.text('Description');
  return {};
};

const tagRole = (call: Call): undefined => {
  const { tags } = roleOf(call);
  for (const [key, value] of readTagList(call)) tags.set(key, value);
};

const untagRole = (call: Call): undefined => {
  const { tags } = roleOf(call);
  for (const key of call.params.texts('TagKeys')) tags.delete(key);
};

const showProfile = (call: Call, profile: InstanceProfile): Reply => {
  const role = profile.roleName === undefined ? undefined : call.caller.account.roles.get(profile.roleName);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role === undefined ? [] : [showRole(role)],
  };
};

const createProfile = (call: Call): Reply => {
  const { account } = call.caller;
  const name = demandName(call, 'InstanceProfileName');
  if (account.instanceProfiles.has(name)) throw alreadyExists('Instance Profile', name);
  return {
    InstanceProfile: showProfile(
      call,
      addInstanceProfile(account, call.world.ids, { name, path: call.params.text('Path'), createdAt: call.now }),
    ),
  };
};

const profileOf = (call: Call): InstanceProfile => {
  const name = demandText(call, 'InstanceProfileName');
  const profile = call.caller.account.instanceProfiles.get(name);
  if (profile === undefined) throw awsError('NoSuchEntity', `Instance Profile ${name} cannot be found.`);
  return profile;
};

const addRoleToProfile = (call: Call): undefined => {
  const profile = profileOf(call);
  if (profile.roleName !== undefined)
    throw awsError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  profile.roleName = roleOf(call).name;
};

const removeRoleFromProfile = (call: Call): undefined => {
  const profile = profileOf(call);
  if (profile.roleName !== roleOf(call).name) throw noSuchEntity('role', demandText(call, 'RoleName'));
  profile.roleName = undefined;
};

const deleteProfile = (call: Call): undefined => {
  const profile = profileOf(call);
  if (profile.roleName !== undefined)
    throw awsError('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.');
  call.caller.account.instanceProfiles.delete(profile.name);
};

/** Roles, whom they trust, and the instance profiles that hand them to instances. */
export const roleOperations: IamOperations = {
  CreateRole: createRole,
  GetRole: (call) => ({ Role: showRole(roleOf(call)) }),
  ListRoles: (call) => pageOf(call, 'Roles', [...call.caller.account.roles.values()].map(showRole)),
  DeleteRole: deleteRole,
  UpdateAssumeRolePolicy: updateTrust,
  UpdateRole: updateRole,
  TagRole: tagRole,
  UntagRole: untagRole,
  ListRoleTags: (call) => ({ Tags: showTags(roleOf(call).tags), IsTruncated: false }),
  CreateInstanceProfile: createProfile,
  GetInstanceProfile: (call) => ({ InstanceProfile: showProfile(call, profileOf(call)) }),
  ListInstanceProfiles: (call) =>
    pageOf(
      call,
      'InstanceProfiles',
      [...call.caller.account.instanceProfiles.values()].map((profile) => showProfile(call, profile)),
    ),
  ListInstanceProfilesForRole: (call) => {
    const { name } = roleOf(call);
    const own = [...call.caller.account.instanceProfiles.values()].filter((profile) => profile.roleName === name);
    return pageOf(
      call,
      'InstanceProfiles',
      own.map((profile) => showProfile(call, profile)),
    );
  },
  AddRoleToInstanceProfile: addRoleToProfile,
  RemoveRoleFromInstanceProfile: removeRoleFromProfile,
  DeleteInstanceProfile: deleteProfile,
};
