import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Command } from './marking-start.ts';
import { RUN_MARKER } from './processes.ts';
import type { ScriptToRun } from './run-script.ts';
import type { ScriptAccount } from './script-account.ts';

export type ProcessToStart = {
  readonly script: ScriptToRun;
  readonly errorFd: number | null;
  /** Whom the script runs as. */
  readonly account: ScriptAccount | null;
  /** A descriptor that it gets beside the three that every process has, as the next number. */
  readonly furtherFd?: number;
};

/** The number of `furtherFd` in the process. */
export const FURTHER_FD = 3;

/** The script itself, without anything before it. */
export const commandOf = ({ file, argument }: ScriptToRun): Command => ({
  file,
  args: argument === null ? [] : [argument],
});

/** Starts a process of the script as `first`, whoever it becomes. */
export function startProcess(
  first: ScriptAccount | null,
  { file, args }: Command,
  { script, errorFd, account, furtherFd }: ProcessToStart,
): ChildProcess | Error {
  const identity = first === null ? {} : { uid: first.uid, gid: first.gid };
  try {
    return spawn(file, args, {
      cwd: path.dirname(script.file),
      // Nothing of the server's own environment, which may hold secrets.
      env: { ...environmentOf(account), ...script.facts, [RUN_MARKER]: script.runId },
      // A session of its own: no terminal, and a group that can be told from the server's.
      detached: true,
      stdio: ['ignore', 'ignore', errorFd ?? 'ignore', ...(furtherFd === undefined ? [] : [furtherFd])],
      ...identity,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Whether there is a process. */
export const isThere = (child: ChildProcess | Error): child is ChildProcess & { readonly pid: number } =>
  !(child instanceof Error) && child.pid !== undefined;

/** What could not be started is somebody else's to tell. */
export function ignoreFailure(child: ChildProcess | Error): void {
  if (!(child instanceof Error)) child.on('error', () => undefined);
}

function environmentOf(account: ScriptAccount | null): Record<string, string> {
  const common = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  if (account !== null) return { ...common, HOME: account.home, USER: account.name, LOGNAME: account.name };
  const home = process.env['HOME'];
  return home === undefined ? common : { ...common, HOME: home };
}
