import type { Instant } from '@cpm/core';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Log } from '../db/log.ts';
import type { Notifications } from './notifications.ts';
import { startRounds } from './rounds.ts';

/** The PostgreSQL channel that tells tickers that something may fall due at another time than before. */
export const TICKER_CHANNEL = 'cpm_ticker';

export type TickerInput = {
  readonly clock: Clock;
  readonly log: Log;
  readonly notifications: Notifications;
  /** When something falls due next, by what is stored now; null for never. */
  readonly nextDueAt: () => Promise<Instant | null>;
  /** Fires what is due at that time, if anything is, and moves it on. Runs on every server: a unique key makes a firing happen once. */
  readonly fire: (now: Instant) => Promise<void>;
};

export type Ticker = {
  /** Ends after a firing under way. */
  readonly stop: () => Promise<void>;
};

/** After an error, or a firing that moved nothing on. */
const RETRY_MS = 1_000;

/** Called in the transaction that changes when something falls due: at its commit every ticker looks again. */
export async function wakeTicker<DB>(trx: Transaction<DB>): Promise<void> {
  await sql`select pg_notify(${TICKER_CHANNEL}, '')`.execute(trx);
}

/**
 * Fires at the very moment something falls due: one timer, set to the first of all due times, set anew after each change.
 * A jump of the clock is noticed within 30 s. Errors are logged and tried again; a firing is never given up.
 */
export async function startTicker({ clock, log, notifications, nextDueAt, fire }: TickerInput): Promise<Ticker> {
  const round = async () => {
    // Not asked first whether anything is due: when it is, nobody is to wait for that answer.
    const now = clock.now();
    await fire(now);
    const nextAt = await nextDueAt();
    if (nextAt !== null && nextAt <= now) throw new Error('what was due is still due after its firing');
    return { nextAt };
  };
  const onError = (error: unknown) => log.error({ err: error }, 'due work could not be started; trying again');
  const rounds = startRounds({ clock, round, onError, retryMs: RETRY_MS });
  const unlisten = await notifications.listen(TICKER_CHANNEL, { heard: rounds.soon, missed: rounds.soon });
  rounds.soon();
  const stop = async () => {
    unlisten();
    await rounds.stop();
  };
  return { stop };
}
