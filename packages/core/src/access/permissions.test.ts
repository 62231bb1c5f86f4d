import { describe, expect, it } from 'vitest';
import { parseUserId } from '../ids.ts';
import { mayDo, ownershipOf, PERMISSIONS, ROLES, seesManagedUsers } from './permissions.ts';
import type { Actor, Operation, Owner, Role } from './permissions.ts';

const user = (digit: string, role: Role): Actor & Owner => ({
  userId: parseUserId(`0000000${digit}-0000-4000-8000-000000000000`),
  role,
});
const root = user('1', 'root');
const independent = user('2', 'independent');
const otherIndependent = user('3', 'independent');
const managed = user('4', 'managed');
const otherManaged = user('5', 'managed');
const OPERATIONS = Object.keys(PERMISSIONS) as Operation[];
const USER_THINGS = OPERATIONS.filter((operation) =>
  /^(account\.(?!use-)|schedule|policy|backup|recovery|alert)/.test(operation),
);

describe('whose a thing is', () => {
  it.each([
    ['the own', root, root, 'own'],
    ["a managed user's", root, managed, 'managed-user'],
    ["an independent user's", root, independent, 'other'],
    ["root's, to a managed user", managed, root, 'other'],
    ["the installation's", root, null, 'installation'],
  ] as const)('%s', (_, actor, owner, expected) => {
    expect(ownershipOf(actor, owner)).toBe(expected);
  });
});

describe('who may do what', () => {
  it.each(USER_THINGS)(
    "%s: with the own always, root also with a managed user's, nobody with anybody else's",
    (operation) => {
      for (const actor of [root, independent, managed]) expect(mayDo(actor, operation, actor)).toBe(true);
      expect(mayDo(root, operation, managed)).toBe(true);
      expect(mayDo(root, operation, independent)).toBe(false);
      for (const owner of [root, otherIndependent, managed]) expect(mayDo(independent, operation, owner)).toBe(false);
      for (const owner of [root, independent, otherManaged]) expect(mayDo(managed, operation, owner)).toBe(false);
      for (const actor of [root, independent, managed]) expect(mayDo(actor, operation, null)).toBe(false);
    },
  );

  it("the server's own AWS role is for root's accounts alone", () => {
    expect(mayDo(root, 'account.use-server-role', root)).toBe(true);
    expect(mayDo(root, 'account.use-server-role', managed)).toBe(false);
    for (const actor of [independent, managed]) expect(mayDo(actor, 'account.use-server-role', actor)).toBe(false);
  });

  it.each(['token.create', 'token.read', 'token.delete', 'session.read', 'session.delete', 'password.change'] as const)(
    '%s: for oneself only',
    (operation) => {
      for (const actor of [root, independent, managed]) expect(mayDo(actor, operation, actor)).toBe(true);
      expect(mayDo(root, operation, managed)).toBe(false);
      expect(mayDo(managed, operation, root)).toBe(false);
    },
  );

  it.each(['user.update', 'user.delete', 'user.reset-password'] as const)(
    '%s: root with every other user, and nobody else with anybody',
    (operation) => {
      for (const owner of [independent, managed]) expect(mayDo(root, operation, owner)).toBe(true);
      expect(mayDo(root, operation, root)).toBe(false);
      for (const owner of [root, independent, managed]) {
        expect(mayDo(independent, operation, owner)).toBe(false);
        expect(mayDo(managed, operation, owner)).toBe(false);
      }
    },
  );

  it.each(['user.list', 'user.create', 'settings.read', 'settings.update'] as const)('%s: root only', (operation) => {
    expect(ROLES.filter((role) => mayDo(user('9', role), operation, null))).toEqual(['root']);
  });

  it('everybody who is signed in may see the state of the server', () => {
    expect(ROLES.filter((role) => mayDo(user('9', role), 'server.read', null))).toEqual([...ROLES]);
  });

  it("only root sees managed users' things in lists", () => {
    expect([root, independent, managed].map(seesManagedUsers)).toEqual([true, false, false]);
  });
});
