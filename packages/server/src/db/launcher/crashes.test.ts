import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  cleanUp,
  copyStoppedCluster,
  removeStoppedCluster,
  isRoot,
  killHost,
  makeDirectory,
  NOBODY,
  query,
  startHost,
  startProgram,
  startReadyHost,
  stopHost,
  until,
  untilGone,
} from '../../../test-setup/launcher-rig.ts';
import { connectAsAdmin } from './admin.ts';
import { isAlive, isListed } from './processes.ts';

afterEach(cleanUp);
afterAll(removeStoppedCluster);

const countRows = async (url: string): Promise<number | undefined> =>
  (await query<{ n: number }>(url, 'select count(*)::int as n from mark'))[0]?.n;

describe('when CPM alone is killed', () => {
  test('the next start takes over the PostgreSQL that lives on, in each of 5 trials', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    let host = await startReadyHost({ dataDir });
    await query(host.url, 'create table mark (n int)');
    const { pid } = host;
    for (let trial = 1; trial <= 5; trial += 1) {
      await query(host.url, 'insert into mark values (1)');
      await killHost(host);
      host = await startReadyHost({ dataDir });
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
    const host = await startReadyHost({ dataDir: path.join(makeDirectory(), 'data') });
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
    const dataDir = path.join(makeDirectory(), 'data');
    let host = await startReadyHost({ dataDir });
    await query(host.url, 'create table mark (n int)');
    for (let trial = 1; trial <= 5; trial += 1) {
      await query(host.url, 'insert into mark values (1)');
      host.child.kill('SIGKILL');
      process.kill(host.pid, 'SIGKILL');
      await host.ended;
      host = await startReadyHost({ dataDir });
      expect([host.adopted, await countRows(host.url)]).toEqual([false, trial]);
    }
    await stopHost(host);
  });

  test('while its children are still at work on the data, the next start waits for them', async () => {
    const host = await startReadyHost({ dataDir: path.join(makeDirectory(), 'data') });
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

  test('just before CPM ends, the end does not hang', async () => {
    const host = await startReadyHost({ dataDir: path.join(makeDirectory(), 'data') });
    process.kill(host.pid, 'SIGKILL');
    await untilGone(host.pid);
    await stopHost(host);
    expect(
      existsSync(path.join(path.dirname(new URL(host.url).searchParams.get('host') ?? ''), 'pg18', 'postmaster.pid')),
    ).toBe(false);
  });
});

describe('a process id left behind by a dead PostgreSQL', () => {
  const stoppedCluster = async (): Promise<{ dataDir: string; pidFile: string }> => {
    const dataDir = path.join(makeDirectory(NOBODY), 'data');
    await copyStoppedCluster(dataDir);
    return { dataDir, pidFile: path.join(dataDir, 'pg18', 'postmaster.pid') };
  };
  const leave = (pidFile: string, pid: number): void => {
    const cluster = path.dirname(pidFile);
    const run = path.join(cluster, '..', 'run');
    writeFileSync(pidFile, `${pid}\n${cluster}\n1700000000\n5432\n${run}\n\n       1         2\nready   \n`);
    writeFileSync(path.join(run, '.s.PGSQL.5432.lock'), `${pid}\n${cluster}\n1700000000\n5432\n${run}\n`);
    chmodSync(pidFile, 0o644);
  };

  test('that no process has any more does not stand in the way', async () => {
    const { dataDir, pidFile } = await stoppedCluster();
    const program = startProgram('sleep', ['0'], NOBODY);
    await untilGone(program.pid ?? 0);
    leave(pidFile, program.pid ?? 0);
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    expect(host.adopted).toBe(false);
    await stopHost(host);
  });

  test('that is still listed, because nobody waits for dead processes here, is cleared away', async () => {
    const { dataDir, pidFile } = await stoppedCluster();
    const parent = startProgram('timeout', ['60', 'sleep', '60'], NOBODY);
    const childrenOf = `/proc/${parent.pid}/task/${parent.pid}/children`;
    const child = await until(() => Number(readFileSync(childrenOf, 'utf8')) || undefined);
    parent.kill('SIGSTOP');
    process.kill(child, 'SIGKILL');
    await untilGone(child);
    leave(pidFile, child);
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    expect([isListed(child), host.adopted]).toEqual([true, false]);
    await stopHost(host);
  });

  test('that another program of the same user has now is cleared away, and the program is left alone', async () => {
    const { dataDir, pidFile } = await stoppedCluster();
    const program = startProgram('sleep', ['60'], NOBODY);
    leave(pidFile, program.pid ?? 0);
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    expect([host.adopted, program.exitCode, program.signalCode]).toEqual([false, null, null]);
    await stopHost(host);
  });

  test('that a PostgreSQL of another directory has now is cleared away, and that one runs on', async () => {
    const { dataDir, pidFile } = await stoppedCluster();
    const other = await startReadyHost({ dataDir: path.join(makeDirectory(NOBODY), 'data'), uid: NOBODY });
    leave(pidFile, other.pid);
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    expect([host.adopted, (await query<{ n: number }>(other.url, 'select 7 as n'))[0]?.n]).toEqual([false, 7]);
    await stopHost(host);
    await stopHost(other);
  });

  test.skipIf(!isRoot)(
    'that a process of unknown nature has now is not touched: the start fails and says what to look at',
    async () => {
      const { dataDir, pidFile } = await stoppedCluster();
      // A program its own user may run but not read does not show what it is.
      const hidden = path.join(makeDirectory(), 'hidden');
      copyFileSync('/bin/sleep', hidden);
      chmodSync(hidden, 0o711);
      const program = startProgram(hidden, ['60'], NOBODY);
      leave(pidFile, program.pid ?? 0);
      const before = readFileSync(pidFile, 'utf8');
      const { failed, message } = await startHost({ dataDir, uid: NOBODY, patienceMs: 500 }).fact(
        (fact) => fact.failed !== undefined,
      );
      expect(failed).toBe('postgres_start_failed');
      expect(message).toContain(`names process ${program.pid}, which is alive and may be a PostgreSQL`);
      expect([readFileSync(pidFile, 'utf8'), program.exitCode, program.signalCode]).toEqual([before, null, null]);
    },
  );

  test("that CPM's PostgreSQL itself has, but which refuses CPM's login, is not touched: the start fails and says so", async () => {
    const dataDir = path.join(makeDirectory(NOBODY), 'data');
    const host = await startReadyHost({ dataDir, uid: NOBODY });
    const admin = await connectAsAdmin(path.join(dataDir, 'pg18'), path.join(dataDir, 'run'));
    await admin.query("alter role postgres password 'changed behind our back'");
    await killHost(host);
    const { failed, message } = await startHost({ dataDir, uid: NOBODY, patienceMs: 500 }).fact(
      (fact) => fact.failed !== undefined,
    );
    expect(failed).toBe('postgres_start_failed');
    expect(message).toMatch(/PostgreSQL \(process \d+\) runs in .* but does not accept CPM's login/);
    expect((await admin.query<{ n: number }>('select 7 as n')).rows[0]?.n).toBe(7);
    await admin.end();
  });
});
