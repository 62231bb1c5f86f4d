import { existsAt } from '../state/lifecycle.ts';
import type { Image, Snapshot, Thing } from '../state/records.ts';
import type { CollectionName, Region } from '../state/world.ts';
import type { Call } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';

/** How one kind of thing is named, in ids, ARNs and errors. */
export type Kind = {
  readonly prefix: string;
  readonly collection: CollectionName;
  /** Its name in ARNs, tag specifications and DescribeTags. */
  readonly type: string;
  readonly notFound: string;
  readonly malformed: string;
  readonly missing: (id: string) => string;
};

/** Every kind the simulator has (EC2 API Reference, "Error codes"). */
export const kinds = {
  instance: {
    prefix: 'i',
    collection: 'instances',
    type: 'instance',
    notFound: 'InvalidInstanceID.NotFound',
    malformed: 'InvalidInstanceID.Malformed',
    missing: (id) => `The instance ID '${id}' does not exist`,
  },
  volume: {
    prefix: 'vol',
    collection: 'volumes',
    type: 'volume',
    notFound: 'InvalidVolume.NotFound',
    malformed: 'InvalidVolumeID.Malformed',
    missing: (id) => `The volume '${id}' does not exist.`,
  },
  snapshot: {
    prefix: 'snap',
    collection: 'snapshots',
    type: 'snapshot',
    notFound: 'InvalidSnapshot.NotFound',
    malformed: 'InvalidSnapshotID.Malformed',
    missing: (id) => `The snapshot '${id}' does not exist.`,
  },
  image: {
    prefix: 'ami',
    collection: 'images',
    type: 'image',
    notFound: 'InvalidAMIID.NotFound',
    malformed: 'InvalidAMIID.Malformed',
    missing: (id) => `The image id '[${id}]' does not exist`,
  },
  keyPair: {
    prefix: 'key',
    collection: 'keyPairs',
    type: 'key-pair',
    notFound: 'InvalidKeyPair.NotFound',
    malformed: 'InvalidKeyPairID.Malformed',
    missing: (id) => `The key pair '${id}' does not exist`,
  },
  securityGroup: {
    prefix: 'sg',
    collection: 'securityGroups',
    type: 'security-group',
    notFound: 'InvalidGroup.NotFound',
    malformed: 'InvalidGroupId.Malformed',
    missing: (id) => `The security group '${id}' does not exist`,
  },
  vpc: {
    prefix: 'vpc',
    collection: 'vpcs',
    type: 'vpc',
    notFound: 'InvalidVpcID.NotFound',
    malformed: 'InvalidVpcID.Malformed',
    missing: (id) => `The vpc ID '${id}' does not exist`,
  },
  subnet: {
    prefix: 'subnet',
    collection: 'subnets',
    type: 'subnet',
    notFound: 'InvalidSubnetID.NotFound',
    malformed: 'InvalidSubnetID.Malformed',
    missing: (id) => `The subnet ID '${id}' does not exist`,
  },
  networkInterface: {
    prefix: 'eni',
    collection: 'networkInterfaces',
    type: 'network-interface',
    notFound: 'InvalidNetworkInterfaceID.NotFound',
    malformed: 'InvalidNetworkInterfaceId.Malformed',
    missing: (id) => `The networkInterface ID '${id}' does not exist`,
  },
  placementGroup: {
    prefix: 'pg',
    collection: 'placementGroups',
    type: 'placement-group',
    notFound: 'InvalidPlacementGroup.Unknown',
    malformed: 'InvalidPlacementGroupId.Malformed',
    missing: (id) => `The Placement Group '${id}' is unknown.`,
  },
  host: {
    prefix: 'h',
    collection: 'hosts',
    type: 'dedicated-host',
    notFound: 'InvalidHostID.NotFound',
    malformed: 'InvalidHostID.Malformed',
    missing: (id) => `The host ID '${id}' does not exist`,
  },
  address: {
    prefix: 'eipalloc',
    collection: 'addresses',
    type: 'elastic-ip',
    notFound: 'InvalidAllocationID.NotFound',
    malformed: 'InvalidAllocationID.NotFound',
    missing: (id) => `The allocation ID '${id}' does not exist`,
  },
} as const satisfies Readonly<Record<string, Kind>>;

const byPrefix: ReadonlyMap<string, Kind> = new Map(Object.values(kinds).map((kind) => [kind.prefix, kind]));

const kindOfParameter: Readonly<Record<string, Kind>> = {
  InstanceId: kinds.instance,
  ExcludeDataVolumeId: kinds.volume,
  VolumeId: kinds.volume,
  SnapshotId: kinds.snapshot,
  ImageId: kinds.image,
  KeyPairId: kinds.keyPair,
  GroupId: kinds.securityGroup,
  SecurityGroupId: kinds.securityGroup,
  VpcId: kinds.vpc,
  SubnetId: kinds.subnet,
  NetworkInterfaceId: kinds.networkInterface,
  HostId: kinds.host,
  AllocationId: kinds.address,
};

/** The kind that an id's prefix tells, if any. */
export const kindOfId = (id: string): Kind | undefined => byPrefix.get(id.split('-', 1)[0] ?? '');

/** The kind of id a parameter (the last part of a path) holds. */
export const kindFor = (path: string): Kind | undefined => kindOfParameter[path.split('.').at(-1) ?? ''];

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/**
 * Refuses an id of the wrong form. EBS says InvalidParameterValue for what is no id of the kind at all and for a volume id
 * with strange letters, `….Malformed` for the rest; all other kinds always say `….Malformed`.
 */
export const checkForm = (kind: Kind, id: string, parameter: string): void => {
  const rest = id.startsWith(`${kind.prefix}-`) ? id.slice(kind.prefix.length + 1) : undefined;
  if (rest !== undefined && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(rest)) return;
  const isVolume = kind.prefix === 'vol';
  const notAnId = rest === undefined || (isVolume && !/^[0-9a-f]+$/.test(rest));
  if ((isVolume || kind.prefix === 'snap') && notAnId) {
    throw invalidValue(id, lowerFirst(parameter), `Expected: '${kind.prefix}-...'.`);
  }
  throw awsError(kind.malformed, `Invalid id: "${id}" (expecting "${kind.prefix}-...")`);
};

/** Gone without trace: deleted, or terminated for longer than EC2 shows it. */
export const isShown = (call: Call, thing: Thing): boolean => existsAt(thing, call.readAt);

const sharedWith = (region: Region, thing: Thing): ReadonlySet<string> | undefined => {
  if (region.snapshots.get(thing.id) === thing) return (thing as Snapshot).sharedWith;
  if (region.images.get(thing.id) === thing) return (thing as Image).launchPermissions;
  return undefined;
};

/** Whether an account may use the thing: its own, or one shared with it or with all. */
export const isAccessible = (region: Region, thing: Thing, accountId: string): boolean => {
  if (thing.ownerId === accountId) return true;
  const shared = sharedWith(region, thing);
  return shared !== undefined && (shared.has(accountId) || shared.has('all'));
};

type Collected<K extends Kind> = Region[K['collection']] extends Map<string, infer T> ? T : never;

export const notFound = (kind: Kind, id: string): Error => awsError(kind.notFound, kind.missing(id));

/** The thing the caller may use, or undefined. */
export const look = <K extends Kind>(call: Call, kind: K, id: string): Collected<K> | undefined => {
  const thing = call.region[kind.collection].get(id);
  if (thing === undefined || !isShown(call, thing) || !isAccessible(call.region, thing, call.accountId))
    return undefined;
  return thing as Collected<K>;
};

/** The thing the caller may use; throws the kind's NotFound. */
export const find = <K extends Kind>(call: Call, kind: K, id: string): Collected<K> => {
  const thing = look(call, kind, id);
  if (thing === undefined) throw notFound(kind, id);
  return thing;
};

/** Like `find`, after checking the id's form. */
export const findById = <K extends Kind>(call: Call, kind: K, parameter: string): Collected<K> => {
  const id = call.params.requiredText(parameter);
  checkForm(kind, id, parameter);
  return find(call, kind, id);
};

/** Every thing of a kind that the caller owns and that still shows. */
export const ownThings = <K extends Kind>(call: Call, kind: K): Collected<K>[] => {
  const shown: Collected<K>[] = [];
  for (const thing of call.region[kind.collection].values()) {
    if (thing.ownerId === call.accountId && isShown(call, thing)) shown.push(thing as Collected<K>);
  }
  return shown;
};

/** The ARN of a thing; snapshots and images carry no account in theirs. */
export const arnOf = (kind: Kind, call: Call, id: string): string => {
  const account = kind.prefix === 'snap' || kind.prefix === 'ami' ? '' : call.accountId;
  return `arn:aws:ec2:${call.region.name}:${account}:${kind.type}/${id}`;
};
