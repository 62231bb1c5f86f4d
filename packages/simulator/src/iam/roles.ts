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
  type IamOperations,
} from './call.ts';
import { readPolicy } from './read-policy.ts';
import type { InstanceProfile } from './records.ts';

const createRole = (call: Call): Reply => {
  const { account } = call.caller;
  const name = demandName(call, 'RoleName');
  if (account.roles.has(name)) throw alreadyExists('Role', name);
  const maxSessionSeconds = call.params.integer('MaxSessionDuration') ?? 3600;
  if (maxSessionSeconds < 3600 || maxSessionSeconds > 43_200) {
    throw awsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds.');
  }
  const role = addRole(account, call.world.ids, {
    name,
    path: call.params.text('Path'),
    createdAt: call.now,
    trust: demandText(call, 'AssumeRolePolicyDocument'),
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
  roleOf(call).trust = readPolicy('trust', demandText(call, 'PolicyDocument'));
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
  CreateInstanceProfile: createProfile,
  GetInstanceProfile: (call) => ({ InstanceProfile: showProfile(call, profileOf(call)) }),
  ListInstanceProfiles: (call) =>
    pageOf(
      call,
      'InstanceProfiles',
      [...call.caller.account.instanceProfiles.values()].map((profile) => showProfile(call, profile)),
    ),
  AddRoleToInstanceProfile: addRoleToProfile,
  RemoveRoleFromInstanceProfile: removeRoleFromProfile,
  DeleteInstanceProfile: deleteProfile,
};
