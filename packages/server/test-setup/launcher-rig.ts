import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { clusterDirOf } from '../src/db/launcher/cluster.ts';
import { findNativeDir } from '../src/db/launcher/binaries.ts';
import { isAlive, readPidFile } from '../src/db/launcher/processes.ts';

export const isRoot = process.geteuid?.() === 0;
/** An ordinary user with a name, and one without. */
export const NOBODY = Number(/^nobody:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? 65_534);
export const NAMELESS = 54_321;

/** What the program tells, one object a line. */
export interface Fact {
  readonly ready?: boolean;
  readonly url?: string;
  readonly adopted?: boolean;
  readonly pid?: number;
  readonly failed?: string;
  readonly message?: string;
  readonly exit?: { readonly restarted: boolean; readonly reason: string };
  readonly signal?: string;
  readonly answer?: number;
  readonly stopped?: boolean;
}

export interface HostOptions {
  readonly dataDir: string;
  readonly nativeDir?: string;
  readonly uid?: number;
  readonly patienceMs?: number;
  /** Without it no program can be found by name, `unshare` above all. */
  readonly searchPath?: string;
}

/** A running launcher-program. */
export interface Host {
  readonly child: ChildProcess;
  /** The next fact for which `is` holds, told or still to come; fails after 45 s, with all that was told. */
  readonly fact: (is: (fact: Fact) => boolean) => Promise<Fact>;
  readonly log: () => string;
  /** Waits for the end of the process. */
  readonly ended: Promise<number | null>;
}

const program = fileURLToPath(new URL('launcher-program.ts', import.meta.url));
const hosts: Host[] = [];
const directories: string[] = [];
const programs: ChildProcess[] = [];

/** Starts a launcher in a process (group) of its own. */
export const startHost = (options: HostOptions): Host => {
  const args = [program, '--data', options.dataDir, '--patience', String(options.patienceMs ?? 30_000)];
  args.push('--native', options.nativeDir ?? openNativeDir());
  if (options.uid !== undefined && isRoot) args.push('--uid', String(options.uid));
  const env = { ...process.env, PATH: options.searchPath ?? process.env['PATH'] };
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  const facts: Fact[] = [];
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(JSON.parse(line) as Fact));
  let closed = false;
  child.on('close', () => {
    closed = true;
  });
  const fact = async (is: (fact: Fact) => boolean): Promise<Fact> => {
    const found = await until(() => facts.find(is) ?? (closed ? null : undefined)).catch(() => undefined);
    if (found === undefined || found === null)
      throw new Error(`not told; told were ${JSON.stringify(facts)}; log: ${log}`);
    facts.splice(facts.indexOf(found), 1);
    return found;
  };
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const host = { child, fact, log: () => log, ended };
  hosts.push(host);
  return host;
};

/** Starts a launcher and waits until its database answers. */
export const startReadyHost = async (
  options: HostOptions,
): Promise<Host & { readonly url: string; readonly pid: number; readonly adopted: boolean }> => {
  const host = startHost(options);
  const {
    url = '',
    pid = 0,
    adopted = false,
    failed,
    message,
  } = await host.fact((fact) => fact.ready === true || fact.failed !== undefined);
  if (failed !== undefined) throw new Error(`${failed}: ${message}; log: ${host.log()}`);
  return { ...host, url, pid, adopted };
};

/** Ends a launcher the way the server ends, its PostgreSQL included. */
export const stopHost = async (host: Host): Promise<void> => {
  host.child.kill('SIGTERM');
  await host.fact((fact) => fact.stopped === true);
  await host.ended;
};

/** Kills a launcher alone: its PostgreSQL stays. */
export const killHost = async (host: Host): Promise<void> => {
  host.child.kill('SIGKILL');
  await host.ended;
};

/** A directory in the temporary directory that everybody may enter, owned by `uid`; removed after the test. */
export const makeDirectory = (uid?: number): string => {
  const dir = mkdtempSync(path.join(realpathSync(tmpdir()), 'cpm-launcher-'));
  chmodSync(dir, 0o755);
  if (uid !== undefined && isRoot) chownSync(dir, uid, uid);
  directories.push(dir);
  return dir;
};

let stoppedCluster: string | undefined;

/** Puts a copy of a stopped, proper data directory of NOBODY to `dataDir`: quicker than making one each time. */
export const copyStoppedCluster = async (dataDir: string): Promise<void> => {
  if (stoppedCluster === undefined) {
    stoppedCluster = path.join(makeDirectory(NOBODY), 'data');
    await stopHost(await startReadyHost({ dataDir: stoppedCluster, uid: NOBODY }));
    directories.splice(directories.indexOf(path.dirname(stoppedCluster)), 1);
  }
  const { status } = spawnSync('cp', ['-a', stoppedCluster, dataDir]);
  if (status !== 0) throw new Error(`the cluster could not be copied to ${dataDir}`);
};

/** Removes what the tests of a file shared. Call it after all of them. */
export const removeShared = (): void => {
  for (const dir of [stoppedCluster, openCopy]) {
    if (dir !== undefined) rmSync(path.dirname(dir), { recursive: true, force: true });
  }
  // The next file of this process makes its own.
  stoppedCluster = undefined;
  openCopy = undefined;
};

/** A copy of the packaged programs below `dir`, as an installation without install scripts leaves them: no links. */
export const copyNativeDir = (dir: string): string => {
  const copy = path.join(dir, 'native');
  const links = new Set(
    (JSON.parse(readFileSync(path.join(findNativeDir(), 'pg-symlinks.json'), 'utf8')) as { target: string }[]).map(
      (link) => path.basename(link.target),
    ),
  );
  cpSync(findNativeDir(), copy, {
    recursive: true,
    filter: (file) => !file.endsWith('.a') && !links.has(path.basename(file)),
  });
  return copy;
};

let openCopy: string | undefined;

/** The packaged programs where every user can run them: a copy, when this clone lies under a closed directory. */
const openNativeDir = (): string => {
  const nativeDir = findNativeDir();
  if (!isRoot || isOpenToAll(nativeDir)) return nativeDir;
  if (openCopy === undefined) {
    const dir = mkdtempSync(path.join(realpathSync(tmpdir()), 'cpm-launcher-programs-'));
    chmodSync(dir, 0o755);
    openCopy = copyNativeDir(dir);
  }
  return openCopy;
};

const isOpenToAll = (dir: string): boolean =>
  (statSync(dir).mode & 0o001) !== 0 && (dir === path.dirname(dir) || isOpenToAll(path.dirname(dir)));

/** Runs a program that is ended after the test. */
export const startProgram = (command: string, args: readonly string[], uid?: number): ChildProcess => {
  const identity = uid !== undefined && isRoot ? { uid, gid: uid } : {};
  const child = spawn(command, args, { stdio: 'ignore', cwd: '/', ...identity });
  programs.push(child);
  return child;
};

/** Whether this machine lets a process make a user namespace. */
export const hasUserNamespaces = (): boolean => spawnSync('unshare', ['-U', 'true']).status === 0;

/** Runs one statement on the database at `url`. */
export const query = async <Row extends object>(url: string, text: string): Promise<Row[]> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
};

/** Waits until `look` finds something; fails after 45 s. */
export const until = async <T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  const deadline = AbortSignal.timeout(45_000);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (deadline.aborted) throw new Error('waited 45 s in vain');
    await delay(10);
  }
};

/** Waits until a process is gone. */
export const untilGone = async (pid: number): Promise<true> =>
  until(async () => ((await isAlive(pid)) ? undefined : true));

/** Ends everything the test started and removes its directories. */
export const cleanUp = async (): Promise<void> => {
  for (const child of [...hosts.splice(0).map((host) => host.child), ...programs.splice(0)]) child.kill('SIGKILL');
  for (const dir of directories.splice(0)) {
    for (const dataDir of [dir, path.join(dir, 'data'), path.join(dir, 'closed', 'data')]) await endServerIn(dataDir);
    rmSync(dir, { recursive: true, force: true });
  }
};

const endServerIn = async (dataDir: string): Promise<void> => {
  const found = await readPidFile(clusterDirOf(dataDir));
  if (found === undefined || !(await isAlive(found.pid))) return;
  if (!readFileSync(`/proc/${found.pid}/cmdline`, 'utf8').includes(dataDir)) return;
  process.kill(found.pid, 'SIGQUIT');
  await untilGone(found.pid);
};
