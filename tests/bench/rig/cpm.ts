import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import { createClient, EVENTS_PATH, type Client } from '@cpm/contract';
import { startChild, type Child } from './child.ts';
import { readEvents, type EventStream } from './event-stream.ts';
import { REGION, type SimulatedAws } from './simulated-aws.ts';
import { forgetPeak, usageOf, type Usage } from './usage.ts';

/** A CPM in a process of its own, claimed, with the fleet's account. */
export type Cpm = {
  readonly call: Client;
  readonly dataDir: string;
  readonly events: EventStream;
  readonly usage: () => Usage | null;
  readonly forgetPeak: () => void;
  /** A policy over these instances; without a schedule unless told. */
  readonly addPolicy: (
    name: string,
    instanceIds: readonly string[],
    scheduleIds?: readonly string[],
  ) => Promise<string>;
  /** A schedule that does not fire before `fireSchedules` sets its time. */
  readonly addSchedule: () => Promise<string>;
  /** Lets them fire once, at the first whole second from then (epoch ms), and not again before tomorrow. */
  readonly fireSchedules: (scheduleIds: readonly string[], fromMs: number) => Promise<{ readonly dueAtMs: number }>;
  /** What every table of its database holds, packed first. */
  readonly tableSizes: () => Promise<TableSize[]>;
  /** How long its PostgreSQL takes for the rows of a firing of all policies, and nothing else. */
  readonly bareFiringMs: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type TableSize = {
  readonly name: string;
  /** The rows alone, with what is stored beside them. */
  readonly rowBytes: number;
  /** With all indexes. */
  readonly totalBytes: number;
  /** The average row by itself; null of an empty table. */
  readonly bareRowBytes: number | null;
};

type Ready = { readonly port: number; readonly certificate: string; readonly claimSecret: string };

/** Once in the life of a benchmark. */
const DAILY = { every: 1, unit: 'days' } as const;
/** POST /policies/:policyId/targets takes so many at once. */
const MOST_TARGETS = 200;
const DAY_MS = 86_400_000;
/** As for an account whose number of pending snapshots AWS has raised out of the way; CPM is told of it. */
const RAISED = 1_000_000;

/** Starts CPM against the simulated AWS with an empty data directory. `profileDir`: where Node writes a CPU profile. */
export async function startCpm(aws: SimulatedAws, profileDir?: string, pendingSnapshots = RAISED): Promise<Cpm> {
  const directory = await mkdtemp(join(tmpdir(), 'cpm-bench-'));
  // PostgreSQL runs as another account when the benchmark is run by root: it must be able to enter.
  await chmod(directory, 0o711);
  const dataDir = join(directory, 'data');
  const { child, ready } = await startChild<Ready>({
    file: new URL('cpm-child.ts', import.meta.url),
    args: ['--port', '0', '--host', '127.0.0.1', '--data', dataDir],
    env: {
      AWS_ENDPOINT_URL: aws.url,
      CPM_LOG_LEVEL: 'warn',
      CPM_TIME_ZONE: 'UTC',
      CPM_PENDING_SNAPSHOTS: String(pendingSnapshots),
    },
    nodeOptions: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
  });
  const stop = async (stopFirst: () => void = () => {}) => {
    stopFirst();
    await child.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return await claimed({ aws, child, ready, dataDir, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

type Started = {
  readonly aws: SimulatedAws;
  readonly child: Child;
  readonly ready: Ready;
  readonly dataDir: string;
  readonly stop: (stopFirst?: () => void) => Promise<void>;
};

async function claimed({ aws, child, ready, dataDir, stop }: Started): Promise<Cpm> {
  setDefaultCACertificates([ready.certificate]);
  const baseUrl = `https://localhost:${ready.port}/api/v1`;
  let cookie = '';
  const call = createClient({
    baseUrl,
    headers: () => ({ cookie }),
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      return answer;
    },
  });
  const password = randomBytes(12).toString('hex');
  const claim = { name: 'bench', email: 'bench@example.com', password, secret: ready.claimSecret };
  await call('POST /setup/claim', { body: claim });
  const { id: accountId } = await call('POST /accounts', { body: { name: 'fleet', ...aws.keys } });
  const events = await readEvents(`${baseUrl}${EVENTS_PATH}`, cookie);
  return {
    call,
    dataDir,
    events,
    usage: () => usageOf(child.pid, dataDir),
    forgetPeak: () => forgetPeak(child.pid),
    addPolicy: async (name, instanceIds, scheduleIds = []) => {
      const body = { name, accountId, scheduleIds: [...scheduleIds] };
      const { id: policyId } = await call('POST /policies', { body });
      for (let first = 0; first < instanceIds.length; first += MOST_TARGETS) {
        const some = instanceIds.slice(first, first + MOST_TARGETS);
        const targets = some.map((resourceId) => ({ kind: 'instance' as const, region: REGION, resourceId }));
        await call('POST /policies/:policyId/targets', { params: { policyId }, body: { targets } });
      }
      return policyId;
    },
    addSchedule: async () => {
      const body = scheduleAt(Date.now() + DAY_MS, randomBytes(8).toString('hex'));
      return (await call('POST /schedules', { body })).id;
    },
    fireSchedules: (scheduleIds, fromMs) => fireSchedules(call, scheduleIds, fromMs),
    tableSizes: () => child.ask<TableSize[]>('tableSizes'),
    bareFiringMs: () => child.ask<number>('bareFiringMs'),
    stop: () => stop(events.close),
  };
}

async function fireSchedules(call: Client, scheduleIds: readonly string[], fromMs: number) {
  const dueAtMs = Math.ceil(fromMs / 1000) * 1000;
  for (const scheduleId of scheduleIds) {
    const { name } = await call('GET /schedules/:scheduleId', { params: { scheduleId } });
    await call('PUT /schedules/:scheduleId', { params: { scheduleId }, body: scheduleAt(dueAtMs, name) });
  }
  if (Date.now() >= dueAtMs) throw new Error('a schedule was due before it was set up');
  return { dueAtMs };
}

function scheduleAt(firstMs: number, name: string) {
  return { name, repeat: DAILY, startLocal: new Date(firstMs).toISOString().slice(0, 19), zone: 'UTC' };
}
