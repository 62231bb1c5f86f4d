import { expect, it } from 'vitest';
import type { BlockDevicePlan } from './instance-recovery.ts';
import { splitVolumeTags } from './launch-volume-tags.ts';
import { data } from './request-builder.ts';

const tag = (key: string, value: string) => ({ key, value });
const volume = (deviceName: string): BlockDevicePlan => ({
  deviceName,
  snapshotId: data.snapshotId,
  awsSnapshotId: data.awsSnapshotId,
  deleteOnTermination: true,
  kmsKeyId: null,
  sizeGiB: 8,
  volumeType: 'gp3',
  iops: null,
  throughputMiBps: null,
});

it('tags that all volumes have go into the launch, the rest is set once for those that are alike', () => {
  const dataVolumes = [volume('/dev/sdf'), volume('/dev/sdg')];
  const team = tag('team', 'blue');
  const volumeTags = [
    { deviceName: '/dev/xvda', tags: [tag('Name', 'root'), team] },
    { deviceName: '/dev/sdf', tags: [team, tag('Name', 'data')] },
    { deviceName: '/dev/sdg', tags: [tag('Name', 'data'), team] },
  ];
  expect(splitVolumeTags({ volumeTags, dataVolumes })).toEqual({
    shared: [team],
    own: [
      { deviceNames: ['/dev/xvda'], tags: [tag('Name', 'root')] },
      { deviceNames: ['/dev/sdf', '/dev/sdg'], tags: [tag('Name', 'data')] },
    ],
  });
});

it('a tag that one volume has not, or has with another value, is not shared', () => {
  const dataVolumes = [volume('/dev/sdf')];
  const one = { deviceName: '/dev/xvda', tags: [tag('team', 'blue')] };
  expect(splitVolumeTags({ volumeTags: [one], dataVolumes }).shared).toEqual([]);
  const other = { deviceName: '/dev/sdf', tags: [tag('team', 'red')] };
  expect(splitVolumeTags({ volumeTags: [one, other], dataVolumes }).shared).toEqual([]);
});

it('a single volume needs no call of its own', () => {
  const volumeTags = [{ deviceName: '/dev/xvda', tags: [tag('Name', 'root')] }];
  expect(splitVolumeTags({ volumeTags, dataVolumes: [] })).toEqual({ shared: [tag('Name', 'root')], own: [] });
});
