import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '@cpm/server';
import { manualClock } from '../../../packages/server/src/clock.ts';
import { createTestDatabase } from '../../../packages/server/src/db/test-database.ts';
import { claimAs, type Person } from '../../flows/support/people.ts';
import { followServer, pinnedFetch } from '../../flows/support/pinned-fetch.ts';
import { runClock, type MovedClock } from '../../flows/support/run-clock.ts';
import { startSimulatedAws } from '../../flows/support/simulated-aws.ts';
import type { Stage } from '../../flows/support/stories.ts';
import { START_AT } from '../../flows/support/test-server.ts';
import { noteWriters } from '../../invariants/i10-fence.ts';
import { bundleServer } from './bundled-server.ts';
import { nameOf, type Point } from './points.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import { setTrap } from './trap.ts';

export const CLAIM_SECRET = 'the claim secret of a crash test';

/** A real server as a child process, to be killed and started again, with database and simulated AWS outside of it. */
export type CrashRig = Stage & {
  /** Where the server keeps what is not in its database, its scripts among it. */
  readonly dataDir: string;
  readonly start: () => Promise<void>;
  /** Kills the server at once and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /**
   * Sets a trap at the point, has it begun, and lets time go by until the trap springs or all is over. Where it sprang the
   * server is killed and started again, or lives on where an answer was lost. False where it did not spring.
   */
  readonly strikeAt: (point: Point, isOver: () => Promise<boolean>) => Promise<boolean>;
  /** All that the servers have logged, from warnings on. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

/** Starts the server for the first time and claims it. Each server has a name of its own in the database (I10). */
export async function createCrashRig(): Promise<CrashRig> {
  const own = manualClock(START_AT);
  const aws = await startSimulatedAws({ clock: own, limits: 'off' });
  const { db, url, drop } = await createTestDatabase();
  await noteWriters(db);
  const dataDir = await mkdtemp(join(tmpdir(), 'cpm-crash-'));
  const { dir } = await bundleServer();
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: url,
    awsEndpointUrl: aws.url,
    timeZone: 'UTC',
    claimSecret: CLAIM_SECRET,
    logLevel: 'warn',
    consoleDir: join(dataDir, 'no-console'),
  };
  const logged: string[] = [];
  const onLog = (text: string) => {
    logged.push(text);
    if (process.env['CPM_TEST_LOG'] === 'warn') process.stderr.write(text);
  };
  let server: ServerProcess | null = null;
  let port = 0;
  let count = 0;

  const start = async () => {
    const named = { ...config, databaseUrl: withName(url, `server-${(count += 1)}`) };
    server = await startServerProcess({ input: { config: named, nowMs: own.now() }, dir, onLog });
    ({ port } = server);
  };
  const kill = async () => {
    await server?.kill();
    server = null;
  };
  const clock: MovedClock = {
    now: own.now,
    async advance(ms) {
      await own.advance(ms);
      await server?.order(`move ${ms}`, 'moved');
    },
  };
  const runUntil = runClock(db, clock);
  const isDead = () => server?.isDead() !== false;
  const dieAtStart = async (step: string, nth: number) => server?.order(`die ${step} ${nth}`, 'armed');
  const strikeAt: CrashRig['strikeAt'] = async (point, isOver) => {
    const { hasSprung, clear } = await setTrap({ aws, dataDir, dieAtStart, isDead }, point);
    const seen = await runUntil(`${nameOf(point)} or all is over`, async () => {
      if (await hasSprung()) return 'sprung';
      // The server may die at its point while it is asked.
      const over = await isOver().catch(async (error: unknown) => {
        if (!(await hasSprung())) throw error;
      });
      return over === true && 'over';
    });
    if (process.env['XT']) console.log('  sprung', performance.now() | 0);
    const isKilled = seen === 'sprung' && point.when !== 'dropped';
    if (isKilled) await kill();
    // What is held must be held until another server is there: a script that ended alone would never be found.
    if (isKilled) await start();
    if (process.env['XT']) console.log('  started', performance.now() | 0);
    await clear();
    return seen === 'sprung';
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
  return { anna, db, aws, clock, runUntil, dataDir, start, kill, strikeAt, log: () => logged.join(''), stop };
}

function withName(url: string, name: string): string {
  const named = new URL(url);
  named.searchParams.set('application_name', name);
  return named.href;
}
