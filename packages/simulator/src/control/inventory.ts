import { imageState, instanceState, snapshotProgress, snapshotState, volumeState } from '../state/lifecycle.ts';
import type { Image, Instance, Snapshot, Thing, Volume } from '../state/records.ts';
import type { Region, World } from '../state/world.ts';
import { databaseRows } from './inventory-databases.ts';
import { commandRows, keyRows } from './inventory-others.ts';

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

const collections = [
  ['instances', 'instance'],
  ['volumes', 'volume'],
  ['snapshots', 'snapshot'],
  ['images', 'image'],
  ['keyPairs', 'key-pair'],
  ['securityGroups', 'security-group'],
  ['vpcs', 'vpc'],
  ['subnets', 'subnet'],
  ['networkInterfaces', 'network-interface'],
  ['placementGroups', 'placement-group'],
  ['hosts', 'dedicated-host'],
  ['addresses', 'elastic-ip'],
] as const;

const isGone = (thing: Thing, now: number): boolean => thing.deletedAt !== undefined && thing.deletedAt <= now;

const stateOf = (type: string, thing: Thing, now: number): string | undefined => {
  if (isGone(thing, now)) return 'deleted';
  if (type === 'instance') return instanceState(thing as Instance, now);
  if (type === 'volume') return volumeState(thing as Volume, now);
  if (type === 'snapshot') return snapshotState(thing as Snapshot, now);
  return type === 'image' ? imageState(thing as Image, now) : undefined;
};

const extras = (type: string, thing: Thing, now: number): Readonly<Record<string, unknown>> => {
  if (type === 'snapshot') {
    const {
      volumeId,
      sizeGiB,
      description,
      encrypted,
      kmsKeyArn,
      sharedWith,
      copiedFrom,
      stateMessage,
      completesAt,
      failsAt,
    } = thing as Snapshot;
    const progress = snapshotProgress(thing as Snapshot, now);
    return {
      volumeId,
      sizeGiB,
      description,
      encrypted,
      kmsKeyArn,
      sharedWith: [...sharedWith],
      copiedFrom,
      stateMessage,
      progress,
      completesAt: iso(completesAt),
      failsAt: iso(failsAt),
    };
  }
  if (type === 'volume') {
    const { shape, zone, snapshotId, encrypted, kmsKeyArn, attachments } = thing as Volume;
    const { type: volumeType, ...rest } = shape;
    return { volumeType, ...rest, zone, snapshotId, encrypted, kmsKeyArn, attachments };
  }
  if (type === 'image') {
    const {
      name,
      architecture,
      virtualizationType,
      rootDeviceName,
      bootMode,
      enaSupport,
      blockDevices,
      platformDetails,
      launchPermissions,
    } = thing as Image;
    return {
      name,
      architecture,
      virtualizationType,
      rootDeviceName,
      bootMode,
      enaSupport,
      blockDevices,
      platformDetails,
      launchPermissions: [...launchPermissions],
    };
  }
  if (type === 'instance') {
    const {
      imageId,
      type: instanceType,
      zone,
      subnetId,
      states,
      attachments,
      interfaceIds,
      clientToken,
    } = thing as Instance;
    return { imageId, instanceType, zone, subnetId, states, attachments, interfaceIds, clientToken };
  }
  return 'name' in thing ? { name: thing.name } : {};
};

const rowOf = (
  region: Region,
  { type, thing, state }: { readonly type: string; readonly thing: Thing; readonly state: string | undefined },
): Readonly<Record<string, unknown>> => ({
  type,
  id: thing.id,
  region: region.name,
  account: thing.ownerId,
  state,
  createdAt: iso(thing.createdAt),
  madeBy: thing.madeBy,
  deletedAt: iso(thing.deletedAt),
  deletedBy: thing.deletedBy,
  tags: Object.fromEntries(thing.tags),
});

const describe = (region: Region, type: string, thing: Thing, now: number): Readonly<Record<string, unknown>> => ({
  ...rowOf(region, { type, thing, state: stateOf(type, thing, now) }),
  ...extras(type, thing, now),
});

const isWanted = (row: Readonly<Record<string, unknown>>, query: URLSearchParams): boolean =>
  ['type', 'id', 'region', 'account', 'state'].every((name) => !query.has(name) || query.get(name) === row[name]);

/** Everything that exists or ever existed, with who made it and when; the query narrows by type, id, region, account, state. */
export const takeInventory = (world: World, query: URLSearchParams): Readonly<Record<string, unknown>> => {
  const now = world.clock.now();
  const rows = [...world.regions.values()].flatMap((region) => [
    ...collections.flatMap(([collection, type]) =>
      [...region[collection].values()].map((thing) => describe(region, type, thing, now)),
    ),
    ...[...databaseRows(region, now), ...commandRows(region, now)].map(({ thing, type, state, ...more }) => ({
      ...rowOf(region, { thing, type, state: isGone(thing, now) ? 'deleted' : state }),
      ...more,
    })),
    ...keyRows(region, now),
  ]);
  const accounts = [...world.accounts.values()].map((account) => ({
    id: account.id,
    alias: account.alias,
    users: [...account.users.keys()],
    roles: [...account.roles.keys()],
  }));
  return { now: iso(now), accounts, resources: rows.filter((row) => isWanted(row, query)) };
};
