import type { ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { connectAsAdmin } from './admin.ts';
import { isAlive, isListed, judge, pidFileOf, processesIn, readPidFile } from './processes.ts';
import type { RunAs } from './run-as.ts';
import type { ServerLog } from './server-log.ts';

/** A running server with a proven superuser connection. */
export interface Server {
  readonly pid: number;
  readonly socketDir: string;
  readonly admin: Client;
  /** Found running rather than started. */
  readonly adopted: boolean;
}

/** How a start ended; `blocked` may pass by itself (leftovers of a dead server still ending, another start at work). */
export type StartOutcome =
  | { readonly kind: 'running'; readonly server: Server }
  | { readonly kind: 'blocked' | 'failed'; readonly why: string };

export interface LaunchInput {
  readonly clusterDir: string;
  readonly socketDir: string;
  readonly runAs: RunAs;
  readonly serverLog: ServerLog;
  readonly settings: Readonly<Record<string, string>>;
}

const SOCKET_FILE = '.s.PGSQL.5432';
/** A socket's path has room for 103 bytes on macOS, 107 on Linux. */
const LONGEST_SOCKET_PATH = 103;

/** Small and quiet: CPM's database is a few connections' work. No TCP port at all, only a socket in a closed directory. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '32MB',
  // As files in the cluster: a login manager that removes shared memory of ended sessions cannot touch them.
  dynamic_shared_memory_type: 'mmap',
  huge_pages: 'off',
  io_method: 'sync',
  max_worker_processes: '0',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  autovacuum_worker_slots: '2',
  autovacuum_max_workers: '1',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  jit: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The directory for the server's socket, closed to others: in the data directory where its path is short enough for a socket. */
export const prepareSocketDir = async (dataDir: string, runAs: RunAs): Promise<string> => {
  const inData = path.join(dataDir, 'run');
  const fits = Buffer.byteLength(path.join(inData, SOCKET_FILE)) <= LONGEST_SOCKET_PATH;
  const socketDir = fits ? inData : await mkdtemp(path.join(tmpdir(), 'cpm-'));
  await mkdir(socketDir, { recursive: true });
  await chmod(socketDir, 0o700);
  await chown(socketDir, runAs.owner.uid, runAs.owner.gid);
  return socketDir;
};

/** Starts the server in a session of its own and waits until it answers a login, crash recovery included. */
export const launchServer = async (input: LaunchInput): Promise<StartOutcome> => {
  const { clusterDir, socketDir, runAs, serverLog } = input;
  const offset = await serverLog.size();
  const settings = Object.entries({ ...SETTINGS, ...input.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = runAs.start(
    'postgres',
    ['-D', clusterDir, '-k', socketDir, ...settings],
    ['ignore', 'ignore', serverLog.fd],
  );
  child.unref();
  const ended = endOf(child);
  for (;;) {
    const admin = await connectAsAdmin(clusterDir, socketDir).catch(() => undefined);
    const end = await Promise.race([ended, delay(admin === undefined ? 20 : 0, undefined)]);
    if (end !== undefined) {
      await admin?.end();
      const why = (await serverLog.since(offset)) || end;
      return { kind: mayPass(why) ? 'blocked' : 'failed', why };
    }
    if (admin !== undefined && child.pid !== undefined) {
      return { kind: 'running', server: { pid: child.pid, socketDir, admin, adopted: false } };
    }
  }
};

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(`PostgreSQL ended with ${code ?? signal}`));
  });

const mayPass = (words: string): boolean =>
  /pre-existing shared memory block|lock file ".*" already exists/.test(words);

/**
 * Looks for a server left running in the cluster: `running` when one proves to be the cluster's, `blocked` while one may be
 * there (starting, stopping, its children ending, or a process nothing is known of), undefined when none is. A process id
 * that provably is a dead server's or another program's is cleared away.
 */
export const findRunningServer = async (clusterDir: string): Promise<StartOutcome | undefined> => {
  const found = await readPidFile(clusterDir);
  if (found === undefined) return undefined;
  const { pid, socketDir } = found;
  const verdict = await judge(pid, clusterDir);
  if (verdict === 'gone' || verdict === 'foreign') {
    const orphans = await processesIn(clusterDir);
    if (orphans.length > 0)
      return { kind: 'blocked', why: `processes ${orphans.join(', ')} of a dead PostgreSQL are still ending` };
    // PostgreSQL itself clears a pid without a process, but takes any process for a server: in a container a zombie may stay for ever.
    if (isListed(pid)) await clearPid(clusterDir, socketDir, pid);
    return undefined;
  }
  try {
    const admin = await connectAsAdmin(clusterDir, socketDir);
    return { kind: 'running', server: { pid, socketDir, admin, adopted: true } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no answer';
    return { kind: 'blocked', why: `${describeBlocker(verdict, pid, clusterDir)} (${reason})` };
  }
};

const describeBlocker = (verdict: 'ours' | 'unknown', pid: number, clusterDir: string): string =>
  verdict === 'ours'
    ? `PostgreSQL (process ${pid}) runs in ${clusterDir} but does not accept CPM's login`
    : `${pidFileOf(clusterDir)} names process ${pid}, which is alive and may be a PostgreSQL at work on this data; ` +
      'if it certainly is another program, remove that file';

/** Removed by renaming first: should a server have written a new file just now, it gets its file back. */
const clearPid = async (clusterDir: string, socketDir: string, pid: number): Promise<void> => {
  const locks = [pidFileOf(clusterDir), path.join(socketDir, `${SOCKET_FILE}.lock`)];
  for (const lock of locks) {
    const aside = `${lock}.stale-${process.pid}`;
    if (!(await readFile(lock, 'utf8').catch(() => '')).startsWith(`${pid}\n`)) continue;
    await rename(lock, aside);
    if ((await readFile(aside, 'utf8')).startsWith(`${pid}\n`)) await rm(aside);
    else await rename(aside, lock);
  }
};

/**
 * Stops a server: fast shutdown, after `patienceMs` an immediate one (safe too: the next start recovers). Returns at once
 * when it is dead already. Answers whether it is gone.
 */
export const stopServer = async (server: Server, clusterDir: string, patienceMs = 60_000): Promise<boolean> => {
  await server.admin.end().catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const verdict = await judge(server.pid, clusterDir);
    if (verdict === 'gone' || verdict === 'foreign') return true;
    if (!send(server.pid, signal)) return true;
    if (await isGoneWithin(server.pid, patienceMs)) return true;
  }
  return false;
};

/** Answers false when the process ended just now. */
const send = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isListed(pid)) throw error;
    return false;
  }
};

const isGoneWithin = async (pid: number, patienceMs: number): Promise<boolean> => {
  const deadline = AbortSignal.timeout(patienceMs);
  while (await isAlive(pid)) {
    if (deadline.aborted) return false;
    await delay(10);
  }
  return true;
};
