import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { heldCommand, markingCommand } from './marking-start.ts';
import type { NamedPipe } from './named-pipes.ts';
import type { ScriptToRun } from './run-script.ts';
import { commandOf, FURTHER_FD, ignoreFailure, isThere, startProcess } from './script-process.ts';
import { ifPossible, type Started, type StartParts } from './start-script.ts';
import { isSurelyStartable } from './surely-startable.ts';

/** A process that is there and waits: nothing of its script has begun, nor can it before it is let go. */
export type HeldStart = {
  /** Lets it make its mark and become the script; null where it cannot any more. */
  readonly letGo: () => Started | null;
  /** Ends it, unless it was let go. */
  readonly drop: () => void;
};

/**
 * Starts the process of a script that is to be marked, and holds it back: all that takes time is over when it is let go. The
 * pipe is its own from now on. Null where a process cannot make its mark itself.
 */
export function holdStart(
  { account, marks, marksItself }: StartParts,
  script: ScriptToRun,
  errorFd: number | null,
  pipe: NamedPipe,
): HeldStart | null {
  // Whoever opens a pipe to read waits only while there is nobody who could write.
  closeSync(pipe.writeFd);
  const mark = marks.name(script.runId);
  const command = heldCommand(FURTHER_FD, markingCommand(mark, account, commandOf(script)));
  const isPossible = marksItself && isSurelyStartable(script.file, account);
  const child = isPossible ? startProcess(null, command, { script, errorFd, account, furtherFd: pipe.readFd }) : null;
  if (child === null || !isThere(child)) {
    if (child !== null) ignoreFailure(child);
    closeSync(pipe.readFd);
    return null;
  }
  let isHeld = true;
  const drop = () => {
    if (!isHeld) return;
    isHeld = false;
    child.kill('SIGKILL');
    whenGone(child, () => closeSync(pipe.readFd));
  };
  const letGo = (): Started | null => {
    if (!isHeld) return null;
    const open = hasEnded(child) ? null : ifPossible(() => (marks.makeRoomFor(mark), openBothWays(pipe)));
    if (open === null) {
      drop();
      return null;
    }
    isHeld = false;
    whenGone(child, () => [open, pipe.readFd].forEach((fd) => closeSync(fd)));
    return { child, mark };
  };
  return { letGo, drop };
}

/** To write alone would fail where the process is only about to read. */
const openBothWays = ({ readFd }: NamedPipe): number => openSync(`/proc/self/fd/${readFd}`, constants.O_RDWR);

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function whenGone(child: ChildProcess, then: () => void): void {
  if (hasEnded(child)) then();
  else child.once('exit', then);
}
