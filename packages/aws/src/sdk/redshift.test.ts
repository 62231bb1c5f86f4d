import { expect, test } from 'vitest';
import { isAlreadyThere, isSourceBusy, isWaitingForRoom } from '../port/errors.ts';
import { queryError, queryResult } from '../testing/scripted-aws.ts';
import { withScript } from '../testing/scripted-gateway.ts';

const INPUT = { awsSnapshotId: 'cpm-nightly-0a1b', clusterId: 'warehouse', tags: { 'cpm:attempt': 'a-1' } };
const snapshotXml = (name: string, rest = '') =>
  `<Snapshot><SnapshotIdentifier>${name}</SnapshotIdentifier><Status>creating</Status>${rest}</Snapshot>`;
const snapshots = (names: readonly string[]) =>
  queryResult('DescribeClusterSnapshots', `<Snapshots>${names.map((name) => snapshotXml(name)).join('')}</Snapshots>`);

for (const [code, meaning, { there, busy, room }] of [
  ['ClusterSnapshotAlreadyExists', 'aws_conflict', { there: true, busy: false, room: false }],
  ['ClusterSnapshotAlreadyExistsFault', 'aws_conflict', { there: true, busy: false, room: false }],
  ['InvalidClusterState', 'aws_conflict', { there: false, busy: true, room: false }],
  ['ClusterSnapshotQuotaExceeded', 'aws_limit', { there: false, busy: false, room: false }],
  ['TagLimitExceededFault', 'aws_limit', { there: false, busy: false, room: false }],
  ['ClusterNotFound', 'aws_missing', { there: false, busy: false, room: false }],
  ['DependentServiceRequestThrottlingFault', 'aws_throttled', { there: false, busy: false, room: true }],
] as const) {
  test(`a snapshot of a cluster that is refused with ${code} is ${meaning}`, async () => {
    const { aws, redshift } = await withScript(() => queryError(code, 400));
    const error: unknown = await redshift.createClusterSnapshot(INPUT).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: meaning, outcomeUnknown: false });
    expect([isAlreadyThere(error), isSourceBusy(error), isWaitingForRoom(error)]).toEqual([there, busy, room]);
    expect(aws.asked).toHaveLength(1);
  });
}

test('a few snapshots are asked for one by one, and an unknown one is absent', async () => {
  const { aws, redshift } = await withScript(({ params }) => {
    const name = params.get('SnapshotIdentifier') ?? '';
    return name === 'gone' ? queryError('ClusterSnapshotNotFound', 404) : snapshots([name]);
  });
  const found = await redshift.describeClusterSnapshots(['a', 'gone', 'a', 'B']);
  expect(found.map(({ awsSnapshotId }) => awsSnapshotId)).toEqual(['a', 'b']);
  expect(aws.asked.map(({ params }) => params.get('MaxRecords'))).toEqual([null, null, null]);
});

test('many snapshots are picked from the list of manual ones', async () => {
  const { aws, redshift } = await withScript(() => snapshots(['a', 'b', 'c', 'd', 'foreign']));
  const found = await redshift.describeClusterSnapshots(['a', 'b', 'c', 'd', 'gone']);
  expect(found.map(({ awsSnapshotId }) => awsSnapshotId)).toEqual(['a', 'b', 'c', 'd']);
  expect(aws.asked.map(({ params }) => params.get('SnapshotType'))).toEqual(['manual']);
});

test('no names ask nothing', async () => {
  const { aws, redshift } = await withScript(() => 'hang up');
  expect([await redshift.describeClusters([]), await redshift.describeClusterSnapshots([''])]).toEqual([[], []]);
  expect(aws.asked).toEqual([]);
});

test('a snapshot says how far it is, out of the megabytes that AWS tells', async () => {
  const megabytes = (done: number, all: number) =>
    `<BackupProgressInMegaBytes>${done}</BackupProgressInMegaBytes><ActualIncrementalBackupSizeInMegaBytes>${all}</ActualIncrementalBackupSizeInMegaBytes>`;
  const rows = snapshotXml('a', megabytes(50, 200)) + snapshotXml('b', megabytes(-1, -1)) + snapshotXml('c');
  const { redshift } = await withScript(() =>
    queryResult('DescribeClusterSnapshots', `<Snapshots>${rows}</Snapshots>`),
  );
  const found = await redshift.listManualSnapshots();
  expect(found.map(({ progressPercent }) => progressPercent)).toEqual([25, null, null]);
});
