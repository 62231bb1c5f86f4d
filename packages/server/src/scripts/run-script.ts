import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Instant } from '@cpm/core';
import { systemClock, type Clock } from '../clock.ts';
import { createBoundedOutput } from './bounded-output.ts';
import { holdStart, type HeldStart } from './held-start.ts';
import type { NamedPipes } from './named-pipes.ts';
import { endFamily, findMembers, startOf, type Family } from './processes.ts';
import { isThere } from './script-process.ts';
import { startScript, type StartParts } from './start-script.ts';

/** What a script may know of why it runs; it has nothing else of the server. */
export type ScriptFacts = Readonly<
  Record<'CPM_STEP' | 'CPM_POLICY' | 'CPM_POLICY_ID' | 'CPM_BACKUP' | 'CPM_TEST', string>
>;

/** A process by its id and its start; `started` is null where it was gone before anybody looked. */
export type StartedScript = { readonly pid: number; readonly started: string | null };

export type ScriptToRun = {
  /** An absolute path. */
  readonly file: string;
  /** Null: it gets none. */
  readonly argument: '1' | '0' | null;
  readonly timeoutMs: number;
  readonly collectErrorOutput: boolean;
  /** Names this run for good: what it started is found again by it. */
  readonly runId: string;
  readonly facts: Partial<ScriptFacts>;
  /** Ends the script with all that it started when it aborts. */
  readonly signal?: AbortSignal;
  /** Leaves a mark that it was started, for a server that comes after a crash. */
  readonly isMarked?: boolean;
  /** Called soon after the start, when it is known which process it is. */
  readonly onStarted?: (started: StartedScript) => void;
};

export type ScriptResult = {
  readonly ended: 'succeeded' | 'failed';
  /** Why it failed, in words; null when it succeeded. */
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** What it wrote to its standard error: bounded and printable; null when it was not collected. */
  readonly errorOutput: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
};

export type ScriptParts = StartParts & {
  /** Stamps the results; time-outs are real time, whatever it says. */
  readonly clock: Pick<Clock, 'now'>;
  readonly pipes: NamedPipes;
  /** Told of what a script that has ended may have left running, and for how long it may. */
  readonly leave: (family: Family, forMs: number) => void;
};

/** How often a running script's children are looked for: soon at first, when daemons are made. */
const LOOKS_MS = [30, 100, 300, 1000];
/** After its end a script's last words are in the pipe already; only a child that holds the pipe keeps it open. */
const LAST_WORDS_MS = 30;
const READ_BYTES = 64 * 1024;

const { monotonicMs, after } = systemClock();

/** A script whose process is there and waits to be run. */
export type HeldScript = {
  readonly script: ScriptToRun;
  /** Of the process; the script's own once it runs. */
  readonly start: HeldStart;
  readonly errors: Errors | null;
  /** Ends the process, unless the script has been run; it cannot be any more. */
  readonly drop: () => void;
};

/** Gets a script ready whose start must not take long; null where it can only be started when it is run. Never throws. */
export async function holdScript(parts: ScriptParts, script: ScriptToRun): Promise<HeldScript | null> {
  const errors = script.collectErrorOutput ? await openErrors(parts.pipes) : null;
  const pipe = await parts.pipes.take().catch(() => null);
  const start = pipe === null ? null : holdStart(parts, script, errors?.writeFd ?? null, pipe);
  if (start === null) {
    errors?.close();
    return null;
  }
  let isRun = false;
  const letGo = () => {
    isRun = true;
    return start.letGo();
  };
  const drop = () => {
    start.drop();
    if (!isRun) errors?.close();
  };
  return { script, start: { ...start, letGo }, errors, drop };
}

/**
 * Runs one script to its end (SCR-2 to SCR-5): no shell, a session of its own, nothing to read, a clean environment. Exit code 0
 * is success. At its time-out it is ended with all that it started, within 5 s. Never throws: what went wrong is the result.
 * One that was held begins at once.
 */
export async function runScript(
  parts: ScriptParts,
  script: ScriptToRun,
  held: HeldScript | null = null,
): Promise<ScriptResult> {
  const errors = held !== null ? held.errors : script.collectErrorOutput ? await openErrors(parts.pipes) : null;
  const startedAt = parts.clock.now();
  const startMs = monotonicMs();
  const end = (reason: string | null, exitCode: number | null): ScriptResult => ({
    ended: reason === null ? 'succeeded' : 'failed',
    reason,
    exitCode,
    errorOutput: errors?.text() ?? null,
    startedAt,
    endedAt: parts.clock.now(),
  });
  if (script.signal?.aborted === true) {
    held?.drop();
    errors?.close();
    return end('the server stopped before it was started', null);
  }
  const { child, mark } = held?.start.letGo() ?? startScript(parts, script, errors?.writeFd ?? null);
  // The script has its own copy by now; the server's would keep the pipe open for ever.
  errors?.release();
  if (!isThere(child)) {
    const error = child instanceof Error ? child : await startError(child);
    errors?.close();
    return end(describeStartError(error, script.file), null);
  }
  const family: Family = { runId: script.runId, leaderPid: child.pid, known: new Map() };
  const watch = watchFamily(family, child.pid, script);
  const verdict = await exitOrStop(child, script, startMs);
  watch.stop();
  if (verdict.by === 'exit' && mark !== null && parts.marks.isMissing(mark)) {
    // Its process could not even make its mark, as on a disk that is full: what thaws is run all the same.
    errors?.close();
    return runScript({ ...parts, marksItself: false }, script);
  }
  if (verdict.by === 'exit') {
    await errors?.lastWords();
    parts.leave(family, Math.max(script.timeoutMs - (monotonicMs() - startMs), 0));
    return end(describeExit(verdict), verdict.code);
  }
  const survivors = await endFamily(family);
  await errors?.lastWords();
  errors?.close();
  return end(verdict.reason + describeSurvivors(survivors), null);
}

/** What could not be ended, in words to follow a sentence. */
export function describeSurvivors(pids: readonly number[]): string {
  return pids.length === 0 ? '' : `; it could not be ended wholly, still running: process ${pids.join(', ')}`;
}

type Exit = { readonly by: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null };
type Stop = { readonly by: 'stop'; readonly reason: string };

const startError = (child: ChildProcess): Promise<Error> => new Promise((resolve) => child.once('error', resolve));

/** What comes first: the script's end, its time-out or the abort. */
function exitOrStop(child: ChildProcess, script: ScriptToRun, startMs: number): Promise<Exit | Stop> {
  const { timeoutMs, signal } = script;
  return new Promise((resolve) => {
    const settle = (verdict: Exit | Stop) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      resolve(verdict);
    };
    const stop = (reason: string) => settle({ by: 'stop', reason });
    const cancel = after(timeoutMs - (monotonicMs() - startMs), () =>
      stop(`it ran longer than ${timeoutMs / 1000} s and was ended`),
    );
    const abort = () => stop(describeAbort(signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    child.once('exit', (code, signal) => settle({ by: 'exit', code, signal }));
    // A signal that cannot be sent, as to another user's process, is the next look's business.
    child.on('error', () => undefined);
  });
}

function describeAbort(reason: unknown): string {
  const isCancelled = reason instanceof Error && reason.name === 'JobCancelled';
  return isCancelled
    ? 'the backup was aborted while it ran, and ended it'
    : 'the server stopped while it ran, and ended it';
}

function describeExit({ code, signal }: Exit): string | null {
  if (code === 0) return null;
  return code === null ? `it was ended by the signal ${signal}` : `it ended with exit code ${code}`;
}

function describeStartError(error: Error, file: string): string {
  const { code } = error as NodeJS.ErrnoException;
  const name = path.basename(file);
  if (code === 'ENOENT')
    return `it could not be started: ${name} is gone, or the interpreter that its first line names`;
  if (code === 'EACCES') return `it could not be started: the user that scripts run as may not execute ${name}`;
  return `it could not be started (${code ?? error.message})`;
}

/** Reports who was started, and looks at times who belongs to it: a daemon leaves its parent and its group. */
function watchFamily(family: Family, pid: number, script: ScriptToRun): { readonly stop: () => void } {
  let isStopped = false;
  let cancel = () => undefined as void;
  const look = (index: number) => {
    cancel = after(LOOKS_MS[Math.min(index, LOOKS_MS.length - 1)] ?? 1000, () => {
      findMembers(family, false)
        .catch(() => undefined)
        .finally(() => isStopped || look(index + 1));
    });
  };
  const begin = async () => {
    const started = await startOf(pid).catch(() => null);
    if (started !== null) family.known.set(pid, started);
    script.onStarted?.({ pid, started });
    if (!isStopped) look(0);
  };
  void begin();
  return {
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

type Errors = {
  readonly writeFd: number | null;
  /** Lets go of the writing end: from now on only the script and its children hold it. */
  readonly release: () => void;
  /** Waits for what is in the pipe. */
  readonly lastWords: () => Promise<void>;
  readonly close: () => void;
  readonly text: () => string;
};

/** Standard error is read as fast as it comes into one small buffer: a flood costs time, not memory (F21). */
async function openErrors(pipes: NamedPipes): Promise<Errors> {
  const output = createBoundedOutput();
  const pipe = await pipes.take().catch((error: unknown) => String(error));
  if (typeof pipe === 'string') return noErrors(`its standard error could not be collected (${pipe})`);
  const callback = (size: number, buffer: Uint8Array) => {
    output.add(buffer.subarray(0, size));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback };
  const socket = new Socket({ fd: pipe.readFd, readable: true, writable: false, onread });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  socket.resume();
  // A daemon that holds the pipe must not hold the server.
  socket.unref();
  let writeFd: number | null = pipe.writeFd;
  const release = () => {
    if (writeFd !== null) closeSync(writeFd);
    writeFd = null;
  };
  return {
    writeFd,
    release,
    lastWords: () => Promise.race([closed, delay(LAST_WORDS_MS)]),
    close: () => {
      release();
      socket.destroy();
    },
    text: output.text,
  };
}

const noErrors = (why: string): Errors => ({
  writeFd: null,
  release: () => undefined,
  lastWords: async () => undefined,
  close: () => undefined,
  text: () => `[${why}]`,
});
