import { randomUUID } from 'node:crypto';
import type { BackupId, Instant, ScriptStep, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import { systemClock } from '../clock.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import {
  findScriptRecord,
  saveScriptEnd,
  saveScriptStart,
  type ScriptEnd,
  type ScriptRecord,
} from './scripts.store.ts';

/** What a step is of; `argument` is null for "before". */
export type Step = {
  readonly backup: {
    readonly id: BackupId;
    readonly ownerId: UserId;
    readonly policyName: string;
    readonly startedAt: Instant;
  };
  readonly step: ScriptStep;
  readonly argument: '1' | '0' | null;
};

export type RecordedStep = Step & {
  /** Names the run of it; a new name unless told. */
  readonly runId?: string;
  readonly runner: 'server' | 'ssm';
  /** Does it, once it is on record. */
  readonly perform: (runId: string) => Promise<ScriptEnd>;
  /** Answers for one that an earlier run of the job put on record without its end: null when it never started. */
  readonly settle: (record: ScriptRecord) => Promise<ScriptEnd | null>;
  /** Told when the end is committed. */
  readonly onRecorded?: (runId: string) => void;
};

/** After this long a stand-still since the commit, the job may be another worker's: ask again before anything starts. */
const LONGEST_PAUSE_MS = 2000;
const { monotonicMs } = systemClock();

type Parts = Pick<ServerContext, 'db' | 'clock'>;

/**
 * A step that is on record, to be done with this: at once, or when what it waits for is over. Answers its end, once that is
 * on record, and with it what is written `alongside`.
 */
export type BegunStep = (alongside?: Alongside) => Promise<ScriptEnd>;
export type Alongside = (tx: Transaction<Database>) => Promise<void>;

/**
 * Puts a script's step on record, so that it is done once in the life of its backup (I5): its start is committed now, its end
 * once it is done, with a line in the backup's log. Entered again it answers what is on record; what was started and never
 * ended is not started again. Both parts throw what the job throws when it is lost.
 */
export async function beginStep(parts: Parts, job: JobContext<Database>, step: RecordedStep): Promise<BegunStep> {
  const { backup, runner, argument, runId: id = randomUUID() } = step;
  const start = { id, ownerId: backup.ownerId, backupId: backup.id, step: step.step, runner };
  const record = { ...start, argument: argument ?? '', startedAt: parts.clock.now() };
  const isFirst = await asOwner(job, (tx) => saveScriptStart(tx, record));
  const sinceMs = monotonicMs();
  if (!isFirst) return (alongside) => resume(parts, job, step, alongside);
  return async (alongside) => {
    if (monotonicMs() - sinceMs > LONGEST_PAUSE_MS) await stillOwner(job);
    return perform(parts, job, { step, runId: id, alongside });
  };
}

/** Does it now; who asks is the job's owner a moment ago. */
async function perform(
  parts: Parts,
  job: JobContext<Database>,
  started: Pick<Ended, 'step' | 'runId' | 'alongside'>,
): Promise<ScriptEnd> {
  const startedAt = parts.clock.now();
  const end = await started.step.perform(started.runId);
  return recordEnd(parts, job, { ...started, end, startedAt });
}

async function resume(
  parts: Parts,
  job: JobContext<Database>,
  step: RecordedStep,
  alongside: Alongside | undefined,
): Promise<ScriptEnd> {
  const earlier = await findScriptRecord(parts.db, step.backup.id, step.step);
  if (earlier === null) throw new Error(`the record of the "${step.step}" script is gone with its backup`);
  if (earlier.state !== 'started') return endOf(earlier, earlier.state);
  const end = await step.settle(earlier);
  if (end !== null) return recordEnd(parts, job, { step, runId: earlier.id, end, startedAt: null, alongside });
  // On record already and never started: whose the job is, is asked again all the same.
  await stillOwner(job);
  return perform(parts, job, { step, runId: earlier.id, alongside });
}

const stillOwner = (job: JobContext<Database>): Promise<boolean> => asOwner(job, async () => false);

/** Answers whether the write, in one of its tries, was done; when it returns the job was this run's a moment ago. */
async function asOwner(
  job: JobContext<Database>,
  write: (tx: Transaction<Database>) => Promise<boolean>,
): Promise<boolean> {
  for (let isDone = false; ;) {
    const sinceMs = monotonicMs();
    isDone = (await job.transaction(write)) || isDone;
    if (monotonicMs() - sinceMs <= LONGEST_PAUSE_MS) return isDone;
  }
}

type Ended = {
  readonly step: RecordedStep;
  readonly runId: string;
  readonly end: ScriptEnd;
  /** Null where it is not known any better than when it was put on record. */
  readonly startedAt: Instant | null;
  readonly alongside: Alongside | undefined;
};

async function recordEnd(
  parts: Parts,
  job: JobContext<Database>,
  { step, runId, end, startedAt, alongside }: Ended,
): Promise<ScriptEnd> {
  const { ended, reason, exitCode, errorOutput } = end;
  await job.transaction(async (tx) => {
    const at = parts.clock.now();
    // Handed over together: an application may be waiting for them.
    await Promise.all([
      saveScriptEnd(tx, runId, end, { startedAt, at }),
      appendLog(tx, step.backup.id, at, [describeEnd(step, end)]),
      alongside?.(tx),
    ]);
  });
  step.onRecorded?.(runId);
  return { ended, reason, exitCode, errorOutput };
}

const endOf = ({ reason, exitCode, output }: ScriptRecord, ended: ScriptEnd['ended']): ScriptEnd => ({
  ended,
  reason,
  exitCode,
  errorOutput: output,
});

function describeEnd({ step, argument }: Step, { reason }: ScriptEnd) {
  const told = argument === null ? '' : ` (told ${argument})`;
  return reason === null
    ? info(`the "${step}" script${told} succeeded`)
    : failure(`the "${step}" script${told} failed: ${reason}`);
}

/** A failure that no exit code tells of. */
export const failedEnd = (reason: string): ScriptEnd => ({
  ended: 'failed',
  reason,
  exitCode: null,
  errorOutput: null,
});

export const LOST_END = 'its end was not recorded: the server stopped, or lost its database, while it ran';
