import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScriptAccount } from './script-account.ts';
import type { StartMarks } from './start-marks.ts';

export type Command = { readonly file: string; readonly args: readonly string[] };

/** Named in full: where the server runs as root, so do these for a moment. */
const FLOCK = '/usr/bin/flock';
const SETPRIV = '/usr/bin/setpriv';
const HELD_AT = '/proc/self/fd/';
const PROBED_WITHIN_MS = 5000;

/**
 * The command whose process makes the mark and then becomes the script: the same process, without a shell. It is made for its
 * lock, which nobody waits for: each mark is locked once. It is made before the rights of root are given up, so that the
 * account cannot come near the marks; it gets no further groups, as when Node starts a process for another user.
 */
export function markingCommand(mark: string, account: ScriptAccount | null, { file, args }: Command): Command {
  const ids = account === null ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];
  const become = account === null ? [] : [SETPRIV, ...ids];
  return { file: FLOCK, args: ['--no-fork', mark, ...become, file, ...args] };
}

/**
 * The same, held back until somebody opens the named pipe at this descriptor for writing: opening it to read waits for that.
 * Should the server die before, the process dies with it (prctl(2), PR_SET_PDEATHSIG); once it is let go it is its own.
 */
export function heldCommand(descriptor: number, marking: Command): Command {
  const held = [FLOCK, '--no-fork', `${HELD_AT}${descriptor}`];
  const letGo = [SETPRIV, '--pdeathsig', 'clear', marking.file, ...marking.args];
  return { file: SETPRIV, args: ['--pdeathsig', 'KILL', ...held, ...letGo] };
}

/** Whether a process of that command line is still held back. */
export const isHeldCommand = (commandLine: readonly string[]): boolean =>
  commandLine.some((word, at) => word === '--no-fork' && commandLine[at + 1]?.startsWith(HELD_AT) === true);

/** Whether this machine has what that takes, and its disk: busybox's `flock` cannot do it, nor can some network drives. */
export async function canMarkAtStart(marks: StartMarks, account: ScriptAccount | null): Promise<boolean> {
  const probe = randomUUID().slice(0, 8);
  try {
    const mark = marks.makeRoom(probe);
    const { file, args } = markingCommand(mark, account, { file: FLOCK, args: ['--version'] });
    await promisify(execFile)(file, args, { env: {}, timeout: PROBED_WITHIN_MS });
    return !marks.isMissing(mark);
  } catch {
    return false;
  } finally {
    marks.forget(probe);
  }
}
