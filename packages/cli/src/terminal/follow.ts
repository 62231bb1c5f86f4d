import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, UnreachableError } from '@cpm/contract/client';
import { ERROR_CATALOGUE, EXIT_CODES, isCpmError, type ErrorCode, type ExitCode } from '@cpm/core';
import type { GlobalOptions, Io } from '../surroundings.ts';
import { widthOf } from './table.ts';
import { visible } from './visible.ts';

/** Anything that goes on by itself in the server until its status is an outcome. */
export type Running = { readonly status: string; readonly progressPercent: number };

type Story<Row extends Running> = {
  readonly io: Io;
  readonly global: GlobalOptions;
  readonly read: () => Promise<Row>;
  /** What is being done, in words. */
  readonly describe: (row: Row) => string;
  /** What a person types to look again after Ctrl-C. */
  readonly lookAgain: string;
};

const FIRST_POLLS = 8;
const FIRST_POLL_MS = 250;
const POLL_MS = 1000;
/** How long a server that does not answer is waited for: long enough for a restart. */
const PATIENCE_MS = 120_000;

/** Reads until the outcome is there and shows the progress on standard error; a restart of the server is waited out. */
export async function follow<Row extends Running>(story: Story<Row>): Promise<Row> {
  const line = progressLine(story.io, story.global);
  try {
    for (let poll = 0; ; poll += 1) {
      const row = await readPatiently(story, line);
      if (row.status !== 'in-progress') return row;
      line.show(`${story.describe(row)} (${row.progressPercent} %)`);
      await delay(poll < FIRST_POLLS ? FIRST_POLL_MS : POLL_MS, undefined, { signal: story.io.signal });
    }
  } catch (error) {
    line.end();
    if (story.io.signal.aborted)
      story.io.stderr.write(`It goes on in the server; look again with: ${story.lookAgain}\n`);
    throw error;
  } finally {
    line.end();
  }
}

/** How a command ends that waited for an outcome; a status that this version does not know is a failure. */
export function exitCodeOfOutcome(status: string): ExitCode {
  const { ok, backupPartial, backupFailed, failure } = EXIT_CODES;
  const codes: Readonly<Record<string, ExitCode>> = { successful: ok, partial: backupPartial, failed: backupFailed };
  return Object.hasOwn(codes, status) ? (codes[status] ?? failure) : failure;
}

async function readPatiently<Row extends Running>(story: Story<Row>, line: ProgressLine): Promise<Row> {
  const lostSince = performance.now();
  for (;;) {
    try {
      return await story.read();
    } catch (error) {
      if (!mayPass(error) || performance.now() - lostSince > PATIENCE_MS) throw error;
      line.show('The server does not answer; waiting for it');
      await delay(POLL_MS, undefined, { signal: story.io.signal });
    }
  }
}

function mayPass(error: unknown): boolean {
  // A wrong certificate is no outage.
  if (error instanceof UnreachableError) return !isCpmError(error.cause);
  if (!(error instanceof ApiError) || !Object.hasOwn(ERROR_CATALOGUE, error.problem.code)) return false;
  const { class: errorClass } = ERROR_CATALOGUE[error.problem.code as ErrorCode];
  return errorClass === 'transient' || errorClass === 'throttled';
}

type ProgressLine = { readonly show: (text: string) => void; readonly end: () => void };

/** On a terminal one line that is written over; elsewhere a plain line whenever the text changes. */
function progressLine(io: Io, { quiet, output }: GlobalOptions): ProgressLine {
  const { stderr } = io;
  if (quiet || (output === 'json' && !stderr.isTTY)) return { show: () => {}, end: () => {} };
  let shown = '';
  const show = (text: string) => {
    const safe = visible(text);
    if (safe === shown) return;
    shown = safe;
    stderr.write(stderr.isTTY ? `\r\u001b[K${cut(safe, (stderr.columns || 80) - 1)}` : `${safe}\n`);
  };
  const end = () => {
    if (stderr.isTTY && shown !== '') stderr.write('\r\u001b[K');
    shown = '';
  };
  return { show, end };
}

function cut(text: string, columns: number): string {
  let kept = text;
  while (kept !== '' && widthOf(kept) > columns) kept = kept.slice(0, -1);
  return kept;
}
