import { liveAttachments, snapshotState, volumeState } from '../state/lifecycle.ts';
import type { Snapshot, Volume } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';
import { chooseEncryption, isSealed, ownKeyOf } from './encryption.ts';
import { checkForm, find, findById, isShown, kinds, ownThings } from './kinds.ts';
import { makeVolume, showVolume } from './make-volume.ts';
import { checkStorage } from './storage-limit.ts';
import type { Operations } from './operation.ts';
import { requestedTags } from './tag-rules.ts';
import { describeVolumes, describeVolumeStatus } from './describe-volumes.ts';
import { volumeChangeOperations } from './volume-changes.ts';
import { shapeVolume } from './volume-rules.ts';

/** A completed snapshot that the caller may use. Throws InvalidSnapshot.NotFound or IncorrectState. */
export const usableSnapshot = (call: Call, id: string): Snapshot => {
  checkForm(kinds.snapshot, id, 'snapshotId');
  const snapshot = find(call, kinds.snapshot, id);
  const state = snapshotState(snapshot, call.now);
  if (state !== 'completed') throw awsError('IncorrectState', `Snapshot is in invalid state - ${state}`);
  return snapshot;
};

const zoneOf = (call: Call): string => {
  const name = call.params.text('AvailabilityZone');
  const id = call.params.text('AvailabilityZoneId');
  if (name === undefined && id === undefined)
    throw awsError('MissingParameter', 'The request must contain the parameter AvailabilityZone');
  const zone = call.region.zones.find((one) => (name === undefined ? one.id === id : one.name === name));
  if (zone === undefined) throw awsError('InvalidZone.NotFound', `The zone '${name ?? id ?? ''}' does not exist.`);
  return zone.name;
};

const checkQuota = (call: Call): void => {
  const { quotas, volumesPerRegion } = call.world.settings.limits;
  if (
    quotas &&
    call.region.volumes.size >= volumesPerRegion &&
    ownThings(call, kinds.volume).length >= volumesPerRegion
  ) {
    throw awsError(
      'VolumeLimitExceeded',
      `You have exceeded your maximum number of volumes (${volumesPerRegion}) for this region.`,
    );
  }
};

const createVolume = (call: Call): Reply => {
  const { params } = call;
  const zone = zoneOf(call);
  const snapshotId = params.text('SnapshotId');
  const source = snapshotId === undefined || snapshotId === '' ? undefined : usableSnapshot(call, snapshotId);
  const shape = shapeVolume({
    type: params.text('VolumeType'),
    sizeGiB: params.integer('Size'),
    iops: params.integer('Iops'),
    throughputMiBps: params.integer('Throughput'),
    multiAttach: params.flag('MultiAttachEnabled'),
    snapshotGiB: source?.sizeGiB,
  });
  const rate = params.integer('VolumeInitializationRate');
  if (rate !== undefined && (rate < 100 || rate > 300))
    throw invalidValue(rate, 'volumeInitializationRate', 'Expected 100 to 300.');
  const wish = {
    encrypted: params.flag('Encrypted'),
    kmsKeyId: params.text('KmsKeyId'),
    sourceKeyArn: ownKeyOf(call, source),
  };
  const chosen = chooseEncryption(call, wish, source?.encrypted ?? false);
  const encryption = { ...chosen, keyRefused: chosen.keyRefused || isSealed(call, call.region, source) };
  checkQuota(call);
  checkStorage(call, [shape]);
  return showVolume(call, makeVolume(call, { shape, zone, source, encryption, tags: requestedTags(call, 'volume') }));
};

const showAgain = (call: Call, first: Reply): Reply => {
  const id = first['volumeId'];
  const volume = typeof id === 'string' ? call.region.volumes.get(id) : undefined;
  return volume === undefined || !isShown(call, volume) ? first : showVolume(call, volume);
};

const checkDeletable = (call: Call, volume: Volume): void => {
  const [attachment] = liveAttachments(volume.attachments, call.now);
  if (attachment !== undefined) {
    throw awsError('VolumeInUse', `Volume ${volume.id} is currently attached to ${attachment.instanceId}`);
  }
  const state = volumeState(volume, call.now);
  if (state !== 'available' && state !== 'error')
    throw awsError('IncorrectState', `Volume ${volume.id} is in the '${state}' state.`);
};

const deleteVolume = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  checkDeletable(call, volume);
  volume.deletingAt = call.now;
  volume.deletedAt = call.now + call.world.settings.timing.volumeDeleteMs;
  volume.deletedBy = madeBy(call);
  return { return: true };
};

/** EBS volumes: made, listed, changed, deleted. */
export const volumeOperations: Operations = {
  ...volumeChangeOperations,
  CreateVolume: { makes: ['volume'], run: createVolume, repeat: showAgain },
  DescribeVolumes: { run: describeVolumes },
  DescribeVolumeStatus: { run: describeVolumeStatus },
  DeleteVolume: { required: ['VolumeId'], targets: ['VolumeId'], run: deleteVolume },
};
