import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseError, sqlState } from './errors.ts';
import { describeUrl, openDatabase } from './pool.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { asTimestamp } from './values.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

const one = async <T>(expression: ReturnType<typeof sql<T>>): Promise<T | undefined> =>
  (await sql<{ value: T }>`select ${expression} as value`.execute(database.db)).rows[0]?.value;

describe('values', () => {
  test.each([0, 1_772_330_096_123, -62_135_596_800_000, 253_402_300_799_999])(
    'the instant %d is stored as a timestamp and read back as the same number',
    async (instant) => expect(await one(sql<number>`${asTimestamp(instant)}::timestamptz(3)`)).toBe(instant),
  );

  test('a timestamp is read the same whatever the zone of its session', async () => {
    const read = await database.db.transaction().execute(async (tx) => {
      await sql`set local timezone to 'Asia/Kolkata'`.execute(tx);
      return (await sql<{ at: number }>`select timestamptz '2026-03-01 02:30:00.5+00' as at`.execute(tx)).rows[0]?.at;
    });
    expect(read).toBe(Date.UTC(2026, 2, 1, 2, 30, 0, 500));
  });

  test('a big integer is a number while that is exact, and an error beyond', async () => {
    expect(await one(sql<number>`9007199254740991::int8`)).toBe(Number.MAX_SAFE_INTEGER);
    await expect(one(sql<number>`9007199254740992::int8`)).rejects.toThrow('beyond the safe range');
    expect(await one(sql<number>`count(*)`)).toBe(1);
  });
});

describe('opening a database', () => {
  test('answers with the schema in place', async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from pg_tables where schemaname = 'public'`.execute(
      database.db,
    );
    expect(rows[0]?.n).toBeGreaterThan(3);
  });

  test('that refuses the login says where it is and never the password', async () => {
    const url = new URL(database.url);
    url.username = 'nobody_here';
    url.password = 'hunter2';
    const error = await openDatabase({ url: url.href, log }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining(describeUrl(database.url)),
    });
    expect(String(error)).not.toContain('hunter2');
  });

  test('that is not there says so at once', async () => {
    const url = 'postgres://cpm:hunter2@localhost/cpm?host=/nonexistent';
    await expect(openDatabase({ url, log })).rejects.toThrow(
      'CPM cannot use the database "cpm" at /nonexistent: connect ENOENT',
    );
  });

  test('with a URL that is none says so without repeating it', async () => {
    const error = await openDatabase({ url: 'mysql://cpm:hunter2@db/cpm', log }).catch(String);
    expect(error).toBe(
      'DatabaseError: CPM cannot use the database (its URL does not begin with postgres:// or is malformed).',
    );
  });

  test('makes PostgreSQL cancel what runs too long', async () => {
    const db = await openDatabase({ url: database.url, log, statementTimeoutMs: 50 });
    const error = await sql`select pg_sleep(30)`.execute(db).catch((thrown: unknown) => thrown);
    await db.destroy();
    expect(sqlState(error)).toBe('57014');
  });

  test('survives the loss of idle connections', async () => {
    const db = await openDatabase({ url: database.url, log, maxConnections: 1 });
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(database.db);
    const answers = async (): Promise<boolean> => sql`select 1`.execute(db).then(Boolean, () => false);
    await expect.poll(answers).toBe(true);
    await db.destroy();
  });
});

test.each([
  ['postgres://u:p@db.example:6543/cpm', 'the database "cpm" at db.example:6543'],
  ['postgres://u:p@db.example/cpm%20two?sslmode=require', 'the database "cpm two" at db.example:5432'],
  ['postgres://u:p@localhost/cpm?host=%2Frun%2Fcpm', 'the database "cpm" at /run/cpm'],
  ['u:p@nonsense', 'the database (its URL does not begin with postgres:// or is malformed)'],
  ['postgres://u:p%@h/%zz', 'the database (its URL does not begin with postgres:// or is malformed)'],
])('%s is told without its login', (url, told) => {
  expect(describeUrl(url)).toBe(told);
});
