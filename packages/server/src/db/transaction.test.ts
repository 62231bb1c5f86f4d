import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { transaction } from './transaction.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await sql`create table counter (id int primary key, n int not null)`.execute(database.db);
});
afterAll(async () => database.drop());

const reset = async (): Promise<void> => {
  await sql`delete from counter`.execute(database.db);
  await sql`insert into counter values (1, 0), (2, 0)`.execute(database.db);
};
const counts = async (): Promise<number[]> =>
  (await sql<{ n: number }>`select n from counter order by id`.execute(database.db)).rows.map((row) => row.n);

test('transactions that collide under serializable isolation are tried again until each has happened once', async () => {
  await reset();
  let runs = 0;
  const add = async (): Promise<void> =>
    transaction(
      database.db,
      async (tx) => {
        runs += 1;
        const { rows } = await sql<{ n: number }>`select n from counter where id = 1`.execute(tx);
        await sql`update counter set n = ${(rows[0]?.n ?? 0) + 1} where id = 1`.execute(tx);
      },
      'serializable',
    );
  await Promise.all([add(), add(), add()]);
  expect(await counts()).toEqual([3, 0]);
  expect(runs).toBeGreaterThanOrEqual(3);
});

test('a deadlock is resolved by trying again', async () => {
  await reset();
  let firstLocks = 0;
  let bothHold = (): void => undefined;
  const held = new Promise<void>((resolve) => (bothHold = resolve));
  const lockBoth = async (first: number, second: number): Promise<void> =>
    transaction(database.db, async (tx) => {
      await sql`update counter set n = n + 1 where id = ${first}`.execute(tx);
      firstLocks += 1;
      if (firstLocks === 2) bothHold();
      await held;
      await sql`update counter set n = n + 1 where id = ${second}`.execute(tx);
    });
  await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);
  expect(await counts()).toEqual([2, 2]);
  expect(firstLocks).toBe(3);
});

test('any other error is thrown at once and nothing of the transaction stays', async () => {
  await reset();
  let runs = 0;
  const failing = transaction(database.db, async (tx) => {
    runs += 1;
    await sql`update counter set n = 9`.execute(tx);
    await sql`insert into counter values (1, 1)`.execute(tx);
  });
  await expect(failing).rejects.toThrow('duplicate key');
  expect([runs, await counts()]).toEqual([1, [0, 0]]);
});
