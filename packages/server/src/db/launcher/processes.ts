import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** What postmaster.pid tells of the server that wrote it (PostgreSQL source, miscadmin.h, LOCK_FILE_LINE_…). */
export interface PidFile {
  readonly pid: number;
  readonly socketDir: string;
}

/** What is known of a process named by postmaster.pid. `unknown`: it lives, and nothing shows what it is. */
export type Verdict = 'gone' | 'ours' | 'foreign' | 'unknown';

/** Reads the cluster's postmaster.pid; undefined when there is none, or a torn one of a crash. */
export const readPidFile = async (clusterDir: string): Promise<PidFile | undefined> => {
  const text = await readFile(pidFileOf(clusterDir), 'utf8').catch(() => '');
  const [pid = '', , , , socketDir = ''] = text.split('\n');
  return /^[1-9]\d*$/.test(pid) ? { pid: Number(pid), socketDir } : undefined;
};

/** Where a server keeps its process id. */
export const pidFileOf = (clusterDir: string): string => path.join(clusterDir, 'postmaster.pid');

/** Whether a process of this id exists, be it a zombie nobody has waited for or someone else's. */
export const isListed = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Whether the process exists and is more than a zombie. */
export const isAlive = async (pid: number): Promise<boolean> => {
  if (!isListed(pid)) return false;
  const state = /^State:\s+(\S)/m.exec(await statusOf(pid))?.[1];
  return state !== 'Z' && state !== 'X';
};

/**
 * What process `pid` is to the cluster: a PostgreSQL server's working directory is its cluster. Only Linux (/proc) can
 * prove a process foreign; elsewhere a live one is `unknown`.
 */
export const judge = async (pid: number, clusterDir: string): Promise<Verdict> => {
  if (!(await isAlive(pid))) return 'gone';
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(await statusOf(pid))?.[1];
  if (uid === undefined) return 'unknown';
  const owner = await stat(clusterDir);
  // PostgreSQL runs as the owner of its cluster or not at all.
  if (Number(uid) !== owner.uid) return 'foreign';
  const [program, workDir] = await Promise.all([linkOf(pid, 'exe'), linkOf(pid, 'cwd')]);
  if (program === undefined || workDir === undefined) return (await isAlive(pid)) ? 'unknown' : 'gone';
  const isPostgres = path.basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';
  return isPostgres && workDir === (await realpath(clusterDir)) ? 'ours' : 'foreign';
};

/** The PostgreSQL processes, children of a dead server included, that still work in the cluster. Empty where /proc is not. */
export const processesIn = async (clusterDir: string): Promise<number[]> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const verdicts = await Promise.all(pids.map((pid) => judge(pid, clusterDir)));
  return pids.filter((_, i) => verdicts[i] === 'ours');
};

const statusOf = async (pid: number): Promise<string> => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');

const linkOf = async (pid: number, name: 'exe' | 'cwd'): Promise<string | undefined> =>
  readlink(`/proc/${pid}/${name}`).catch(() => undefined);
