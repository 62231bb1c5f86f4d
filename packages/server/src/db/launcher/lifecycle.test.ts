import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  cleanUp,
  makeDirectory,
  NOBODY,
  query,
  removeShared,
  startHost,
  startReadyHost,
  stopHost,
  until,
  untilGone,
} from '../../../test-setup/launcher-rig.ts';
import { connectAsAdmin } from './admin.ts';
import { openServerLog } from './server-log.ts';

afterEach(cleanUp);
afterAll(removeShared);

/** The memory of a server and its children, each shared page counted once. */
const memoryMiB = (pid: number): number => {
  const pssKiB = (of: string): number => {
    try {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${of}/smaps_rollup`, 'utf8'))?.[1]);
    } catch {
      // Ended while it was looked at.
      return 0;
    }
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [String(pid), ...children].reduce((sum, each) => sum + pssKiB(each), 0) / 1024;
};

describe('Ctrl-C', () => {
  test('reaches CPM and not PostgreSQL: CPM still asks its database, then stops it', async () => {
    const host = await startReadyHost({ dataDir: path.join(makeDirectory(), 'data') });
    // What a terminal does: the whole process group gets the signal.
    process.kill(-(host.child.pid ?? 0), 'SIGINT');
    expect(await host.fact((fact) => fact.signal !== undefined)).toEqual({ signal: 'SIGINT', answer: 42 });
    await host.fact((fact) => fact.stopped === true);
    expect([await host.ended, await untilGone(host.pid)]).toEqual([0, true]);
  });
});

describe('a data directory', () => {
  test('is for one CPM: a second says who has it and exits, and the first runs on', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    const first = await startReadyHost({ dataDir });
    const second = startHost({ dataDir });
    expect(await second.fact((fact) => fact.failed !== undefined)).toEqual({
      failed: 'data_directory_in_use',
      message: `Another CPM (process ${first.child.pid}) already uses the data directory ${dataDir}. Stop it first, or name another directory.`,
    });
    expect(await second.ended).toBe(1);
    expect((await query<{ n: number }>(first.url, 'select 7 as n'))[0]?.n).toBe(7);
    await stopHost(first);
  });

  test('that is new goes to exactly one of two that start at the same moment', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    const hosts = [startHost({ dataDir }), startHost({ dataDir })];
    const facts = await Promise.all(
      hosts.map((host) => host.fact((fact) => fact.ready === true || fact.failed !== undefined)),
    );
    expect(facts.map((fact) => fact.failed ?? 'ready').toSorted()).toEqual(['data_directory_in_use', 'ready']);
    const winner = hosts[facts.findIndex((fact) => fact.ready === true)];
    const url = facts.find((fact) => fact.ready === true)?.url ?? '';
    expect((await query<{ n: number }>(url, 'select 7 as n'))[0]?.n).toBe(7);
    if (winner !== undefined) await stopHost(winner);
  });

  test.each(['17', '19'])('written by PostgreSQL %s is refused, and nothing in it changes', async (major) => {
    const besides = makeDirectory();
    mkdirSync(path.join(besides, `pg${major}`));
    const inside = makeDirectory();
    mkdirSync(path.join(inside, 'pg18'));
    writeFileSync(path.join(inside, 'pg18', 'PG_VERSION'), `${major}\n`);
    for (const dataDir of [besides, inside]) {
      const before = readdirSync(dataDir, { recursive: true });
      const { failed, message } = await startHost({ dataDir }).fact((fact) => fact.failed !== undefined);
      expect(failed).toBe('data_directory_version');
      expect(message).toContain(
        `was written by PostgreSQL ${major}; this CPM brings PostgreSQL 18. Nothing was changed.`,
      );
      expect(readdirSync(dataDir, { recursive: true })).toEqual(before);
    }
  });

  test('may have a path too long for a socket', async () => {
    const dataDir = path.join(makeDirectory(), 'long'.repeat(20), 'data');
    const host = await startReadyHost({ dataDir });
    const socketDir = new URL(host.url).searchParams.get('host') ?? '';
    expect([socketDir.startsWith(dataDir), statSync(socketDir).mode & 0o777]).toEqual([false, 0o700]);
    await stopHost(host);
    expect(existsSync(socketDir)).toBe(false);
  });

  test('starts again in another place after it was moved, and closes what the move left open', async () => {
    const dir = makeDirectory(NOBODY);
    await stopHost(await startReadyHost({ dataDir: path.join(dir, 'old'), uid: NOBODY }));
    renameSync(path.join(dir, 'old'), path.join(dir, 'data'));
    chmodSync(path.join(dir, 'data', 'pg18'), 0o755);
    const host = await startReadyHost({ dataDir: path.join(dir, 'data') });
    expect([host.adopted, statSync(path.join(dir, 'data', 'pg18')).mode & 0o777]).toEqual([false, 0o700]);
    await stopHost(host);
  });
});

describe('the running PostgreSQL', () => {
  test('is closed to others, keeps what is committed and stays small', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    const host = await startReadyHost({ dataDir });
    const cluster = path.join(dataDir, 'pg18');
    const admin = await connectAsAdmin(cluster, path.join(dataDir, 'run'));
    const { rows } = await admin.query<{
      name: string;
      setting: string;
    }>(`select name, setting from pg_settings where name in
      ('listen_addresses', 'fsync', 'dynamic_shared_memory_type', 'password_encryption', 'synchronous_commit') order by name`);
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      dynamic_shared_memory_type: 'mmap',
      fsync: 'on',
      listen_addresses: '',
      password_encryption: 'scram-sha-256',
      synchronous_commit: 'on',
    });
    const methods = await admin.query<{ auth_method: string }>('select distinct auth_method from pg_hba_file_rules');
    expect(methods.rows).toEqual([{ auth_method: 'scram-sha-256' }]);
    await admin.end();

    const modes = [
      path.join(dataDir, 'run'),
      cluster,
      path.join(cluster, 'cpm-password'),
      path.join(dataDir, 'logs'),
    ].map((file) => statSync(file).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o700]);
    expect(await query(host.url, 'select usesuper, usecreatedb from pg_user where usename = current_user')).toEqual([
      { usesuper: false, usecreatedb: false },
    ]);
    const wrong = new URL(host.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect(host.log()).not.toContain(readFileSync(path.join(cluster, 'cpm-password'), 'utf8').trim());
    console.log(`idle PostgreSQL: ${memoryMiB(host.pid).toFixed(1)} MiB`);
    expect(memoryMiB(host.pid)).toBeLessThan(60);
    await stopHost(host);
  });

  test('writes a log that is emptied into postgres.log.1 when it has grown', async () => {
    const logsDir = path.join(makeDirectory(), 'logs');
    mkdirSync(logsDir);
    const file = path.join(logsDir, 'postgres.log');
    writeFileSync(file, 'x'.repeat(6 * 1024 * 1024));
    const log = await openServerLog(logsDir);
    writeFileSync(log.fd, 'after\n');
    expect([statSync(`${file}.1`).size, readFileSync(file, 'utf8')]).toEqual([6 * 1024 * 1024, 'after\n']);
    await log.close();
  });

  test('is told by process id, and gone, when CPM has stopped it', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    const host = await startReadyHost({ dataDir });
    await stopHost(host);
    expect(await until(() => (existsSync(path.join(dataDir, 'pg18', 'postmaster.pid')) ? undefined : true))).toBe(true);
    expect(existsSync(`/proc/${host.pid}`)).toBe(false);
  });
});
