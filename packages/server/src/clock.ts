import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Instant } from '@cpm/core';

/** Takes back a timer that has not fired yet; harmless afterwards. */
export type Cancel = () => void;

/** Where the server's time comes from: everything that waits or looks at the time is handed one of these. */
export type Clock = {
  /** The time of day, epoch ms: may jump when somebody sets the machine's clock. */
  readonly now: () => Instant;
  /** Milliseconds from a fixed start that nobody can set back: for measuring how long something took. */
  readonly monotonicMs: () => number;
  /** Calls `fire` once, when `now()` has reached `when`, also if the time of day jumps meanwhile. */
  readonly at: (when: Instant, fire: () => void) => Cancel;
  /** Calls `fire` once, when so much time has gone by, whatever the time of day does. */
  readonly after: (ms: number, fire: () => void) => Cancel;
  /** Resolves when `now()` has reached `when`; rejects with the signal's reason when it aborts first. */
  readonly sleepUntil: (when: Instant, signal?: AbortSignal) => Promise<void>;
};

/** A clock that moves only by hand; its `now` serves the simulator as well. */
export type ManualClock = Clock & {
  /** Lets time go by: fires what falls due in its order, giving each the chance to set new timers. */
  readonly advance: (ms: number) => Promise<void>;
  /** Sets the time of day without any time going by, as somebody correcting the machine's clock does. */
  readonly jump: (ms: number) => void;
  /** In how many ms the first of all timers falls due, 0 for one that is; null while nothing waits. */
  readonly nextDueInMs: () => number | null;
};

/** A timer never sleeps longer than this before it looks at the time of day again, which may have jumped. */
const RECHECK_MS = 30_000;

/** The machine's clock; the only reader of system time in the server. */
export function systemClock(): Clock {
  const now = () => Date.now() as Instant;
  const monotonicMs = () => performance.now();
  const at: Clock['at'] = (when, fire) => timer(() => when - now(), fire);
  const after: Clock['after'] = (ms, fire) => {
    const end = monotonicMs() + ms;
    return timer(() => end - monotonicMs(), fire);
  };
  return { now, monotonicMs, at, after, sleepUntil: sleeper(at) };
}

function timer(leftMs: () => number, fire: () => void): Cancel {
  const arm = () => setTimeout(check, Math.min(Math.max(Math.ceil(leftMs()), 0), RECHECK_MS));
  const check = () => {
    if (leftMs() > 0) handle = arm();
    else fire();
  };
  let handle = arm();
  return () => clearTimeout(handle);
}

/** A clock standing at `start` (epoch ms) until `advance` or `jump` moves it. */
export function manualClock(start: number): ManualClock {
  type Timer = { readonly dueMs: () => number; readonly fire: () => void };
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let offset = start;

  const add = (timer: Timer): Cancel => {
    timers.add(timer);
    // What is due already needs no moving of the clock.
    if (timer.dueMs() <= elapsedMs) setImmediate(() => timers.delete(timer) && timer.fire());
    return () => void timers.delete(timer);
  };
  const at: Clock['at'] = (when, fire) => add({ dueMs: () => when - offset, fire });
  const after: Clock['after'] = (ms, fire) => {
    const end = elapsedMs + ms;
    return add({ dueMs: () => end, fire });
  };
  const firstDue = (untilMs: number) =>
    [...timers].filter((timer) => timer.dueMs() <= untilMs).toSorted((a, b) => a.dueMs() - b.dueMs())[0];
  const advance = async (ms: number) => {
    const end = elapsedMs + ms;
    for (let due = firstDue(end); due !== undefined; due = firstDue(end)) {
      timers.delete(due);
      elapsedMs = Math.max(elapsedMs, due.dueMs());
      due.fire();
      await nextTurn();
    }
    elapsedMs = Math.max(elapsedMs, end);
  };
  const jump = (ms: number) => {
    offset += ms;
  };
  const nextDueInMs = () =>
    timers.size === 0 ? null : Math.max(Math.min(...[...timers].map((timer) => timer.dueMs())) - elapsedMs, 0);
  const now = () => (offset + elapsedMs) as Instant;
  return { now, monotonicMs: () => elapsedMs, at, after, sleepUntil: sleeper(at), advance, jump, nextDueInMs };
}

function sleeper(at: Clock['at']): Clock['sleepUntil'] {
  return (when, signal) =>
    new Promise((resolve, reject) => {
      const aborted = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = at(when, () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      });
      if (signal?.aborted) aborted();
      else signal?.addEventListener('abort', aborted, { once: true });
    });
}
