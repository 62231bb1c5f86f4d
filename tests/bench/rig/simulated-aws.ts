import { fleet } from '@cpm/simulator';
import { startChild, type Child } from './child.ts';

export const REGION = 'us-east-1';

/** A request as it reached the simulated AWS. */
export type AwsCall = {
  readonly action: string;
  readonly code: string;
  readonly arrivedAtMs: number;
  readonly endedAtMs: number;
};

/** A snapshot that exists, with the instance whose volume it shows. */
export type MadeSnapshot = {
  readonly id: string;
  readonly state: string;
  readonly createdAtMs: number;
  readonly instanceId: string;
};

export type SimulatedAws = {
  readonly url: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly instanceIds: () => Promise<string[]>;
  /** Every request since `forgetCalls`, by arrival. Those without an action only opened a connection. */
  readonly calls: () => Promise<AwsCall[]>;
  readonly forgetCalls: () => Promise<void>;
  readonly snapshotsSince: (sinceMs: number) => Promise<MadeSnapshot[]>;
  readonly delayEveryCall: (delayMs: number) => Promise<void>;
  readonly setLimits: (limits: AwsLimits) => Promise<void>;
  /** How long AWS takes for things; the others stay as they are. */
  readonly setTiming: (timing: Partial<AwsTiming>) => Promise<void>;
  readonly subnetOf: (instanceId: string) => Promise<string>;
  readonly stop: Child['stop'];
};

/** `throttling`: AWS's token buckets. Null leaves AWS's own number of pending snapshots in force. */
export type AwsLimits = { readonly throttling: boolean; readonly pendingSnapshots: number | null };

export type AwsTiming = {
  readonly instanceStartMs: number;
  readonly snapshotBaseMs: number;
  readonly snapshotPerGiBMs: number;
};

type Control = (method: string, path: string, body?: unknown) => Promise<unknown>;
type Resource = {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly volumeId: string;
  readonly subnetId: string;
  readonly attachments: readonly { readonly volumeId: string }[];
};
type RawCall = {
  readonly action: string;
  readonly code: string;
  readonly arrivedAtMs: number;
  readonly durationMs: number;
};

/** Starts the simulator in a process of its own with a fleet of alike instances. */
export async function startSimulatedAws(instances: number, volumes: number): Promise<SimulatedAws> {
  const file = new URL('simulator-child.ts', import.meta.url);
  const { child, ready } = await startChild<{ readonly url: string }>({
    file,
    args: [`fleet:${instances}x${volumes}`],
  });
  const control = controlOf(ready.url);
  const [key] = fleet(1, 1).accounts[0]?.accessKeys ?? [];
  if (key === undefined) throw new Error('the fleet has no access key');
  const resources = async (type: string) => {
    const found = await control('GET', `inventory?type=${type}&region=${REGION}`);
    return (found as { readonly resources: readonly Resource[] }).resources;
  };
  return {
    url: ready.url,
    keys: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
    instanceIds: async () => (await resources('instance')).map(({ id }) => id),
    calls: async () => {
      const { calls } = (await control('GET', 'calls')) as { readonly calls: readonly RawCall[] };
      return calls.map(toCall).toSorted((one, other) => one.arrivedAtMs - other.arrivedAtMs);
    },
    forgetCalls: async () => void (await control('DELETE', 'calls')),
    snapshotsSince: async (sinceMs) => {
      const owners = instanceByVolume(await resources('instance'));
      const made = (await resources('snapshot')).map((snapshot) => toSnapshot(snapshot, owners));
      return made.filter(({ createdAtMs }) => createdAtMs >= sinceMs);
    },
    delayEveryCall: async (delayMs) => void (await control('POST', 'faults', { kind: 'delay', delayMs })),
    setLimits: async ({ throttling, pendingSnapshots }) => {
      const pending = pendingSnapshots === null ? {} : { pendingSnapshotsPerAccount: pendingSnapshots };
      await control('POST', 'settings', { limits: { throttling, ...pending } });
    },
    setTiming: async (timing) => void (await control('POST', 'settings', { timing })),
    subnetOf: async (instanceId) => (await resources('instance')).find(({ id }) => id === instanceId)?.subnetId ?? '',
    stop: child.stop,
  };
}

function controlOf(url: string): Control {
  return async (method, path, body) => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}/_simulator/${path}`, init);
    if (!answer.ok) throw new Error(`the simulator refused ${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
}

const toCall = ({ action, code, arrivedAtMs, durationMs }: RawCall): AwsCall => ({
  action,
  code,
  arrivedAtMs,
  endedAtMs: arrivedAtMs + durationMs,
});

function instanceByVolume(instances: readonly Resource[]): Map<string, string> {
  return new Map(
    instances.flatMap(({ id, attachments }) => attachments.map(({ volumeId }): [string, string] => [volumeId, id])),
  );
}

const toSnapshot = (
  { id, state, createdAt, volumeId }: Resource,
  owners: ReadonlyMap<string, string>,
): MadeSnapshot => ({
  id,
  state,
  createdAtMs: Date.parse(createdAt),
  instanceId: owners.get(volumeId) ?? volumeId,
});
