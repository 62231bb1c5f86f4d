import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import { DatabaseError, messageOf, sqlState } from './errors.ts';
import { migrations as allMigrations } from './migrations/index.ts';

/** The migrator's own tables, which no feature reads and which the schema dump leaves out. */
export const BOOKKEEPING_TABLES = ['schema_migration', 'schema_migration_lock', 'schema_writer'] as const;
/** One number among the session advisory locks of the database, held while the schema changes. */
const MIGRATION_LOCK = 7_364_001;
const UNDEFINED_TABLE = '42P01';

export interface MigrateInput<DB> {
  readonly db: Kysely<DB>;
  /** The version of this CPM, kept as a writer of the schema. */
  readonly cpmVersion: string;
  /** CPM's own list unless told. */
  readonly migrations?: Readonly<Record<string, Migration>>;
}

/**
 * Brings the schema up to this version, each migration in a transaction of its own: an interrupted run goes on where it
 * stopped. Servers starting together wait for each other. Answers the names it applied.
 * Errors: DatabaseError database_newer (a newer CPM wrote the schema; nothing is changed) or migration_failed.
 */
export const migrate = async <DB>({
  db,
  cpmVersion,
  migrations = allMigrations,
}: MigrateInput<DB>): Promise<string[]> =>
  db.connection().execute(async (connection) => {
    // A migration may rightly take longer than any statement of daily work; so may waiting for another server's.
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(connection);
    try {
      await refuseNewerSchema(connection, cpmVersion, migrations);
      const applied = await applyAll(connection, migrations);
      await recordWriter(connection, cpmVersion);
      return applied;
    } finally {
      // If the connection is lost these cannot run, and need not: lock and setting went with it.
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`.execute(connection).catch(() => undefined);
      await sql`reset statement_timeout`.execute(connection).catch(() => undefined);
    }
  });

const applyAll = async <DB>(db: Kysely<DB>, migrations: Readonly<Record<string, Migration>>): Promise<string[]> => {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: 'schema_migration',
    migrationLockTableName: 'schema_migration_lock',
  });
  const applied: string[] = [];
  for (;;) {
    const { error, results = [] } = await migrator.migrateUp();
    if (error !== undefined)
      throw migrationFailed(error, results.find((result) => result.status === 'Error')?.migrationName);
    if (results.length === 0) return applied;
    applied.push(...results.map((result) => result.migrationName));
  }
};

const migrationFailed = (error: unknown, name: string | undefined): DatabaseError => {
  const which = name === undefined ? 'The database schema could not be brought up to date' : `Migration ${name} failed`;
  return new DatabaseError('migration_failed', `${which} and was rolled back: ${messageOf(error)}`, { cause: error });
};

const refuseNewerSchema = async <DB>(
  db: Kysely<DB>,
  cpmVersion: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> => {
  const applied = await rowsOrNone(sql<{ name: string }>`select name from schema_migration order by name`, db);
  const unknown = applied.map((row) => row.name).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length === 0) return;
  const writers = await rowsOrNone(
    sql<{ cpm_version: string }>`select cpm_version from schema_writer order by first_at desc limit 1`,
    db,
  );
  const writer = writers[0] === undefined ? 'a newer CPM' : `CPM ${writers[0].cpm_version}`;
  throw new DatabaseError(
    'database_newer',
    `The database was written by ${writer}, which is newer than this one (${cpmVersion}): its schema has ${unknown.join(', ')}. ` +
      `Nothing was changed. Start ${writer} or newer, or restore a backup made before the upgrade.`,
  );
};

const rowsOrNone = async <DB, Row>(
  query: { execute: (db: Kysely<DB>) => Promise<{ rows: Row[] }> },
  db: Kysely<DB>,
): Promise<Row[]> => {
  try {
    return (await query.execute(db)).rows;
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
};

const recordWriter = async <DB>(db: Kysely<DB>, cpmVersion: string): Promise<void> => {
  await sql`create table if not exists schema_writer (
    cpm_version text primary key, first_at timestamptz(3) not null default now())`.execute(db);
  await sql`insert into schema_writer (cpm_version) values (${cpmVersion}) on conflict do nothing`.execute(db);
};
