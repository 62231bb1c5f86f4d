import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createTestDatabase } from '../../../packages/server/src/db/test-database.ts';
import { startServer, type Config, type RunningServer } from '../../../packages/server/src/index.ts';
import { startSimulator, type Estate } from '../../../packages/simulator/src/index.ts';
import { commandLine, type CommandLine } from './command-line.ts';

export const REGION = 'us-east-1';
export const INSTANCE = 'i-0a00000000000000a';
export const OTHER_INSTANCE = 'i-0a00000000000000b';
export const ROOT_VOLUME = 'vol-0a00000000000000a';
export const DATA_VOLUME = 'vol-0a00000000000000b';
export const SPARE_VOLUME = 'vol-0a00000000000000c';
export const KEY_ID = 'AKIAFLOW000000000001';
export const SECRET_KEY = 'simulated-secret-of-the-flow-000001';
export const PASSWORD = 'correct horse battery staple';
const STATES = { snapshotBaseMs: 300, snapshotPerGiBMs: 0, volumeCreateMs: 100, attachMs: 100, instanceStartMs: 300 };

const estate: Estate = {
  name: 'flow',
  regions: [REGION],
  accounts: [
    {
      id: '100000000001',
      accessKeys: [{ accessKeyId: KEY_ID, secretAccessKey: SECRET_KEY, user: 'cpm' }],
      users: [{ name: 'cpm', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      regions: {
        [REGION]: {
          instances: [
            {
              id: INSTANCE,
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.micro',
              zone: 'a',
              tags: { Name: 'web\u202ebew' },
              disks: [
                { id: ROOT_VOLUME, device: '/dev/xvda', sizeGiB: 8, tags: { Name: 'root' } },
                { id: DATA_VOLUME, device: '/dev/sdf', sizeGiB: 20, tags: { Name: 'data' } },
              ],
            },
            {
              id: OTHER_INSTANCE,
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.micro',
              zone: 'a',
              tags: { Name: 'queue' },
              disks: [{ device: '/dev/xvda', sizeGiB: 8, tags: { Name: 'queue root' } }],
            },
          ],
          volumes: [{ id: SPARE_VOLUME, sizeGiB: 10, zone: 'a', tags: { Name: 'spare' } }],
        },
      },
    },
  ],
};

/** A server nobody has claimed yet, with a simulated AWS in real time and the command line of somebody who speaks to it. */
export type CommandLineStage = CommandLine & {
  readonly directory: string;
  readonly awsUrl: string;
  readonly server: () => RunningServer;
  readonly address: () => string;
  /** Stops the server and starts it again at the same port. */
  readonly restart: () => Promise<void>;
  /** What AWS holds, seen without CPM. */
  readonly inAws: (query: string) => Promise<readonly Record<string, unknown>[]>;
  readonly stop: () => Promise<void>;
};

export async function startCommandLineStage(): Promise<CommandLineStage> {
  const directory = await mkdtemp(path.join(tmpdir(), 'cpm-flow-'));
  const database = await createTestDatabase();
  const simulator = await startSimulator({ estate, timing: STATES });
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    dataDir: path.join(directory, 'data'),
    databaseUrl: database.url,
    awsEndpointUrl: simulator.url,
    timeZone: 'Europe/Berlin',
    claimSecret: null,
    logLevel: 'error',
    consoleDir: null,
  };
  let server = await startServer(config, pino({ level: 'silent' }));
  return {
    ...commandLine(directory),
    directory,
    awsUrl: simulator.url,
    server: () => server,
    address: () => `https://127.0.0.1:${server.port}`,
    restart: async () => {
      const { port } = server;
      await server.stop();
      server = await startServer({ ...config, port }, pino({ level: 'silent' }));
    },
    inAws: async (query) => {
      const reply = await fetch(`${simulator.url}/_simulator/inventory?${query}`);
      return ((await reply.json()) as { resources: Record<string, unknown>[] }).resources;
    },
    stop: async () => {
      await server.stop();
      await simulator.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
