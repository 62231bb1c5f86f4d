import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  cleanUp,
  copyNativeDir,
  hasUserNamespaces,
  isRoot,
  makeDirectory,
  NAMELESS,
  NOBODY,
  query,
  removeShared,
  startHost,
  startReadyHost,
  stopHost,
} from '../../../test-setup/launcher-rig.ts';

const NO_SEARCH_PATH = '/nonexistent';
const uidOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const programOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
const answer = async (url: string): Promise<unknown> => (await query<{ n: number }>(url, 'select 7 as n'))[0]?.n;
const filesOf = (dir: string): string[] => readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted();
const refusal = async (options: Parameters<typeof startHost>[0]) =>
  startHost(options).fact((fact) => fact.failed !== undefined);

if (!isRoot)
  console.warn('These launcher cases did not run, because they need root: root, closed directories, nameless users.');
if (!hasUserNamespaces()) console.warn('The cases with a user namespace did not run: this machine does not allow one.');

afterEach(cleanUp);
afterAll(removeShared);

describe('an ordinary user', () => {
  test("runs PostgreSQL as itself, and its files are the user's", async () => {
    const uid = isRoot ? NOBODY : userInfo().uid;
    const dataDir = path.join(makeDirectory(uid), 'data');
    const host = await startReadyHost({ dataDir, uid });
    expect(await answer(host.url)).toBe(7);
    expect([uidOf(host.pid), statSync(path.join(dataDir, 'pg18')).uid, statSync(dataDir).mode & 0o777]).toEqual([
      uid,
      uid,
      0o700,
    ]);
    await stopHost(host);
  });

  test('needs no install script: the missing links are made in the data directory, the package is left as it is', async () => {
    const nativeDir = copyNativeDir(makeDirectory());
    const before = filesOf(nativeDir);
    const dataDir = path.join(makeDirectory(NOBODY), 'data');
    const host = await startReadyHost({ dataDir, nativeDir, uid: NOBODY });
    expect(await answer(host.url)).toBe(7);
    expect(filesOf(nativeDir)).toEqual(before);
    expect(readdirSync(path.join(dataDir, 'library-links'))).toContain('libicui18n.so.60');
    await stopHost(host);
  });

  test.skipIf(!isRoot)('is told when the data directory cannot be written', async () => {
    const dir = makeDirectory();
    for (const dataDir of [dir, path.join(dir, 'data')]) {
      const { failed, message } = await refusal({ dataDir, uid: NOBODY });
      expect(failed).toBe('data_directory_unwritable');
      expect(message).toContain(`CPM cannot write to its data directory ${dataDir}`);
    }
  });

  test.skipIf(!isRoot)("is told whose the database is when it is another user's", async () => {
    const dataDir = makeDirectory();
    await stopHost(await startReadyHost({ dataDir }));
    chmodSync(dataDir, 0o777);
    chmodSync(path.join(dataDir, 'logs'), 0o777);
    chmodSync(path.join(dataDir, 'logs', 'postgres.log'), 0o666);
    const owner = statSync(path.join(dataDir, 'pg18')).uid;
    expect(await refusal({ dataDir, uid: NAMELESS, searchPath: NO_SEARCH_PATH })).toMatchObject({
      failed: 'data_directory_unwritable',
      message: expect.stringContaining(`belongs to user id ${owner}: start CPM as that user or as root`),
    });
  });
});

describe.skipIf(!isRoot)('root', () => {
  test('hands PostgreSQL to an ordinary account, which owns the cluster', async () => {
    const dataDir = path.join(makeDirectory(), 'data');
    const host = await startReadyHost({ dataDir });
    expect(await answer(host.url)).toBe(7);
    expect(uidOf(host.pid)).not.toBe(0);
    expect(statSync(path.join(dataDir, 'pg18')).uid).toBe(uidOf(host.pid));
    expect(host.log()).toContain('because PostgreSQL refuses to run as root');
    await stopHost(host);
  });

  test("goes on with an ordinary user's database as that user", async () => {
    const dataDir = path.join(makeDirectory(NOBODY), 'data');
    await stopHost(await startReadyHost({ dataDir, uid: NOBODY }));
    chmodSync(dataDir, 0o711);
    const host = await startReadyHost({ dataDir });
    expect(uidOf(host.pid)).toBe(NOBODY);
    await stopHost(host);
    await stopHost(await startReadyHost({ dataDir, uid: NOBODY }));
  });

  test.skipIf(!hasUserNamespaces())(
    'runs it in a user namespace where programs and data lie under closed directories',
    async () => {
      const closed = path.join(makeDirectory(), 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const nativeDir = copyNativeDir(closed);
      const dataDir = path.join(closed, 'data');
      for (const round of ['new', 'existing']) {
        const host = await startReadyHost({ dataDir, nativeDir });
        expect([round, await answer(host.url)]).toEqual([round, 7]);
        expect(host.log()).toContain('in a user namespace (unshare -U)');
        await stopHost(host);
      }
    },
  );

  test('copies the programs where namespaces are not allowed and only the programs are closed off', async () => {
    const dir = makeDirectory();
    const closed = path.join(dir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const nativeDir = copyNativeDir(closed);
    const dataDir = path.join(dir, 'data');
    for (const round of ['new', 'existing']) {
      const host = await startReadyHost({ dataDir, nativeDir, searchPath: NO_SEARCH_PATH });
      expect([round, await answer(host.url)]).toEqual([round, 7]);
      expect(programOf(host.pid)).toContain(path.join(dataDir, 'postgresql-'));
      await stopHost(host);
    }
    expect(readdirSync(dataDir).filter((name) => name.startsWith('postgresql-'))).toHaveLength(1);
  });

  test('is told what was tried when nothing works, and no password is left behind', async () => {
    const closed = path.join(makeDirectory(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const dataDir = path.join(closed, 'data');
    const { failed, message } = await refusal({ dataDir, searchPath: NO_SEARCH_PATH });
    expect(failed).toBe('postgres_cannot_run');
    expect(message).toMatch(/nobody: may not enter .*unshare -U: cannot be started.*CPM_DATABASE_URL/);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('pg'))).toEqual([]);
  });
});

describe.skipIf(!isRoot)('a user id without a name', () => {
  test.skipIf(!hasUserNamespaces())(
    'makes its cluster in a user namespace, and later runs it without one',
    async () => {
      const dataDir = path.join(makeDirectory(NAMELESS), 'data');
      await stopHost(await startReadyHost({ dataDir, uid: NAMELESS }));
      const host = await startReadyHost({ dataDir, uid: NAMELESS, searchPath: NO_SEARCH_PATH });
      expect([uidOf(host.pid), await answer(host.url)]).toEqual([NAMELESS, 7]);
      await stopHost(host);
    },
  );

  test('is told so where namespaces are not allowed, and nothing is made', async () => {
    const dataDir = path.join(makeDirectory(NAMELESS), 'data');
    const { failed, message } = await refusal({ dataDir, uid: NAMELESS, searchPath: NO_SEARCH_PATH });
    expect(failed).toBe('postgres_cannot_run');
    expect(message).toContain(`User id ${NAMELESS} has no name on this machine`);
    expect(existsSync(path.join(dataDir, 'pg18'))).toBe(false);
  });
});
