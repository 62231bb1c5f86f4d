import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import { migrations } from './index.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await sql`drop schema public cascade`.execute(database.db);
  await sql`create schema public`.execute(database.db);
  const before = Object.entries(migrations).filter(([name]) => name < '0004');
  await migrate({ db: database.db, cpmVersion: '0.1.0', migrations: Object.fromEntries(before) });
});
afterEach(async () => database.drop());

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [anna, ben] = [id(1), id(2)];

const write = (backup: string, owner: string, account: string) =>
  sql`insert into backups (id, owner_id, policy_name, account_id, account_name, trigger, started_at, phase, reasons,
      is_generation, recoverable, progress_percent, snapshot_count, size_gib)
    values (${backup}, ${owner}, 'nightly', ${account}, 'main', 'manual', now(), 'queued', '{}', false, false, 0, 0, 0)`.execute(
    database.db,
  );

test('backups stay as they are, and from now on none is of an account of somebody else, nor of none', async () => {
  const { db } = database;
  await sql`insert into users values (${anna}, 'anna', 'anna@example.com', 'root', '', now()),
    (${ben}, 'ben', 'ben@example.com', 'independent', '', now())`.execute(db);
  await sql`insert into accounts select id, id, 'main', 'backup', '', '', '', '', true, true, now(), now() from users`.execute(
    db,
  );
  await write(id(10), anna, anna);

  await migrate({ db, cpmVersion: '0.2.0' });

  await write(id(11), ben, ben);
  await expect(write(id(12), anna, ben)).rejects.toThrow('backups_account_of_owner');
  await expect(write(id(13), anna, id(3))).rejects.toThrow('backups_account_of_owner');
  await expect(sql`delete from accounts where id = ${anna}`.execute(db)).rejects.toThrow('backups_account_of_owner');
  await expect(sql`delete from users where id = ${ben}`.execute(db)).rejects.toThrow('violates foreign key');
  const { rows } = await sql`select id, account_id from backups order by id`.execute(db);
  expect(rows).toEqual([
    { id: id(10), account_id: anna },
    { id: id(11), account_id: ben },
  ]);
});
