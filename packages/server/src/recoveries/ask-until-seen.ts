import { isOutcomeUnknown } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';

/** So long AWS may not show the effect of a call whose answer was lost, and refuse its repeat because of it. */
const SHOWN_AFTER_MS = 10_000;

type Refusal = { readonly reason: string; readonly at: Instant };
type Here = { readonly job: JobContext<Database>; readonly context: ServerContext };

/**
 * Sends a call without token whose effect shows when AWS is looked at: once in every run until it shows, never again after a
 * refusal. Answers the refusal once it is to be believed: a repeat may have been refused for what the first one did. Throws
 * what may pass.
 */
export async function askUntilSeen(
  { job, context: { clock } }: Here,
  name: string,
  call: () => Promise<unknown>,
): Promise<{ readonly refused: string } | null> {
  if (job.finished(name)) {
    const { reason, at } = await job.step<Refusal>(name, () => ({ reason: '', at: clock.now() }));
    return clock.now() < addMs(at, SHOWN_AFTER_MS) ? null : { refused: reason };
  }
  try {
    await call();
  } catch (error) {
    if (isOutcomeUnknown(error)) return null;
    if (!isCpmError(error) || isWorthRetrying(error)) throw error;
    await job.step<Refusal>(name, () => ({ reason: describeError(error), at: clock.now() }));
  }
  return null;
}
