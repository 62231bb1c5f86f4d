import { instanceState, liveAttachments, volumeState } from '../state/lifecycle.ts';
import type { Instance, Snapshot, Volume } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { snapshotAttributeOperations } from './snapshot-attributes.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { describeSnapshots } from './describe-snapshots.ts';
import { find, findById, kinds } from './kinds.ts';
import { makeSnapshot, showSnapshot } from './make-snapshot.ts';
import type { Operations } from './operation.ts';
import { checkSnapshotLimits } from './snapshot-limits.ts';
import { checkTagCount, requestedTags } from './tag-rules.ts';

const descriptionOf = (call: Call): string => {
  const description = call.params.text('Description') ?? '';
  if (description.length > 255)
    throw invalidValue(description, 'description', 'Character sets beyond 255 characters are not supported.');
  return description;
};

const checkVolume = (call: Call, volume: Volume): void => {
  const state = volumeState(volume, call.now);
  if (state !== 'available' && state !== 'in-use') {
    throw awsError('IncorrectState', `Volume '${volume.id}' is in the '${state}' state.`);
  }
};

const createSnapshot = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  checkVolume(call, volume);
  const description = descriptionOf(call);
  checkSnapshotLimits(call, [volume]);
  const tags = requestedTags(call, 'snapshot');
  return showSnapshot(call, makeSnapshot(call, volume, { description, tags, failWith: call.failWith }));
};

const dataVolumesToSkip = (call: Call, instance: Instance, rootId: string | undefined): ReadonlySet<string> => {
  const ids = call.params.texts('InstanceSpecification.ExcludeDataVolumeId');
  if (ids.length > 40) throw awsError('InvalidParameterValue', 'At most 40 data volumes can be excluded.');
  const attached = new Set(liveAttachments(instance.attachments, call.now).map((attachment) => attachment.volumeId));
  for (const id of ids) {
    if (id === rootId)
      throw invalidCombination(`The volume '${id}' is the root volume; use ExcludeBootVolume to leave it out.`);
    if (!attached.has(id)) {
      throw awsError(
        'InvalidParameterValue',
        `The volume '${id}' is not attached to the instance '${instance.id}' as a data volume.`,
      );
    }
  }
  return new Set(ids);
};

const checkInstance = (call: Call, instance: Instance): void => {
  const state = instanceState(instance, call.now);
  if (state === 'terminated' || state === 'shutting-down') {
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is in the '${state}' state, in which no snapshots of it can be made.`,
    );
  }
  if (instance.stateReason?.code === 'Client.UserInitiatedHibernate' && state !== 'running') {
    throw awsError('IncorrectInstanceState', `The instance '${instance.id}' is hibernated.`);
  }
};

const memberTags = (call: Call, volume: Volume): Map<string, string> => {
  const copied =
    call.params.text('CopyTagsFromSource') === 'volume'
      ? [...volume.tags].filter(([key]) => !key.startsWith('aws:'))
      : [];
  return new Map([...copied, ...requestedTags(call, 'snapshot')]);
};

const volumesToCover = (call: Call, instance: Instance): Volume[] => {
  const attached = liveAttachments(instance.attachments, call.now);
  const root = attached.find((attachment) => attachment.device === instance.rootDeviceName);
  const skipped = dataVolumesToSkip(call, instance, root?.volumeId);
  const withoutRoot = call.params.flag('InstanceSpecification.ExcludeBootVolume') === true;
  return attached
    .filter((attachment) => !(withoutRoot && attachment === root) && !skipped.has(attachment.volumeId))
    .map((attachment) => find(call, kinds.volume, attachment.volumeId));
};

const createSnapshots = (call: Call): Reply => {
  const copyTags = call.params.text('CopyTagsFromSource');
  if (copyTags !== undefined && copyTags !== 'volume') throw invalidValue(copyTags, 'copyTagsFromSource');
  const instance = findById(call, kinds.instance, 'InstanceSpecification.InstanceId');
  checkInstance(call, instance);
  const volumes = volumesToCover(call, instance);
  if (volumes.length === 0)
    throw awsError('InvalidParameterValue', `The instance '${instance.id}' has no volumes to make snapshots of.`);
  for (const volume of volumes) checkVolume(call, volume);
  const description = descriptionOf(call);
  const tags = volumes.map((volume) => memberTags(call, volume));
  for (const set of tags) checkTagCount(call, set);
  checkSnapshotLimits(call, volumes);
  const made = volumes.map((volume, at) =>
    makeSnapshot(call, volume, { description, tags: tags[at] ?? new Map(), failWith: call.failWith }),
  );
  if (made.some((snapshot) => snapshot.failsAt !== undefined)) failTogether(made);
  return { snapshotSet: made.map((snapshot) => showMember(call, snapshot)) };
};

// One member that fails takes all others with it, at the same moment.
const failTogether = (members: readonly Snapshot[]): void => {
  const first = Math.min(...members.map((member) => member.failsAt ?? member.completesAt));
  for (const member of members) {
    member.failsAt = first;
    member.stateMessage ??= 'Another snapshot of the same set failed.';
  }
};

const showMember = (call: Call, snapshot: Snapshot): Reply => {
  const {
    status,
    description,
    tagSet,
    encrypted,
    volumeId,
    volumeSize,
    startTime,
    progress,
    ownerId,
    snapshotId,
    sseType,
  } = showSnapshot(call, snapshot);
  return {
    description,
    tagSet,
    encrypted,
    volumeId,
    state: status,
    volumeSize,
    startTime,
    progress,
    ownerId,
    snapshotId,
    sseType,
  };
};

/** The registered image that needs the snapshot, if any; it belongs to the snapshot's owner or to one it is shared with. */
const imageUsing = (call: Call, snapshotId: string): string | undefined => {
  for (const image of call.region.images.values()) {
    const registered = image.deletedAt === undefined || image.deletedAt > call.now;
    if (registered && image.blockDevices.some((device) => device.ebs?.snapshotId === snapshotId)) return image.id;
  }
  return undefined;
};

/** Why a snapshot cannot be deleted now, or undefined after deleting it. */
export const removeSnapshot = (call: Call, snapshot: Snapshot): Error | undefined => {
  if (snapshot.ownerId !== call.accountId) {
    return awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.');
  }
  const image = imageUsing(call, snapshot.id);
  if (image !== undefined) {
    return awsError('InvalidSnapshot.InUse', `The snapshot ${snapshot.id} is currently in use by ${image}`);
  }
  snapshot.deletedAt = call.now;
  snapshot.deletedBy = madeBy(call);
  return undefined;
};

const deleteSnapshot = (call: Call): Reply => {
  const refusal = removeSnapshot(call, findById(call, kinds.snapshot, 'SnapshotId'));
  if (refusal !== undefined) throw refusal;
  return { return: true };
};

/** Copies of volumes at a point in time: made, listed, shared, copied, deleted. */
export const snapshotOperations: Operations = {
  ...snapshotAttributeOperations,
  CreateSnapshot: { required: ['VolumeId'], targets: ['VolumeId'], makes: ['snapshot'], run: createSnapshot },
  CreateSnapshots: {
    required: ['InstanceSpecification.InstanceId'],
    targets: ['InstanceSpecification.InstanceId', 'InstanceSpecification.ExcludeDataVolumeId'],
    makes: ['snapshot'],
    run: createSnapshots,
  },
  DescribeSnapshots: { run: describeSnapshots },
  DeleteSnapshot: { required: ['SnapshotId'], targets: ['SnapshotId'], run: deleteSnapshot },
  CopySnapshot: { required: ['SourceRegion', 'SourceSnapshotId'], makes: ['snapshot'], run: copySnapshot },
};
