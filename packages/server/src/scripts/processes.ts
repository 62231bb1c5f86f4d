import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../clock.ts';

/** A process of this machine; id and start together name it: an id alone is given to another process later. */
export type Process = {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** When it started, unique on this machine and to this boot of it. */
  readonly started: string;
  readonly hasEnded: boolean;
};

/** The variable that marks all that a script starts, on Linux also when it has left group, session and parent. */
export const RUN_MARKER = 'CPM_SCRIPT_RUN';

/** A script and what it started: who is known so far, by id and start. */
export type Family = {
  readonly runId: string;
  /** The script itself; null where it was never recorded. */
  readonly leaderPid: number | null;
  readonly known: Map<number, string>;
};

const { monotonicMs } = systemClock();
const isLinux = process.platform === 'linux';

/** The family of a script that was started as `leader` in a session of its own. */
export function familyOf(runId: string, leader: { readonly pid: number; readonly started: string } | null): Family {
  return {
    runId,
    leaderPid: leader?.pid ?? null,
    known: new Map(leader === null ? [] : [[leader.pid, leader.started]]),
  };
}

/** What tells this process from a later one of the same id; null when it is gone. */
export async function startOf(pid: number): Promise<string | null> {
  if (isLinux) return (await readStat(pid))?.started ?? null;
  return (await listProcesses()).find((each) => each.pid === pid)?.started ?? null;
}

/**
 * Adds to `known` who belongs to the script now: by parent, group and session. With `byMarker` (Linux) also by the
 * environment, which daemons keep. Answers the members that live.
 */
export async function findMembers(family: Family, byMarker: boolean): Promise<readonly Process[]> {
  const processes = (await listProcesses()).filter(({ pid }) => pid > 1 && pid !== process.pid);
  if (byMarker && isLinux) await addMarked(family, processes);
  addRelated(family, processes);
  return processes.filter(({ pid, started, hasEnded }) => !hasEnded && family.known.get(pid) === started);
}

/**
 * Ends the script and all that it started: asked with SIGTERM, after `graceMs` made to with SIGKILL, looked for again until
 * two looks in a row find nobody. Answers the ids of those who could not be ended `withinMs`, such as another user's.
 */
export async function endFamily(
  family: Family,
  { graceMs = 1000, withinMs = 4500 }: { readonly graceMs?: number; readonly withinMs?: number } = {},
): Promise<readonly number[]> {
  const startMs = monotonicMs();
  let members = await findMembers(family, true);
  for (const { pid } of members) signalTo(pid, 'SIGTERM');
  for (let emptyLooks = members.length === 0 ? 1 : 0; emptyLooks < 2;) {
    const elapsedMs = monotonicMs() - startMs;
    if (elapsedMs > withinMs) return members.map(({ pid }) => pid);
    await delay(members.length === 0 ? 10 : 50);
    members = await findMembers(family, true);
    emptyLooks = members.length === 0 ? emptyLooks + 1 : 0;
    if (elapsedMs >= graceMs) for (const { pid } of members) signalTo(pid, 'SIGKILL');
  }
  return [];
}

/** A process that is gone meanwhile, or another user's, is left to the next look. */
function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Whether it lives is what the next look answers.
  }
}

function addRelated({ known, leaderPid }: Family, processes: readonly Process[]): void {
  const living = new Map(processes.map((each) => [each.pid, each]));
  const isKnown = (pid: number) => known.has(pid) && living.get(pid)?.started === known.get(pid);
  // A group's number may be given again once its leader is gone; where marks tell the members apart it is not trusted then.
  const trusted = (id: number) => isKnown(id) || (!isLinux && id === leaderPid && !living.has(id));
  const belongs = ({ parentPid, groupId, sessionId }: Process) =>
    isKnown(parentPid) || trusted(groupId) || trusted(sessionId);
  for (let added = true; added;) {
    const fresh = processes.filter((each) => !isKnown(each.pid) && belongs(each));
    for (const { pid, started } of fresh) known.set(pid, started);
    added = fresh.length > 0;
  }
}

async function addMarked({ known, runId }: Family, processes: readonly Process[]): Promise<void> {
  const mark = `\0${RUN_MARKER}=${runId}\0`;
  await Promise.all(
    processes.map(async ({ pid, started }) => {
      if (known.get(pid) === started) return;
      const environment = await readEnvironment(pid);
      if (`\0${environment}\0`.includes(mark)) known.set(pid, started);
    }),
  );
}

const readEnvironment = oneForAll((pid: number) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''));

const listProcesses = oneForAll(async (): Promise<readonly Process[]> => {
  if (!isLinux) return listWithPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(readStat))).filter((each) => each !== null);
});

/**
 * Who looks at the same thing at the same moment shares one look, which begins after all of them have asked: at its stop a
 * server looks after every script that has ended lately.
 */
function oneForAll<Asked extends number | void, Answer>(
  look: (asked: Asked) => Promise<Answer>,
): (asked: Asked) => Promise<Answer> {
  const open = new Map<Asked, Promise<Answer>>();
  const begin = async (asked: Asked) => {
    await nextTurn();
    open.delete(asked);
    return look(asked);
  };
  return (asked) => {
    const shared = open.get(asked) ?? begin(asked);
    open.set(asked, shared);
    return shared;
  };
}

/** Its words (proc(5), /proc/pid/cmdline); none where there is no /proc, or the process is gone. */
export async function commandLineOf(pid: number): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
}

/** One line of /proc (proc(5), /proc/pid/stat): the name in brackets may hold anything, what follows are numbers. */
async function readStat(pid: number): Promise<Process | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, groupId, sessionId] = fields;
  const ticks = fields[19];
  if (state === undefined || ticks === undefined) return null;
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    started: `${await bootId()}/${ticks}`,
    hasEnded: state === 'Z' || state === 'X',
  };
}

let boot: Promise<string> | undefined;
/** Start times count from the machine's boot: the same number after the next boot is another process. */
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => 'boot',
  );
  return boot;
}

/** Where there is no /proc (macOS): no marks, and sessions are not shown. */
export async function listWithPs(): Promise<readonly Process[]> {
  const columns = ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'lstart='];
  const options = { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' }, maxBuffer: 64 * 2 ** 20 };
  const { stdout } = await promisify(execFile)('ps', columns, options);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parentPid, groupId, state = '', started = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined) return [];
    const ids = {
      pid: Number(pid),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      sessionId: Number(groupId),
    };
    return [{ ...ids, started, hasEnded: state.startsWith('Z') }];
  });
}
