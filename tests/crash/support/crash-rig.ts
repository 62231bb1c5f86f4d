import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import type { Point } from './points.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import { strikeAt } from './strike.ts';
import type { Ground } from './trap.ts';

export const CLAIM_SECRET = 'the claim secret of a crash test';

const CONFIG: Omit<Config, 'dataDir' | 'databaseUrl' | 'awsEndpointUrl'> = {
  host: '127.0.0.1',
  port: 0,
  timeZone: 'UTC',
  claimSecret: CLAIM_SECRET,
  logLevel: 'warn',
  consoleDir: fileURLToPath(new URL('no-console', import.meta.url)),
};

/** A real server as a child process, to be killed and started again, with database and simulated AWS outside of it. */
export type CrashRig = Stage & {
  /** Where the server keeps what is not in its database, its scripts among it. */
  readonly dataDir: string;
  readonly start: () => Promise<void>;
  /** Kills the server at once and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Strikes the server at the point, unless all is over before: false then. */
  readonly strikeAt: (point: Point, isOver: () => Promise<boolean>) => Promise<boolean>;
  /** All that the servers have logged, from warnings on. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
} & Pick<Ground, 'dieAtStart' | 'isDead'>;

/** Starts the server for the first time and claims it. Each server has a name of its own in the database (I10). */
export async function createCrashRig(): Promise<CrashRig> {
  const own = manualClock(START_AT);
  const aws = await startSimulatedAws({ clock: own, limits: 'off' });
  const { db, url, drop } = await createTestDatabase();
  await noteWriters(db);
  const dataDir = await mkdtemp(join(tmpdir(), 'cpm-crash-'));
  const { dir, remove } = await bundleServer();
  const logged: string[] = [];
  const onLog = (text: string) => {
    logged.push(text);
    if (process.env['CPM_TEST_LOG'] === 'warn') process.stderr.write(text);
  };
  let server: ServerProcess | null = null;
  let port = 0;
  let count = 0;

  const start = async () => {
    const databaseUrl = withName(url, `server-${(count += 1)}`);
    const config: Config = { ...CONFIG, dataDir, databaseUrl, awsEndpointUrl: aws.url };
    server = await startServerProcess({ input: { config, nowMs: own.now() }, dir, onLog });
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
  const dieAtStart: Ground['dieAtStart'] = async (step, nth, when) => {
    await server?.order(`die ${step} ${nth} ${when}`, 'armed');
  };
  const target = { aws, dataDir, dieAtStart, isDead, runUntil, kill, start };

  await start();
  const certificate = await readFile(join(dataDir, 'tls', 'server.crt'), 'utf8');
  const door = followServer(pinnedFetch(certificate), () => port);
  const anna: Person = await claimAs({ door }, CLAIM_SECRET, 'anna');
  const stop = async () => {
    await kill();
    door.close();
    await Promise.all([aws.stop(), drop(), remove()]);
    await rm(dataDir, { recursive: true, force: true });
  };
  const log = () => logged.join('');
  const strike: CrashRig['strikeAt'] = (point, isOver) => strikeAt(target, point, isOver);
  return { anna, db, aws, clock, runUntil, dataDir, start, kill, dieAtStart, isDead, strikeAt: strike, log, stop };
}

function withName(url: string, name: string): string {
  const named = new URL(url);
  named.searchParams.set('application_name', name);
  return named.href;
}
