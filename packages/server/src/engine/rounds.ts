import type { Instant } from '@cpm/core';
import { systemClock } from '../clock.ts';
import type { Cancel, Clock } from '../clock.ts';

export type Round = {
  /** When the next round is due by the clock; null for no such time. */
  readonly nextAt: Instant | null;
  /** There is more to do at once. */
  readonly again?: boolean;
};

export type RoundsInput = {
  readonly clock: Clock;
  readonly round: () => Promise<Round>;
  readonly onError: (error: unknown) => void;
  /** How long after an error the next round comes. */
  readonly retryMs: number;
};

/** A round comes at least so often, although notifications and due times say when: costs nothing, forgives much. */
const SAFETY_MS = 30_000;
/** What is retried or made sure of is out there, so it is waited for by the machine's time, whatever the jobs live by. */
const realTime = systemClock();

/**
 * Does rounds of work, one at a time: when asked (asked during a round, another follows), when one is due, after an error,
 * and every 30 s. `stop` waits for a round under way.
 */
export function startRounds({ clock, round, onError, retryMs }: RoundsInput) {
  let current: Promise<void> | undefined;
  let isAsked = false;
  let isStopped = false;
  let timers: Cancel[] = [];

  const cancelTimers = () => {
    for (const cancel of timers) cancel();
    timers = [];
  };
  const doRound = async () => {
    isAsked = false;
    cancelTimers();
    try {
      const { nextAt, again = false } = await round();
      isAsked ||= again;
      timers = [realTime.after(SAFETY_MS, soon), ...(nextAt === null ? [] : [clock.at(nextAt, soon)])];
    } catch (error) {
      onError(error);
      timers = [realTime.after(retryMs, soon)];
    }
  };
  const soon = () => {
    isAsked = true;
    if (isStopped || current !== undefined) return;
    current = doRound().finally(() => {
      current = undefined;
      if (isStopped) cancelTimers();
      else if (isAsked) soon();
    });
  };
  const stop = async () => {
    isStopped = true;
    cancelTimers();
    await current;
  };
  return { soon, stop };
}
