import type { Recovery } from '@cpm/contract';
import { median, shown, spreadOf, table } from './figures.ts';
import type { AwsCall } from './simulated-aws.ts';
import { describeCounts } from './start-figures.ts';

/** One recovery with every request that AWS has seen since it was asked for. */
export type CpmRecovery = {
  readonly recovery: Recovery;
  readonly calls: readonly AwsCall[];
  readonly askedMs: number;
  readonly endedMs: number;
};

const verdict = (isReached: boolean): string => (isReached ? 'reached' : 'MISSED');
const FLOOR_CALLS = { launched: 2, all: 4 };

/** From its first call that makes something on: what came before was looked at so that nothing wrong is begun. */
const making = ({ calls }: CpmRecovery): readonly AwsCall[] =>
  calls.slice(
    Math.max(
      0,
      calls.findIndex(({ action }) => action === 'RegisterImage'),
    ),
  );

const upToLaunch = (calls: readonly AwsCall[]): readonly AwsCall[] =>
  calls.slice(0, calls.findIndex(({ action }) => action === 'RunInstances') + 1);

type One = {
  readonly floorMs: { readonly launched: number; readonly all: number };
  readonly plain: readonly CpmRecovery[];
  readonly tagged: CpmRecovery;
};
type OneOptions = { readonly volumes: number; readonly startMs: number; readonly latencyMs: number };

/** Row 15: one instance with all its volumes. */
export function reportOne({ volumes, startMs, latencyMs }: OneOptions, { floorMs, plain, tagged }: One): string {
  const callsUntil = Math.max(...plain.map((each) => upToLaunch(making(each)).length));
  const callsAll = Math.max(...plain.map((each) => making(each).length));
  const launchedMs = median(
    plain.map(
      (each) => (upToLaunch(making(each)).at(-1)?.endedAtMs ?? Number.NaN) - (making(each)[0]?.arrivedAtMs ?? 0),
    ),
  );
  const makingMs = median(plain.map((each) => each.endedMs - (making(each)[0]?.arrivedAtMs ?? 0)));
  const wallMs = median(plain.map((each) => each.endedMs - each.askedMs));
  const checks = plain[0]?.calls.length ?? 0;
  const checked = checks - (plain[0] === undefined ? 0 : making(plain[0]).length);
  const ratio = makingMs / floorMs.all;
  return [
    `\nOne instance with ${volumes} volumes, ${latencyMs} ms a call, ${startMs} ms until it runs, ${plain.length} runs.`,
    '',
    table([
      ['15', 'floor', 'CPM', 'ratio', 'goal', ''],
      ['calls until launched', `${FLOOR_CALLS.launched}`, `${callsUntil}`, '', '2', verdict(callsUntil <= 2)],
      ['calls in all', `${FLOOR_CALLS.all}`, `${callsAll}`, '', '<= 5', verdict(callsAll <= 5)],
      [
        'first call to launched',
        shown(floorMs.launched, 'ms'),
        shown(launchedMs, 'ms'),
        shown(launchedMs / floorMs.launched),
        '',
        '',
      ],
      [
        'first call to end',
        shown(floorMs.all, 'ms'),
        shown(makingMs, 'ms'),
        shown(ratio),
        '<= 1.3 x floor',
        verdict(ratio <= 1.3),
      ],
      ['asked to end', '', shown(wallMs, 'ms'), shown(wallMs / floorMs.all), '', ''],
    ]),
    '',
    `Before that ${checked} calls looked, at once, whether it can be done; the floor looks at nothing.`,
    `With the volumes' own tags: ${making(tagged).length} calls (${describeCounts(countBy(making(tagged)))}).`,
    '',
  ].join('\n');
}

type Drill = {
  readonly calls: readonly AwsCall[];
  readonly asked: number;
  readonly good: number;
  readonly made: number;
  readonly askedMs: number;
  readonly endedMs: number;
};

const BURST = 5;
const REFILL_PER_SECOND = 2;

/** Row 16: everything of a policy at once. */
export function reportDrill(
  { latencyMs, startMs }: Pick<OneOptions, 'latencyMs' | 'startMs'>,
  { calls, asked, good, made, askedMs, endedMs }: Drill,
): string {
  const launches = calls.filter(({ action }) => action === 'RunInstances');
  const refused = calls.filter(({ code }) => code !== 'OK');
  const limitMs = (Math.max(0, asked - BURST) / REFILL_PER_SECOND) * 1000;
  const wallMs = spreadOf(launches.map(({ arrivedAtMs }) => arrivedAtMs));
  const lost = asked - good + Math.abs(made - asked);
  return [
    `\n${asked} instances of one policy at once under AWS's request limits, ${latencyMs} ms a call, ${startMs} ms until they run.`,
    '',
    table([
      ['16', 'limit', 'CPM', 'ratio', 'goal', ''],
      [
        'first to last launch',
        shown(limitMs / 1000, 's'),
        shown(wallMs / 1000, 's'),
        limitMs === 0 ? '' : shown(wallMs / limitMs),
        '<= 1.1 x limit',
        limitMs === 0 ? 'nothing has to wait' : verdict(wallMs <= 1.1 * limitMs),
      ],
      [
        'asked to all ended',
        '',
        shown((endedMs - askedMs) / 1000, 's'),
        limitMs === 0 ? '' : shown((endedMs - askedMs) / limitMs),
        '',
        '',
      ],
      ['lost, or one too many', '0', `${lost}`, '', '0', verdict(lost === 0)],
      ['refused calls', '0', `${refused.length}`, '', '', ''],
    ]),
    '',
    `Calls: ${describeCounts(countBy(calls))}.`,
    '',
  ].join('\n');
}

const countBy = (calls: readonly AwsCall[]): Map<string, number> =>
  new Map([...Map.groupBy(calls, ({ action }) => action)].map(([name, each]) => [name, each.length]));
