import { isCpmError } from '@cpm/core';
import { pino, type Logger } from 'pino';
import { CONFIG_HELP, readConfig, type Config } from './config.ts';
import { DatabaseError } from './db/errors.ts';
import { startServer, type RunningServer } from './main.ts';

/** Names under which a secret could reach the log by mistake (S35); messages and AWS's words hold none. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'secretAccessKey',
  'secretKey',
  'token',
  'authorization',
  'cookie',
  'userDataBase64',
];

/** The log of a server: one JSON object a line, UTC, secrets masked (O11). */
export function createLog(level: Config['logLevel'], stream: NodeJS.WritableStream = process.stdout): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    {
      level,
      redact: { paths, censor: '(masked)' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      base: null,
    },
    stream,
  );
}

/** What the operator reads at a failed start: one or two sentences, and what to do. */
export function explainFailure(error: unknown): string {
  if (isCpmError(error)) return `${sentence(error.message)} ${error.hint}`;
  if (error instanceof DatabaseError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A terminal sends Ctrl-C to every process of the command, and those in front pass it on: echoes, not a second wish. */
const ECHO_MS = 1_000;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP. Whoever sends another one later does not want to wait for the clean stop:
 * the process ends at once.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: bigint | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const now = process.hrtime.bigint();
        if (first === null) resolve();
        else if (Number(now - first) / 1e6 > ECHO_MS) process.exit(130);
        first ??= now;
      });
    }
  });
}

/** `npm start`: runs the server until a signal; exits 0 after a clean stop, non-zero when it could not start or go on. */
export async function run(argv: readonly string[]): Promise<void> {
  // Heard from the first moment: a Ctrl-C while PostgreSQL is being made must not leave it behind.
  const stopping = untilSignal();
  const server = await start(argv);
  if (server === null) return process.exit();
  announceServer(server);
  try {
    await Promise.race([stopping, server.failure]);
    process.stdout.write('Stopping: running steps may take some seconds to finish…\n');
    await server.stop();
    process.stdout.write('CPM has stopped.\n');
  } catch (error) {
    process.stderr.write(`CPM cannot go on. ${explainFailure(error)}\n`);
    await server.stop();
    process.exitCode = 1;
  }
}

async function start(argv: readonly string[]): Promise<RunningServer | null> {
  try {
    const config = readConfig(argv, process.env);
    if (config === 'help') {
      process.stdout.write(CONFIG_HELP);
      return null;
    }
    return await startServer(config, createLog(config.logLevel));
  } catch (error) {
    process.stderr.write(`CPM did not start. ${explainFailure(error)}\n`);
    process.exitCode = isCpmError(error) ? error.exitCode : 1;
    return null;
  }
}

function announceServer({ url, fingerprint, claimSecret }: RunningServer): void {
  const claim =
    claimSecret === null
      ? ''
      : `This server has no user yet. Open it and claim it with this secret, once: ${claimSecret}\n`;
  process.stdout.write(`CPM is ready at ${url}\nIts certificate has the SHA-256 fingerprint ${fingerprint}\n${claim}`);
}
