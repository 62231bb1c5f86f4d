import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLog, startServer, type Config, type RunningServer } from '@cpm/server';
import type { SimulatorOptions } from '@cpm/simulator';
import type { Kysely } from 'kysely';
import { manualClock, type ManualClock } from '../../../packages/server/src/clock.ts';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import { createTestDatabase } from '../../../packages/server/src/db/test-database.ts';
import { addIndependent, claimAs, send, type Person, type RawInput } from './people.ts';
import { followServer, pinnedFetch, type PinnedFetch } from './pinned-fetch.ts';
import { startSimulatedAws, type AccessKey, type SimulatedAws } from './simulated-aws.ts';
import { runClock, type RunUntil } from './run-clock.ts';

/** A Monday, 09:00 in UTC: where the hand-moved clock of server and simulator starts. */
export const START_AT = Date.parse('2026-06-01T09:00:00.000Z');

export type TestServerOptions = {
  readonly estate?: SimulatorOptions['estate'];
  /** As whom the test acts in AWS itself; acme's production unless told. */
  readonly keys?: AccessKey;
  readonly simulator?: Omit<SimulatorOptions, 'clock' | 'estate'>;
  readonly config?: Partial<Config>;
};

/** A real server (HTTPS, its own database) with a simulated AWS, both on one clock that stands until moved. */
export type UnclaimedServer = {
  /** The server as it runs now. */
  readonly server: () => RunningServer;
  /** Stops the server, does something meanwhile and starts it again; people find it, though its port is another. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>;
  readonly clock: ManualClock;
  readonly aws: SimulatedAws;
  readonly db: Kysely<Database>;
  readonly dataDir: string;
  readonly door: PinnedFetch;
  /** A request below `/api/v1` of nobody. */
  readonly anonymous: (method: string, path: string, input?: RawInput) => Promise<Response>;
  /** Everything the server has logged, debug lines included. */
  readonly log: () => string;
  /** Moves the clock from one thing due to the next until the answer is neither false, null nor undefined. */
  readonly runUntil: RunUntil;
  /** Stops everything and removes what it left. */
  readonly stop: () => Promise<void>;
};

export type TestServer = UnclaimedServer & {
  /** The root user, who claimed the server. */
  readonly anna: Person;
  /** An independent user, who owns things of his own. */
  readonly ben: Person;
};

/** Starts a server as below, with its two users. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const at = await startUnclaimedServer(options);
  const anna = await claimAs(at, at.server().claimSecret ?? '', 'anna');
  const ben = await addIndependent(at, at.db, 'ben');
  return { ...at, anna, ben };
}

/**
 * Starts a server the way `npm start` does, on a free port. Needs the database of vitest's global set-up. The AWS of the
 * estate (acme unless told) has no request limits unless the options ask for them.
 */
export async function startUnclaimedServer(options: TestServerOptions = {}): Promise<UnclaimedServer> {
  const clock = manualClock(START_AT);
  const estate = options.estate ?? 'acme';
  const aws = await startSimulatedAws({ estate, limits: 'off', ...options.simulator, clock }, options.keys);
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'cpm-flow-'));
  const lines: string[] = [];
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: database.url,
    awsEndpointUrl: aws.url,
    timeZone: 'UTC',
    claimSecret: null,
    logLevel: 'debug',
    consoleDir: join(dataDir, 'no-console'),
    ...options.config,
  };
  const start = () => startServer(config, createLog(config.logLevel, keep(lines)), { clock });
  let server = await start();
  const door = followServer(pinnedFetch(server.certificate), () => server.port);
  const at = { door };
  const stop = async () => {
    door.close();
    await server.stop();
    await Promise.all([aws.stop(), database.drop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
  const restart = async (meanwhile = async () => {}) => {
    await server.stop();
    await meanwhile();
    server = await start();
  };
  return {
    server: () => server,
    restart,
    clock,
    aws,
    db: database.db,
    dataDir,
    door,
    anonymous: (method, path, input) => send(at, method, path, input),
    log: () => lines.join(''),
    runUntil: runClock(database.db, clock),
    stop,
  };
}

function keep(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
}
