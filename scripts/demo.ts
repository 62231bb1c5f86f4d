import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  createLog,
  explainFailure,
  prepareDataDirectory,
  startServer,
  untilSignal,
  type RunningServer,
} from '@cpm/server';
import { acme, everyKind, startSimulator, type Estate } from '@cpm/simulator';
import { buildConsole } from './build-console.ts';
import { say, signIn, type Login } from './demo/ask-cpm.ts';
import { tellEveryKind } from './demo/every-kind.ts';
import { tellFirstBackup } from './demo/first-backup.ts';
import { troubled } from './demo/troubled-estate.ts';
import { tellTroubles } from './demo/troubles.ts';

const HELP = `Usage: npm run demo -- [options]

  --port N       HTTPS port of the console (8443 unless told; 0 takes a free one)
  --data DIR     directory that keeps the demo's state (.demo, or .demo-NAME of another estate, unless told)
  --estate NAME  acme: a first backup succeeds before your eyes (unless told);
                 troubled: a snapshot fails, a script hangs and a call is denied, and CPM says what became of it;
                 every-kind: one of every kind is backed up, some of it is lost, and CPM says how to bring it back
  --help

Starts CPM with its own database and a simulated AWS estate.
`;

/** What the simulated AWS holds, and what is shown with it. */
const SHOWS = {
  acme: { estate: acme, dataDir: '.demo', tell: tellFirstBackup },
  troubled: { estate: troubled, dataDir: '.demo-troubled', tell: tellTroubles },
  'every-kind': { estate: everyKind, dataDir: '.demo-every-kind', tell: tellEveryKind },
} as const;

const isShow = (name: string): name is keyof typeof SHOWS => Object.hasOwn(SHOWS, name);

type Options = { readonly port: number; readonly dataDir: string; readonly show: keyof typeof SHOWS };

function readOptions(argv: readonly string[]): Options | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { port: text, data: text, estate: text, help: { type: 'boolean' } },
  });
  if (values.help === true) return 'help';
  const port = /^\d{1,5}$/.test(values.port ?? '8443') ? Number(values.port ?? '8443') : Number.NaN;
  if (!(port <= 65_535)) throw new TypeError(`"${values.port}" is no port number`);
  const show = values.estate ?? 'acme';
  if (!isShow(show)) throw new TypeError(`"${show}" is no estate of the demo`);
  return { port, dataDir: resolve(values.data ?? SHOWS[show].dataDir), show };
}

/** The login of the demo: made at its first start and kept beside its data, because the demo prints it every time. */
function demoLogin(dataDir: string): Login {
  const file = join(dataDir, 'demo-password');
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(9).toString('base64url')}\n`, { mode: 0o600 });
  }
  return { name: 'admin', password: readFileSync(file, 'utf8').trim() };
}

/** The simulated AWS outlives the demo as the real one would: what an earlier start made is there again. */
const startAws = (estate: Estate, dataDir: string) =>
  startSimulator({ port: 0, estate, stateFile: join(dataDir, 'simulated-aws.state') });

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

async function demo(options: Options): Promise<void> {
  const { dataDir } = options;
  const { estate, tell } = SHOWS[options.show];
  // Heard from the first moment: whatever is being started then is stopped as soon as it stands.
  const ended = untilSignal();
  buildConsole();
  say('Starting a simulated AWS estate, a database and CPM…');
  await prepareDataDirectory(dataDir);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const login = demoLogin(dataDir);
  const claimSecret = randomBytes(16).toString('base64url');
  const simulator = await startAws(estate, dataDir);
  const server = await startCpm(options, simulator.url, claimSecret).catch(async (error: unknown) => {
    await simulator.stop();
    throw error;
  });
  const stop = async () => {
    await server.stop();
    await simulator.stop();
  };
  say(`\n  Console   ${server.url}   (its certificate is its own: accept it once)`);
  say(`  Its SHA-256 fingerprint is ${server.fingerprint}`);
  say(`  Login     ${login.name}`);
  say(`  Password  ${login.password}`);
  say(`  Simulated AWS at ${simulator.url}, state in ${dataDir}\n`);
  try {
    const told = signIn(server, login, claimSecret)
      .then((call) => tell(call, { dataDir, serverUrl: server.url, awsUrl: simulator.url }))
      .then(() => say('\nCPM runs until you press Ctrl-C.'));
    await Promise.race([ended, server.failure, told.then(() => ended)]);
  } finally {
    say('Stopping…');
    await stop();
    say('Everything the demo started has ended; its data is kept.');
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
