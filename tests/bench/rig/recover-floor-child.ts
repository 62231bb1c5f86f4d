import {
  DeregisterImageCommand,
  DescribeInstancesCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { serveParent } from './child.ts';

/**
 * The least that the API allows for one instance with all its volumes: RegisterImage, RunInstances, DescribeInstances until it
 * runs, DeregisterImage. No record, no token on disk, nothing checked beforehand, nothing to go on with after a crash.
 */
const [endpoint = '', region = ''] = process.argv.slice(2);
const POLL_MS = 200;
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

/** What a backup holds of one instance, as far as its launch needs. */
export type FloorInstance = {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly rootDevice: string;
  readonly snapshots: readonly { readonly device: string; readonly snapshotId: string }[];
};

export type RecoverFloorRun = { readonly startedAtMs: number; readonly launchedMs: number; readonly wallMs: number };

let instance: FloorInstance | undefined;
process.on('message', (message: FloorInstance | string) => {
  if (typeof message !== 'string') instance = message;
});

async function run(): Promise<RecoverFloorRun> {
  if (instance === undefined) throw new Error('nobody said what to recover');
  const { instanceType, subnetId, rootDevice, snapshots } = instance;
  const startedAtMs = performance.timeOrigin + performance.now();
  const since = performance.now();
  const ofSnapshot = (SnapshotId: string) => ({ SnapshotId, VolumeType: 'gp3' as const, DeleteOnTermination: true });
  const mapping = ({ device, snapshotId }: FloorInstance['snapshots'][number]) => ({
    DeviceName: device,
    Ebs: ofSnapshot(snapshotId),
  });
  const { ImageId } = await client.send(
    new RegisterImageCommand({
      Name: `floor ${randomUUID()}`,
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      BootMode: 'uefi-preferred',
      RootDeviceName: rootDevice,
      BlockDeviceMappings: snapshots.filter(({ device }) => device === rootDevice).map(mapping),
    }),
  );
  const { Instances = [] } = await client.send(
    new RunInstancesCommand({
      ImageId,
      InstanceType: instanceType as 't3.micro',
      SubnetId: subnetId,
      MinCount: 1,
      MaxCount: 1,
      BlockDeviceMappings: snapshots.filter(({ device }) => device !== rootDevice).map(mapping),
    }),
  );
  const launchedMs = performance.now() - since;
  await untilRunning(Instances.map(({ InstanceId }) => InstanceId ?? ''));
  await client.send(new DeregisterImageCommand({ ImageId }));
  return { startedAtMs, launchedMs, wallMs: performance.now() - since };
}

async function untilRunning(InstanceIds: string[]): Promise<void> {
  for (;;) {
    const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds }));
    const states = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
    if (states.length > 0 && states.every((state) => state === 'running')) return;
    await delay(POLL_MS);
  }
}

serveParent({}, { run }, async () => client.destroy());
