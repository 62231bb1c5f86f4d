import { setTimeout as delay } from 'node:timers/promises';
import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ManualClock } from '../../../packages/server/src/clock.ts';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import { asTimestamp } from '../../../packages/server/src/db/values.ts';

/** A clock that somebody moves, perhaps that of another process. */
export type MovedClock = Pick<ManualClock, 'now' | 'advance'>;

export type RunLimits = {
  readonly realMs?: number;
  readonly hours?: number;
  /** A moment that the clock must not leap over; up to it the leaps may be long. */
  readonly end?: number;
};

export type RunUntil = <T>(
  what: string,
  ask: () => Promise<T> | T,
  most?: RunLimits,
) => Promise<Exclude<T, false | null | undefined>>;

/** A job that runs but gets no further for so long waits for the clock itself: for its turn with AWS, or a repeat. */
const STUCK_MS = 60;
const NUDGE_MS = 250;
/** While nothing is due, only what AWS does takes time. */
const LONGEST_LEAP_MS = 60_000;
const LONG_LEAP_MS = 30 * 60_000;

/**
 * Lets time go by as fast as the work allows: from one due time to the next while nothing runs, a little at a time while
 * running work waits for the clock. Fails after 30 s of the machine's time or 100 hours of the clock's unless told.
 */
export function runClock(db: Kysely<Database>, clock: MovedClock): RunUntil {
  return async (what, ask, { realMs = 30_000, hours = 100, end } = {}) => {
    const leapTo = (next: number | null) => {
      const now = clock.now();
      const longest = end === undefined ? LONGEST_LEAP_MS : Math.min(end - now, LONG_LEAP_MS);
      return Math.max(Math.min((next ?? Infinity) - now, longest), 1);
    };
    const deadline = AbortSignal.timeout(realMs);
    const latest = clock.now() + hours * 3600_000;
    let busyPolls = 0;
    for (;;) {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined)
        return answer as Exclude<typeof answer, false | null | undefined>;
      if (deadline.aborted) throw new Error(`not within ${realMs} ms: ${what}; ${await whatIsThere(db)}`);
      if (clock.now() > latest)
        throw new Error(`not within ${hours} hours of the clock: ${what}; ${await whatIsThere(db)}`);
      const next = await nextDue(db, clock.now());
      busyPolls = next === 'busy' ? busyPolls + 1 : 0;
      if (next === 'busy') {
        await delay(5);
        if (busyPolls * 5 >= STUCK_MS && busyPolls % 4 === 0) await clock.advance(NUDGE_MS);
      } else {
        await clock.advance(leapTo(next));
      }
    }
  };
}

/** `busy` while a job runs or something is due; else when the next thing is, null for never. */
async function nextDue(db: Kysely<Database>, now: Instant): Promise<'busy' | number | null> {
  const { rows } = await sql<{ isBusy: boolean; next: number | null }>`
    select exists (select from jobs where state = 'running' or (state = 'waiting' and wake_at <= ${asTimestamp(now)}))
        or exists (select from schedules where next_due_at <= ${asTimestamp(now)}) as "isBusy",
      least((select min(wake_at) from jobs where state = 'waiting'), (select min(next_due_at) from schedules)) as next`.execute(
    db,
  );
  const [row] = rows;
  return row?.isBusy === true ? 'busy' : (row?.next ?? null);
}

/** What a failed wait should tell: the open jobs. */
async function whatIsThere(db: Kysely<Database>): Promise<string> {
  const jobs = await sql`select kind, state, wake_at, attempts, last_error from jobs
    where state in ('waiting', 'running')`.execute(db);
  return `open jobs: ${JSON.stringify(jobs.rows)}`;
}
