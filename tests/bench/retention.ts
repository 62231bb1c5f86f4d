import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startCpm } from './rig/cpm.ts';
import { machineLine, shown, spreadOf, table } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { runNow } from './rig/run-policy.ts';
import { startSimulatedAws, type AwsCall, type SimulatedAws } from './rig/simulated-aws.ts';
import { describeCounts } from './rig/start-figures.ts';

export const help = `Usage: npm run bench -- retention [options]

  --snapshots N    snapshots that retention deletes (600)
  --latency MS     what every AWS call takes (80)

A policy of one generation makes two backups; the snapshots of the first are deleted under AWS's request limits, from full
buckets. Exit code 1 when one was left, or one of the second backup is gone.
`;

const text = { type: 'string' } as const;
const VOLUMES = 3;
const BURST = 100;
const REFILL_PER_SECOND = 5;
const PATIENCE_MS = 30 * 60_000;

/** Runs the benchmark and prints it; answers whether exactly the first backup's snapshots are gone. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: { snapshots: text, latency: text } });
  const instances = Math.ceil(wholeNumber('snapshots', values.snapshots ?? '600', 1) / VOLUMES);
  const latencyMs = wholeNumber('latency', values.latency ?? '80', 0);
  process.stdout.write(`${machineLine()}\n`);
  const aws = await startSimulatedAws(instances, VOLUMES);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    const cpm = await startCpm(aws);
    try {
      const policyId = await cpm.addPolicy('fleet', await aws.instanceIds());
      await cpm.call('PATCH /policies/:policyId', { params: { policyId }, body: { generations: 1 } });
      // Those of the fleet's images are none of the policy's.
      const others = new Set((await present(aws)).map(({ id }) => id));
      await runNow(cpm, policyId);
      const oldest = new Set((await madeBut(aws, others)).map(({ id }) => id));
      await aws.setLimits({ throttling: true, pendingSnapshots: 1_000_000 });
      await aws.delayEveryCall(latencyMs);
      await aws.forgetCalls();
      await runNow(cpm, policyId);
      const left = await untilGone(aws, oldest);
      const newest = await madeBut(aws, new Set([...others, ...oldest]));
      const isNewestWhole = newest.length === oldest.size;
      process.stdout.write(report(await aws.calls(), { count: oldest.size, left, latencyMs, isNewestWhole }));
      return left === 0 && isNewestWhole;
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

/** The simulated AWS goes on telling of what was deleted. */
const present = async (aws: SimulatedAws) => (await aws.snapshotsSince(0)).filter(({ state }) => state !== 'deleted');

const madeBut = async (aws: SimulatedAws, others: ReadonlySet<string>) =>
  (await present(aws)).filter(({ id }) => !others.has(id));

async function untilGone(aws: SimulatedAws, ids: ReadonlySet<string>): Promise<number> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = (await present(aws)).filter(({ id }) => ids.has(id)).length;
    if (left === 0 || Date.now() > until) {
      // What retention still asks after its last deletion counts too.
      await delay(3_000);
      return left;
    }
    await delay(500);
  }
}

type Measured = {
  readonly count: number;
  readonly left: number;
  readonly latencyMs: number;
  readonly isNewestWhole: boolean;
};

function report(calls: readonly AwsCall[], { count, left, latencyMs, isNewestWhole }: Measured): string {
  const deletes = calls.filter(({ action }) => action === 'DeleteSnapshot');
  const refused = deletes.filter(({ code }) => code !== 'OK');
  const firstAtMs = deletes[0]?.arrivedAtMs ?? Number.NaN;
  // What retention asks besides: everything after the backup's last poll found it complete.
  const others = calls.filter(
    ({ action, arrivedAtMs }) => action !== '' && action !== 'DeleteSnapshot' && arrivedAtMs >= firstAtMs,
  );
  const wallMs = spreadOf(deletes.map(({ arrivedAtMs }) => arrivedAtMs));
  const limitMs = (Math.max(0, count - BURST) / REFILL_PER_SECOND) * 1000;
  const perSnapshot = (deletes.length + others.length) / count;
  const verdict = (isReached: boolean) => (isReached ? 'reached' : 'MISSED');
  return [
    `\n${count} snapshots deleted under AWS's request limits, ${latencyMs} ms a call.`,
    '',
    table([
      ['18', 'floor', 'CPM', 'ratio', 'goal', ''],
      [
        'first to last deletion',
        shown(limitMs / 1000, 's'),
        shown(wallMs / 1000, 's'),
        limitMs === 0 ? '' : shown(wallMs / limitMs),
        '<= 1.05 x floor',
        limitMs === 0 ? 'nothing has to wait' : verdict(wallMs <= 1.05 * limitMs),
      ],
      ['calls, a snapshot', '1', perSnapshot.toFixed(3), shown(perSnapshot), '<= 1.02', verdict(perSnapshot <= 1.02)],
      ['refused deletions', '0', shown(refused.length), '', '0', verdict(refused.length === 0)],
    ]),
    '',
    `Other calls since the first deletion: ${describeCounts(countBy(others))}.`,
    `Left in AWS ${left}; the newest backup is ${isNewestWhole ? 'whole' : 'NOT WHOLE'}.`,
    machineLine(),
    '',
  ].join('\n');
}

const countBy = (calls: readonly AwsCall[]): Map<string, number> =>
  new Map([...Map.groupBy(calls, ({ action }) => action)].map(([name, each]) => [name, each.length]));
