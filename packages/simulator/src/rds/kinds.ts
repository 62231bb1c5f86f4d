import { lookNamed, ownNamed, type Named } from '../state/named.ts';
import type { Thing } from '../state/records.ts';
import type { Region } from '../state/world.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

type Collection =
  | 'databases'
  | 'databaseClusters'
  | 'databaseSnapshots'
  | 'clusterSnapshots'
  | 'subnetGroups'
  | 'parameterGroups'
  | 'clusterParameterGroups'
  | 'optionGroups';

/** How one kind of RDS thing is named in ARNs, conditions and errors. */
export type Kind = {
  readonly collection: Collection;
  /** Its name in ARNs. */
  readonly type: string;
  /** The condition key of its tags. */
  readonly tagKey: string;
  readonly notFound: string;
  readonly noun: string;
};

/** Every kind of RDS thing (RDS API Reference, "Common errors" of each action). */
export const kinds = {
  database: {
    collection: 'databases',
    type: 'db',
    tagKey: 'rds:db-tag',
    notFound: 'DBInstanceNotFound',
    noun: 'DBInstance',
  },
  cluster: {
    collection: 'databaseClusters',
    type: 'cluster',
    tagKey: 'rds:cluster-tag',
    notFound: 'DBClusterNotFoundFault',
    noun: 'DBCluster',
  },
  snapshot: {
    collection: 'databaseSnapshots',
    type: 'snapshot',
    tagKey: 'rds:snapshot-tag',
    notFound: 'DBSnapshotNotFound',
    noun: 'DBSnapshot',
  },
  clusterSnapshot: {
    collection: 'clusterSnapshots',
    type: 'cluster-snapshot',
    tagKey: 'rds:cluster-snapshot-tag',
    notFound: 'DBClusterSnapshotNotFoundFault',
    noun: 'DBClusterSnapshot',
  },
  subnetGroup: {
    collection: 'subnetGroups',
    type: 'subgrp',
    tagKey: 'rds:subgrp-tag',
    notFound: 'DBSubnetGroupNotFoundFault',
    noun: 'DBSubnetGroup',
  },
  parameterGroup: {
    collection: 'parameterGroups',
    type: 'pg',
    tagKey: 'rds:pg-tag',
    notFound: 'DBParameterGroupNotFound',
    noun: 'DBParameterGroup',
  },
  clusterParameterGroup: {
    collection: 'clusterParameterGroups',
    type: 'cluster-pg',
    tagKey: 'rds:cluster-pg-tag',
    notFound: 'DBClusterParameterGroupNotFound',
    noun: 'DBClusterParameterGroup',
  },
  optionGroup: {
    collection: 'optionGroups',
    type: 'og',
    tagKey: 'rds:og-tag',
    notFound: 'OptionGroupNotFoundFault',
    noun: 'OptionGroup',
  },
} as const satisfies Readonly<Record<string, Kind>>;

type Collected<K extends Kind> = Region[K['collection']] extends Named<infer T> ? T : never;

export const arnOf = (call: Call, kind: Kind, id: string, accountId = call.accountId): string =>
  `arn:aws:rds:${call.region.name}:${accountId}:${kind.type}:${id}`;

/** A name as a request gives it: alone or inside an ARN, which may be another account's or region's. */
export type GivenName = { readonly id: string; readonly accountId: string; readonly region: string };

/** Reads a name or an ARN of RDS; a name means the caller's own thing in this region. */
export const readName = (call: Call, text: string): GivenName => {
  const [, region, accountId, id] = /^arn:aws[^:]*:rds:([^:]*):(\d{12}):[a-z-]+:(.+)$/.exec(text) ?? [];
  return id === undefined || accountId === undefined || region === undefined
    ? { id: text.toLowerCase(), accountId: call.accountId, region: call.region.name }
    : { id: id.toLowerCase(), accountId, region };
};

export const notFound = (kind: Kind, id: string): Error =>
  awsError(kind.notFound, `${kind.noun} ${id} not found.`, 404);

const isSharedWith = (thing: Thing, accountId: string): boolean => {
  if (thing.ownerId === accountId) return true;
  const shared = 'sharedWith' in thing ? (thing.sharedWith as ReadonlySet<string>) : new Set<string>();
  return shared.has(accountId) || shared.has('all');
};

/** The thing that a name or ARN means and that the caller may see, or undefined. */
export const look = <K extends Kind>(call: Call, kind: K, text: string): Collected<K> | undefined => {
  const { id, accountId, region } = readName(call, text);
  if (region !== call.region.name) return undefined;
  const things = call.region[kind.collection] as Named<Thing>;
  const thing = lookNamed(things, { accountId, id, at: call.readAt });
  return thing !== undefined && isSharedWith(thing, call.accountId) ? (thing as Collected<K>) : undefined;
};

/** Like `look`, but sees what is as fresh as can be, as AWS itself does while it carries a call out. */
export const lookFresh = <K extends Kind>(call: Call, kind: K, text: string): Collected<K> | undefined =>
  look({ ...call, readAt: call.now }, kind, text);

/** Like `look`; throws the kind's NotFound (404). */
export const find = <K extends Kind>(call: Call, kind: K, parameter: string): Collected<K> => {
  const text = call.params.requiredText(parameter);
  const thing = look(call, kind, text);
  if (thing === undefined) throw notFound(kind, text);
  return thing;
};

/** The caller's own things of a kind, in the order of making. */
export const own = <K extends Kind>(call: Call, kind: K): Collected<K>[] =>
  ownNamed(call.region[kind.collection] as Named<Thing>, call.accountId, call.readAt) as Collected<K>[];

/** Whether the caller already has a thing of this name, however fresh. */
export const isTaken = (call: Call, kind: Kind, id: string): boolean =>
  lookNamed(call.region[kind.collection] as Named<Thing>, { accountId: call.accountId, id, at: call.now }) !==
  undefined;
