import { awsError } from '../wire/errors.ts';
import type { Call, Reply } from '../wire/call.ts';
import { addUser, newAccessKey } from './accounts.ts';
import {
  alreadyExists,
  demandName,
  demandText,
  pageOf,
  readTagList,
  showTags,
  showUser,
  userOf,
  type IamOperations,
} from './call.ts';
import type { Credential, User } from './records.ts';

const createUser = (call: Call): Reply => {
  const { account } = call.caller;
  const name = demandName(call, 'UserName');
  if (name.length > 64) throw awsError('ValidationError', 'User names have at most 64 characters.');
  if (account.users.has(name)) throw alreadyExists('User', name);
  const user = addUser(account, call.world.ids, { name, path: call.params.text('Path'), createdAt: call.now });
  for (const [key, value] of readTagList(call)) user.tags.set(key, value);
  return { User: showUser(user) };
};

const getUser = (call: Call): Reply => {
  const { bearer } = call.caller.credential;
  if (bearer.kind === 'root' && !call.params.has('UserName')) {
    const root = {
      Path: '/',
      UserName: call.caller.account.alias ?? call.accountId,
      UserId: call.accountId,
      Arn: call.caller.arn,
    };
    return { User: { ...root, CreateDate: new Date(call.caller.account.createdAt) } };
  }
  return { User: showUser(userOf(call)) };
};

const keysOf = (call: Call, user: User): Credential[] =>
  [...call.world.credentials.values()].filter(
    ({ accountId, bearer, token }) =>
      accountId === call.accountId && bearer.kind === 'user' && bearer.userName === user.name && token === undefined,
  );

const deleteUser = (call: Call): undefined => {
  const user = userOf(call);
  if (keysOf(call, user).length > 0)
    throw awsError('DeleteConflict', 'Cannot delete entity, must delete access keys first.');
  if (user.inline.size > 0) throw awsError('DeleteConflict', 'Cannot delete entity, must delete policies first.');
  if (user.attached.size > 0) throw awsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.');
  call.caller.account.users.delete(user.name);
};

const createAccessKey = (call: Call): Reply => {
  const user = userOf(call);
  if (keysOf(call, user).length >= 2) throw awsError('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2');
  const { ids, credentials } = call.world;
  const key = newAccessKey({
    accountId: call.accountId,
    accessKeyId: `AKIA${ids.letters(16)}`,
    secret: ids.hex(40),
    userName: user.name,
    createdAt: call.now,
  });
  credentials.set(key.accessKeyId, key);
  return {
    AccessKey: {
      UserName: user.name,
      AccessKeyId: key.accessKeyId,
      Status: 'Active',
      SecretAccessKey: key.secret,
      CreateDate: new Date(key.createdAt),
    },
  };
};

const keyOf = (call: Call): Credential => {
  const id = demandText(call, 'AccessKeyId');
  const key = keysOf(call, userOf(call)).find((one) => one.accessKeyId === id);
  if (key === undefined) throw awsError('NoSuchEntity', `The Access Key with id ${id} cannot be found`);
  return key;
};

const updateAccessKey = (call: Call): undefined => {
  const status = demandText(call, 'Status');
  if (status !== 'Active' && status !== 'Inactive')
    throw awsError('ValidationError', `Value '${status}' at 'status' failed to satisfy constraint`);
  keyOf(call).active = status === 'Active';
};

const deleteAccessKey = (call: Call): undefined => {
  call.world.credentials.delete(keyOf(call).accessKeyId);
};

const listAccessKeys = (call: Call): Reply => {
  const keys = keysOf(call, userOf(call)).map((key) => ({
    UserName: key.bearer.kind === 'user' ? key.bearer.userName : undefined,
    AccessKeyId: key.accessKeyId,
    Status: key.active ? 'Active' : 'Inactive',
    CreateDate: new Date(key.createdAt),
  }));
  return pageOf(call, 'AccessKeyMetadata', keys);
};

const tagUser = (call: Call): undefined => {
  const user = userOf(call);
  for (const [key, value] of readTagList(call)) user.tags.set(key, value);
};

/** Users and their access keys. */
export const userOperations: IamOperations = {
  CreateUser: createUser,
  GetUser: getUser,
  ListUsers: (call) => pageOf(call, 'Users', [...call.caller.account.users.values()].map(showUser)),
  DeleteUser: deleteUser,
  TagUser: tagUser,
  UntagUser: (call) => {
    const { tags } = userOf(call);
    for (const key of call.params.texts('TagKeys')) tags.delete(key);
    return undefined;
  },
  ListGroupsForUser: (call) => {
    userOf(call);
    return pageOf(call, 'Groups', []);
  },
  ListUserTags: (call) => ({ Tags: showTags(userOf(call).tags), IsTruncated: false }),
  CreateAccessKey: createAccessKey,
  ListAccessKeys: listAccessKeys,
  UpdateAccessKey: updateAccessKey,
  DeleteAccessKey: deleteAccessKey,
  ListAccountAliases: (call) =>
    pageOf(call, 'AccountAliases', call.caller.account.alias === undefined ? [] : [call.caller.account.alias]),
};
