import { startSimulator, type SimulatorOptions } from '@cpm/simulator';
import type { Shape } from '../../../packages/simulator/src/testing/driver.ts';
import { sdkDriver } from '../../../packages/simulator/src/testing/sdk-driver.ts';

/** The access keys of the acme estate. */
export const ACME = {
  production: {
    accessKeyId: 'AKIAACMEPRODUCTION01',
    secretAccessKey: 'simulated-secret-of-acme-production-0001',
  },
  readOnly: { accessKeyId: 'AKIAACMEREADONLY0001', secretAccessKey: 'simulated-secret-of-acme-read-only-00001' },
  /** Another user of production, who may do everything. */
  restorer: {
    accessKeyId: 'AKIAACMERESTORER0001',
    secretAccessKey: 'simulated-secret-of-acme-restorer-000001',
  },
  recovery: { accessKeyId: 'AKIAACMERECOVERY0001', secretAccessKey: 'simulated-secret-of-acme-recovery-000001' },
} as const;

/** The access key of the estate every-kind. */
export const EVERY_KIND: AccessKey = {
  accessKeyId: 'AKIAEVERYKIND0000001',
  secretAccessKey: 'simulated-secret-of-every-kind-000000001',
};

export type AccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** One thing that exists or existed in the simulated AWS, as `/_simulator/inventory` tells it. */
export type Thing = {
  readonly type: string;
  readonly id: string;
  readonly region: string;
  readonly account: string;
  readonly state?: string;
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly madeBy: { readonly action: string; readonly accessKey: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly volumeId?: string;
  readonly snapshotId?: string;
  readonly sizeGiB?: number;
  readonly zone?: string;
  readonly name?: string;
  readonly attachments?: readonly { readonly volumeId: string; readonly instanceId: string; readonly device: string }[];
};

/** A fault as `/_simulator/faults` takes it. */
export type Fault = Readonly<Record<string, unknown>> & { readonly kind: string };

type Call = {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly code: string;
  readonly accessKey: string;
};

/** Faults that were set together. */
export type SetFaults = {
  /** How often the first of them struck. */
  readonly struck: () => Promise<number>;
  readonly clear: () => Promise<void>;
};

export type SimulatedAws = {
  readonly url: string;
  /** Everything that is there now, narrowed by type, region, account, id or state; `all` adds what was deleted. */
  readonly things: (narrow?: Readonly<Record<string, string>>, all?: 'all') => Promise<Thing[]>;
  /** Sets faults; answers how to take exactly these away. */
  readonly fault: (...faults: readonly Fault[]) => Promise<() => Promise<void>>;
  /** Sets faults that are watched one by one, whatever others are set. */
  readonly watchedFault: (...faults: readonly Fault[]) => Promise<SetFaults>;
  readonly calls: (narrow?: Readonly<Record<string, string>>) => Promise<Call[]>;
  readonly forgetCalls: () => Promise<void>;
  /** What somebody does behind CPM's back, as acme's production unless told: an action by its API name, of EC2 unless told. */
  readonly act: (
    region: string,
    action: string,
    input: object,
    service?: 'ec2' | 'iam' | 'rds' | 'redshift',
  ) => Promise<Shape>;
  /** How often each fault struck, in the order they were set. */
  readonly struck: () => Promise<number[]>;
  readonly change: (settings: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Starts a simulated AWS on a free port, with its truth (inventory, calls) and its faults at hand. */
export async function startSimulatedAws(options: SimulatorOptions = {}, keys?: AccessKey): Promise<SimulatedAws> {
  const simulator = await startSimulator({ seed: 7, ...options });
  return { ...simulatedAwsAt(simulator.url, keys), stop: simulator.stop };
}

/** The same of a simulator that runs already. */
export function simulatedAwsAt(url: string, keys: AccessKey = ACME.production): Omit<SimulatedAws, 'stop'> {
  const ask = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/_simulator/${path}`, init);
    if (!answer.ok) throw new Error(`the simulator refused ${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const hands = sdkDriver();
  const query = (narrow: Readonly<Record<string, string>>) => new URLSearchParams(narrow).toString();
  const watchedFault = async (...faults: readonly Fault[]): Promise<SetFaults> => {
    const { faults: set } = await ask<{ faults: { id: string }[] }>('faults', 'POST', faults);
    const clear = async () => {
      for (const { id } of set) await ask(`faults/${id}`, 'DELETE');
    };
    const struck = async () => {
      const { faults: all } = await ask<{ faults: { id: string; fired: number }[] }>('faults');
      return all.find(({ id }) => id === set[0]?.id)?.fired ?? 0;
    };
    return { struck, clear };
  };
  return {
    url,
    async things(narrow = {}, all) {
      const found = await ask<{ resources: Thing[] }>(`inventory?${query(narrow)}`);
      // What cannot bear tags has none.
      const resources = found.resources.map((thing) => ({ ...thing, tags: thing.tags ?? {} }));
      return all === 'all' ? resources : resources.filter(({ deletedAt }) => deletedAt === undefined);
    },
    fault: async (...faults) => (await watchedFault(...faults)).clear,
    watchedFault,
    calls: async (narrow = {}) => (await ask<{ calls: Call[] }>(`calls?${query(narrow)}`)).calls,
    forgetCalls: async () => void (await ask('calls', 'DELETE')),
    act: (region, action, input, service = 'ec2') => hands.call({ url, service, region, ...keys }, action, input),
    struck: async () => (await ask<{ faults: { fired: number }[] }>('faults')).faults.map(({ fired }) => fired),
    change: async (settings) => void (await ask('settings', 'POST', settings)),
  };
}
