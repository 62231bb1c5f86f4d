import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatabaseError } from './errors.ts';
import { migrate } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => database.drop());

const adding = (statement: string): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await sql.raw(statement).execute(db);
  },
});
const one = adding('create table one (n int)');
const two = adding('create table two (n int)');
const failing: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table half (n int)`.execute(db);
    await sql`select no_such_column`.execute(db);
  },
};
const later = (extra: Record<string, Migration>): Record<string, Migration> => ({ ...allMigrations, ...extra });
const tables = async (...names: string[]): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = 'public' and tablename = any(${names}) order by 1`.execute(database.db);
  return rows.map((row) => row.name);
};

test('an up-to-date database is left as it is', async () => {
  expect(await migrate({ db: database.db, cpmVersion: '1.0.0' })).toEqual([]);
});

test('a failed migration leaves nothing of itself, what went before stays, and the next start goes on from there', async () => {
  const run = migrate({
    db: database.db,
    cpmVersion: '1.1.0',
    migrations: later({ '9001-one': one, '9002-bad': failing, '9003-two': two }),
  });
  await expect(run).rejects.toThrow(
    new DatabaseError(
      'migration_failed',
      'Migration 9002-bad failed and was rolled back: column "no_such_column" does not exist',
    ),
  );
  expect(await tables('one', 'half', 'two')).toEqual(['one']);

  const mended = later({ '9001-one': one, '9002-bad': adding('create table half (n int)'), '9003-two': two });
  expect(await migrate({ db: database.db, cpmVersion: '1.1.1', migrations: mended })).toEqual(['9002-bad', '9003-two']);
  expect(await tables('one', 'half', 'two')).toEqual(['half', 'one', 'two']);
});

test('a database that a newer CPM wrote is refused by name and not touched', async () => {
  await migrate({ db: database.db, cpmVersion: '2.5.0', migrations: later({ '9001-one': one }) });
  const before = await sql`select * from schema_migration, schema_writer order by 1, 2`.execute(database.db);
  const error = await migrate({ db: database.db, cpmVersion: '1.9.0' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'database_newer',
    message:
      'The database was written by CPM 2.5.0, which is newer than this one (1.9.0): its schema has 9001-one. ' +
      'Nothing was changed. Start CPM 2.5.0 or newer, or restore a backup made before the upgrade.',
  });
  expect((await sql`select * from schema_migration, schema_writer order by 1, 2`.execute(database.db)).rows).toEqual(
    before.rows,
  );
});

test('servers that start together bring the schema up once between them', async () => {
  const migrations = later({ '9001-one': one, '9002-two': two });
  const runs = await Promise.all(
    [1, 2, 3, 4].map(async () => migrate({ db: database.db, cpmVersion: '1.1.0', migrations })),
  );
  expect(runs.flat()).toEqual(['9001-one', '9002-two']);
});

test('a statement time limit of daily work does not cut a migration short, and holds again afterwards', async () => {
  const slow = adding("set local statement_timeout = '0'; select pg_sleep(0.01)");
  await migrate({ db: database.db, cpmVersion: '1.1.0', migrations: later({ '9001-slow': slow }) });
  const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(database.db);
  expect(rows[0]?.statement_timeout).toBe('30s');
});
