import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { columnTypes, sessionSettings } from './values.ts';
import { DatabaseError, messageOf } from './errors.ts';
import type { Log } from './log.ts';
import type { Database } from './schema.ts';

/** The oldest PostgreSQL CPM runs on, as a major number. */
export const OLDEST_POSTGRES = 15;

const KEPT_OPEN = 4;

export interface OpenDatabaseInput {
  /** postgres://user:password@host:port/name, or a socket directory as `?host=/directory`. */
  readonly url: string;
  /** At most this many connections; 10 unless told. */
  readonly maxConnections?: number;
  /** A statement running longer is cancelled by PostgreSQL (SQLSTATE 57014); 30 s unless told, 0 for no limit. */
  readonly statementTimeoutMs?: number;
  readonly log: Log;
}

/**
 * Opens a connection pool and proves that it works: one connection is made and the server's version is read.
 * Errors: DatabaseError database_unreachable (no answer, wrong login; no secret in its text) or database_too_old.
 * Close it with `destroy()`. Values are read and written as `values.ts` says.
 */
export const openDatabase = async (input: OpenDatabaseInput): Promise<Kysely<Database>> => {
  if (!isPostgresUrl(input.url))
    throw new DatabaseError('database_unreachable', `CPM cannot use ${describeUrl(input.url)}.`);
  const pool = openPool(input);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServerVersion(db, input.url);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
};

const openPool = ({ url, maxConnections = 10, statementTimeoutMs = 30_000, log }: OpenDatabaseInput): Pool => {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    // A fresh connection knows no table yet: a firing must not begin with four of them.
    min: Math.min(KEPT_OPEN, maxConnections),
    types: columnTypes,
    options: sessionSettings,
    application_name: 'cpm',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    // A transaction forgotten half-way must not hold its locks for ever.
    idle_in_transaction_session_timeout: 60_000,
  });
  // Without a listener an idle connection that PostgreSQL closes would end the whole server.
  pool.on('error', (error) => log.warn({ reason: messageOf(error) }, 'an idle database connection was lost'));
  // Nor must one lost between two statements of a transaction, where pg itself does not listen: the next statement fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

const checkServerVersion = async (db: Kysely<Database>, url: string): Promise<void> => {
  const row = await sql<{ num: number; text: string }>`
    select current_setting('server_version_num')::int as num, current_setting('server_version') as text`
    .execute(db)
    .then((result) => result.rows[0])
    .catch((error: unknown) => {
      throw new DatabaseError('database_unreachable', `CPM cannot use ${describeUrl(url)}: ${messageOf(error)}`);
    });
  if (row !== undefined && Math.floor(row.num / 10_000) < OLDEST_POSTGRES) {
    const found = `${describeUrl(url)} runs PostgreSQL ${row.text}`;
    throw new DatabaseError('database_too_old', `${found}; CPM needs PostgreSQL ${OLDEST_POSTGRES} or newer.`);
  }
};

/** Where a database URL leads, without its login: what may be printed and logged. */
export const describeUrl = (url: string): string => {
  if (!isPostgresUrl(url)) return 'the database (its URL does not begin with postgres:// or is malformed)';
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost');
  const place = host.startsWith('/') ? host : `${host}:${port || '5432'}`;
  return `the database "${decodeURIComponent(pathname.slice(1))}" at ${place}`;
};

const isPostgresUrl = (url: string): boolean => {
  try {
    const { protocol, hostname, pathname } = new URL(url);
    return /^postgres(ql)?:$/.test(protocol) && decodeURIComponent(hostname + pathname) !== '';
  } catch {
    return false;
  }
};
