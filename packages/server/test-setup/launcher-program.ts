import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { pino } from 'pino';
import { DatabaseError } from '../src/db/errors.ts';
import { startEmbeddedPostgres } from '../src/db/launcher/embedded-postgres.ts';

/**
 * A server reduced to its PostgreSQL, as a process of its own that tests can kill: tells on standard output, one JSON object a line,
 * what happens. SIGINT and SIGTERM end it the way the server ends: it still asks its database something, then stops it.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    native: { type: 'string' },
    patience: { type: 'string', default: '30000' },
    uid: { type: 'string' },
  },
});

const tell = (fact: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

/** Everything is loaded by now, so the user need not be able to read the programs' own directory. */
const become = (uid: number): void => {
  process.setgroups?.([uid]);
  process.setgid?.(uid);
  process.setuid?.(uid);
};

const ask = async (url: string): Promise<unknown> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ answer: number }>('select 41 + 1 as answer');
  await client.end();
  return rows[0]?.answer;
};

const run = async (): Promise<void> => {
  if (values.uid !== undefined) become(Number(values.uid));
  const log = pino({ level: 'info' }, pino.destination(2));
  const native = values.native === undefined ? {} : { nativeDir: values.native };
  const postgres = await startEmbeddedPostgres({
    dataDir: values.data,
    log,
    patienceMs: Number(values.patience),
    ...native,
  });
  postgres.onExit((exit) => tell({ exit, pid: postgres.pid() }));
  const end = async (signal: string): Promise<void> => {
    tell({ signal, answer: await ask(postgres.url).catch(String) });
    await postgres.stop();
    tell({ stopped: true });
    process.exit(0);
  };
  process.on('SIGINT', (signal) => void end(signal));
  process.on('SIGTERM', (signal) => void end(signal));
  // The real server has sockets that keep it alive.
  setInterval(() => undefined, 60_000);
  tell({ ready: true, url: postgres.url, adopted: postgres.adopted, pid: postgres.pid() });
};

run().catch((error: unknown) => {
  const code = error instanceof DatabaseError ? error.code : 'bug';
  tell({ failed: code, message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
