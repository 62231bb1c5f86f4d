import { parseArgs } from 'node:util';
import { startCpm, type Cpm } from './rig/cpm.ts';
import { machineLine, percentile, shown } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { startSimulatedAws } from './rig/simulated-aws.ts';

export const help = `Usage: npm run bench -- schedule [options]

  --policies N     policies that are due at the same second (1000)
  --schedules N    schedules that fire them (20)
  --latency MS     what every AWS call takes (80)
  --profile DIR    where the server's CPU profile is written (none)

How late each policy's backup is committed and told on the event stream, and whether each policy has exactly one. The policies
are made through the API first, which takes a minute for 1000; some others fire a few seconds before, for a server fires its
first schedules only once in its life. Beside it the floor: PostgreSQL writing the same rows with two bare statements. Exit code
1 when a backup was lost or doubled.
`;

const INSTANCES = 50;
const WIDTH = 8;
const PATIENCE_MS = 60_000;
const text = { type: 'string' } as const;

/** Runs the benchmark and prints it; answers whether every policy got its one backup. */
export async function run(args: readonly string[]): Promise<boolean> {
  const options = { policies: text, schedules: text, latency: text, profile: text };
  const { values } = parseArgs({ args: [...args], options });
  const count = wholeNumber('policies', values.policies ?? '1000', 1);
  const scheduleCount = wholeNumber('schedules', values.schedules ?? '20', 1);
  const latencyMs = wholeNumber('latency', values.latency ?? '80', 0);
  process.stdout.write(`${machineLine()}\n`);
  const aws = await startSimulatedAws(INSTANCES, 1);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    const cpm = await startCpm(aws, values.profile);
    try {
      const instanceIds = await aws.instanceIds();
      const warm = await addPolicies(cpm, instanceIds, { name: 'early', count: scheduleCount, scheduleCount });
      const schedules = await addPolicies(cpm, instanceIds, { name: 'policy', count, scheduleCount });
      await aws.delayEveryCall(latencyMs);
      const first = await fire(cpm, warm);
      const floorMs = await cpm.bareFiringMs();
      const main = await fire(cpm, schedules);
      process.stdout.write(report({ count, scheduleCount, floorMs, first, main }));
      return main.lost === 0 && main.doubled === 0;
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
  /** From the due moment until each backup was first heard of. */
  readonly lateMs: readonly number[];
  readonly lost: number;
  readonly doubled: number;
};

/** Lets all of them fire at one moment. */
async function fire(cpm: Cpm, { scheduleIds, policyIds }: Fired): Promise<Firing> {
  const known = new Set(cpm.events.firstHeard.keys());
  const { dueAtMs } = await cpm.fireSchedules(scheduleIds, Date.now() + 1_000 + 30 * scheduleIds.length);
  const until = dueAtMs + PATIENCE_MS;
  const fresh = () => [...cpm.events.firstHeard].filter(([id]) => !known.has(id));
  while (fresh().length < policyIds.size && Date.now() < until) await cpm.events.next(1_000);
  const policies = await policiesWithBackup(cpm, dueAtMs);
  const distinct = new Set(policies).size;
  return {
    lateMs: fresh().map(([, heardAtMs]) => heardAtMs - dueAtMs),
    lost: policyIds.size - distinct,
    doubled: policies.length - distinct,
  };
}

/** The policy of every backup of that slot. */
async function policiesWithBackup(cpm: Cpm, dueAtMs: number): Promise<string[]> {
  const dueAt = new Date(dueAtMs).toISOString();
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next } = await cpm.call('GET /backups', { query: { limit: 200, cursor } });
    found.push(...items.filter((backup) => backup.dueAt === dueAt).map(({ policy }) => policy.id ?? ''));
    if (next === null) return found;
    cursor = next;
  }
}

type Measured = {
  readonly count: number;
  readonly scheduleCount: number;
  readonly floorMs: number;
  readonly first: Firing;
  readonly main: Firing;
};

function report({ count, scheduleCount, floorMs, first, main }: Measured): string {
  const { lateMs, lost, doubled } = main;
  const [p50, p99, max] = [percentile(lateMs, 0.5), percentile(lateMs, 0.99), Math.max(...lateMs)];
  const verdict = (isReached: boolean) => (isReached ? 'reached' : 'MISSED');
  return [
    `\n${count} policies of ${scheduleCount} schedules, all due at the same second, one instance each.`,
    `7  backup committed and told: p50 ${shown(p50)} / p99 ${shown(p99)} / max ${shown(max)} ms after the due time`,
    `   floor: the same rows by two bare statements on one connection ${shown(floorMs)} ms; p99 is ${shown(p99 / floorMs)} x`,
    `   goal p99 <= 100 ms: ${verdict(p99 <= 100)}; max <= 500 ms: ${verdict(max <= 500)}`,
    `   lost ${lost}, doubled ${doubled}: ${verdict(lost === 0 && doubled === 0)}`,
    `   the first firing of this server's life, ${first.lateMs.length} policies: max ${shown(Math.max(...first.lateMs))} ms`,
    machineLine(),
    '',
  ].join('\n');
}
