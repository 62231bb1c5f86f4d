import { describe, expect, it } from 'vitest';
import type { Instant } from '../time.ts';
import { decideOverdue, type SlotFacts } from './overdue.ts';

const at = (minutes: number) => (Date.UTC(2026, 5, 1) + minutes * 60_000) as Instant;
const skipped = { dueAt: at(0), reason: 'the server was not running at that time' };
const facts = (parts: Partial<SlotFacts>): SlotFacts => ({
  enabled: true,
  skipped: null,
  backedUpAt: null,
  lastGoodAt: null,
  nextDueAt: null,
  ...parts,
});

describe('a policy is overdue', () => {
  it.each<[string, Partial<SlotFacts>, unknown]>([
    ['not when nothing was due', {}, null],
    ['when its newest slot made no backup', { skipped }, skipped],
    ['also when an older slot made one', { skipped, backedUpAt: at(-60) }, skipped],
    ['not when a newer slot made one', { skipped, backedUpAt: at(60) }, null],
    ['not when a backup has succeeded since, however it was started', { skipped, lastGoodAt: at(5) }, null],
    ['also when one had succeeded before', { skipped, lastGoodAt: at(-5) }, skipped],
    ['not while it is disabled', { skipped, enabled: false }, null],
    ['not when a firing is only delayed', { nextDueAt: at(6) }, null],
    [
      'when a firing is more than five minutes late',
      { nextDueAt: at(4) },
      { dueAt: at(4), reason: 'its firing is late and has not started yet' },
    ],
  ])('%s', (_, parts, expected) => {
    expect(decideOverdue(facts(parts), at(10))).toEqual(expected);
  });
});
