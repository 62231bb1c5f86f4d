import type { Invocation } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import type { SentCommand, SsmParts } from './send-commands.ts';

/** How a command ended on one instance. */
export type CommandEnd = {
  readonly instanceId: string;
  /** Null: it succeeded. */
  readonly problem: string | null;
  readonly exitCode: number | null;
  readonly errorOutput: string;
};

/** Soon at first: an application stands still meanwhile. */
const LOOKS_MS = [250, 250, 500, 500, 1000, 2000];
/** What delivery (30 s at most) and the report may take beyond the script's own time-out. */
const GRACE_MS = 45_000;
const ABORTED = 'the backup was aborted while it ran, and it was cancelled';
const ENDED = new Set(['Success', 'Cancelled', 'TimedOut', 'Failed']);

/** Looks at a command on an instance until it has ended or its time is over; then it is taken back. Throws `shutting_down`. */
export async function followCommand(
  { ssm, clock, signal, cancelSignal }: SsmParts,
  { instanceId, commandId, problem }: SentCommand,
  timeoutSeconds: number,
): Promise<CommandEnd> {
  const failed = (why: string): CommandEnd => ({ instanceId, problem: why, exitCode: null, errorOutput: '' });
  if (commandId === null) return failed(problem);
  const deadline = addMs(clock.now(), timeoutSeconds * 1000 + GRACE_MS);
  const isCancelled = () => cancelSignal?.aborted === true;
  for (let look = 0; clock.now() < deadline && !isCancelled(); look += 1) {
    await clock.sleepUntil(addMs(clock.now(), LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)] ?? 2000), signal);
    try {
      const invocation = await ssm.readInvocation(commandId, instanceId);
      if (invocation !== null && ENDED.has(invocation.status)) return endOf(instanceId, invocation, timeoutSeconds);
    } catch (error) {
      if (!isCpmError(error) || error.code === 'shutting_down') throw error;
      if (!isWorthRetrying(error)) return failed(describeError(error));
    }
  }
  await ssm.cancelCommand(commandId).catch((error: unknown) => {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
  });
  return failed(isCancelled() ? ABORTED : 'its end did not show in time, and it was cancelled');
}

function endOf(instanceId: string, invocation: Invocation, timeoutSeconds: number): CommandEnd {
  const { exitCode, errorOutput } = invocation;
  return { instanceId, problem: describeEnd(invocation, timeoutSeconds), exitCode, errorOutput };
}

function describeEnd({ status, statusDetails, exitCode }: Invocation, timeoutSeconds: number): string | null {
  if (status === 'Success') return null;
  if (status === 'Cancelled') return 'it was cancelled';
  if (status === 'TimedOut' && statusDetails.startsWith('Delivery'))
    return 'it never started: the instance did not answer';
  if (status === 'TimedOut') return `it ran longer than ${timeoutSeconds} s and was ended`;
  return exitCode === null || exitCode <= 0 ? `it failed (${statusDetails})` : `it ended with exit code ${exitCode}`;
}
