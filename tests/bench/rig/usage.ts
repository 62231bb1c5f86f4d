import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What processes have used so far; all of Linux's /proc, null where there is none. */
export type Usage = {
  readonly serverCpuMs: number;
  readonly postgresCpuMs: number;
  readonly serverMiB: number;
  /** The most the server has held since `forgetPeak`. */
  readonly serverPeakMiB: number;
  /** Shared memory counted once. */
  readonly postgresMiB: number;
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** What the server and the PostgreSQL in its data directory have used; null where the system does not tell. */
export function usageOf(serverPid: number, dataDir: string): Usage | null {
  if (read(`/proc/${serverPid}/schedstat`) === '') return null;
  const postmaster = Number(read(join(dataDir, 'pg18', 'postmaster.pid')).split('\n')[0]);
  const postgres = [postmaster, ...childrenOf(postmaster)];
  return {
    serverCpuMs: cpuMsOf(serverPid),
    postgresCpuMs: sum(postgres.map(cpuMsOf)) + cpuMsOfEndedChildren(postmaster),
    serverMiB: memoryOf(serverPid, 'status', 'VmRSS'),
    serverPeakMiB: memoryOf(serverPid, 'status', 'VmHWM'),
    postgresMiB: sum(postgres.map((pid) => memoryOf(pid, 'smaps_rollup', 'Pss'))),
  };
}

/** From here on the peak is counted anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak is that of the whole life, which is not lower.
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Of all its threads, to the nanosecond: the ticks of `stat` are as long as a whole snapshot's share. */
function cpuMsOf(pid: number): number {
  const threads = listed(`/proc/${pid}/task`);
  return sum(threads.map((id) => Number(read(`/proc/${pid}/task/${id}/schedstat`).split(' ')[0] ?? 0))) / 1e6;
}

/** Processes that ended and were collected, such as an autovacuum; in ticks of 10 ms. */
function cpuMsOfEndedChildren(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

function childrenOf(parent: number): number[] {
  const pids = listed('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => Number(statOf(pid)[1]) === parent);
}

/** The fields after the name, which may hold blanks: state, parent, … */
const statOf = (pid: number): string[] =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');

function listed(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function memoryOf(pid: number, file: string, field: string): number {
  const [, kiB] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/${file}`)) ?? [];
  return Number(kiB ?? 0) / 1024;
}
