import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EdgeClock } from '../clock.ts';

type Timer = { readonly dueMs: number; readonly fire: () => void };

/** A clock that stands until it is moved; timers fire in their order, and what they start gets its turn in between. */
export function handClock(): EdgeClock & { readonly advance: (ms: number) => Promise<void> } {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const nextDue = (untilMs: number): Timer | undefined =>
    [...timers].filter((timer) => timer.dueMs <= untilMs).toSorted((one, other) => one.dueMs - other.dueMs)[0];
  return {
    monotonicMs: () => nowMs,
    after: (ms, fire) => {
      const timer = { dueMs: nowMs + ms, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await nextTurn();
      for (let due = nextDue(endMs); due !== undefined; due = nextDue(endMs)) {
        timers.delete(due);
        nowMs = Math.max(nowMs, due.dueMs);
        due.fire();
        await nextTurn();
      }
      nowMs = endMs;
    },
  };
}
