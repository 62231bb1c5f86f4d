import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type Child } from './rig/child.ts';
import { startCpm, type Cpm } from './rig/cpm.ts';
import type { FloorRun } from './rig/floor-child.ts';
import { machineLine } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { endOfBackup, measureIdle, runPolicy, type PolicyRun } from './rig/run-policy.ts';
import { REGION, startSimulatedAws, type AwsLimits, type SimulatedAws } from './rig/simulated-aws.ts';
import { readStartFigures, type StartFigures } from './rig/start-figures.ts';
import { reportBeside, reportThrottled, type Fleet, type Lateness } from './rig/report-backup.ts';

export const help = `Usage: npm run bench -- backup [options]

  --instances N     instances of the policy (50)
  --volumes N       volumes of each (3)
  --latency MS      what every AWS call takes (80)
  --throttle MODE   off: CPM beside the floor, without AWS's limits; aws: under AWS's request limits (off)
  --runs N          backups, the first one with nothing cached (2)
  --firings N       further firings, one instance each, for the lateness (10)
  --profile DIR     where the server's CPU profile is written (none)

Runs CPM, its PostgreSQL, the simulated AWS and the floor (the least the API allows, with the plain SDK) in processes of their
own and prints what was reached beside the goals. Exit code 1 when a backup failed.
`;

const text = { type: 'string' } as const;
const OPTIONS = {
  instances: text,
  volumes: text,
  latency: text,
  throttle: text,
  runs: text,
  firings: text,
  profile: text,
};

type Options = Fleet & {
  readonly throttle: 'aws' | 'off';
  readonly runs: number;
  readonly firings: number;
  readonly profileDir: string | undefined;
};

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { instances = '50', volumes = '3', latency = '80', throttle = 'off', runs = '2', firings = '10' } = values;
  if (throttle !== 'aws' && throttle !== 'off') throw new TypeError(`--throttle must be aws or off, not "${throttle}"`);
  return {
    instances: wholeNumber('instances', instances, 1),
    volumes: wholeNumber('volumes', volumes, 1),
    latencyMs: wholeNumber('latency', latency, 0),
    throttle,
    runs: wholeNumber('runs', runs, 1),
    firings: wholeNumber('firings', firings, 0),
    profileDir: values.profile,
  };
}

/** Runs the benchmark and prints it; answers whether every backup succeeded. */
export async function run(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args);
  process.stdout.write(`${machineLine()}\n`);
  return options.throttle === 'off' ? runBesideFloor(options) : runThrottled(options);
}

type Rig = {
  readonly aws: SimulatedAws;
  readonly cpm: Cpm;
  /** The policy over the whole fleet. */
  readonly policy: { readonly policyId: string; readonly scheduleId: string };
  readonly instanceIds: readonly string[];
};

/** Everything started and set up at full speed; then every call takes its time. */
async function withRig<T>(options: Options, limits: AwsLimits, work: (rig: Rig) => Promise<T>): Promise<T> {
  const aws = await startSimulatedAws(options.instances, options.volumes);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: null });
    const cpm = await startCpm(aws, options.profileDir, limits.pendingSnapshots ?? AWS_PENDING_SNAPSHOTS);
    try {
      const instanceIds = await aws.instanceIds();
      const scheduleId = await cpm.addSchedule();
      const policyId = await cpm.addPolicy('fleet', instanceIds, [scheduleId]);
      await aws.setLimits(limits);
      await aws.delayEveryCall(options.latencyMs);
      return await work({ aws, cpm, policy: { policyId, scheduleId }, instanceIds });
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

/** AWS's own number. */
const AWS_PENDING_SNAPSHOTS = 100;
const UNLIMITED = { throttling: false, pendingSnapshots: 1_000_000 };

async function runBesideFloor(options: Options): Promise<boolean> {
  return withRig(options, UNLIMITED, async ({ aws, cpm, policy, instanceIds }) => {
    const floor = await startFloor(aws);
    try {
      const idle = await measureIdle(cpm);
      const floorRuns: (StartFigures & { readonly cpuMs: number })[] = [];
      const runs: PolicyRun[] = [];
      for (let n = 0; n < options.runs; n += 1) {
        floorRuns.push(await runFloor(aws, floor));
        runs.push(await runPolicy(aws, cpm, policy));
      }
      const lateness = await measureLateness({ aws, cpm, instanceIds, count: options.firings });
      process.stdout.write(reportBeside(options, { floorRuns, runs, idle, lateness }));
      process.stdout.write(`${machineLine()}\n`);
      return runs.every(({ status }) => status === 'successful');
    } finally {
      await floor.stop();
    }
  });
}

async function startFloor(aws: SimulatedAws): Promise<Child> {
  const { child } = await startChild({
    file: new URL('rig/floor-child.ts', import.meta.url),
    args: [aws.url, REGION],
    env: { AWS_ACCESS_KEY_ID: aws.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey },
  });
  return child;
}

async function runFloor(aws: SimulatedAws, floor: Child): Promise<StartFigures & { readonly cpuMs: number }> {
  await aws.forgetCalls();
  const { startedAtMs, cpuMs } = await floor.ask<FloorRun>('run');
  return { ...(await readStartFigures(aws, startedAtMs)), cpuMs };
}

type LatenessInput = {
  readonly aws: SimulatedAws;
  readonly cpm: Cpm;
  readonly instanceIds: readonly string[];
  readonly count: number;
};

/** Small policies, fired by schedules of their own a second apart. */
async function measureLateness({ aws, cpm, instanceIds, count }: LatenessInput): Promise<Lateness[]> {
  const policies: { policyId: string; scheduleId: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const scheduleId = await cpm.addSchedule();
    const instanceId = instanceIds[n % instanceIds.length] ?? '';
    policies.push({ scheduleId, policyId: await cpm.addPolicy(`late-${n}`, [instanceId], [scheduleId]) });
  }
  await aws.forgetCalls();
  const due: { policyId: string; dueAtMs: number }[] = [];
  const firstMs = Date.now() + 2_000;
  for (const [n, { policyId, scheduleId }] of policies.entries()) {
    due.push({ policyId, ...(await cpm.fireSchedules([scheduleId], firstMs + n * 1_000)) });
  }
  const lateness: Lateness[] = [];
  for (const { policyId, dueAtMs } of due) {
    const { id } = await endOfBackup(cpm, policyId, dueAtMs);
    const calls = await aws.calls();
    const first = calls.find(
      ({ action, arrivedAtMs }) => action === 'DescribeInstances' && arrivedAtMs >= dueAtMs - 50,
    );
    const heardMs = (cpm.events.firstHeard.get(id) ?? Number.NaN) - dueAtMs;
    lateness.push({ heardMs, firstCallMs: (first?.arrivedAtMs ?? Number.NaN) - dueAtMs });
  }
  return lateness;
}

/** From full buckets, once without and, where the fleet would meet it, once with AWS's limit of pending snapshots. */
async function runThrottled(options: Options): Promise<boolean> {
  const measure = (pendingSnapshots: number | null) =>
    withRig(options, { throttling: true, pendingSnapshots }, async ({ aws, cpm, policy }) => {
      // The set-up has told CPM of calls that AWS's buckets, switched on since, do not know of: both shall be full.
      await delay(5_000);
      return runPolicy(aws, cpm, policy);
    });
  const plain = await measure(UNLIMITED.pendingSnapshots);
  const limited = options.instances * options.volumes > 100 ? await measure(null) : null;
  process.stdout.write(reportThrottled(options, plain, limited));
  process.stdout.write(`${machineLine()}\n`);
  return [plain, limited].every((each) => each === null || each.status === 'successful');
}
