import { randomUUID } from 'node:crypto';
import type { PolicyScripts } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import type { FoundScript } from './find-scripts.ts';
import { beginStep, failedEnd, LOST_END, type BegunStep, type Step } from './record-step.ts';
import { describeSurvivors, type HeldScript, type ScriptToRun } from './run-script.ts';
import { saveScriptProcess, type ScriptEnd, type ScriptRecord } from './scripts.store.ts';

type ScriptContext = Pick<ServerContext, 'db' | 'clock' | 'log' | 'scripts'>;

export type ServerStep = Step & {
  /** What `context.scripts.find` answered: look before "before", so that nothing is looked for while an application is frozen. */
  readonly found: FoundScript;
  readonly scripts: Pick<PolicyScripts, 'timeoutSeconds' | 'collectOutput'>;
};

/**
 * Begins one step of a backup on the server (SCR-1 to SCR-4), once in the backup's life, also across a crash: a "before" that
 * is still running then is ended, and has failed; an "after" or "complete" runs on to its end, which nobody sees. One that was
 * put on record and never started is started now. A missing script is a failure. Throws what the job throws when it is lost.
 */
export async function beginServerStep(
  context: ScriptContext,
  job: JobContext<Database>,
  step: ServerStep,
  held: HeldScript | null = null,
): Promise<BegunStep> {
  return beginStep(context, job, {
    ...step,
    ...(held === null ? {} : { runId: held.script.runId }),
    runner: 'server',
    perform: (runId) => perform(context, job, { ...step, runId }, held),
    settle: (record) => settle(context, step, record),
    onRecorded: context.scripts.marks.forget,
  });
}

/** Gets a step ready that is not on record yet, so that it starts at once; null where it starts when it is done. */
export async function holdServerStep(
  context: ScriptContext,
  job: JobContext<Database>,
  step: ServerStep,
): Promise<HeldScript | null> {
  const { file } = step.found;
  return file === null ? null : context.scripts.hold(scriptOf(context, job, { ...step, runId: randomUUID() }, file));
}

type NamedRun = ServerStep & { readonly runId: string };

async function perform(
  context: ScriptContext,
  job: JobContext<Database>,
  run: NamedRun,
  held: HeldScript | null,
): Promise<ScriptEnd> {
  const { found, step } = run;
  if (found.file === null) return failedEnd(found.problem);
  const script = scriptOf(context, job, run, found.file);
  const ended = context.scripts.run(script, held?.script.runId === run.runId ? held : null);
  return step === 'before' ? ended : unlessAborted(ended, job.signal);
}

function scriptOf(
  { db, clock, log }: ScriptContext,
  job: JobContext<Database>,
  { backup, step, argument, scripts, runId }: NamedRun,
  file: string,
): ScriptToRun {
  const at = clock.now();
  return {
    file,
    argument,
    timeoutMs: scripts.timeoutSeconds * 1000,
    collectErrorOutput: scripts.collectOutput,
    runId,
    facts: { CPM_STEP: step, CPM_POLICY: backup.policyName, CPM_BACKUP: backup.id },
    ...endedBy(step, job),
    isMarked: true,
    onStarted: (started) => {
      saveScriptProcess(db, runId, { ...started, at }).catch((error: unknown) => {
        log.warn({ err: error, backup: backup.id }, 'which process a script is could not be recorded');
      });
    },
  };
}

/**
 * A "before" without a server is ended, and so is what an abort of the backup finds running; what thaws an application is never
 * cut short, nor is a "complete" that an abort has called.
 */
function endedBy(step: Step['step'], { signal, cancelSignal }: Pick<JobContext<Database>, 'signal' | 'cancelSignal'>) {
  if (step === 'before') return { signal: AbortSignal.any([signal, cancelSignal]) };
  return step === 'complete' && !cancelSignal.aborted ? { signal: cancelSignal } : {};
}

async function settle(
  { scripts: runner }: ScriptContext,
  { step }: ServerStep,
  record: ScriptRecord,
): Promise<ScriptEnd | null> {
  const { id: runId, pid, pidStarted } = record;
  const known = runner.marks.settle(runId);
  const wasStarted = known === 'unknown' ? pid !== null || (await runner.isRunning(runId)) : known === 'started';
  if (!wasStarted) return null;
  const survivors = step === 'before' ? await runner.killLeftover({ runId, pid, pidStarted }) : [];
  return failedEnd(LOST_END + describeSurvivors(survivors));
}

/** What the promise answers, unless the job is lost first: what runs then is left alone. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => undefined as void;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
