import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  cleanUp,
  copyStoppedCluster,
  killHost,
  makeDirectory,
  NOBODY,
  query,
  removeShared,
  startHost,
  startReadyHost,
  stopHost,
  untilGone,
} from '../../../test-setup/launcher-rig.ts';
import { isAlive, readPidFile } from './processes.ts';

afterEach(cleanUp);
afterAll(removeShared);

const copiedCluster = async (): Promise<string> => {
  const dataDir = path.join(makeDirectory(NOBODY), 'data');
  await copyStoppedCluster(dataDir);
  return dataDir;
};

const countRows = async (url: string): Promise<number | undefined> =>
  (await query<{ n: number }>(url, 'select count(*)::int as n from mark'))[0]?.n;

describe('when CPM alone is killed', () => {
  test('the next start takes over the PostgreSQL that lives on, in each of 5 trials', async () => {
    const dataDir = await copiedCluster();
    let host = await startReadyHost({ dataDir, uid: NOBODY });
    await query(host.url, 'create table mark (n int)');
    const { pid } = host;
    for (let trial = 1; trial <= 5; trial += 1) {
      await query(host.url, 'insert into mark values (1)');
      await killHost(host);
      host = await startReadyHost({ dataDir, uid: NOBODY });
      expect([host.adopted, host.pid, await countRows(host.url)]).toEqual([true, pid, trial]);
    }
    await stopHost(host);
    expect(await untilGone(pid)).toBe(true);
  });

  test('during the making of the cluster, the next start makes a whole one and clears away the half', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    for (const afterMs of [400, 700]) {
      const host = startHost({ dataDir });
      await delay(afterMs);
      await killHost(host);
    }
    const host = await startReadyHost({ dataDir });
    expect((await query<{ n: number }>(host.url, 'select 7 as n'))[0]?.n).toBe(7);
    await stopHost(host);
  });
});

describe('when PostgreSQL is killed', () => {
  test('it is started again behind the same URL with all that was committed, in each of 5 trials', async () => {
    const host = await startReadyHost({ dataDir: await copiedCluster(), uid: NOBODY });
    await query(host.url, 'create table mark (n int)');
    let { pid } = host;
    for (let trial = 1; trial <= 5; trial += 1) {
      await query(host.url, 'insert into mark values (1)');
      process.kill(pid, 'SIGKILL');
      const told = await host.fact((fact) => fact.exit !== undefined);
      expect([told.exit?.restarted, told.pid === pid, await countRows(host.url)]).toEqual([true, false, trial]);
      pid = told.pid ?? 0;
    }
    await stopHost(host);
  });

  test('together with CPM, the next start recovers all that was committed, in each of 5 trials', async () => {
    const dataDir = await copiedCluster();
    let host = await startReadyHost({ dataDir, uid: NOBODY });
    await query(host.url, 'create table mark (n int)');
    for (let trial = 1; trial <= 5; trial += 1) {
      await query(host.url, 'insert into mark values (1)');
      host.child.kill('SIGKILL');
      process.kill(host.pid, 'SIGKILL');
      await host.ended;
      host = await startReadyHost({ dataDir, uid: NOBODY });
      expect([host.adopted, await countRows(host.url)]).toEqual([false, trial]);
    }
    await stopHost(host);
  });

  test('while its children are still at work on the data, the next start waits for them', async () => {
    const host = await startReadyHost({ dataDir: await copiedCluster(), uid: NOBODY });
    const busy = new Client({ connectionString: host.url });
    busy.on('error', () => undefined);
    await busy.connect();
    const child = (await busy.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;
    // Busy in a loop it does not see that its server died.
    const loop = busy.query(`do $$ declare start timestamptz := clock_timestamp(); begin
      while clock_timestamp() < start + interval '1.5 s' loop end loop; end $$`);
    await delay(100);
    process.kill(host.pid, 'SIGKILL');
    await host.fact((fact) => fact.exit?.restarted === true);
    expect(await isAlive(child)).toBe(false);
    await loop.catch(() => undefined);
    await stopHost(host);
  });

  test('just before CPM ends, the end does not hang and no PostgreSQL stays', async () => {
    const dataDir = await copiedCluster();
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    process.kill(host.pid, 'SIGKILL');
    await stopHost(host);
    const left = await readPidFile(path.join(dataDir, 'pg18'));
    expect(left !== undefined && (await isAlive(left.pid))).toBe(false);
  });
});
