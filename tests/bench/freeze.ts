import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './rig/child.ts';
import { startCpm, type Cpm } from './rig/cpm.ts';
import { machineLine, median, shown, table } from './rig/figures.ts';
import type { FloorCalls } from './rig/floor-child.ts';
import { wholeNumber } from './rig/options.ts';
import { runNow } from './rig/run-policy.ts';
import { REGION, startSimulatedAws, type SimulatedAws } from './rig/simulated-aws.ts';

export const help = `Usage: npm run bench -- freeze [options]

  --instances N     instances of the policy (10)
  --volumes N       volumes of each (3)
  --latency MS      what every AWS call takes (80)
  --runs N          backups with full request limits, the first with nothing cached (5)
  --emptied N       backups that begin with the request limits used up (3)
  --profile DIR     where the server's CPU profile is written (none)

A policy with real scripts on the server. Its freeze window is measured by the scripts themselves: from the moment in which
"before" ends to the moment in which "after" starts. Beside it the floor: one CreateSnapshots with the plain SDK over an open
connection. Exit code 1 when a backup failed, a call was refused, or the goal was missed.
`;

/** EC2's bucket for calls that make snapshots (decisions on pacing: 100, refilled with 5 a second). */
const BUCKET = 100;
/** More than that, so that a line stands before the empty bucket when the freeze is asked for. */
const GREEDY = BUCKET + 20;
const GOAL_MS = 40;
const PATIENCE_MS = 60_000;
const STAMP = '#!/bin/sh\nexec date +%s%N >&2\n';

type Options = {
  readonly instances: number;
  readonly volumes: number;
  readonly latencyMs: number;
  readonly runs: number;
  readonly emptied: number;
  readonly profileDir: string | undefined;
};

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const options = { instances: text, volumes: text, latency: text, runs: text, emptied: text, profile: text };
  const { values } = parseArgs({ args: [...args], options });
  const { instances = '10', volumes = '3', latency = '80', runs = '5', emptied = '3' } = values;
  return {
    instances: wholeNumber('instances', instances, 1),
    volumes: wholeNumber('volumes', volumes, 1),
    latencyMs: wholeNumber('latency', latency, 0),
    runs: wholeNumber('runs', runs, 1),
    emptied: wholeNumber('emptied', emptied, 0),
    profileDir: values.profile,
  };
}

/** One backup with scripts. */
type Freeze = {
  readonly status: string;
  readonly reasons: readonly string[];
  /** By the scripts' own clock. */
  readonly windowMs: number;
  /** By the server's. */
  readonly recordedMs: number;
  /** From the backup's start until "before" ran. */
  readonly waitedMs: number;
  readonly refused: number;
};

/** Runs the benchmark and prints it; answers whether the goal was reached and every backup succeeded. */
export async function run(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args);
  process.stdout.write(`${machineLine()}\n`);
  // The further instances are those whose backup uses the request limits up.
  const aws = await startSimulatedAws(options.instances + GREEDY, options.volumes);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    const cpm = await startCpm(aws, options.profileDir);
    try {
      return await measure(options, aws, cpm);
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

async function measure(options: Options, aws: SimulatedAws, cpm: Cpm): Promise<boolean> {
  const instanceIds = await aws.instanceIds();
  const policyId = await addFrozenPolicy(cpm, instanceIds.slice(0, options.instances));
  const greedyId = await cpm.addPolicy('greedy', instanceIds.slice(options.instances));
  await aws.delayEveryCall(options.latencyMs);
  const floor = await measureFloor(aws, options.instances);
  const full: Freeze[] = [];
  for (let n = 0; n < options.runs; n += 1) full.push(await freezeOnce(aws, cpm, policyId));
  await aws.setLimits({ throttling: true, pendingSnapshots: 1_000_000 });
  const emptied: Freeze[] = [];
  for (let n = 0; n < options.emptied; n += 1) emptied.push(await freezeEmptied(aws, cpm, { policyId, greedyId }));
  process.stdout.write(report(options, { floor, full, emptied }));
  const all = [...full, ...emptied];
  const isWhole = all.every(({ status, refused }) => status === 'successful' && refused === 0);
  // A window that is shorter than one call says that a call was under way before the application stood still.
  if (all.some(({ windowMs }) => windowMs < options.latencyMs))
    throw new Error('a snapshot call came before "before" had ended');
  return isWhole && [full, emptied].every((runs) => runs.length === 0 || isReached(runs, floor));
}

async function addFrozenPolicy(cpm: Cpm, instanceIds: readonly string[]): Promise<string> {
  const policyId = await cpm.addPolicy('frozen', instanceIds);
  const directory = join(cpm.dataDir, 'scripts');
  await mkdir(directory, { recursive: true });
  for (const step of ['before', 'after', 'complete']) {
    await writeFile(join(directory, `${step}_frozen.sh`), STAMP, { mode: 0o755 });
  }
  const scripts = { runner: 'server' as const, timeoutSeconds: 30, collectOutput: true, ssm: null };
  await cpm.call('PATCH /policies/:policyId', { params: { policyId }, body: { scripts } });
  return policyId;
}

async function measureFloor(aws: SimulatedAws, instances: number): Promise<FloorCalls> {
  const { child } = await startChild({
    file: new URL('rig/floor-child.ts', import.meta.url),
    args: [aws.url, REGION, String(instances)],
    env: { AWS_ACCESS_KEY_ID: aws.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey },
  });
  try {
    return await child.ask<FloorCalls>('calls');
  } finally {
    await child.stop();
  }
}

async function freezeOnce(aws: SimulatedAws, cpm: Cpm, policyId: string): Promise<Freeze> {
  await aws.forgetCalls();
  const { id: backupId, status, reasons, freezeWindowMs, startedAt } = await runNow(cpm, policyId);
  const { items } = await cpm.call('GET /backups/:backupId/scripts', { params: { backupId } });
  const stampMs = (wanted: string) => Number(items.find(({ step }) => step === wanted)?.output ?? Number.NaN) / 1e6;
  const calls = await aws.calls();
  return {
    status,
    reasons,
    windowMs: stampMs('after') - stampMs('before'),
    recordedMs: freezeWindowMs ?? Number.NaN,
    waitedMs: stampMs('before') - Date.parse(startedAt),
    refused: calls.filter(({ action, code }) => action === 'CreateSnapshots' && code !== 'OK').length,
  };
}

/** Once another backup has used up what AWS allows at once. */
async function freezeEmptied(
  aws: SimulatedAws,
  cpm: Cpm,
  { policyId, greedyId }: { readonly policyId: string; readonly greedyId: string },
): Promise<Freeze> {
  await aws.forgetCalls();
  const greedy = runNow(cpm, greedyId);
  const until = Date.now() + PATIENCE_MS;
  while ((await aws.calls()).filter(({ action }) => action === 'CreateSnapshots').length < BUCKET) {
    if (Date.now() > until) throw new Error('the other backup has not used up the request limits');
    await delay(50);
  }
  const frozen = await freezeOnce(aws, cpm, policyId);
  await greedy;
  return frozen;
}

const windowsOf = (runs: readonly Freeze[]) => runs.map(({ windowMs }) => windowMs);
const isReached = (runs: readonly Freeze[], { oneCallMs }: FloorCalls): boolean =>
  median(windowsOf(runs)) <= oneCallMs + GOAL_MS;

type Measured = {
  readonly floor: FloorCalls;
  readonly full: readonly Freeze[];
  readonly emptied: readonly Freeze[];
};

function report({ instances, volumes, latencyMs }: Options, { floor, full, emptied }: Measured): string {
  const row = (what: string, runs: readonly Freeze[]) => [
    what,
    shown(floor.oneCallMs, 'ms'),
    shown(median(windowsOf(runs)), 'ms'),
    shown(Math.max(...windowsOf(runs)), 'ms'),
    shown(median(runs.map(({ recordedMs }) => recordedMs)), 'ms'),
    shown(median(runs.map(({ waitedMs }) => waitedMs)), 'ms'),
    String(runs.reduce((sum, { refused }) => sum + refused, 0)),
    `<= floor + ${GOAL_MS} ms`,
    isReached(runs, floor) ? 'reached' : 'MISSED',
  ];
  const head = ['6  freeze window', 'floor', 'median', 'worst', 'as recorded', 'began after', 'refused', 'goal', ''];
  const rows = [row('request limits full', full), ...(emptied.length === 0 ? [] : [row('used up', emptied)])];
  const trouble = [...full, ...emptied].flatMap(({ status, reasons }) =>
    status === 'successful' ? [] : [`A backup was ${status}: ${reasons.slice(0, 3).join('; ')}`],
  );
  return [
    `\nOne policy of ${instances} instances x ${volumes} volumes with scripts on the server, ${latencyMs} ms a call; ${full.length} and ${emptied.length} backups.`,
    'Judged by the median. The window is from the end of "before" to the start of "after" by their own clock; the floor is one CreateSnapshots with the',
    `plain SDK over an open connection. The same SDK needs ${shown(floor.allAtOnceMs, 'ms')} for ${instances} of them at once.`,
    '',
    table([head, ...rows]),
    ...trouble,
    machineLine(),
    '',
  ].join('\n');
}
