import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cpmError, isZone, type CpmError } from '@cpm/core';

/** Everything that is set from outside, checked once; nothing else of the server reads the environment. */
export type Config = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Null: CPM's own PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** Where AWS calls go instead of AWS; null: AWS. */
  readonly awsEndpointUrl: string | null;
  /** Null: what the installation has, at its first start the machine's. */
  readonly timeZone: string | null;
  /** Null: a fresh one at every start until the server is claimed. */
  readonly claimSecret: string | null;
  /** Whom backup scripts run as where the server runs as root; null: the user `cpmuser` if there is one. */
  readonly scriptUser?: string | null;
  /** How many snapshots AWS takes pending at once in an account and region: AWS's own number unless it was raised there. */
  readonly pendingSnapshots?: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly consoleDir: string | null;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** EBS User Guide, "Quotas". */
export const PENDING_SNAPSHOTS = 100;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Variables that other programs of CPM read; every other `CPM_…` that is not a setting is a spelling mistake. */
const OTHERS = /^CPM_(SERVER|TOKEN|CA|FINGERPRINT|PASSWORD|AWS_SECRET_ACCESS_KEY|TEST_\w+)$/;
const SETTINGS = new Set([
  'CPM_HOST',
  'CPM_PORT',
  'CPM_DATA_DIR',
  'CPM_DATABASE_URL',
  'CPM_DATABASE_URL_FILE',
  'CPM_TIME_ZONE',
  'CPM_CLAIM_SECRET',
  'CPM_CLAIM_SECRET_FILE',
  'CPM_SCRIPT_USER',
  'CPM_PENDING_SNAPSHOTS',
  'CPM_LOG_LEVEL',
]);

/** What `--help` prints. */
export const CONFIG_HELP = `Usage: npm start -- [options]

  --port N        HTTPS port (CPM_PORT; 443 unless told)
  --host ADDRESS  address to listen on (CPM_HOST; all addresses unless told)
  --data DIR      directory that holds all state (CPM_DATA_DIR; /cpmdata unless told)
  --help

Environment besides: CPM_DATABASE_URL (an external PostgreSQL 15 or newer), CPM_TIME_ZONE (the server's time zone at its
first start), CPM_CLAIM_SECRET (the secret of the first sign-in), CPM_SCRIPT_USER (the user without rights that backup
scripts run as, where the server runs as root; cpmuser unless told), CPM_PENDING_SNAPSHOTS (how many snapshots AWS takes
pending at once in an account and region; 100 unless AWS raised it for you), CPM_LOG_LEVEL (debug, info, warn, error),
AWS_ENDPOINT_URL (where AWS calls go instead of AWS). CPM_DATABASE_URL_FILE and CPM_CLAIM_SECRET_FILE name a file to read.
`;

/** The settings out of the command line and the environment, in this order of precedence; throws `bad_setting`. */
export function readConfig(argv: readonly string[], env: Environment): Config | 'help' {
  const flags = readFlags(argv);
  if (flags.help === true) return 'help';
  const unknown = Object.keys(env).find((name) => name.startsWith('CPM_') && !SETTINGS.has(name) && !OTHERS.test(name));
  if (unknown !== undefined) throw bad(unknown, 'there is no such setting');
  const timeZone = env['CPM_TIME_ZONE'] ?? null;
  if (timeZone !== null && !isZone(timeZone)) throw bad('CPM_TIME_ZONE', `"${timeZone}" is no IANA time zone`);
  return {
    host: flags.host ?? env['CPM_HOST'] ?? '::',
    port: readPort(flags.port ?? env['CPM_PORT'] ?? '443'),
    dataDir: resolve(flags.data ?? env['CPM_DATA_DIR'] ?? '/cpmdata'),
    databaseUrl: readDatabaseUrl(secretSetting(env, 'CPM_DATABASE_URL')),
    awsEndpointUrl: env['AWS_ENDPOINT_URL'] ?? null,
    timeZone,
    claimSecret: readClaimSecret(secretSetting(env, 'CPM_CLAIM_SECRET')),
    scriptUser: env['CPM_SCRIPT_USER'] ?? null,
    pendingSnapshots: readPendingSnapshots(env['CPM_PENDING_SNAPSHOTS'] ?? String(PENDING_SNAPSHOTS)),
    logLevel: readLogLevel(env['CPM_LOG_LEVEL'] ?? 'info'),
    consoleDir: null,
  };
}

const bad = (name: string, why: string): CpmError => cpmError('bad_setting', { params: { name, why } });

type Flags = { readonly port?: string; readonly host?: string; readonly data?: string; readonly help?: boolean };

function readFlags(argv: readonly string[]): Flags {
  const text = { type: 'string' } as const;
  try {
    const options = { port: text, host: text, data: text, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw bad('the command line', error instanceof Error ? error.message : String(error));
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw bad('port', `"${text}" is no port number`);
  return port;
}

function readPendingSnapshots(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw bad('CPM_PENDING_SNAPSHOTS', `"${text}" is no number of snapshots`);
  return Number(text);
}

/** A secret stands in the variable itself or in the file that `…_FILE` names. */
function secretSetting(env: Environment, name: string): string | null {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name] ?? null;
  if (env[name] !== undefined) throw bad(name, `${name} and ${name}_FILE are both set`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw bad(`${name}_FILE`, error instanceof Error ? error.message : String(error));
  }
}

function readDatabaseUrl(text: string | null): string | null {
  if (text === null) return null;
  const isPostgres = URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
  if (!isPostgres) throw bad('CPM_DATABASE_URL', 'it is no address such as postgres://user:password@host:5432/name');
  return text;
}

function readClaimSecret(text: string | null): string | null {
  if (text !== null && text.length < 16) throw bad('CPM_CLAIM_SECRET', 'it must have at least 16 characters');
  return text;
}

function readLogLevel(text: string): Config['logLevel'] {
  const level = LOG_LEVELS.find((each) => each === text);
  if (level === undefined) throw bad('CPM_LOG_LEVEL', `it must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
