import { describe, expect, test } from 'vitest';
import { inputOf, isStartAmbiguous, previewOf, problemsOf, type ScheduleValues } from './schedule-values.ts';

const NOW = Date.parse('2026-10-01T00:00:00Z');

const values = (change: Partial<ScheduleValues> = {}): ScheduleValues => ({
  name: 'nightly',
  description: '',
  enabled: true,
  repeat: { every: 1, unit: 'days' },
  zone: 'Europe/Berlin',
  startLocal: '2026-10-24T02:30',
  isLaterPass: false,
  endLocal: '',
  activeDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  disabledTimes: [],
  ...change,
});

describe('The schedule form', () => {
  test('tells the rule in words, its firings, and where clocks change', () => {
    const preview = previewOf(values(), NOW);
    expect(preview?.words).toBe('Every day at 02:30 (Europe/Berlin), from 24 October 2026');
    expect(preview?.firings).toHaveLength(10);
    expect(preview?.firings[1]?.note).toBe('clocks show 02:30 twice: runs once, the first time');
  });

  test('previews nothing while a field is wrong', () => {
    expect(previewOf(values({ startLocal: '' }), NOW)).toBeNull();
    expect(previewOf(values({ repeat: { every: '', unit: 'days' } }), NOW)).toBeNull();
  });

  test.each([
    [{ activeDays: [] }, 'activeDays'],
    [{ zone: 'Mars/Olympus' }, 'zone'],
    [{ endLocal: '2026-10-24T02:30' }, 'endLocal'],
    [{ endLocal: 'never' }, 'endLocal'],
    [{ repeat: { every: 0, unit: 'days' } }, 'repeat.every'],
    [{ disabledTimes: [{ day: 'every', start: '08:00', finish: '08:00' }] }, 'disabledTimes.0.finish'],
    [{ name: 'a/b' }, 'name'],
  ] satisfies [Partial<ScheduleValues>, string][])('says of %j which field is wrong: %s', (change, path) => {
    expect(problemsOf(values(change)).map((problem) => problem.path)).toEqual([path]);
  });

  test('asks which of two equal times is meant only where clocks show the start twice', () => {
    expect(isStartAmbiguous(values())).toBe(false);
    expect(isStartAmbiguous(values({ startLocal: '2026-10-25T02:30' }))).toBe(true);
  });

  test('sends the end as a moment and the start as the wall clock shows it', () => {
    expect(inputOf(values({ endLocal: '2026-12-31T00:00', isLaterPass: true }))).toMatchObject({
      startLocal: '2026-10-24T02:30',
      startPass: 'later',
      endAt: '2026-12-30T23:00:00.000Z',
      repeat: { every: 1, unit: 'days' },
    });
  });
});
