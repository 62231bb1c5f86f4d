import { describe, expect, it } from 'vitest';
import { formatTime } from './time.ts';

describe('a time', () => {
  it('is the same moment in the zone of this computer, with its offset', () => {
    const shown = formatTime('2026-07-01T12:34:56.789Z');
    expect(shown).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/);
    const [date, clock, offset] = shown.split(' ');
    expect(new Date(`${date}T${clock}${offset}`).toISOString()).toBe('2026-07-01T12:34:56.000Z');
  });

  it('that is none is shown as it came', () => {
    expect(formatTime('soon')).toBe('soon');
  });
});
