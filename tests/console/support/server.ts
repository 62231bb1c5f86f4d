import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, startServer, type Config } from '@cpm/server';
import { acme, startSimulator } from '@cpm/simulator';

/** Snapshots and starts that take a moment, so that backups and recoveries can be seen at work, and not longer than a test may wait. */
const TIMING = {
  snapshotBaseMs: 4_000,
  snapshotPerGiBMs: 5,
  volumeCreateMs: 500,
  attachMs: 300,
  instanceStartMs: 5_000,
} as const;

export type ConsoleServer = {
  readonly url: string;
  readonly claimSecret: string;
  /** Where the server keeps its files, such as the scripts of policies. */
  readonly dataDir: string;
  /** Lets the simulated AWS fail, as its control address takes it. */
  readonly addFault: (fault: object) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Stops the server alone; `resume` starts it again on the same port with the same data. */
  readonly halt: () => Promise<void>;
  readonly resume: () => Promise<void>;
};

/** A real server with its own database and a simulated AWS, in a directory that goes with it. */
export async function startConsoleServer(): Promise<ConsoleServer> {
  const directory = mkdtempSync(join(tmpdir(), 'cpm-console-'));
  const log = createLog('info', createWriteStream(join(directory, 'cpm.log'), { flags: 'a' }));
  const simulator = await startSimulator({ estate: acme, seed: 1, timing: TIMING });
  const claimSecret = randomUUID();
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir: join(directory, 'data'),
    databaseUrl: null,
    awsEndpointUrl: simulator.url,
    timeZone: 'Europe/Berlin',
    claimSecret,
    logLevel: 'info',
    // A console built elsewhere can be tried without building it into place.
    consoleDir: process.env['CPM_TEST_CONSOLE_DIR'] ?? null,
  };
  let server = await startServer(config, log);
  const { port, url } = server;
  return {
    url,
    claimSecret,
    dataDir: config.dataDir,
    addFault: async (fault) => {
      const answer = await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (!answer.ok) throw new Error(`the simulator refused the fault: ${await answer.text()}`);
    },
    stop: async () => {
      await server.stop();
      await simulator.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    halt: () => server.stop(),
    resume: async () => {
      server = await startServer({ ...config, port }, log);
    },
  };
}

/** The estate's production account, and a user of it who may only look. */
export const KEYS = {
  production: { accessKeyId: 'AKIAACMEPRODUCTION01', secretAccessKey: 'simulated-secret-of-acme-production-0001' },
  readOnly: { accessKeyId: 'AKIAACMEREADONLY0001', secretAccessKey: 'simulated-secret-of-acme-read-only-00001' },
} as const;
