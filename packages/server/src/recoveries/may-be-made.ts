import { addMs, isCpmError, isWorthRetrying, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';

/** So long AWS may not list what a call made whose answer was lost (EC2 API Reference, "Eventual consistency"). */
const LISTED_AFTER_MS = 5 * 60_000;

/** Something may have been made that AWS does not show yet, or refuses to show: it must not be forgotten, so the recovery waits. */
export class MayBeMade extends Error {
  override readonly name = 'MayBeMade';
}

/** Looks for what may have been made. Throws MayBeMade where AWS refuses to say, and what may pass. */
export async function lookForMade<Seen>(look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (error) {
    if (!isCpmError(error) || isWorthRetrying(error)) throw error;
    throw new MayBeMade(describeError(error), { cause: error });
  }
}

type Here = { readonly job: JobContext<Database>; readonly context: Pick<ServerContext, 'clock'> };

/**
 * What an earlier run's call made, asked when its repeat is refused: the refusal, as with credentials that were revoked since,
 * says nothing of the first. Answers null only once AWS has had the time to show it. Throws as above.
 */
export async function findMadeBefore<Thing>(
  { job, context: { clock } }: Here,
  step: string,
  look: () => Promise<Thing | null>,
): Promise<Thing | null> {
  const refusedAt = await job.step<Instant>(`${step}, refused`, () => clock.now());
  const found = await lookForMade(look);
  if (found === null && clock.now() < addMs(refusedAt, LISTED_AFTER_MS))
    throw new MayBeMade('AWS does not show it, and has not had the time to');
  return found;
}
