import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient, type Client } from '@cpm/contract';
import {
  createLog,
  explainFailure,
  prepareDataDirectory,
  startServer,
  untilSignal,
  type RunningServer,
} from '@cpm/server';
import { acme, startSimulator, type Simulator } from '@cpm/simulator';
import { buildConsole } from './build-console.ts';
import { pinnedFetch } from './pinned-fetch.ts';

const HELP = `Usage: npm run demo -- [options]

  --port N    HTTPS port of the console (8443 unless told; 0 takes a free one)
  --data DIR  directory that keeps the demo's state (.demo unless told)
  --help

Starts CPM with its own database and a simulated AWS estate, and runs a first backup before your eyes.
`;

type Options = { readonly port: number; readonly dataDir: string };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function readOptions(argv: readonly string[]): Options | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...argv], options: { port: text, data: text, help: { type: 'boolean' } } });
  if (values.help === true) return 'help';
  const port = /^\d{1,5}$/.test(values.port ?? '8443') ? Number(values.port ?? '8443') : Number.NaN;
  if (!(port <= 65_535)) throw new TypeError(`"${values.port}" is no port number`);
  return { port, dataDir: resolve(values.data ?? '.demo') };
}

/** The login of the demo: made at its first start and kept beside its data, because the demo prints it every time. */
function demoLogin(dataDir: string): { readonly name: string; readonly password: string } {
  const file = join(dataDir, 'demo-password');
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(9).toString('base64url')}\n`, { mode: 0o600 });
  }
  return { name: 'admin', password: readFileSync(file, 'utf8').trim() };
}

/** The simulated AWS outlives the demo as the real one would: what an earlier start made is there again. */
const startEstate = (dataDir: string): Promise<Simulator> =>
  startSimulator({ port: 0, estate: acme, stateFile: join(dataDir, 'simulated-aws.state') });

async function startCpm(
  { port, dataDir }: Options,
  awsEndpointUrl: string,
  claimSecret: string,
): Promise<RunningServer> {
  const logFile = createWriteStream(join(dataDir, 'logs', 'cpm.log'), { flags: 'a', mode: 0o600 });
  const config = {
    host: '127.0.0.1',
    port,
    dataDir,
    databaseUrl: null,
    awsEndpointUrl,
    timeZone: null,
    claimSecret,
    consoleDir: null,
  };
  return startServer({ ...config, logLevel: 'info' }, createLog('info', logFile));
}

async function demo({ port, dataDir }: Options): Promise<void> {
  // Heard from the first moment: whatever is being started then is stopped as soon as it stands.
  const ended = untilSignal();
  buildConsole();
  say('Starting a simulated AWS estate, a database and CPM…');
  await prepareDataDirectory(dataDir);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const login = demoLogin(dataDir);
  const claimSecret = randomBytes(16).toString('base64url');
  const simulator = await startEstate(dataDir);
  const server = await startCpm({ port, dataDir }, simulator.url, claimSecret).catch(async (error: unknown) => {
    await simulator.stop();
    throw error;
  });
  const stop = async () => {
    await server.stop();
    await simulator.stop();
  };
  say(`\n  Console   ${server.url}   (its certificate is its own: accept it once)`);
  say(`  Login     ${login.name}`);
  say(`  Password  ${login.password}`);
  say(`  Simulated AWS at ${simulator.url}, state in ${dataDir}\n`);
  try {
    const told = firstBackup(server, login, claimSecret).then(() => say('\nCPM runs until you press Ctrl-C.'));
    await Promise.race([ended, server.failure, told.then(() => ended)]);
  } finally {
    say('Stopping…');
    await stop();
    say('Everything the demo started has ended; its data is kept.');
  }
}

/** What a person would do first, through the API: claim, account, schedule, policy, targets, run; a second start finds it all. */
async function firstBackup(
  server: RunningServer,
  login: { readonly name: string; readonly password: string },
  claimSecret: string,
): Promise<void> {
  const { send, cookie } = pinnedFetch(server.certificate);
  const headers = () => ({ cookie: cookie() });
  const call = createClient({ baseUrl: `https://127.0.0.1:${server.port}/api/v1`, fetch: send, headers });
  if (server.claimSecret === null) await call('POST /session', { body: login });
  else await call('POST /setup/claim', { body: { ...login, email: 'admin@example.com', secret: claimSecret } });
  const policyId = (await findPolicy(call)) ?? (await setUp(call));
  const { backupId } = await call('POST /policies/:policyId/run', { params: { policyId } });
  await watch(call, backupId);
}

async function findPolicy(call: Client): Promise<string | undefined> {
  const { items } = await call('GET /policies', { query: { name: 'web-servers' } });
  if (items[0] !== undefined) say('The data of an earlier start is here; its policy runs once more.');
  return items[0]?.id;
}

async function setUp(call: Client): Promise<string> {
  const [production] = acme.accounts;
  const [key] = production?.accessKeys ?? [];
  if (key === undefined) throw new Error('the estate has no access key');
  const { accessKeyId, secretAccessKey } = key;
  const account = await call('POST /accounts', { body: { name: 'acme-production', accessKeyId, secretAccessKey } });
  say(`Account acme-production: AWS account ${account.awsAccountNumber} confirmed its keys`);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const startLocal = `${new Date().toISOString().slice(0, 10)}T02:00`;
  const schedule = await call('POST /schedules', {
    body: { name: 'nightly', repeat: { every: 1, unit: 'days' }, startLocal, zone },
  });
  say(`Schedule nightly: ${schedule.words}`);
  const policy = await call('POST /policies', {
    body: { name: 'web-servers', accountId: account.id, generations: 7, scheduleIds: [schedule.id] },
  });
  const region = 'us-east-1';
  const params = { accountId: account.id, region };
  const { items } = await call('GET /accounts/:accountId/regions/:region/resources', {
    params,
    query: { kind: 'instance' },
  });
  const web = items.filter(({ name }) => name.startsWith('web'));
  const targets = (web.length > 0 ? web : items.slice(0, 2)).map(({ id }) => ({
    kind: 'instance' as const,
    region,
    resourceId: id,
  }));
  await call('POST /policies/:policyId/targets', { params: { policyId: policy.id }, body: { targets } });
  say(`Policy web-servers: ${targets.length} instances of ${region}, 7 generations`);
  return policy.id;
}

async function watch(call: Client, backupId: string): Promise<void> {
  for (let shown = ''; ;) {
    const backup = await call('GET /backups/:backupId', { params: { backupId } });
    if (backup.statusText !== shown) say(`  ${backup.statusText}`);
    shown = backup.statusText;
    if (backup.endedAt !== null) return;
    await new Promise((later) => setTimeout(later, 500));
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  else await demo(options);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}
