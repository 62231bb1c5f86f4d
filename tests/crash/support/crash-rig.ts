import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '@cpm/server';
import { manualClock } from '../../../packages/server/src/clock.ts';
import { createTestDatabase } from '../../../packages/server/src/db/test-database.ts';
import { claimAs, type Person } from '../../flows/support/people.ts';
import { followServer, pinnedFetch } from '../../flows/support/pinned-fetch.ts';
import { runClock, type MovedClock } from '../../flows/support/run-clock.ts';
import { startSimulatedAws, type Fault } from '../../flows/support/simulated-aws.ts';
import type { Stage } from '../../flows/support/stories.ts';
import { START_AT } from '../../flows/support/test-server.ts';
import type { BackupChildInput } from './backup-child.ts';

const CHILD = fileURLToPath(new URL('backup-child.ts', import.meta.url));
const CLAIM_SECRET = 'the claim secret of a crash test';
/** So long a call is held at its point; a call held before it is carried out is carried out although nobody waits any more. */
const HELD_MS = 400;

type Child = {
  readonly process: ChildProcessWithoutNullStreams;
  /** The next line that begins so; null when the process has ended. */
  readonly line: (start: string) => Promise<string | null>;
};

/** A point in a server's life: the nth call of an action, before AWS carries it out, after, or with the answer dropped. */
export type Point = { readonly action: string; readonly when: 'before' | 'after' | 'dropped'; readonly nth?: number };

/** A real server as a child process, to be killed and started again, with database and simulated AWS outside of it. */
export type CrashRig = Stage & {
  /** Where the server keeps what is not in its database, its scripts among it. */
  readonly dataDir: string;
  readonly start: () => Promise<void>;
  /** Kills the server at once and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Lets time go by until a call reaches the point, kills the server there, and starts it again. False where none does. */
  readonly killAt: (point: Point, isOver: () => Promise<boolean>) => Promise<boolean>;
  readonly stop: () => Promise<void>;
};

/** Starts the server for the first time and claims it. */
export async function createCrashRig(): Promise<CrashRig> {
  const own = manualClock(START_AT);
  const aws = await startSimulatedAws({ clock: own, limits: 'off' });
  const { db, url, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'cpm-crash-'));
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: url,
    awsEndpointUrl: aws.url,
    timeZone: 'UTC',
    claimSecret: CLAIM_SECRET,
    logLevel: process.env['CPM_TEST_LOG'] === 'warn' ? 'warn' : 'error',
    consoleDir: join(dataDir, 'no-console'),
  };
  let child: Child | null = null;
  let port = 0;

  const start = async () => {
    child = await startChild({ config, nowMs: own.now() }, dataDir);
    const ready = await child.line('ready');
    if (ready === null) throw new Error('the server did not start');
    port = Number(ready.split(' ')[1]);
  };
  const kill = async () => {
    const gone = child === null ? null : once(child.process, 'exit');
    child?.process.kill('SIGKILL');
    child = null;
    await gone;
  };
  const clock: MovedClock = {
    now: own.now,
    async advance(ms) {
      await own.advance(ms);
      child?.process.stdin.write(`${ms}\n`);
      await child?.line('moved');
    },
  };
  const runUntil = runClock(db, clock);
  const killAt: CrashRig['killAt'] = async (point, isOver) => {
    const clear = await aws.fault(...faultsOf(point));
    const reached = await runUntil(`a call reaches ${point.action} or all is over`, async () => {
      if ((await aws.struck()).some((struck) => struck > 0)) return 'reached';
      return (await isOver()) && 'over';
    });
    if (reached === 'reached') await kill();
    await clear();
    if (reached === 'over') return false;
    // A request that was on its way arrives and is carried out.
    await delay(HELD_MS);
    await start();
    return true;
  };

  await start();
  const certificate = await readFile(join(dataDir, 'tls', 'server.crt'), 'utf8');
  const door = followServer(pinnedFetch(certificate), () => port);
  const anna: Person = await claimAs({ door }, CLAIM_SECRET, 'anna');
  const stop = async () => {
    await kill();
    door.close();
    await Promise.all([aws.stop(), drop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
  return { anna, db, aws, clock, runUntil, dataDir, start, kill, killAt, stop };
}

function faultsOf({ action, when, nth = 1 }: Point): Fault[] {
  const hold = {
    kind: 'delay',
    match: { action },
    nth,
    delayMs: HELD_MS,
    when: when === 'before' ? 'before' : 'after',
  };
  return when === 'dropped' ? [hold, { kind: 'execute-then-drop', match: { action }, nth }] : [hold];
}

async function startChild(input: BackupChildInput, dataDir: string): Promise<Child> {
  const env = {
    ...process.env,
    CPM_TEST_CHILD: JSON.stringify(input),
    NODE_COMPILE_CACHE: join(dataDir, 'compiled'),
  };
  const child = spawn(process.execPath, [CHILD], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.pipe(process.stderr, { end: false });
  // Writing to a process that was just killed is no news.
  child.stdin.on('error', () => undefined);
  const lines: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  child.on('exit', () => waiting.splice(0).forEach((give) => give(null)));
  const next = () => {
    const line = lines.shift();
    if (line !== undefined || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(line ?? null);
    return new Promise<string | null>((resolve) => waiting.push(resolve));
  };
  const line = async (begin: string) => {
    for (let read = await next(); ; read = await next()) if (read === null || read.startsWith(begin)) return read;
  };
  return { process: child, line };
}
