import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Instant } from '@cpm/core';
import { createLog, startServer, type Config, type RunningServer } from '@cpm/server';
import { startSimulator, type SimulatorOptions } from '@cpm/simulator';
import { sql, type Kysely } from 'kysely';
import { manualClock, type ManualClock } from '../../../packages/server/src/clock.ts';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../../packages/server/src/db/test-database.ts';
import { claimAs, type Person } from '../../flows/support/people.ts';
import { followServer, pinnedFetch } from '../../flows/support/pinned-fetch.ts';
import { simulatedAwsAt, type SimulatedAws } from '../../flows/support/simulated-aws.ts';
import { noteWriters } from '../../invariants/i10-fence.ts';
import { createDriver, type Driver } from './settle.ts';

/** What is made once for many seeds: a database with a claimed installation, and its data directory. */
export type House = {
  /** Empties the house, and starts server and simulated AWS at that time of the one clock. */
  readonly open: (opening: Opening) => Promise<Stage>;
  readonly close: () => Promise<void>;
};

export type Opening = {
  /** Where the clock starts (epoch ms). */
  readonly startMs: number;
  readonly aws: Omit<SimulatorOptions, 'clock'>;
  /** Called whenever time has passed, with the server's time. */
  readonly onSettled: (now: Instant) => void;
};

/** One run's server and AWS. */
export type Stage = {
  readonly clock: ManualClock;
  readonly driver: Driver;
  readonly aws: Omit<SimulatedAws, 'stop'>;
  readonly db: Kysely<Database>;
  readonly anna: Person;
  /** Stops the server, lets so much time pass without it, and starts it again. */
  readonly restart: (outageMs: number) => Promise<void>;
  /** What AWS takes the time for. */
  readonly awsNow: () => number;
  readonly log: () => string;
  readonly scriptsDir: string;
  readonly close: () => Promise<void>;
};

/** Who this installation is and who uses it; everything else belongs to a seed. */
const KEPT = new Set(['settings', 'users', 'sessions', 'api_tokens']);
const CLAIM_SECRET = 'the claim secret of a simulation';
/** Before the first moment that any seed begins at. */
const BUILT_AT = Date.parse('2026-01-01T00:00:00.000Z');

/** Makes a house: needs the PostgreSQL and the template of the test set-up. */
export async function buildHouse(): Promise<House> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'cpm-simulate-'));
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: database.url,
    awsEndpointUrl: 'http://127.0.0.1:9',
    timeZone: 'UTC',
    claimSecret: CLAIM_SECRET,
    logLevel: 'warn',
    consoleDir: join(dataDir, 'no-console'),
  };
  let port = 0;
  const first = await startServer(config, createLog('error'), { clock: manualClock(BUILT_AT) });
  ({ port } = first);
  const door = followServer(pinnedFetch(first.certificate), () => port);
  const anna = await claimAs({ door }, CLAIM_SECRET, 'anna');
  await first.stop();
  await noteWriters(database.db);
  // Some seeds begin years later.
  await database.db.updateTable('api_tokens').set({ expires_at: null }).execute();
  const settings = await database.db.selectFrom('settings').selectAll().execute();
  const names = settings.map(({ key }) => key);
  const open: House['open'] = async (opening) => {
    await empty(database.db);
    await database.db.deleteFrom('settings').where('key', 'not in', names).execute();
    for (const { key, value } of settings) {
      await database.db
        .updateTable('settings')
        .set({ value: sql`${JSON.stringify(value)}::jsonb` })
        .where('key', '=', key)
        .execute();
    }
    return openStage({ database, config, anna, onPort: (at) => void (port = at) }, opening);
  };
  const close = async () => {
    door.close();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { open, close };
}

type Parts = {
  readonly database: TestDatabase;
  readonly config: Config;
  readonly anna: Person;
  readonly onPort: (port: number) => void;
};

async function openStage(
  { database: { db, url }, config, anna, onPort }: Parts,
  { startMs, aws: options, onSettled }: Opening,
): Promise<Stage> {
  const clock = manualClock(startMs);
  // AWS's time is nobody's to set: it follows the time that goes by, whatever is done to the server's clock.
  const awsClock = { now: () => startMs + clock.monotonicMs() };
  const simulator = await startSimulator({ ...options, clock: awsClock });
  const lines: string[] = [];
  let starts = 0;
  const start = () => {
    starts += 1;
    // By this name the database knows which server wrote what (I10).
    const databaseUrl = `${url}${url.includes('?') ? '&' : '?'}application_name=server-${starts}`;
    const log = createLog(config.logLevel, keep(lines));
    // Always the middle: what is spread by chance must not differ between two runs of a seed.
    const edges = { clock, random: () => 0.5 };
    return startServer({ ...config, databaseUrl, awsEndpointUrl: simulator.url }, log, edges);
  };
  let server: RunningServer | null = await start();
  onPort(server.port);
  const isUp = () => server !== null;
  const driver = await createDriver({ url, clock, isRunning: isUp, onSettled: () => onSettled(clock.now()) });
  const stop = async () => {
    const running = server;
    server = null;
    await running?.stop();
  };
  const restart = async (outageMs: number) => {
    await stop();
    await clock.advance(outageMs);
    server = await start();
    onPort(server.port);
    await driver.settle();
    onSettled(clock.now());
  };
  const close = async () => {
    await stop();
    await Promise.all([driver.close(), simulator.stop()]);
  };
  const scriptsDir = join(config.dataDir, 'scripts');
  const log = () => lines.join('');
  const aws = simulatedAwsAt(simulator.url);
  const patient = { ...anna, call: ((...given) => driver.ask(anna.call(...given))) as Person['call'] };
  return { clock, driver, aws, db, anna: patient, restart, awsNow: awsClock.now, log, scriptsDir, close };
}

async function empty(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%'`.execute(db);
  const names = rows.map(({ name }) => name).filter((name) => !KEPT.has(name) && !name.startsWith('schema_'));
  await sql`truncate ${sql.join(names.map((name) => sql.table(name)))} restart identity`.execute(db);
}

function keep(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
}
