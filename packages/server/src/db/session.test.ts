import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

const LOCK = 42;
const isFree = async (): Promise<boolean | undefined> =>
  (await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as free`.execute(database.db)).rows[0]?.free;
const pidOf = async (session: Session): Promise<number> =>
  (await session.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0;

test('a session hears what is notified and holds its locks until it is closed', async () => {
  const heard: string[] = [];
  const session = await openSession({
    url: database.url,
    name: 'test',
    log,
    onConnect: async (query) => {
      await query('listen jobs');
      await query('select pg_advisory_lock($1)', [LOCK]);
    },
    onNotification: (channel, payload) => heard.push(`${channel} ${payload}`),
  });
  await sql`select pg_notify('jobs', 'first'), pg_notify('jobs', '')`.execute(database.db);
  await expect.poll(() => heard).toEqual(['jobs first', 'jobs ']);
  expect([session.isConnected(), await isFree()]).toEqual([true, false]);
  await session.close();
  await expect.poll(isFree).toBe(true);
  await expect(session.query('select 1')).rejects.toThrow('not connected');
});

test('statements that are asked for at once are sent one after another, as pg wants them', async () => {
  const warnings: string[] = [];
  const hear = ({ message }: Error) => void warnings.push(message);
  process.on('warning', hear);
  const session = await openSession({ url: database.url, name: 'test', log });
  const asked = [
    session.query('select 1 as it'),
    session.query('select no_such_thing'),
    session.query('select 3 as it'),
  ];
  expect(
    (await Promise.allSettled(asked)).map((each) => (each.status === 'fulfilled' ? each.value : 'refused')),
  ).toEqual([[{ it: 1 }], 'refused', [{ it: 3 }]]);
  await session.close();
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});

test('a session that loses its connection says so once, comes back by itself and sets itself up again', async () => {
  const events: string[] = [];
  const session = await openSession({
    url: database.url,
    name: 'test',
    log,
    onConnect: async (query) => {
      await query('listen jobs');
      await query('select pg_advisory_lock($1)', [LOCK]);
      events.push('connected');
    },
    onNotification: (_, payload) => events.push(payload),
    onLost: () => events.push('lost'),
  });
  for (let trial = 0; trial < 3; trial += 1) {
    const pid = await pidOf(session);
    await sql`select pg_terminate_backend(${pid})`.execute(database.db);
    await expect.poll(() => events.length, { timeout: 10_000 }).toBe(1 + 2 * (trial + 1));
    await expect.poll(session.isConnected).toBe(true);
  }
  await sql`select pg_notify('jobs', 'heard again')`.execute(database.db);
  await expect.poll(() => events.at(-1)).toBe('heard again');
  expect(events).toEqual(['connected', 'lost', 'connected', 'lost', 'connected', 'lost', 'connected', 'heard again']);
  expect(await isFree()).toBe(false);
  await session.close();
});

test('a session whose set-up fails at the first connection is an error, not a silent retry', async () => {
  const open = openSession({
    url: database.url,
    name: 'test',
    log,
    onConnect: async (query) => {
      await query('select no_such_column');
    },
  });
  await expect(open).rejects.toThrow('no_such_column');
});
