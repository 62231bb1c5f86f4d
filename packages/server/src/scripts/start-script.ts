import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { markingCommand, type Command } from './marking-start.ts';
import { RUN_MARKER } from './processes.ts';
import type { ScriptToRun } from './run-script.ts';
import type { ScriptAccount } from './script-account.ts';
import type { StartMarks } from './start-marks.ts';
import { isSurelyStartable } from './surely-startable.ts';

export type StartParts = {
  readonly account: ScriptAccount | null;
  readonly marks: StartMarks;
  /** Whether a script's process can make its mark itself. */
  readonly marksItself: boolean;
};

/** A process, or why there is none; `mark` is the file that it makes itself. */
export type Started = { readonly child: ChildProcess | Error; readonly mark: string | null };

/**
 * Starts a script's process. One that is to be marked makes its mark itself, before it becomes the script: no kill of the
 * server comes between. Where that is not to be had the server makes it, right after the start.
 */
export function startScript(parts: StartParts, script: ScriptToRun, errorFd: number | null): Started {
  const { account, marks, marksItself } = parts;
  const command = { file: script.file, args: script.argument === null ? [] : [script.argument] };
  const start = { script, errorFd, account };
  if (script.isMarked !== true) return { child: startAs(account, command, start), mark: null };
  const marking = marksItself ? startMarking(marks, command, start) : null;
  if (marking !== null) return marking;
  // Room without a mark would say that it was never started.
  unlessDiskIsFull(() => marks.forget(script.runId));
  const child = startAs(account, command, start);
  if (isThere(child)) unlessDiskIsFull(() => marks.set(script.runId));
  return { child, mark: null };
}

/** Whether there is a process. */
export const isThere = (child: ChildProcess | Error): child is ChildProcess & { readonly pid: number } =>
  !(child instanceof Error) && child.pid !== undefined;

type Start = {
  readonly script: ScriptToRun;
  readonly errorFd: number | null;
  /** Whom the script runs as. */
  readonly account: ScriptAccount | null;
};

/** Null where the server had better make the mark. */
function startMarking(marks: StartMarks, command: Command, start: Start): Started | null {
  if (!isSurelyStartable(command.file, start.account)) return null;
  const mark = unlessDiskIsFull(() => marks.makeRoom(start.script.runId));
  if (mark === null) return null;
  const child = startAs(null, markingCommand(mark, start.account, command), start);
  if (isThere(child)) return { child, mark };
  if (!(child instanceof Error)) child.on('error', () => undefined);
  return null;
}

/** Null where it cannot: what thaws an application is run all the same, and then only a crash just now would miss the mark. */
function unlessDiskIsFull<T>(write: () => T): T | null {
  try {
    return write();
  } catch {
    return null;
  }
}

/** Starts the process as `first`, whoever it becomes. */
function startAs(first: ScriptAccount | null, { file, args }: Command, start: Start): ChildProcess | Error {
  const { script, errorFd, account } = start;
  const identity = first === null ? {} : { uid: first.uid, gid: first.gid };
  try {
    return spawn(file, args, {
      cwd: path.dirname(script.file),
      // Nothing of the server's own environment, which may hold secrets.
      env: { ...environmentOf(account), ...script.facts, [RUN_MARKER]: script.runId },
      // A session of its own: no terminal, and a group that can be told from the server's.
      detached: true,
      stdio: ['ignore', 'ignore', errorFd ?? 'ignore'],
      ...identity,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function environmentOf(account: ScriptAccount | null): Record<string, string> {
  const common = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  if (account !== null) return { ...common, HOME: account.home, USER: account.name, LOGNAME: account.name };
  const home = process.env['HOME'];
  return home === undefined ? common : { ...common, HOME: home };
}
