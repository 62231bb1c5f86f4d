import type { Instant } from '../time.ts';

/** A firing this late was not merely delayed. */
const LATE_AFTER_MS = 5 * 60_000;

export type SlotFacts = {
  readonly enabled: boolean;
  /** The newest due slot that made no backup, and why. */
  readonly skipped: { readonly dueAt: Instant; readonly reason: string } | null;
  /** The newest due slot that made one. */
  readonly backedUpAt: Instant | null;
  /** When the newest good backup ended. */
  readonly lastGoodAt: Instant | null;
  /** The next firing of its schedules, as they stand on record. */
  readonly nextDueAt: Instant | null;
};

export type Overdue = { readonly dueAt: Instant; readonly reason: string };

/**
 * Whether a policy's backup is overdue, a state of its own: its newest due slot made no backup and none has succeeded since, or
 * a firing is more than five minutes late. Null when it is not; a disabled policy never is.
 */
export function decideOverdue(facts: SlotFacts, now: Instant): Overdue | null {
  const { enabled, skipped, backedUpAt, lastGoodAt, nextDueAt } = facts;
  if (!enabled) return null;
  if (nextDueAt !== null && now - nextDueAt > LATE_AFTER_MS) {
    return { dueAt: nextDueAt, reason: 'its firing is late and has not started yet' };
  }
  if (skipped === null || (backedUpAt !== null && backedUpAt > skipped.dueAt)) return null;
  return lastGoodAt !== null && lastGoodAt >= skipped.dueAt ? null : skipped;
}
