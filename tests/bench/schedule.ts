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
are made through the API first, which takes a minute for 1000. Exit code 1 when one was lost or doubled.
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
      const scheduleIds = await addPolicies(cpm, await aws.instanceIds(), { count, scheduleCount });
      await aws.delayEveryCall(latencyMs);
      const { dueAtMs } = await cpm.fireSchedules(scheduleIds, Date.now() + 1_000 + 30 * scheduleCount);
      const lateMs = await hearAll(cpm, count, dueAtMs);
      const policies = await policiesWithBackup(cpm, dueAtMs);
      process.stdout.write(report({ count, scheduleCount, lateMs, policies }));
      return policies.length === count && new Set(policies).size === count;
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

type Counts = { readonly count: number; readonly scheduleCount: number };

async function addPolicies(cpm: Cpm, instanceIds: readonly string[], { count, scheduleCount }: Counts) {
  const scheduleIds: string[] = [];
  for (let n = 0; n < scheduleCount; n += 1) scheduleIds.push(await cpm.addSchedule());
  let next = 0;
  const addOne = async () => {
    for (let n = next++; n < count; n = next++) {
      const scheduleId = scheduleIds[n % scheduleCount] ?? '';
      await cpm.addPolicy(`policy-${n}`, [instanceIds[n % instanceIds.length] ?? ''], [scheduleId]);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, addOne));
  return scheduleIds;
}

/** How long after the due moment each backup was first heard of. */
async function hearAll(cpm: Cpm, count: number, dueAtMs: number): Promise<number[]> {
  const until = dueAtMs + PATIENCE_MS;
  while (cpm.events.firstHeard.size < count && Date.now() < until) await cpm.events.next(1_000);
  return [...cpm.events.firstHeard.values()].map((heardAtMs) => heardAtMs - dueAtMs);
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

type Measured = Counts & { readonly lateMs: readonly number[]; readonly policies: readonly string[] };

function report({ count, scheduleCount, lateMs, policies }: Measured): string {
  const [p50, p99, max] = [percentile(lateMs, 0.5), percentile(lateMs, 0.99), Math.max(...lateMs)];
  const distinct = new Set(policies).size;
  const isReached = p99 <= 100 && max <= 500;
  return [
    `\n${count} policies of ${scheduleCount} schedules, all due at the same second, one instance each.`,
    `7  backup committed and told: p50 ${shown(p50)} / p99 ${shown(p99)} / max ${shown(max)} ms after the due time`,
    `   goal p99 <= 100 ms, max <= 500 ms: ${isReached ? 'reached' : 'MISSED'}`,
    `   lost ${count - distinct}, doubled ${policies.length - distinct}: ${policies.length === count && distinct === count ? 'reached' : 'MISSED'}`,
    '',
  ].join('\n');
}
