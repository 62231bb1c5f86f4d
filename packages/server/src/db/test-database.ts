import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { sqlState } from './errors.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pool.ts';
import type { Database } from './schema.ts';

/** Where the test run's one PostgreSQL is: set by the run's global set-up, or from outside to test on another server. */
const URL_VARIABLE = 'CPM_TEST_DATABASE_URL';
const TEMPLATE_VARIABLE = 'CPM_TEST_DATABASE_TEMPLATE';

export interface TestDatabase {
  readonly db: Kysely<Database>;
  readonly url: string;
  /** Closes `db` and removes the database, whoever is still connected. */
  readonly drop: () => Promise<void>;
}

/**
 * A database of the test's own, with the whole schema and nothing in it, on the test run's PostgreSQL: a clone of the
 * migrated template. Call `drop` when done.
 */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const server = required(URL_VARIABLE);
  const name = `cpm_test_${randomBytes(8).toString('hex')}`;
  await execute(server, `create database ${name} template ${required(TEMPLATE_VARIABLE)}`);
  const url = withDatabase(server, name);
  const db = await openDatabase({ url, log: quietLog });
  const drop = async (): Promise<void> => {
    await db.destroy();
    await dropDatabase(server, name);
  };
  return { db, url, drop };
};

/** Makes the migrated template on the server at `url` and tells `createTestDatabase` of both, here and in child processes. */
export const createTestTemplate = async (url: string): Promise<{ drop: () => Promise<void> }> => {
  const name = `cpm_template_${randomBytes(8).toString('hex')}`;
  await execute(url, `create database ${name}`);
  const db = await openDatabase({ url: withDatabase(url, name), log: quietLog });
  // PostgreSQL clones a database only while nobody is connected to it.
  try {
    await migrate({ db, cpmVersion: '0.0.0-test' });
  } finally {
    await db.destroy();
  }
  process.env[URL_VARIABLE] = url;
  process.env[TEMPLATE_VARIABLE] = name;
  return { drop: () => dropDatabase(url, name) };
};

const quietLog = pino({ level: 'silent' });

const required = (variable: string): string => {
  const value = process.env[variable];
  if (value === undefined)
    throw new Error(`${variable} is not set: run the tests with vitest, whose set-up starts PostgreSQL`);
  return value;
};

const withDatabase = (url: string, name: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
};

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Removes a database, whoever is connected. PostgreSQL lets nobody but a superuser end a session of its own autovacuum, which
 * is over in a moment: then it is tried again.
 */
const dropDatabase = async (server: string, name: string): Promise<void> => {
  for (let left = 20; ; left -= 1) {
    try {
      await execute(server, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      if (sqlState(error) !== INSUFFICIENT_PRIVILEGE || left === 0) throw error;
      await setTimeout(250);
    }
  }
};

const execute = async (url: string, statement: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
