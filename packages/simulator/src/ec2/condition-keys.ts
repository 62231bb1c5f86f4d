import type { Image, Instance, SecurityGroup, Snapshot, Subnet, Volume, VolumeShape } from '../state/records.ts';
import { globalContext, type Context } from '../iam/context.ts';
import type { Call } from '../wire/call.ts';
import { arnOf, kinds, look, type Kind } from './kinds.ts';
import { requestedTags } from './tag-rules.ts';

type Fact = string | number | boolean | undefined;
type Facts = Readonly<Record<string, Fact | readonly string[]>>;

const put = (context: Context, facts: Facts): Context => {
  for (const [name, fact] of Object.entries(facts)) {
    const values = Array.isArray(fact) ? (fact as readonly string[]) : fact === undefined ? [] : [String(fact)];
    if (values.length > 0) context.set(`ec2:${name}`.toLowerCase(), values);
  }
  return context;
};

const withTags = (context: Context, prefix: string, tags: ReadonlyMap<string, string>): Context => {
  for (const [key, value] of tags) context.set(`${prefix}/${key}`.toLowerCase(), [value]);
  return context;
};

/** The keys that every EC2 request has. */
export const requestContext = (call: Call): Context => put(globalContext(call), { Region: call.region.name });

const shapeFacts = (shape: VolumeShape): Facts => ({
  VolumeSize: shape.sizeGiB,
  VolumeType: shape.type,
  VolumeIops: shape.iops,
  VolumeThroughput: shape.throughputMiBps,
});

const volumeArn = (call: Call, id: string): string => arnOf(kinds.volume, call, id);
const snapshotArn = (call: Call, id: string | undefined): string | undefined =>
  id === undefined || id === '' ? undefined : arnOf(kinds.snapshot, call, id);
const vpcArn = (call: Call, id: string): string => arnOf(kinds.vpc, call, id);

// Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2": what each resource tells about itself.
const targetFacts: Readonly<Record<string, (call: Call, thing: never) => Facts>> = {
  vol: (call, volume: Volume) => ({
    ...shapeFacts(volume.shape),
    VolumeID: volume.id,
    AvailabilityZone: volume.zone,
    Encrypted: volume.encrypted,
    ParentSnapshot: snapshotArn(call, volume.snapshotId),
  }),
  snap: (call, snapshot: Snapshot) => ({
    SnapshotID: snapshot.id,
    Owner: snapshot.ownerId,
    Encrypted: snapshot.encrypted,
    VolumeSize: snapshot.sizeGiB,
    ParentVolume: volumeArn(call, snapshot.volumeId),
    SnapshotTime: new Date(snapshot.createdAt).toISOString(),
  }),
  i: (_, instance: Instance) => ({
    InstanceID: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    EbsOptimized: instance.ebsOptimized,
    InstanceProfile: instance.profileArn,
    RootDeviceType: instance.rootDeviceType,
    Tenancy: instance.tenancy,
  }),
  ami: (_, image: Image) => ({
    ImageID: image.id,
    ImageType: 'machine',
    Owner: image.ownerAlias ?? image.ownerId,
    Public: image.launchPermissions.has('all'),
    RootDeviceType: image.rootDeviceType,
  }),
  subnet: (call, subnet: Subnet) => ({
    SubnetID: subnet.id,
    AvailabilityZone: subnet.zone,
    Vpc: vpcArn(call, subnet.vpcId),
  }),
  sg: (call, group: SecurityGroup) => ({ SecurityGroupID: group.id, Vpc: vpcArn(call, group.vpcId) }),
};

const permissionFacts = (call: Call): Facts => {
  const { params } = call;
  const operation = params.text('OperationType');
  const listed = (change: 'Add' | 'Remove', part: 'UserId' | 'Group'): readonly string[] => [
    ...['CreateVolumePermission', 'LaunchPermission'].flatMap((list) =>
      params.structs(`${list}.${change}`).flatMap((one) => one.text(part) ?? []),
    ),
    ...(operation === change.toLowerCase() ? params.texts(part === 'Group' ? 'UserGroup' : part) : []),
  ];
  return {
    'Add/userId': listed('Add', 'UserId'),
    'Add/group': listed('Add', 'Group'),
    'Remove/userId': listed('Remove', 'UserId'),
    'Remove/group': listed('Remove', 'Group'),
    Attribute: params.text('Attribute'),
  };
};

/** The condition keys of an existing resource that a request names. */
export const targetContext = (call: Call, kind: Kind, id: string): Context => {
  const thing = look(call, kind, id);
  const context = put(requestContext(call), permissionFacts(call));
  if (thing === undefined) return context;
  put(context, targetFacts[kind.prefix]?.(call, thing as never) ?? {});
  withTags(context, 'aws:ResourceTag', thing.tags);
  return withTags(context, 'ec2:ResourceTag', thing.tags);
};

const newVolumeFacts = (call: Call): Facts => {
  const { params } = call;
  const source = look(call, kinds.snapshot, params.text('SnapshotId') ?? '');
  return {
    AvailabilityZone: params.text('AvailabilityZone'),
    Encrypted:
      params.flag('Encrypted') === true ||
      source?.encrypted === true ||
      call.region.encryptedByDefault.has(call.accountId),
    KmsKeyId: params.text('KmsKeyId'),
    ParentSnapshot: snapshotArn(call, source?.id),
    VolumeSize: params.integer('Size') ?? source?.sizeGiB,
    VolumeType: params.text('VolumeType') ?? 'gp2',
    VolumeIops: params.integer('Iops'),
    VolumeThroughput: params.integer('Throughput'),
  };
};

const newSnapshotFacts = (call: Call): Facts => {
  const volume = look(call, kinds.volume, call.params.text('VolumeId') ?? '');
  return {
    Owner: call.accountId,
    ParentVolume: volume && volumeArn(call, volume.id),
    VolumeSize: volume?.shape.sizeGiB,
    Encrypted: volume?.encrypted,
  };
};

const newInstanceFacts = (call: Call): Facts => {
  const { params } = call;
  return {
    InstanceType: params.text('InstanceType') ?? 'm1.small',
    AvailabilityZone:
      look(call, kinds.subnet, params.text('SubnetId') ?? '')?.zone ?? params.text('Placement.AvailabilityZone'),
    EbsOptimized: params.flag('EbsOptimized') ?? false,
    MetadataHttpTokens: params.text('MetadataOptions.HttpTokens'),
    RootDeviceType: 'ebs',
    Tenancy: params.text('Placement.Tenancy') ?? 'default',
  };
};

const madeFacts: Readonly<Record<string, (call: Call) => Facts>> = {
  'CreateVolume/volume': newVolumeFacts,
  'CreateSnapshot/snapshot': newSnapshotFacts,
  'RunInstances/instance': newInstanceFacts,
};

/** The condition keys of something that the request would make. */
export const madeContext = (call: Call, type: string): Context => {
  const tags = requestedTags(call, type);
  const context = withTags(requestContext(call), 'aws:RequestTag', tags);
  put(context, madeFacts[`${call.action}/${type}`]?.(call) ?? {});
  return tags.size === 0 ? context : context.set('aws:tagkeys', [...tags.keys()]);
};
