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
import { median } from './figures.ts';

/**
 * The least that the API allows: one DescribeInstances, one CreateSnapshots an instance, all at once over one keep-alive
 * agent, then DescribeSnapshots until all have ended. No record, no retry, no pacing, nothing to recover with.
 */
const [endpoint = '', region = '', burst = '1'] = process.argv.slice(2);
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

/** How long one CreateSnapshots takes over a connection that is open, and as many at once as there are instances named. */
export type FloorCalls = { readonly oneCallMs: number; readonly allAtOnceMs: number };

async function calls(): Promise<FloorCalls> {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ MaxResults: 1000 }));
  const all = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId ?? ''));
  const some = all.slice(0, Number(burst));
  // Opens the connections.
  await Promise.all(some.map(startSnapshots));
  const times: number[] = [];
  for (const instanceId of some.slice(0, 5)) times.push(await durationOf(() => startSnapshots(instanceId)));
  return {
    oneCallMs: median(times),
    allAtOnceMs: await durationOf(() => Promise.all(some.map(startSnapshots))),
  };
}

async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
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

serveParent({}, { run, calls }, async () => client.destroy());
