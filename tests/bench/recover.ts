import { parseArgs } from 'node:util';
import type { BackedUpResource, Recovery } from '@cpm/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type Child } from './rig/child.ts';
import { startCpm, type Cpm } from './rig/cpm.ts';
import { machineLine, median } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { reportDrill, reportOne, type CpmRecovery } from './rig/report-recover.ts';
import type { FloorInstance, RecoverFloorRun } from './rig/recover-floor-child.ts';
import { runNow } from './rig/run-policy.ts';
import { REGION, startSimulatedAws, type AwsCall, type SimulatedAws } from './rig/simulated-aws.ts';

export const help = `Usage: npm run bench -- recover [options]

  --runs N          recoveries of one instance, each beside the floor (3)
  --volumes N       volumes of it (3)
  --start MS        how long AWS takes to start an instance (150)
  --drill N         instances of one policy that are recovered at once under AWS's request limits (100)
  --latency MS      what every AWS call takes (80)

One instance with all its volumes beside the least that the API allows, made by hand with the plain SDK in the same run; then
all instances of a policy at once from full buckets. Exit code 1 when a recovery failed or one is missing.
`;

const text = { type: 'string' } as const;
const OPTIONS = { runs: text, volumes: text, start: text, drill: text, latency: text };
const PATIENCE_MS = 15 * 60_000;

type Options = {
  readonly runs: number;
  readonly volumes: number;
  readonly startMs: number;
  readonly drill: number;
  readonly latencyMs: number;
};

/** Runs the benchmark and prints it; answers whether everything that was asked for runs. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const options: Options = {
    runs: wholeNumber('runs', values.runs ?? '3', 1),
    volumes: wholeNumber('volumes', values.volumes ?? '3', 1),
    startMs: wholeNumber('start', values.start ?? '150', 0),
    drill: wholeNumber('drill', values.drill ?? '100', 0),
    latencyMs: wholeNumber('latency', values.latency ?? '80', 0),
  };
  process.stdout.write(`${machineLine()}\n`);
  const isOneGood = await withBackup(options, { instances: 1, volumes: options.volumes }, (rig) =>
    runOne(options, rig),
  );
  const isDrillGood =
    options.drill === 0 ||
    (await withBackup(options, { instances: options.drill, volumes: 1 }, (rig) => runDrill(options, rig)));
  process.stdout.write(`${machineLine()}\n`);
  return isOneGood && isDrillGood;
}

type Rig = {
  readonly aws: SimulatedAws;
  readonly cpm: Cpm;
  readonly backupId: string;
  readonly resources: readonly BackedUpResource[];
};

/** A fleet with one backup of all of it, made at full speed; from then on every call takes its time. */
async function withBackup(
  { latencyMs, startMs }: Options,
  fleet: { readonly instances: number; readonly volumes: number },
  work: (rig: Rig) => Promise<boolean>,
): Promise<boolean> {
  const aws = await startSimulatedAws(fleet.instances, fleet.volumes);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    await aws.setTiming({ instanceStartMs: startMs });
    const cpm = await startCpm(aws);
    try {
      const policyId = await cpm.addPolicy('fleet', await aws.instanceIds());
      const { id: backupId } = await runNow(cpm, policyId);
      const { items: resources } = await cpm.call('GET /backups/:backupId/resources', { params: { backupId } });
      await aws.delayEveryCall(latencyMs);
      return await work({ aws, cpm, backupId, resources });
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

async function runOne(options: Options, rig: Rig): Promise<boolean> {
  const floor = await startFloor(rig);
  try {
    const floorRuns: RecoverFloorRun[] = [];
    const plain: CpmRecovery[] = [];
    for (let n = 0; n < options.runs; n += 1) {
      floorRuns.push(await floor.ask<RecoverFloorRun>('run'));
      plain.push(await recoverOne(rig, false));
    }
    const tagged = await recoverOne(rig, true);
    const floorMs = {
      launched: median(floorRuns.map((each) => each.launchedMs)),
      all: median(floorRuns.map((each) => each.wallMs)),
    };
    process.stdout.write(reportOne(options, { floorMs, plain, tagged }));
    return [...plain, tagged].every(({ recovery }) => recovery.status === 'successful');
  } finally {
    await floor.stop();
  }
}

async function startFloor({ aws, resources }: Rig): Promise<Child> {
  const { child } = await startChild({
    file: new URL('rig/recover-floor-child.ts', import.meta.url),
    args: [aws.url, REGION],
    env: { AWS_ACCESS_KEY_ID: aws.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey },
  });
  const [resource] = resources;
  const snapshots = (resource?.snapshots ?? []).map(({ device, awsSnapshotId }) => ({
    device: device ?? '',
    snapshotId: awsSnapshotId ?? '',
  }));
  const instance: FloorInstance = {
    instanceType: 't3.micro',
    subnetId: await aws.subnetOf(resource?.resourceId ?? ''),
    rootDevice: resource?.snapshots.find(({ isRoot }) => isRoot)?.device ?? '',
    snapshots,
  };
  child.tell(instance);
  return child;
}

/** One instance, asked for over the API as a person does; `withTags`: also with the volumes' own tags. */
async function recoverOne({ aws, cpm, backupId, resources }: Rig, withTags: boolean): Promise<CpmRecovery> {
  const [resource] = resources;
  const volumes = (resource?.snapshots ?? []).map(({ id: snapshotId }) => ({ snapshotId, preserveTags: withTags }));
  await aws.forgetCalls();
  const askedMs = performance.timeOrigin + performance.now();
  const started = await cpm.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId },
    body: { resourceId: resource?.id ?? '', privateIp: null, volumes },
  });
  const recovery = await endOf(cpm, started.id);
  const endedMs = performance.timeOrigin + performance.now();
  const calls = (await aws.calls()).filter(({ action }) => action !== '');
  return { recovery, calls, askedMs, endedMs };
}

async function endOf(cpm: Cpm, recoveryId: string): Promise<Recovery> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    // Listened for before it is asked: what is told in between is not missed.
    const told = cpm.events.next(1_000);
    const recovery = await cpm.call('GET /recoveries/:recoveryId', { params: { recoveryId } });
    if (recovery.status !== 'in-progress') return recovery;
    await told;
  }
  throw new Error(`the recovery ${recoveryId} has not ended within ${PATIENCE_MS / 60_000} minutes`);
}

/** All instances of the policy in one request, under AWS's own buckets. */
async function runDrill(options: Options, { aws, cpm, backupId, resources }: Rig): Promise<boolean> {
  await aws.setLimits({ throttling: true, pendingSnapshots: 1_000_000 });
  // The set-up has told CPM of calls that AWS's buckets, switched on since, do not know of: both shall be full.
  await delay(30_000);
  const before = (await aws.instanceIds()).length;
  await aws.forgetCalls();
  const askedMs = performance.timeOrigin + performance.now();
  const instances = resources.map(({ id: resourceId }) => ({ resourceId, privateIp: null }));
  const { items } = await cpm.call('POST /backups/:backupId/recoveries/several-instances', {
    params: { backupId },
    body: { instances },
  });
  const ended: Recovery[] = [];
  for (const { id } of items) ended.push(await endOf(cpm, id));
  const endedMs = performance.timeOrigin + performance.now();
  const made = (await aws.instanceIds()).length - before;
  const calls: AwsCall[] = (await aws.calls()).filter(({ action }) => action !== '');
  const good = ended.filter(({ status }) => status === 'successful').length;
  process.stdout.write(reportDrill(options, { calls, asked: instances.length, good, made, askedMs, endedMs }));
  return good === instances.length && made === instances.length;
}
