import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DatabaseError } from '../errors.ts';
import { readPassword } from './cluster.ts';

/** The session advisory lock, in database "postgres", of the one CPM that owns the data directory. */
const OWNER_LOCK = 7_364_000;
const ROLE = 'cpm';

/** A superuser connection to a server that has proven to be the cluster's: it knew the password and named its directory. */
export const connectAsAdmin = async (clusterDir: string, socketDir: string): Promise<Client> => {
  const client = new Client({
    host: socketDir,
    user: 'postgres',
    database: 'postgres',
    password: await readPassword(clusterDir),
    application_name: `cpm ${process.pid}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // Told to whoever listens for 'end' as well; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const served = rows[0]?.data_directory ?? '';
    if ((await realpath(served)) === (await realpath(clusterDir))) return client;
    throw new Error(`the server behind ${socketDir} serves ${served}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
};

/**
 * Takes the data directory for this process, for as long as `admin` stays connected: PostgreSQL lets go when the process
 * ends, however it ends. Errors: DatabaseError data_directory_in_use when another CPM holds it.
 */
export const claimDataDirectory = async (admin: Client, dataDir: string): Promise<void> => {
  // A CPM that was killed a moment ago holds it until PostgreSQL has noticed.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { rows } = await admin.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNER_LOCK]);
    if (rows[0]?.taken === true) return;
    await delay(100);
  }
  const holder = await admin.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.objid = $1 and l.granted and l.database = (select oid from pg_database where datname = current_database())`,
    [OWNER_LOCK],
  );
  const pid = holder.rows[0]?.name.replace('cpm ', '') ?? 'unknown';
  throw new DatabaseError(
    'data_directory_in_use',
    `Another CPM (process ${pid}) already uses the data directory ${dataDir}. Stop it first, or name another directory.`,
  );
};

/** Makes CPM's own login and database where they are missing. The login is an ordinary one: it cannot read files or run programs. */
export const ensureDatabase = async (admin: Client, clusterDir: string): Promise<void> => {
  const { rows } = await admin.query<{ role: boolean; database: boolean }>(
    `select exists (select 1 from pg_roles where rolname = $1) as role, exists (select 1 from pg_database where datname = $1) as database`,
    [ROLE],
  );
  if (rows[0]?.role !== true) {
    const password = admin.escapeLiteral(await readPassword(clusterDir));
    await admin.query(`create role ${ROLE} login password ${password}`);
  }
  if (rows[0]?.database !== true) await admin.query(`create database ${ROLE} owner ${ROLE}`);
};

/** The URL of CPM's database behind a socket; it holds the password. */
export const databaseUrl = async (clusterDir: string, socketDir: string): Promise<string> =>
  `postgres://${ROLE}:${await readPassword(clusterDir)}@localhost/${ROLE}?host=${encodeURIComponent(socketDir)}`;
