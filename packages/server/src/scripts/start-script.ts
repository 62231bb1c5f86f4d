import type { ChildProcess } from 'node:child_process';
import { markingCommand, type Command } from './marking-start.ts';
import type { ScriptToRun } from './run-script.ts';
import type { ScriptAccount } from './script-account.ts';
import { commandOf, ignoreFailure, isThere, startProcess, type ProcessToStart } from './script-process.ts';
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
  const command = commandOf(script);
  const start = { script, errorFd, account };
  if (script.isMarked !== true) return { child: startProcess(account, command, start), mark: null };
  const marking = marksItself ? startMarking(marks, command, start) : null;
  if (marking !== null) return marking;
  // Room without a mark would say that it was never started.
  ifPossible(() => marks.forget(script.runId));
  const child = startProcess(account, command, start);
  if (isThere(child)) ifPossible(() => marks.set(script.runId));
  return { child, mark: null };
}

/** Null where the server had better make the mark. */
function startMarking(marks: StartMarks, command: Command, start: ProcessToStart): Started | null {
  if (!isSurelyStartable(command.file, start.account)) return null;
  const mark = ifPossible(() => marks.makeRoom(start.script.runId));
  if (mark === null) return null;
  const child = startProcess(null, markingCommand(mark, start.account, command), start);
  if (isThere(child)) return { child, mark };
  ignoreFailure(child);
  return null;
}

/** Null where it cannot: what thaws an application is run all the same, and then only a crash just now would miss the mark. */
export function ifPossible<T>(write: () => T): T | null {
  try {
    return write();
  } catch {
    return null;
  }
}
