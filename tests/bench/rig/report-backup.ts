import { median, percentile, shown, table } from './figures.ts';
import type { PolicyRun } from './run-policy.ts';
import { describeCounts, type StartFigures } from './start-figures.ts';

export type Fleet = { readonly instances: number; readonly volumes: number; readonly latencyMs: number };
export type Lateness = { readonly heardMs: number; readonly firstCallMs: number };

export type BesideFloor = {
  readonly floorRuns: readonly (StartFigures & { readonly cpuMs: number })[];
  readonly runs: readonly PolicyRun[];
  readonly idle: { readonly serverMs: number; readonly postgresMs: number } | null;
  readonly lateness: readonly Lateness[];
};

const EC2_BURST = 100;
const EC2_REFILL_PER_SECOND = 5;

/** A figure of every run beside the floor's, and what it should be. */
type Metric = {
  readonly name: string;
  readonly unit?: string;
  readonly floor: readonly number[];
  readonly cpm: readonly number[];
  /** In words, with what decides it; null where performance is only told. */
  readonly goal: { readonly words: string; readonly isReached: (value: number, floor: number) => boolean } | null;
};

const atMost = (most: number, unit = '') => ({
  words: `<= ${shown(most, unit)}`,
  isReached: (value: number) => value <= most,
});
const timesFloor = (times: number) => ({
  words: `<= ${times} x floor`,
  isReached: (value: number, floor: number) => value <= times * floor,
});

/** CPM beside the floor, each goal with whether it was reached; the first run stands apart from those after it. */
export function reportBeside(fleet: Fleet, measured: BesideFloor): string {
  const { runs, floorRuns, lateness } = measured;
  const rows = metrics(fleet, measured).map(rowOf);
  const head = ['what', 'floor', 'CPM, first run', 'CPM, later runs', 'ratio', 'goal', ''];
  const { instances, volumes, latencyMs } = fleet;
  const [first, ...later] = runs;
  return [
    `\nOne policy of ${instances} instances x ${volumes} volumes, ${latencyMs} ms a call, ${runs.length} backups, each fired by a schedule.`,
    'AWS without its request limits and without its limit of 100 pending snapshots an account (--throttle aws has them).',
    'Later runs: the median; CPM reads the attributes of an instance once a day (decisions/0005), so they are the steady state.',
    '',
    table([head, ...rows]),
    '',
    ...memoryLines(measured),
    latenessLine(lateness, runs),
    '',
    `Calls of the floor:      ${describeCounts(floorRuns.at(-1)?.callsByAction ?? new Map())}`,
    `Calls of the first run:  ${describeCounts(first?.figures.callsByAction ?? new Map())}`,
    `Calls of the last run:   ${describeCounts(later.at(-1)?.figures.callsByAction ?? new Map())}`,
    `Not counted above: ${first?.figures.connectionOpenings ?? 0} unsigned requests of the first run that only opened connections.`,
    ...outcomeLines(fleet, runs),
    '',
  ].join('\n');
}

function metrics({ instances, volumes }: Fleet, { runs, floorRuns }: BesideFloor): Metric[] {
  const count = instances * volumes;
  const of = (value: (figures: StartFigures) => number) => ({
    floor: floorRuns.map(value),
    cpm: runs.map(({ figures }) => value(figures)),
  });
  const cpu = (value: (cpu: NonNullable<PolicyRun['cpu']>) => number) =>
    runs.map((run) => (run.cpu === null ? Number.NaN : value(run.cpu) / count));
  const floorCpu = floorRuns.map(({ cpuMs }) => cpuMs / count);
  const ms = 'ms';
  return [
    {
      name: '1  AWS calls per volume, tags and polls included',
      ...of(({ calls }) => calls / count),
      goal: atMost(0.4),
    },
    { name: '2  skew inside one instance', unit: ms, ...of(({ skewMs }) => skewMs), goal: atMost(0, ms) },
    { name: '2  snapshot calls per instance', ...of(({ starts }) => starts / instances), goal: atMost(1) },
    { name: '3  spread over the policy', unit: ms, ...of(({ spreadMs }) => spreadMs), goal: atMost(50, ms) },
    {
      name: '4  wall, due time to last snapshot started',
      unit: ms,
      ...of(({ wallMs }) => wallMs),
      goal: timesFloor(1.2),
    },
    { name: '7  due time to first AWS call', unit: ms, ...of(({ firstCallMs }) => firstCallMs), goal: null },
    {
      name: '7  due time to backup committed and told',
      unit: ms,
      floor: [],
      cpm: runs.map(({ heardMs }) => heardMs),
      goal: atMost(100, ms),
    },
    {
      name: '21 CPU per snapshot, server',
      unit: ms,
      floor: floorCpu,
      cpm: cpu(({ serverMs }) => serverMs),
      goal: null,
    },
    {
      name: '21 CPU per snapshot, its PostgreSQL',
      unit: ms,
      floor: [],
      cpm: cpu(({ postgresMs }) => postgresMs),
      goal: null,
    },
    {
      name: '21 CPU per snapshot, both',
      unit: ms,
      floor: floorCpu,
      cpm: cpu(({ serverMs, postgresMs }) => serverMs + postgresMs),
      goal: atMost(2, ms),
    },
  ];
}

function rowOf({ name, unit = '', floor, cpm, goal }: Metric): string[] {
  const later = cpm.slice(1);
  const judged = later.length === 0 ? (cpm[0] ?? Number.NaN) : median(later);
  const warmFloor = median(floor.length > 1 ? floor.slice(1) : floor);
  const worst = Math.max(...later);
  const laterText =
    later.length > 1 && worst > judged ? `${shown(judged, unit)} (worst ${shown(worst)})` : shown(median(later), unit);
  const ratio = floor.length === 0 || warmFloor === 0 ? '' : shown(judged / warmFloor);
  return [
    name,
    floor.length === 0 ? '' : shown(warmFloor, unit),
    shown(cpm[0] ?? Number.NaN, unit),
    laterText,
    ratio,
    goal?.words ?? '',
    goal === null ? '' : verdict(judged, goal.isReached(judged, warmFloor)),
  ];
}

const verdict = (value: number, isReached: boolean): string =>
  Number.isNaN(value) ? 'not measured' : isReached ? 'reached' : 'MISSED';

function memoryLines({ runs, idle }: BesideFloor): string[] {
  const { before } = runs[0] ?? {};
  const after = runs.at(-1)?.after;
  if (!before || !after || idle === null) return ['Memory and CPU: not measured, this system has no /proc.'];
  const both = before.serverMiB + before.postgresMiB;
  const peak = Math.max(...runs.map((run) => run.after?.serverPeakMiB ?? 0));
  const idlePercent = (idle.serverMs + idle.postgresMs) / 10;
  return [
    `Memory (19): server ${shown(before.serverMiB)} MiB + PostgreSQL ${shown(before.postgresMiB)} MiB = ${shown(both)} MiB before the first run, ` +
      `goal idle <= 150 MiB: ${verdict(both, both <= 150)}`,
    `Memory (20): server ${shown(peak)} MiB at its peak, ${shown(peak - before.serverMiB)} MiB above, goal <= 64 MiB above idle: ` +
      `${verdict(peak, peak - before.serverMiB <= 64)}; server ${shown(after.serverMiB)} MiB, PostgreSQL ${shown(after.postgresMiB)} MiB after the last run`,
    `Idle (21): ${shown(idlePercent)} % of one core (server ${shown(idle.serverMs / 10)} %, PostgreSQL ${shown(idle.postgresMs / 10)} %), ` +
      `goal <= 0.5 %: ${verdict(idlePercent, idlePercent <= 0.5)}`,
  ];
}

function latenessLine(firings: readonly Lateness[], runs: readonly PolicyRun[]): string {
  const told = [...firings.map(({ heardMs }) => heardMs), ...runs.map(({ heardMs }) => heardMs)];
  const called = [...firings.map(({ firstCallMs }) => firstCallMs), ...runs.map(({ figures }) => figures.firstCallMs)];
  const spread = (values: readonly number[]) =>
    `p50 ${shown(percentile(values, 0.5))} / p99 ${shown(percentile(values, 0.99))} / max ${shown(Math.max(...values))} ms`;
  return `Lateness of ${told.length} firings: backup committed and told ${spread(told)}; first AWS call ${spread(called)}`;
}

function outcomeLines({ instances, volumes }: Fleet, runs: readonly PolicyRun[]): string[] {
  const wanted = instances * volumes * runs.length;
  const completed = runs.reduce((sum, { figures }) => sum + figures.completed, 0);
  const failed = runs.filter(({ status }) => status !== 'successful');
  return [
    `Snapshots: ${completed} of ${wanted} completed. Calls that AWS refused: ${runs.map(({ figures }) => describeCounts(figures.refused)).join('; ')}.`,
    ...failed.map(({ status, reasons }) => `BACKUP ${status.toUpperCase()}: ${reasons.join('; ')}`),
  ];
}

/** Under AWS's limits: against what they allow at best, and with the limit of pending snapshots beside it. */
export function reportThrottled(fleet: Fleet, plain: PolicyRun, limited: PolicyRun | null): string {
  const { instances, volumes, latencyMs } = fleet;
  const limitMs = (Math.max(0, instances - EC2_BURST) / EC2_REFILL_PER_SECOND) * 1000;
  const head = [
    '',
    'snapshot calls',
    'refused',
    'lost',
    'due to last',
    'first to last',
    'limit (calls - 100) / 5 s',
    'ratio',
  ];
  const row = (name: string, { figures }: PolicyRun, isLimit: boolean) => [
    name,
    shown(figures.starts),
    describeCounts(figures.refused),
    shown(instances * volumes - figures.completed),
    shown(figures.wallMs / 1000, 's'),
    shown(figures.spreadMs / 1000, 's'),
    isLimit ? shown(limitMs / 1000, 's') : '',
    isLimit && limitMs > 0 ? shown(figures.spreadMs / limitMs) : '',
  ];
  const runs = [plain, ...(limited === null ? [] : [limited])];
  return [
    `\nOne policy of ${instances} instances x ${volumes} volumes under AWS's request limits, ${latencyMs} ms a call, buckets full at the due time.`,
    '',
    table([
      head,
      row("5  AWS's token buckets", plain, true),
      ...(limited === null ? [] : [row('   and at most 100 pending snapshots an account', limited, false)]),
    ]),
    '',
    throttleVerdict(fleet, plain.figures, limitMs),
    limitMs === 0
      ? `The buckets hold ${EC2_BURST} calls: with ${instances} instances nothing has to wait; try --instances 200.`
      : '',
    `Calls: ${describeCounts(plain.figures.callsByAction)}`,
    ...outcomeLines(fleet, runs),
    '',
  ].join('\n');
}

function throttleVerdict({ instances, volumes }: Fleet, figures: StartFigures, limitMs: number): string {
  const refused = [...figures.refused.values()].reduce((sum, count) => sum + count, 0);
  const lost = instances * volumes - figures.completed;
  const inTime = limitMs === 0 || figures.spreadMs <= 1.05 * limitMs;
  return `Goal 5: 0 refused ${verdict(refused, refused === 0)}; 0 lost ${verdict(lost, lost === 0)}; first to last call <= 1.05 x limit ${verdict(figures.spreadMs, inTime)}`;
}
