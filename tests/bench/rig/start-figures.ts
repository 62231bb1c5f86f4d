import { spreadOf } from './figures.ts';
import type { AwsCall, SimulatedAws } from './simulated-aws.ts';

/** What one run over the fleet did to AWS, by what AWS itself has seen. Times are from the run's due moment. */
export type StartFigures = {
  /** Requests with an action, whatever their answer. */
  readonly calls: number;
  readonly callsByAction: ReadonlyMap<string, number>;
  /** Unsigned requests without an action, which only opened a connection: AWS counts and charges them nowhere. */
  readonly connectionOpenings: number;
  readonly refused: ReadonlyMap<string, number>;
  /** Calls that were accepted and made snapshots. */
  readonly starts: number;
  readonly firstCallMs: number;
  /** From the arrival of the first snapshot call to the arrival of the last. */
  readonly spreadMs: number;
  /** Until AWS had answered the last snapshot call. */
  readonly wallMs: number;
  /** The worst over the instances: from the first to the last snapshot of one. */
  readonly skewMs: number;
  readonly snapshots: number;
  readonly completed: number;
};

const isStart = ({ action }: AwsCall): boolean => action === 'CreateSnapshots' || action === 'CreateSnapshot';

/** Reads the figures of the run that was due then; no other run may have been under way since. */
export async function readStartFigures(aws: SimulatedAws, dueAtMs: number): Promise<StartFigures> {
  // The clock of snapshots shows whole milliseconds, the other one fractions.
  const [all, snapshots] = await Promise.all([aws.calls(), aws.snapshotsSince(Math.floor(dueAtMs))]);
  const calls = all.filter(({ action }) => action !== '');
  const starts = calls.filter((call) => isStart(call) && call.code === 'OK');
  const byInstance = Map.groupBy(snapshots, ({ instanceId }) => instanceId);
  const skews = [...byInstance.values()].map((each) => spreadOf(each.map(({ createdAtMs }) => createdAtMs)));
  return {
    calls: calls.length,
    callsByAction: countBy(calls, ({ action }) => action),
    connectionOpenings: all.length - calls.length,
    refused: countBy(
      calls.filter(({ code }) => code !== 'OK'),
      ({ code }) => code,
    ),
    starts: starts.length,
    firstCallMs: (calls[0]?.arrivedAtMs ?? Number.NaN) - dueAtMs,
    spreadMs: spreadOf(starts.map(({ arrivedAtMs }) => arrivedAtMs)),
    wallMs: Math.max(...starts.map(({ endedAtMs }) => endedAtMs)) - dueAtMs,
    skewMs: Math.max(0, ...skews),
    snapshots: snapshots.length,
    completed: snapshots.filter(({ state }) => state === 'completed').length,
  };
}

function countBy<Value>(values: readonly Value[], nameOf: (value: Value) => string): Map<string, number> {
  return new Map([...Map.groupBy(values, nameOf)].map(([name, each]) => [name, each.length]));
}

/** `CreateSnapshots 50, DescribeInstances 1`, the most frequent first. */
export function describeCounts(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  return sorted.length === 0 ? 'none' : sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
