import type { IdSource } from '../state/ids.ts';
import { readIdentityPolicy, readPolicy } from './read-policy.ts';
import type { Account, Credential, InstanceProfile, Permitted, Role, User } from './records.ts';

/** An account without users. */
export const newAccount = (id: string, alias: string | undefined, createdAt: number): Account => ({
  id,
  alias,
  createdAt,
  users: new Map(),
  roles: new Map(),
  policies: new Map(),
  instanceProfiles: new Map(),
  optedIn: new Set(),
});

type Naming = { readonly name: string; readonly path?: string | undefined; readonly createdAt: number };

export const addUser = (account: Account, ids: IdSource, { name, path = '/', createdAt }: Naming): User => {
  const user: User = {
    name,
    path,
    id: `AIDA${ids.letters(17)}`,
    arn: `arn:aws:iam::${account.id}:user${path}${name}`,
    createdAt,
    tags: new Map(),
    inline: new Map(),
    attached: new Set(),
  };
  account.users.set(name, user);
  return user;
};

export const addRole = (
  account: Account,
  ids: IdSource,
  input: Naming & {
    readonly trust: string;
    readonly maxSessionSeconds?: number | undefined;
    readonly description?: string | undefined;
  },
): Role => {
  const { name, path = '/', createdAt, trust, maxSessionSeconds = 3600, description } = input;
  const role: Role = {
    name,
    path,
    id: `AROA${ids.letters(17)}`,
    arn: `arn:aws:iam::${account.id}:role${path}${name}`,
    createdAt,
    trust: readPolicy('trust', trust),
    maxSessionSeconds,
    description,
    tags: new Map(),
    inline: new Map(),
    attached: new Set(),
  };
  account.roles.set(name, role);
  return role;
};

export const addInstanceProfile = (
  account: Account,
  ids: IdSource,
  { name, path = '/', createdAt }: Naming,
): InstanceProfile => {
  const profile: InstanceProfile = {
    name,
    path,
    id: `AIPA${ids.letters(17)}`,
    arn: `arn:aws:iam::${account.id}:instance-profile${path}${name}`,
    createdAt,
    roleName: undefined,
  };
  account.instanceProfiles.set(name, profile);
  return profile;
};

/** Gives an inline policy to a user or role. Throws MalformedPolicyDocument. */
export const putInlinePolicy = (permitted: Permitted, name: string, text: string): void => {
  permitted.inline.set(name, readIdentityPolicy(name, text));
};

/** A lasting access key of a user, or of the account's root. */
export const newAccessKey = (input: {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly userName: string | undefined;
  readonly createdAt: number;
}): Credential => ({
  accessKeyId: input.accessKeyId,
  secret: input.secret,
  accountId: input.accountId,
  createdAt: input.createdAt,
  active: true,
  bearer: input.userName === undefined ? { kind: 'root' } : { kind: 'user', userName: input.userName },
  token: undefined,
  expiresAt: undefined,
});
