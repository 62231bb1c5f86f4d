import type { UserId } from '../ids.ts';

export const ROLES = ['root', 'independent', 'managed'] as const;
/** Root: exactly one. Independent: separate from root. Managed: root acts fully for them (USR-1). */
export type Role = (typeof ROLES)[number];

/**
 * Whose a thing is, as the one who asks sees it: the asker's own, a managed user's, anybody else's, or the
 * installation's (it belongs to no user).
 */
export type Ownership = 'own' | 'managed-user' | 'other' | 'installation';

export type Actor = { readonly userId: UserId; readonly role: Role };
export type Owner = { readonly userId: UserId; readonly role: Role };

const OWN = ['own'] as const;
const OWN_AND_MANAGED = ['own', 'managed-user'] as const;
const INSTALLATION = ['installation'] as const;
const NOBODY = [] as const;

type Grant = Readonly<Record<Role, readonly Ownership[]>>;

/** What belongs to a user: the user's own, and for root the managed users' as well. */
const THINGS: Grant = { root: OWN_AND_MANAGED, independent: OWN, managed: OWN };
/** What belongs to the installation: root's business alone. */
const ROOT_ONLY: Grant = { root: INSTALLATION, independent: NOBODY, managed: NOBODY };
/** What every user may see or do at the installation. */
const EVERYBODY: Grant = { root: INSTALLATION, independent: INSTALLATION, managed: INSTALLATION };
/** What nobody does for somebody else. */
const ONESELF: Grant = { root: OWN, independent: OWN, managed: OWN };
/** Root manages users of every kind; nobody else manages any. */
const USERS: Grant = { root: ['managed-user', 'other'], independent: NOBODY, managed: NOBODY };

/** The one table: who may do what with whose (USR-1, USR-3). Nothing that is absent here is allowed. */
export const PERMISSIONS = {
  'account.read': THINGS,
  'account.create': THINGS,
  'account.update': THINGS,
  'account.delete': THINGS,
  'account.test': THINGS,
  'account.browse': THINGS,
  /** The server's own AWS role: root's accounts only, not even a managed user's (ACC-1). */
  'account.use-server-role': { root: OWN, independent: NOBODY, managed: NOBODY },
  'schedule.read': THINGS,
  'schedule.create': THINGS,
  'schedule.update': THINGS,
  'schedule.delete': THINGS,
  'policy.read': THINGS,
  'policy.create': THINGS,
  'policy.update': THINGS,
  'policy.delete': THINGS,
  'policy.run': THINGS,
  'backup.read': THINGS,
  'backup.abort': THINGS,
  'backup.delete': THINGS,
  'backup.freeze': THINGS,
  'backup.recover': THINGS,
  'recovery.read': THINGS,
  'alert.read': THINGS,
  'token.read': ONESELF,
  'token.create': ONESELF,
  'token.delete': ONESELF,
  'session.read': ONESELF,
  'session.delete': ONESELF,
  'password.change': ONESELF,
  'user.list': ROOT_ONLY,
  'user.create': ROOT_ONLY,
  'user.update': USERS,
  'user.delete': USERS,
  'user.reset-password': USERS,
  'settings.read': ROOT_ONLY,
  'settings.update': ROOT_ONLY,
  'server.read': EVERYBODY,
} as const satisfies Record<string, Grant>;

export type Operation = keyof typeof PERMISSIONS;

/** Whose the thing is to the actor; `null` owner: the installation's. */
export function ownershipOf(actor: Actor, owner: Owner | null): Ownership {
  if (owner === null) return 'installation';
  if (owner.userId === actor.userId) return 'own';
  return owner.role === 'managed' ? 'managed-user' : 'other';
}

/** Whether the actor may do that with what the owner has. A refusal for somebody else's thing is answered as unknown. */
export function mayDo(actor: Actor, operation: Operation, owner: Owner | null): boolean {
  const allowed: readonly Ownership[] = PERMISSIONS[operation][actor.role];
  return allowed.includes(ownershipOf(actor, owner));
}

/** Whether lists and look-ups show the actor the managed users' things beside the own. */
export function seesManagedUsers(actor: Actor): boolean {
  return actor.role === 'root';
}
