import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Backup } from '@cpm/contract';
import { startCpm, type Cpm } from './rig/cpm.ts';
import { machineLine, median, percentile, shown } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { startSimulatedAws } from './rig/simulated-aws.ts';

export const help = `Usage: npm run bench -- schedule [options]

  --policies N     policies that are due at the same second (1000)
  --schedules N    schedules that fire them (20)
  --firings N      how often all of them fire, each time once the backups before are over: minutes, at AWS's limits (1)
  --latency MS     what every AWS call takes (80)
  --profile DIR    where the server's CPU profile is written (none)

How late each policy's backup is committed and told on the event stream, and whether each policy has exactly one. The policies
are made through the API first, which takes a minute for 1000; some others fire a few seconds before, for a server fires its
first schedules only once in its life. Beside each firing its floor: PostgreSQL writing the same rows with two bare statements.
Judged by the median of the firings, the latest by the worst of them. Exit code 1 when a backup was lost or doubled.
`;

const INSTANCES = 50;
const WIDTH = 8;
const PATIENCE_MS = 60_000;
/** A thousand calls at AWS's rate of five a second take three minutes. */
const OVER_MS = 600_000;
const text = { type: 'string' } as const;

/** Runs the benchmark and prints it; answers whether every policy got its one backup. */
export async function run(args: readonly string[]): Promise<boolean> {
  const options = { policies: text, schedules: text, firings: text, latency: text, profile: text };
  const { values } = parseArgs({ args: [...args], options });
  const count = wholeNumber('policies', values.policies ?? '1000', 1);
  const scheduleCount = wholeNumber('schedules', values.schedules ?? '20', 1);
  const firingCount = wholeNumber('firings', values.firings ?? '1', 1);
  const latencyMs = wholeNumber('latency', values.latency ?? '80', 0);
  process.stdout.write(`${machineLine()}\n`);
  const aws = await startSimulatedAws(INSTANCES, 1);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    // The backups are over soon, so that all of them can fire again.
    await aws.setTiming({ snapshotBaseMs: 1_000, snapshotPerGiBMs: 0 });
    const cpm = await startCpm(aws, values.profile);
    try {
      const instanceIds = await aws.instanceIds();
      const warm = await addPolicies(cpm, instanceIds, { name: 'early', count: scheduleCount, scheduleCount });
      const schedules = await addPolicies(cpm, instanceIds, { name: 'policy', count, scheduleCount });
      await aws.delayEveryCall(latencyMs);
      const first = await fire(cpm, warm);
      const firings: Firing[] = [];
      while (firings.length < firingCount) {
        await untilOver(cpm);
        firings.push(await fire(cpm, schedules));
        process.stdout.write(`${lineOf(firings.length, firings.at(-1))}\n`);
      }
      process.stdout.write(report({ count, scheduleCount, first, firings }));
      return firings.every(({ lost, doubled }) => lost === 0 && doubled === 0);
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

type Fleet = { readonly name: string; readonly count: number; readonly scheduleCount: number };
type Fired = { readonly scheduleIds: readonly string[]; readonly policyIds: ReadonlySet<string> };

/** Policies of one instance each, divided among the schedules. */
async function addPolicies(cpm: Cpm, instanceIds: readonly string[], fleet: Fleet): Promise<Fired> {
  const scheduleIds: string[] = [];
  for (let n = 0; n < fleet.scheduleCount; n += 1) scheduleIds.push(await cpm.addSchedule());
  const policyIds = new Set<string>();
  let next = 0;
  const addSome = async () => {
    for (let n = next++; n < fleet.count; n = next++) {
      const scheduleId = scheduleIds[n % scheduleIds.length] ?? '';
      const instanceId = instanceIds[n % instanceIds.length] ?? '';
      policyIds.add(await cpm.addPolicy(`${fleet.name}-${n}`, [instanceId], [scheduleId]));
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, addSome));
  return { scheduleIds, policyIds };
}

type Firing = {
  /** What the rows alone take to write, measured just before. */
  readonly floorMs: number;
  /** From the due moment until each backup was first heard of. */
  readonly lateMs: readonly number[];
  readonly lost: number;
  readonly doubled: number;
};

/** Lets all of them fire at one moment. */
async function fire(cpm: Cpm, { scheduleIds, policyIds }: Fired): Promise<Firing> {
  const floorMs = await cpm.bareFiringMs();
  const known = new Set(cpm.events.firstHeard.keys());
  const { dueAtMs } = await cpm.fireSchedules(scheduleIds, Date.now() + 1_000 + 30 * scheduleIds.length);
  const until = dueAtMs + PATIENCE_MS;
  const fresh = () => [...cpm.events.firstHeard].filter(([id]) => !known.has(id));
  while (fresh().length < policyIds.size && Date.now() < until) await cpm.events.next(1_000);
  const heard = fresh();
  const backups = await backupsOf(cpm, dueAtMs);
  const distinct = new Set(backups.map(({ policy }) => policy.id)).size;
  return {
    floorMs,
    lateMs: heard.map(([, heardAtMs]) => heardAtMs - dueAtMs),
    lost: policyIds.size - distinct,
    doubled: backups.length - distinct,
  };
}

/** Waits until no backup is running: a policy whose backup is running does not fire, and their work is not to be measured. */
async function untilOver(cpm: Cpm): Promise<void> {
  for (const until = Date.now() + OVER_MS; ; await delay(1_000)) {
    const { items } = await cpm.call('GET /backups', { query: { limit: 1, status: 'in-progress' } });
    if (items.length === 0) return;
    if (Date.now() > until) throw new Error('the backups of one firing were not over after minutes');
  }
}

/** Every backup of that slot. */
async function backupsOf(cpm: Cpm, dueAtMs: number): Promise<Backup[]> {
  const dueAt = new Date(dueAtMs).toISOString();
  const found: Backup[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next } = await cpm.call('GET /backups', { query: { limit: 200, cursor } });
    found.push(...items.filter((backup) => backup.dueAt === dueAt));
    // The newest come first: what began before that slot is of another.
    if (next === null || items.some(({ startedAt }) => Date.parse(startedAt) < dueAtMs)) return found;
    cursor = next;
  }
}

type Measured = {
  readonly count: number;
  readonly scheduleCount: number;
  readonly first: Firing;
  readonly firings: readonly Firing[];
};

const p99 = ({ lateMs }: Firing): number => percentile(lateMs, 0.99);
const latest = ({ lateMs }: Firing): number => Math.max(...lateMs);

function lineOf(n: number, firing: Firing | undefined): string {
  if (firing === undefined) return '';
  const p50 = shown(percentile(firing.lateMs, 0.5));
  return `firing ${n}: p50 ${p50} / p99 ${shown(p99(firing))} / max ${shown(latest(firing))} ms, floor ${shown(firing.floorMs)} ms`;
}

function report({ count, scheduleCount, first, firings }: Measured): string {
  const ofAll = (figure: (firing: Firing) => number) => firings.map(figure);
  const middle = median(ofAll(p99));
  const worst = Math.max(...ofAll(latest));
  const floorMs = median(ofAll((firing) => firing.floorMs));
  const sum = (figures: readonly number[]) => figures.reduce((total, each) => total + each, 0);
  const [lost, doubled] = [sum(ofAll((firing) => firing.lost)), sum(ofAll((firing) => firing.doubled))];
  const verdict = (isReached: boolean) => (isReached ? 'reached' : 'MISSED');
  return [
    `\n${count} policies of ${scheduleCount} schedules, all due at the same second, one instance each; ${firings.length} firings.`,
    `7  backup committed and told: p99 ${shown(middle)} ms after the due time (median of the firings), latest of all ${shown(worst)} ms`,
    `   floor: the same rows by two bare statements on one connection ${shown(floorMs)} ms; p99 is ${shown(middle / floorMs)} x`,
    `   goal p99 <= 100 ms: ${verdict(middle <= 100)}; max <= 500 ms: ${verdict(worst <= 500)}`,
    `   lost ${lost}, doubled ${doubled}: ${verdict(lost === 0 && doubled === 0)}`,
    `   the first firing of this server's life, ${first.lateMs.length} policies: max ${shown(latest(first))} ms`,
    machineLine(),
    '',
  ].join('\n');
}
