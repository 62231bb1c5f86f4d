import { expect, test } from 'vitest';
import { sampleChoices, sampleResource, sampleSnapshot } from './sample-resources.ts';
import {
  attachableInstances,
  chosenIndexes,
  initialVolumes,
  nameOfVolumeField,
  suggestDevice,
  volumeFormPath,
  volumeItems,
  volumeProblems,
  volumesInput,
  type VolumesValues,
  type VolumeValues,
} from './volume-values.ts';

const items = volumeItems([sampleResource()]);
const initial = initialVolumes(items, sampleChoices);
const [dataId, rootId] = ['00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000a1'];
const valuesOf = (parts: Partial<VolumeValues>, more: Partial<VolumesValues> = {}): VolumesValues => ({
  ...initial,
  volumes: initial.volumes.map((volume, index) => (index === 0 ? { ...volume, ...parts } : volume)),
  ...more,
});
const inputOf = (parts: Partial<VolumeValues>, more: Partial<VolumesValues> = {}) =>
  volumesInput(valuesOf(parts, more), null);
const zone = 'eu-central-1a';

test('A form that nobody touched asks for every volume in the zone of its original, attached to nothing', () => {
  expect(inputOf({})).toEqual({
    volumes: [
      { snapshotId: dataId, zone },
      { snapshotId: rootId, zone },
    ],
  });
});

test.each<[string, Partial<VolumeValues>, object]>([
  ['a size', { sizeGiB: 60 }, { sizeGiB: 60 }],
  ['a type with IOPS', { volumeType: 'io2', iops: 500 }, { volumeType: 'io2', iops: 500 }],
  ['a throughput', { throughputMiBps: 250 }, { throughputMiBps: 250 }],
  ['a key', { kmsKeyId: 'alias/backup' }, { kmsKeyId: 'alias/backup' }],
  ['no tags', { preserveTags: false }, { preserveTags: false }],
  [
    'an instance and a device',
    { attachTo: 'i-0000000a · web-1', deviceName: '/dev/sdg' },
    { attachTo: 'i-0000000a', deviceName: '/dev/sdg' },
  ],
  ['an instance alone', { attachTo: 'i-0000000a' }, { attachTo: 'i-0000000a' }],
  ['no device without an instance', { deviceName: '/dev/sdg' }, {}],
])('The request asks for %s', (_, parts, expected) => {
  expect(inputOf(parts).volumes[0]).toEqual({ snapshotId: dataId, zone, ...expected });
});

test('How a taken device is dealt with is asked for only where something is attached', () => {
  expect(inputOf({}, { attachBehavior: 'switch' })).not.toHaveProperty('attachBehavior');
  const attached = { ...initial.volumes[0], attachTo: 'i-0000000b' } as VolumeValues;
  expect(inputOf({}, { attachBehavior: 'switch-and-delete', volumes: [attached] }).attachBehavior).toBe(
    'switch-and-delete',
  );
});

test('Volumes that are not chosen stay out, and the server counts without them', () => {
  const values = valuesOf({ isChosen: false });
  expect(volumesInput(values, null).volumes.map(({ snapshotId }) => snapshotId)).toEqual([rootId]);
  expect(volumeFormPath('volumes.0.zone', chosenIndexes(values.volumes))).toBe('volumes.1.zone');
  expect(volumeFormPath('attachBehavior', [])).toBe('attachBehavior');
  expect(nameOfVolumeField('volumes.1.iops', items)).toBe('vol-00000001, IOPS');
});

test('Only completed snapshots of volumes are offered, of all the resources', () => {
  const independent = sampleResource({ kind: 'volume', snapshots: [sampleSnapshot({ state: 'deleted' })] });
  const database = sampleResource({ kind: 'database', snapshots: [sampleSnapshot({ service: 'rds' })] });
  expect(volumeItems([sampleResource(), independent, database])).toHaveLength(2);
});

test.each<[string, Partial<VolumeValues>, Partial<VolumesValues>]>([
  ['volumes', {}, { volumes: initial.volumes.map((volume) => ({ ...volume, isChosen: false })) }],
  ['volumes.0.sizeGiB', { sizeGiB: 49 }, {}],
  ['volumes.0.zone', { zone: '' }, {}],
  ['volumes.0.attachTo', { attachTo: 'web-1' }, {}],
  ['volumes.0.attachTo', { attachTo: 'i-0000000a', zone: 'eu-central-1b' }, {}],
  ['volumes.0.attachTo', { attachTo: 'i-0000000a', deviceName: '/dev/sdf' }, { attachBehavior: 'switch' }],
  ['volumes.0.deviceName', { attachTo: 'i-0000000a', deviceName: '/dev/sdf' }, {}],
  ['volumes.0.deviceName', { attachTo: 'i-0000000a', deviceName: 'C:' }, {}],
  [
    'credentials.secretAccessKey',
    {},
    { credentials: { isAccounts: false, accessKeyId: 'A', secretAccessKey: ' ', sessionToken: '' } },
  ],
])('What can be seen to be wrong of %s is told before AWS is asked', (path, parts, more) => {
  expect(volumeProblems(valuesOf(parts, more), items, sampleChoices).map((problem) => problem.path)).toEqual([path]);
});

test('A switch takes the device of the original, on a stopped instance', () => {
  const values = valuesOf({ attachTo: 'i-0000000b' }, { attachBehavior: 'switch' });
  expect(suggestDevice(sampleChoices, values, { index: 0, device: '/dev/sdf' })).toBe('/dev/sdf');
  const filled = valuesOf({ attachTo: 'i-0000000b', deviceName: '/dev/sdf' }, { attachBehavior: 'switch' });
  expect(volumeProblems(filled, items, sampleChoices)).toEqual([]);
  expect(attachableInstances(sampleChoices, { zone, behavior: 'switch' })).toEqual(['i-0000000b · web-2 · stopped']);
});

test('Else a device is suggested that is free, also of the other volumes of the form', () => {
  const volumes = initial.volumes.map((volume) => ({ ...volume, attachTo: 'i-0000000a' }));
  const first = suggestDevice(sampleChoices, { ...initial, volumes }, { index: 0, device: '/dev/sdf' });
  expect(first).toBe('/dev/sdg');
  const taken = volumes.map((volume, index) => (index === 0 ? { ...volume, deviceName: first } : volume));
  expect(suggestDevice(sampleChoices, { ...initial, volumes: taken }, { index: 1, device: null })).toBe('/dev/sdh');
});
