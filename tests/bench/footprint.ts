import { parseArgs } from 'node:util';
import { startCpm, type Cpm, type TableSize } from './rig/cpm.ts';
import { machineLine, shown, table } from './rig/figures.ts';
import { wholeNumber } from './rig/options.ts';
import { runNow } from './rig/run-policy.ts';
import { startSimulatedAws } from './rig/simulated-aws.ts';

export const help = `Usage: npm run bench -- footprint [options]

  --instances N    instances of the policy (50)
  --volumes N      volumes of each (3)
  --runs N         backups that are measured, after two that are not (8)

What the database grows by for each snapshot on record: its own row, its share of the backup, of the log, of the work that
made it, and of every index; beside the bare row. Exit code 1 when a backup failed.
`;

const text = { type: 'string' } as const;
const GOAL_BYTES = 1024;
/** Not counted: tables and indexes are created with a page each, and the first runs fill caches of the database. */
const WARM_UP_RUNS = 2;

/** Runs the benchmark and prints it; answers whether every backup succeeded. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: { instances: text, volumes: text, runs: text } });
  const instances = wholeNumber('instances', values.instances ?? '50', 1);
  const volumes = wholeNumber('volumes', values.volumes ?? '3', 1);
  const runs = wholeNumber('runs', values.runs ?? '8', 1);
  process.stdout.write(`${machineLine()}\n`);
  const aws = await startSimulatedAws(instances, volumes);
  try {
    await aws.setLimits({ throttling: false, pendingSnapshots: 1_000_000 });
    const cpm = await startCpm(aws);
    try {
      const policyId = await cpm.addPolicy('fleet', await aws.instanceIds());
      let allGood = await runTimes(cpm, policyId, WARM_UP_RUNS);
      const before = await cpm.tableSizes();
      allGood = (await runTimes(cpm, policyId, runs)) && allGood;
      const after = await cpm.tableSizes();
      process.stdout.write(report(before, after, { instances, volumes, runs }));
      return allGood;
    } finally {
      await cpm.stop();
    }
  } finally {
    await aws.stop();
  }
}

async function runTimes(cpm: Cpm, policyId: string, times: number): Promise<boolean> {
  let allGood = true;
  for (let n = 0; n < times; n += 1) allGood = (await runNow(cpm, policyId)).status === 'successful' && allGood;
  return allGood;
}

type Measured = { readonly instances: number; readonly volumes: number; readonly runs: number };

function report(before: readonly TableSize[], after: readonly TableSize[], { instances, volumes, runs }: Measured) {
  const snapshots = instances * volumes * runs;
  const known = new Map(before.map((each) => [each.name, each]));
  const grown = after
    .map(({ name, rowBytes, totalBytes, bareRowBytes }) => ({
      name,
      bareRowBytes,
      rowBytes: rowBytes - (known.get(name)?.rowBytes ?? 0),
      totalBytes: totalBytes - (known.get(name)?.totalBytes ?? 0),
    }))
    .filter(({ totalBytes }) => totalBytes > 0)
    .toSorted((one, other) => other.totalBytes - one.totalBytes);
  const perSnapshot = (bytes: number) => shown(bytes / snapshots, 'B');
  const total = grown.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const bare = after.find(({ name }) => name === 'snapshots')?.bareRowBytes ?? Number.NaN;
  const judged = total / snapshots;
  return [
    `\n${runs} backups of ${instances} instances x ${volumes} volumes: ${snapshots} snapshots on record, packed as VACUUM FULL packs.`,
    '',
    table([
      ['table', 'rows, a snapshot', 'with indexes, a snapshot'],
      ...grown.map(({ name, rowBytes, totalBytes }) => [name, perSnapshot(rowBytes), perSnapshot(totalBytes)]),
      ['all', '', perSnapshot(total)],
    ]),
    '',
    `13 metadata for each snapshot ${shown(judged, 'B')}; the bare row of one (the floor) ${shown(bare, 'B')}: ${shown(judged / bare)} x. ` +
      `Goal <= ${GOAL_BYTES} B: ${judged <= GOAL_BYTES ? 'reached' : 'MISSED'}`,
    `   1 GiB holds ${Math.floor(2 ** 30 / (judged * 24 * 30 * 3))} instances with 3 volumes each, backed up hourly and kept 30 days.`,
    machineLine(),
    '',
  ].join('\n');
}
