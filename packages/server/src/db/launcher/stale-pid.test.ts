import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  cleanUp,
  copyStoppedCluster,
  isRoot,
  killHost,
  makeDirectory,
  NOBODY,
  query,
  removeShared,
  startHost,
  startProgram,
  startReadyHost,
  stopHost,
  until,
  untilGone,
} from '../../../test-setup/launcher-rig.ts';
import { connectAsAdmin } from './admin.ts';
import { isListed } from './processes.ts';

afterEach(cleanUp);
afterAll(removeShared);

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
