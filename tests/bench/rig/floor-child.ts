import {
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type SnapshotInfo,
} from '@aws-sdk/client-ec2';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { serveParent } from './child.ts';

/**
 * The least that the API allows: one DescribeInstances, one CreateSnapshots an instance, all at once over one keep-alive
 * agent, then DescribeSnapshots until all have ended. No record, no retry, no pacing, nothing to recover with.
 */
const [endpoint = '', region = ''] = process.argv.slice(2);
const POLL_MS = 2_000;
const client = new EC2Client({
  endpoint,
  region,
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  },
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 256 }) }),
});

export type FloorRun = { readonly startedAtMs: number; readonly cpuMs: number };

async function run(): Promise<FloorRun> {
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.timeOrigin + performance.now();
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ MaxResults: 1000 }));
  const instanceIds = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId ?? ''));
  const made = await Promise.all(instanceIds.map(startSnapshots));
  await untilEnded(made.flat().map(({ SnapshotId }) => SnapshotId ?? ''));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { startedAtMs, cpuMs: (user + system) / 1000 };
}

async function startSnapshots(InstanceId: string): Promise<SnapshotInfo[]> {
  const { Snapshots = [] } = await client.send(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId },
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'floor', Value: InstanceId }] }],
    }),
  );
  return Snapshots;
}

async function untilEnded(ids: readonly string[]): Promise<void> {
  for (let pending = ids; pending.length > 0;) {
    await delay(POLL_MS);
    const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: pending.slice(0, 1000) }));
    const ended = new Set(Snapshots.filter(({ State }) => State !== 'pending').map(({ SnapshotId }) => SnapshotId));
    pending = pending.filter((id) => !ended.has(id));
  }
}

serveParent({}, { run }, async () => client.destroy());
