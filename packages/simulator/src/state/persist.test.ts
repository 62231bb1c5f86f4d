import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clientOf = (endpoint: string): EC2Client =>
  new EC2Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAACMEPRODUCTION01', secretAccessKey: 'simulated-secret-of-acme-production-0001' },
  });

test('with a state file what exists outlives the simulator, and new ids follow the old ones', async () => {
  const stateFile = join(folder, 'aws.state');
  const first = await startSimulator({ estate: 'acme', stateFile });
  const { Volumes = [] } = await clientOf(first.url).send(new DescribeVolumesCommand({}));
  const VolumeId = Volumes[0]?.VolumeId;
  const made = await clientOf(first.url).send(new CreateSnapshotCommand({ VolumeId }));
  await first.stop();

  const second = await startSimulator({ estate: 'acme', stateFile });
  const client = clientOf(second.url);
  const again = await client.send(new CreateSnapshotCommand({ VolumeId }));
  const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  await second.stop();
  expect(Snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual(
    expect.arrayContaining([made.SnapshotId, again.SnapshotId]),
  );
});

test('a file that is no state is refused and left alone', async () => {
  const stateFile = join(folder, 'other.txt');
  writeFileSync(stateFile, 'something else');
  await expect(startSimulator({ estate: 'acme', stateFile })).rejects.toThrow(/is no state file of this simulator/);
});
