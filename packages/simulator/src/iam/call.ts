import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import type { ManagedPolicy, Role, User } from './records.ts';

export type IamOperations = Readonly<Record<string, (call: Call) => Reply | undefined>>;

/** A parameter that must be sent and not be empty. Throws ValidationError. */
export const demandText = (call: Call, name: string): string => {
  const value = call.params.text(name);
  if (value !== undefined && value !== '') return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw awsError(
    'ValidationError',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
};

export const demandName = (call: Call, parameter: string): string => {
  const name = demandText(call, parameter);
  if (!/^[\w+=,.@-]{1,128}$/.test(name)) {
    throw awsError(
      'ValidationError',
      `The specified value for ${parameter} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  return name;
};

export const noSuchEntity = (kind: string, name: string): Error =>
  awsError('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`);

export const alreadyExists = (kind: string, name: string): Error =>
  awsError('EntityAlreadyExists', `${kind} with name ${name} already exists.`);

/** The user the request names; the caller's own when it names none. */
export const userOf = (call: Call): User => {
  const { bearer } = call.caller.credential;
  const own = bearer.kind === 'user' ? bearer.userName : undefined;
  const name = call.params.text('UserName') ?? own;
  if (name === undefined)
    throw awsError('ValidationError', 'Must specify userName when calling with non-User credentials');
  const user = call.caller.account.users.get(name);
  if (user === undefined) throw noSuchEntity('user', name);
  return user;
};

export const roleOf = (call: Call): Role => {
  const name = demandText(call, 'RoleName');
  const role = call.caller.account.roles.get(name);
  if (role === undefined) throw noSuchEntity('role', name);
  return role;
};

export const readTagList = (call: Call): Map<string, string> =>
  new Map(call.params.structs('Tags').map((tag) => [tag.text('Key') ?? '', tag.text('Value') ?? '']));

export const showTags = (tags: ReadonlyMap<string, string>): Reply['Tags'] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }));

export const showUser = (user: User): Reply => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: new Date(user.createdAt),
  Tags: user.tags.size === 0 ? undefined : showTags(user.tags),
});

export const showRole = (role: Role): Reply => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encodeURIComponent(role.trust.text),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  Tags: role.tags.size === 0 ? undefined : showTags(role.tags),
});

export const showPolicy = (call: Call, policy: ManagedPolicy): Reply => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: 'v1',
  AttachmentCount: [...call.caller.account.users.values(), ...call.caller.account.roles.values()].filter((permitted) =>
    permitted.attached.has(policy.arn),
  ).length,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  Description: policy.description,
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.createdAt),
});

/** One page of a list: Marker and MaxItems in, IsTruncated and Marker out. */
export const pageOf = (call: Call, name: string, members: readonly Reply[string][]): Reply => {
  const marker = call.params.text('Marker');
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64url').toString());
  const size = call.params.integer('MaxItems') ?? 100;
  if (!Number.isInteger(start) || start < 0) throw awsError('ValidationError', 'Invalid Marker.');
  if (size < 1 || size > 1000) throw awsError('ValidationError', 'MaxItems must be between 1 and 1000.');
  const end = start + size;
  const truncated = end < members.length;
  return {
    [name]: members.slice(start, end),
    IsTruncated: truncated,
    Marker: truncated ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
};
