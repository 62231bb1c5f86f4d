import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import { firstRooms } from './0001-first-rooms.ts';
import { wholeEngine } from './0002-whole-engine.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await sql`drop schema public cascade`.execute(database.db);
  await sql`create schema public`.execute(database.db);
  const migrations = { '0001-first-rooms': firstRooms, '0002-whole-engine': wholeEngine };
  await migrate({ db: database.db, cpmVersion: '0.1.0', migrations });
});
afterEach(async () => database.drop());

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const anna = id(1);

type Written = {
  readonly backup: number;
  readonly day: number;
  readonly name: string;
  readonly state?: string;
  readonly snapshot?: string;
  readonly isMarked?: boolean;
};

/** A backup of one instance as a server of the schema before wrote it. */
async function write({ backup, day, name, state = 'planned', snapshot, isMarked = false }: Written): Promise<void> {
  const { db } = database;
  const at = `2026-06-0${day}T02:00:00Z`;
  await sql`insert into backups (id, owner_id, policy_name, account_id, account_name, trigger, started_at, ended_at, phase,
      status, reasons, is_generation, recoverable, progress_percent, snapshot_count, size_gib, deletion_marked_at)
    values (${id(backup)}, ${anna}, 'nightly', ${anna}, 'main', 'manual', ${at}, now(), 'ended', 'successful', '{}', true,
      ${snapshot === 'completed'}, 100, 1, 8, ${isMarked ? at : null})`.execute(db);
  await sql`insert into backup_resources (id, owner_id, backup_id, kind, region, resource_id, resource_name, state)
    values (${id(backup)}, ${anna}, ${id(backup)}, 'instance', 'us-east-1', 'i-1', ${name}, ${state})`.execute(db);
  if (snapshot === undefined) return;
  await sql`insert into snapshots (id, owner_id, backup_id, resource_id, account_id, region, source_id, is_root, size_gib,
      zone, volume_type, encrypted, volume_tags, attempt_id, own_call, aws_snapshot_id, state, progress_percent)
    values (${id(backup)}, ${anna}, ${id(backup)}, ${id(backup)}, ${anna}, 'us-east-1', 'vol-1', true, 8, 'a', 'gp3', false,
      '[]', ${id(backup)}, false, ${`snap-${backup}`}, ${snapshot}, 100)`.execute(db);
}

test('what earlier versions backed up is found by its newest name, with the backups that can bring it back', async () => {
  const { db } = database;
  await sql`insert into users values (${anna}, 'anna', 'anna@example.com', 'root', '', now())`.execute(db);
  await sql`insert into accounts select id, id, 'main', 'backup', '', '', '', '', true, true, now(), now() from users`.execute(
    db,
  );
  await write({ backup: 10, day: 1, name: 'old name', snapshot: 'completed' });
  await write({ backup: 11, day: 2, name: 'web', snapshot: 'error' });
  await write({ backup: 12, day: 3, name: 'web', snapshot: 'completed', isMarked: true });
  await write({ backup: 13, day: 4, name: 'web', snapshot: 'completed' });
  await write({ backup: 14, day: 5, name: 'unseen', state: 'missing' });

  await migrate({ db, cpmVersion: '0.2.0' });

  const known = await sql<{ id: string; name: string }>`select id, name, resource_id from known_resources`.execute(db);
  expect(known.rows).toMatchObject([{ name: 'web', resource_id: 'i-1' }]);
  const points = await sql<{ id: string; at: number }>`select id, point_at as at from backup_resources
    where point_of = ${known.rows[0]?.id} order by point_at`.execute(db);
  expect(points.rows).toEqual([
    { id: id(10), at: Date.parse('2026-06-01T02:00:00Z') },
    { id: id(13), at: Date.parse('2026-06-04T02:00:00Z') },
  ]);
});
