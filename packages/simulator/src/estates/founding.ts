import { newAccessKey } from '../iam/accounts.ts';
import type { Caller } from '../iam/caller.ts';
import { addRole, addUser, addInstanceProfile, newAccount, putInlinePolicy } from '../iam/accounts.ts';
import type { Account, Permitted } from '../iam/records.ts';
import { runEc2 } from '../ec2/dispatch.ts';
import { makeDefaultNetwork } from '../ec2/make-network.ts';
import { runRds } from '../rds/dispatch.ts';
import { runRedshift } from '../redshift/dispatch.ts';
import { changeSettings } from '../settings.ts';
import type { Region, World } from '../state/world.ts';
import type { Call, Reply } from '../wire/call.ts';
import { parseParams } from '../wire/params.ts';
import type { EstateAccount, EstateRole, EstateUser } from './format.ts';

const dayMs = 86_400_000;

/** Where and as whom something is founded. */
export type Place = { readonly world: World; readonly account: Account; readonly region: Region };

const founder = (account: Account): Caller => ({
  account,
  credential: newAccessKey({
    accountId: account.id,
    accessKeyId: 'ESTATE',
    secret: '',
    userName: undefined,
    createdAt: 0,
  }),
  arn: `arn:aws:iam::${account.id}:root`,
  userId: account.id,
});

/** A call by the account's root before the world began: 30 days ago, without limits, with the ids that the estate fixes. */
export const foundingCall = (
  place: Place,
  input: {
    /** EC2 unless said otherwise. */
    readonly service?: 'ec2' | 'rds' | 'redshift';
    readonly action: string;
    readonly fields: readonly (readonly [string, string | undefined])[];
    readonly ids?: readonly string[];
    readonly laterMs?: number;
  },
): Call => {
  const { world, account, region } = place;
  const queued = [...(input.ids ?? [])];
  const id = (prefix: string): string => {
    const at = queued.findIndex((fixed) => fixed.startsWith(`${prefix}-`));
    return at === -1 ? world.ids.id(prefix) : (queued.splice(at, 1)[0] ?? world.ids.id(prefix));
  };
  const settings = changeSettings(world.settings, { limits: 'off', consistencyMs: 0 });
  const now = world.clock.now() - 30 * dayMs + (input.laterMs ?? 0);
  const given = input.fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    world: { ...world, ids: { ...world.ids, id }, settings },
    service: input.service ?? 'ec2',
    action: input.action,
    params: parseParams(given),
    region,
    caller: founder(account),
    accountId: account.id,
    requestId: 'estate',
    now,
    readAt: now,
    failWith: undefined,
  };
};

/** Makes something the way AWS would be asked to, before the world began. Throws what AWS would refuse. */
export const found = (place: Place, input: Parameters<typeof foundingCall>[1]): Reply => {
  const call = foundingCall(place, input);
  const run = { ec2: runEc2, rds: runRds, redshift: runRedshift }[input.service ?? 'ec2'];
  return run(call) ?? {};
};

const givePolicies = (permitted: Permitted, wish: EstateUser | EstateRole): void => {
  for (const [name, document] of Object.entries(wish.policies ?? {}))
    putInlinePolicy(permitted, name, JSON.stringify(document));
  for (const arn of wish.attachedPolicies ?? []) permitted.attached.add(arn);
};

const foundRole = (world: World, account: Account, wish: EstateRole): void => {
  const createdAt = world.clock.now() - 30 * dayMs;
  const role = addRole(account, world.ids, {
    name: wish.name,
    createdAt,
    trust: JSON.stringify(wish.trust),
    maxSessionSeconds: wish.maxSessionSeconds,
  });
  givePolicies(role, wish);
  if (wish.instanceProfile === true)
    addInstanceProfile(account, world.ids, { name: wish.name, createdAt }).roleName = role.name;
};

/** An account with its users, roles, keys and a default network in every region. */
export const foundAccount = (world: World, wish: EstateAccount): Account => {
  if (!/^\d{12}$/.test(wish.id)) throw new RangeError(`account id '${wish.id}' must have 12 digits`);
  const createdAt = world.clock.now() - 30 * dayMs;
  const account = newAccount(wish.id, wish.alias, createdAt);
  world.accounts.set(account.id, account);
  for (const region of wish.optedInRegions ?? []) account.optedIn.add(region);
  for (const user of wish.users ?? []) givePolicies(addUser(account, world.ids, { name: user.name, createdAt }), user);
  for (const role of wish.roles ?? []) foundRole(world, account, role);
  for (const { accessKeyId, secretAccessKey, user } of wish.accessKeys) {
    if (user !== undefined && !account.users.has(user))
      throw new RangeError(`access key ${accessKeyId} names the unknown user '${user}'`);
    if (world.credentials.has(accessKeyId)) throw new RangeError(`access key ${accessKeyId} is used twice`);
    world.credentials.set(
      accessKeyId,
      newAccessKey({ accountId: account.id, accessKeyId, secret: secretAccessKey, userName: user, createdAt }),
    );
  }
  for (const region of world.regions.values())
    makeDefaultNetwork(foundingCall({ world, account, region }, { action: 'Founding', fields: [] }));
  return account;
};
