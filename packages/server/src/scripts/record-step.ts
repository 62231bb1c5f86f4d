import { randomUUID } from 'node:crypto';
import type { BackupId, Instant, ScriptStep, UserId } from '@cpm/core';
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
 * Does a script's step once in the life of its backup (I5): its start is committed before, its end after, with a line in the
 * backup's log. Entered again it answers what is on record; what was started and never ended is not started again.
 * Throws what the job throws when it is lost.
 */
export async function recordStep(parts: Parts, job: JobContext<Database>, step: RecordedStep): Promise<ScriptEnd> {
  const earlier = await findScriptRecord(parts.db, step.backup.id, step.step);
  if (earlier !== null && earlier.state !== 'started') return endOf(earlier, earlier.state);
  const settled = earlier === null ? null : await step.settle(earlier);
  const runId = earlier?.id ?? randomUUID();
  const { ended, reason, exitCode, errorOutput } =
    settled ?? (await performOnRecord(parts, job, { step, runId, isOnRecord: earlier !== null }));
  const end = { ended, reason, exitCode, errorOutput };
  await job.transaction(async (tx) => {
    const at = parts.clock.now();
    await saveScriptEnd(tx, runId, end, at);
    await appendLog(tx, step.backup.id, at, [describeEnd(step, end)]);
  });
  step.onRecorded?.(runId);
  return end;
}

type Performance = { readonly step: RecordedStep; readonly runId: string; readonly isOnRecord: boolean };

async function performOnRecord(
  { clock }: Parts,
  job: JobContext<Database>,
  { step, runId, isOnRecord }: Performance,
): Promise<ScriptEnd> {
  const { backup, runner } = step;
  let isSaved = isOnRecord;
  let committingSinceMs: number;
  do {
    committingSinceMs = monotonicMs();
    const record = newRecord(step, { id: runId, runner, ownerId: backup.ownerId, startedAt: clock.now() });
    // Saved already, the transaction still proves whose the job is.
    await job.transaction(async (tx) => (isSaved ? undefined : saveScriptStart(tx, record)));
    isSaved = true;
  } while (monotonicMs() - committingSinceMs > LONGEST_PAUSE_MS);
  return step.perform(runId);
}

type RecordFacts = {
  readonly id: string;
  readonly runner: 'server' | 'ssm';
  readonly ownerId: UserId;
  readonly startedAt: Instant;
};

const newRecord = ({ backup, step, argument }: Step, facts: RecordFacts) => ({
  ...facts,
  backupId: backup.id,
  step,
  argument: argument ?? '',
});

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
