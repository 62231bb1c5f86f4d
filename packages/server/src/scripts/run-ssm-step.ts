import { addMs, isCpmError, type AccountId, type PolicyScripts } from '@cpm/core';
import { ssmOf } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { printable } from './bounded-output.ts';
import { followCommand, type CommandEnd } from './follow-command.ts';
import { beginStep, failedEnd, LOST_END, type BegunStep, type Step } from './record-step.ts';
import { saveScriptCommands, type ScriptEnd } from './scripts.store.ts';
import {
  cancelCommands,
  findSent,
  sendCommands,
  type Commands,
  type SentCommand,
  type SsmParts,
} from './send-commands.ts';

type SsmContext = Pick<ServerContext, 'db' | 'clock' | 'aws' | 'secrets'>;

export type SsmStep = Step & {
  readonly accountId: AccountId;
  readonly scripts: PolicyScripts;
  /** The policy's running instances; of them those that its commands name, or all. */
  readonly instances: readonly { readonly region: string; readonly instanceId: string }[];
};

/** AWS's clock may be behind ours: commands are looked for from a little earlier on. */
const CLOCK_SKEW_MS = 5 * 60_000;
const LONGEST_OUTPUT = 2 ** 20;

/**
 * Begins one step of a backup on its instances through AWS Systems Manager (SCR-6), once in the backup's life; null when the
 * policy has no commands for it. After a crash a "before" is taken back and has failed; an "after" or "complete" that was sent
 * is followed to its end, and one that was not is sent. Throws what the job throws when it is lost, and `shutting_down`.
 */
export async function beginSsmStep(
  context: SsmContext,
  job: JobContext<Database>,
  step: SsmStep,
): Promise<BegunStep | null> {
  const text = step.scripts.ssm?.[step.step] ?? '';
  if (text.trim() === '') return null;
  const regions = regionsOf(context, job, { ...step, text });
  return beginStep(context, job, {
    ...step,
    runner: 'ssm',
    perform: (runId) => perform(context, regions, { step, runId, isResumed: false }),
    settle: async ({ id: runId }) => {
      if (step.step !== 'before') return perform(context, regions, { step, runId, isResumed: true });
      await Promise.all(regions.map(({ parts, commands }) => cancelCommands(parts, commands).catch(unlessStopping)));
      return failedEnd(LOST_END);
    },
  });
}

type Region = { readonly parts: SsmParts; readonly commands: Commands };
type Performance = { readonly step: SsmStep; readonly runId: string; readonly isResumed: boolean };

function regionsOf(
  context: SsmContext,
  { signal, cancelSignal }: JobContext<Database>,
  { step, argument, backup, accountId, scripts, instances, text }: SsmStep & { readonly text: string },
): Region[] {
  const chosen = new Set(scripts.ssm?.instanceIds);
  const wanted = instances.filter(({ instanceId }) => chosen.size === 0 || chosen.has(instanceId));
  const { clock } = context;
  const common = { step, argument, text, timeoutSeconds: scripts.timeoutSeconds };
  // Found again after a crash: it names the step of this backup and nothing else.
  const comment = `CPM backup ${backup.id} ${step}`;
  return [...Map.groupBy(wanted, ({ region }) => region)].map(([region, members]) => {
    const instanceIds = [...new Set(members.map(({ instanceId }) => instanceId))];
    const ssm = ssmOf(context, accountId, region, { signal });
    const sentAfter = addMs(backup.startedAt, -CLOCK_SKEW_MS);
    // As on the server: what thaws an application is never cut short, nor a "complete" that an abort has called.
    const isCutShort = step === 'before' || (step === 'complete' && !cancelSignal.aborted);
    const parts = { ssm, clock, signal, ...(isCutShort ? { cancelSignal } : {}) };
    return { parts, commands: { ...common, instanceIds, comment, sentAfter } };
  });
}

async function perform(
  { db }: SsmContext,
  regions: readonly Region[],
  { step, runId, isResumed }: Performance,
): Promise<ScriptEnd> {
  if (regions.length === 0) return failedEnd('none of its instances is running');
  const sent = await Promise.all(regions.map((region) => sendIn(region, isResumed)));
  const commandIds = new Set(sent.flat().flatMap(({ commandId }) => commandId ?? []));
  await saveScriptCommands(db, runId, [...commandIds]);
  const { timeoutSeconds, collectOutput } = step.scripts;
  const ends = await Promise.all(
    regions.flatMap(({ parts }, index) =>
      (sent[index] ?? []).map((each) => followCommand(parts, each, timeoutSeconds)),
    ),
  );
  return sumUp(ends, collectOutput);
}

/** What was sent before a crash is not sent again. */
async function sendIn({ parts, commands }: Region, isResumed: boolean): Promise<SentCommand[]> {
  if (!isResumed) return sendCommands(parts, commands);
  const found = await findSent(parts, commands, commands.instanceIds);
  const rest = commands.instanceIds.filter((id) => !found.has(id));
  const fresh = rest.length === 0 ? [] : await sendCommands(parts, { ...commands, instanceIds: rest });
  return [...found]
    .map(([instanceId, commandId]): SentCommand => ({ instanceId, commandId, problem: null }))
    .concat(fresh);
}

/** One end of all: it succeeded where every instance did. */
function sumUp(ends: readonly CommandEnd[], collectOutput: boolean): ScriptEnd {
  const problems = ends.flatMap(({ instanceId, problem }) => (problem === null ? [] : [`${instanceId}: ${problem}`]));
  const output = ends
    .filter(({ errorOutput }) => errorOutput !== '')
    .map(({ instanceId, errorOutput }) => `[${instanceId}]\n${printable(Buffer.from(errorOutput))}`);
  return {
    ended: problems.length === 0 ? 'succeeded' : 'failed',
    reason: problems.length === 0 ? null : problems.join('; '),
    exitCode: ends.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? (problems.length === 0 ? 0 : null),
    errorOutput: collectOutput ? output.join('\n').slice(0, LONGEST_OUTPUT) : null,
  };
}

/** What cannot be taken back now is told by its end, which never came. */
function unlessStopping(error: unknown): void {
  if (!isCpmError(error) || error.code === 'shutting_down') throw error;
}
