import type { UserId } from '@cpm/core';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveContents } from '../../backups/configurations.store.ts';
import { migrate } from '../migrate.ts';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import { firstRooms } from './0001-first-rooms.ts';
import { wholeEngine } from './0002-whole-engine.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await sql`drop schema public cascade`.execute(database.db);
  await sql`create schema public`.execute(database.db);
  const migrations = { '0001-first-rooms': firstRooms };
  await migrate({ db: database.db, cpmVersion: '0.1.0', migrations });
});
afterEach(async () => database.drop());

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [anna, ben] = [id(1), id(2)];

/** Two users with an account and two backups each, as a server with the first schema wrote them. */
async function writeBackups(): Promise<void> {
  const { db } = database;
  await sql`insert into users values (${anna}, 'anna', 'anna@example.com', 'root', '', now()),
    (${ben}, 'ben', 'ben@example.com', 'independent', '', now())`.execute(db);
  await sql`insert into accounts select id, id, 'main', 'backup', '', '', '', '', true, true, now(), now() from users`.execute(
    db,
  );
  for (const [backup, owner] of [10, 11, 20, 21].map((n): [string, string] => [id(n), n < 20 ? anna : ben])) {
    await sql`insert into backups values (${backup}, ${owner}, null, 'nightly', ${owner}, 'main', 'manual', null, now(), now(), 'ended',
      'successful', '{}', true, true, 100, null, 0, 0)`.execute(db);
  }
}

type Written = { readonly backup: string; readonly resource: string; readonly configuration: object | null };

async function writeResource({ backup, resource, configuration }: Written): Promise<void> {
  await sql`insert into backup_resources select gen_random_uuid(), owner_id, id, 'instance', 'us-east-1', ${resource}, '',
    'planned', null, null, ${configuration === null ? null : JSON.stringify(configuration)}::jsonb from backups where id = ${backup}`.execute(
    database.db,
  );
}

test('what was recorded with each backup is stored once for each owner and found again from every backup, with its time', async () => {
  await writeBackups();
  const web = { instanceId: 'i-1', instanceType: 't3.micro', tags: [{ key: 'Name', value: 'wéb "1"' }], volumes: [] };
  const [early, late] = [Date.UTC(2026, 2, 29, 1, 30, 0, 123), Date.UTC(2026, 5, 1, 9)];
  const written: readonly Written[] = [
    { backup: id(10), resource: 'i-1', configuration: { ...web, recordedAt: early } },
    { backup: id(11), resource: 'i-1', configuration: { recordedAt: late, ...web } },
    { backup: id(11), resource: 'i-2', configuration: { ...web, instanceType: 'm5.large', recordedAt: late } },
    { backup: id(11), resource: 'i-3', configuration: null },
    { backup: id(20), resource: 'i-1', configuration: { ...web, recordedAt: early } },
    { backup: id(21), resource: 'i-1', configuration: { ...web, recordedAt: late } },
  ];
  for (const each of written) await writeResource(each);

  const migrations = { '0001-first-rooms': firstRooms, '0002-whole-engine': wholeEngine };
  expect(await migrate({ db: database.db, cpmVersion: '0.2.0', migrations })).toEqual(['0002-whole-engine']);

  const { rows } = await sql<Written & { owner: string; keeper: string | null; stored: string | null; at: number }>`
    select backup_id as backup, resource_id as resource, r.owner_id as owner, c.owner_id as keeper, c.id as stored,
      content as configuration, recorded_at as at
    from backup_resources r left join configurations c on c.id = configuration_id order by 1, 2`.execute(database.db);
  const found = rows.map(({ backup, resource, configuration, at }) => ({
    backup,
    resource,
    configuration: configuration === null ? null : { ...configuration, recordedAt: at },
  }));
  expect(found).toEqual(written);
  expect(rows.every(({ owner, keeper }) => keeper === null || keeper === owner)).toBe(true);
  // Of anna the unchanged instance and the other one, of ben the unchanged one.
  expect(new Set(rows.map(({ stored }) => stored).filter(Boolean)).size).toBe(3);
  const { rows: counted } = await sql<{ n: number }>`select count(*) as n from configurations`.execute(database.db);
  expect(counted).toEqual([{ n: 3 }]);
});

test('a content that came out of the migration is the one that the next backup of the unchanged instance finds', async () => {
  await writeBackups();
  const web = { instanceId: 'i-1', volumes: [{ sizeGiB: 8, iops: null, throughput: 125.5 }] };
  await writeResource({ backup: id(10), resource: 'i-1', configuration: { ...web, recordedAt: 1 } });
  await migrate({ db: database.db, cpmVersion: '0.2.0' });
  const { rows: before } = await sql<{ id: string }>`select id from configurations`.execute(database.db);
  const found = await saveContents(database.db, anna as UserId, [{ key: 'now', content: web }]);
  expect(before).toEqual([{ id: found.get('now') }]);
});
