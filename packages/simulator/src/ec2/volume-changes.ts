import { volumeState } from '../state/lifecycle.ts';
import type { Volume, VolumeChange } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';
import { applyFilters, type FilterTable } from './filters.ts';
import { find, findById, kinds, ownThings } from './kinds.ts';
import type { Operations } from './operation.ts';
import { page } from './paging.ts';
import { shapeVolume } from './volume-rules.ts';

type ChangeRow = { readonly seq: number; readonly volume: Volume; readonly change: VolumeChange };

const changeState = (change: VolumeChange, at: number): 'modifying' | 'optimizing' | 'completed' => {
  if (change.completedAt <= at) return 'completed';
  return change.optimizingAt <= at ? 'optimizing' : 'modifying';
};

const showChange = (call: Call, volume: Volume, change: VolumeChange): Reply => {
  const state = changeState(change, call.now);
  const share = (call.now - change.startedAt) / Math.max(1, change.completedAt - change.startedAt);
  return {
    volumeId: volume.id,
    modificationState: state,
    targetSize: change.after.sizeGiB,
    targetIops: change.after.iops,
    targetVolumeType: change.after.type,
    targetThroughput: change.after.throughputMiBps,
    targetMultiAttachEnabled: change.after.multiAttach,
    originalSize: change.before.sizeGiB,
    originalIops: change.before.iops,
    originalVolumeType: change.before.type,
    originalThroughput: change.before.throughputMiBps,
    originalMultiAttachEnabled: change.before.multiAttach,
    progress: state === 'completed' ? 100 : Math.floor(share * 100),
    startTime: new Date(change.startedAt),
    endTime: state === 'completed' ? new Date(change.completedAt) : undefined,
  };
};

const checkModifiable = (call: Call, volume: Volume): void => {
  const state = volumeState(volume, call.now);
  if (state !== 'available' && state !== 'in-use')
    throw awsError('IncorrectState', `Volume ${volume.id} is in the '${state}' state.`);
  const last = volume.changes.at(-1);
  if (last === undefined) return;
  if (last.completedAt > call.now)
    throw awsError('IncorrectModificationState', `Volume ${volume.id} is still being modified.`);
  if (last.startedAt > call.now - 6 * 3_600_000) {
    throw awsError(
      'VolumeModificationRateExceeded',
      "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.",
    );
  }
};

const modifyVolume = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  const { params } = call;
  const before = volume.shape;
  const type = params.text('VolumeType') ?? before.type;
  const sameType = type === before.type;
  const size = params.integer('Size');
  if (size !== undefined && size < before.sizeGiB)
    throw awsError('InvalidParameterValue', 'New size cannot be smaller than existing size');
  const after = shapeVolume({
    type,
    sizeGiB: size ?? before.sizeGiB,
    iops: params.integer('Iops') ?? (sameType && type !== 'gp2' ? before.iops : undefined),
    throughputMiBps: params.integer('Throughput') ?? (sameType ? before.throughputMiBps : undefined),
    multiAttach: params.flag('MultiAttachEnabled') ?? before.multiAttach,
    snapshotGiB: undefined,
  });
  checkModifiable(call, volume);
  const { volumeModifyMs } = call.world.settings.timing;
  const change = {
    startedAt: call.now,
    optimizingAt: call.now + volumeModifyMs / 2,
    completedAt: call.now + volumeModifyMs,
    before,
    after,
  };
  volume.changes.push(change);
  volume.shape = after;
  return { volumeModification: showChange(call, volume, change) };
};

const changeFilters: FilterTable<ChangeRow> = {
  'modification-state': ({ change }, call) => changeState(change, call.now),
  'original-iops': ({ change }) => change.before.iops,
  'original-size': ({ change }) => change.before.sizeGiB,
  'original-volume-type': ({ change }) => change.before.type,
  'start-time': ({ change }) => new Date(change.startedAt),
  'target-iops': ({ change }) => change.after.iops,
  'target-size': ({ change }) => change.after.sizeGiB,
  'target-volume-type': ({ change }) => change.after.type,
  'volume-id': ({ volume }) => volume.id,
};

const describeChanges = (call: Call): Reply => {
  const ids = call.params.texts('VolumeId');
  const volumes = ids.length === 0 ? ownThings(call, kinds.volume) : ids.map((id) => find(call, kinds.volume, id));
  const rows = volumes.flatMap((volume) => {
    const change = volume.changes.at(-1);
    return change === undefined ? [] : [{ seq: volume.seq, volume, change }];
  });
  const { shown, nextToken } = page(call, applyFilters(call, rows, changeFilters), { least: 1 });
  return { volumeModificationSet: shown.map(({ volume, change }) => showChange(call, volume, change)), nextToken };
};

const describeAttribute = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  const attribute = call.params.requiredText('Attribute');
  if (attribute === 'autoEnableIO') return { volumeId: volume.id, autoEnableIO: { value: volume.autoEnableIo } };
  if (attribute !== 'productCodes') throw invalidValue(attribute, 'attribute');
  return {
    volumeId: volume.id,
    productCodes: volume.productCodes.map((productCode) => ({ productCode, type: 'marketplace' })),
  };
};

const modifyAttribute = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  const value = call.params.flag('AutoEnableIO.Value');
  if (value === undefined) throw awsError('MissingParameter', 'The request must contain the parameter AutoEnableIO');
  volume.autoEnableIo = value;
  return { return: true };
};

/** Changes of existing volumes and their attributes. */
export const volumeChangeOperations: Operations = {
  ModifyVolume: { required: ['VolumeId'], targets: ['VolumeId'], run: modifyVolume },
  DescribeVolumesModifications: { targets: ['VolumeId'], run: describeChanges },
  DescribeVolumeAttribute: { required: ['VolumeId', 'Attribute'], targets: ['VolumeId'], run: describeAttribute },
  ModifyVolumeAttribute: { required: ['VolumeId'], targets: ['VolumeId'], run: modifyAttribute },
};
