import { describe, expect, test } from 'vitest';
import { readMonitorSearch } from '../features/backups/monitor-search.ts';
import { readSignInSearch } from '../features/session/sign-in-search.ts';
import { matches, sortRows } from './list-search.ts';

describe('A sign-in', () => {
  test.each(['/policies', '/backups?status=failed', '/'])('leads on to %s', (next) => {
    expect(readSignInSearch({ next })).toEqual({ next });
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', 7, null])(
    'never leads to %s',
    (next) => {
      expect(readSignInSearch({ next })).toEqual({ next: undefined });
    },
  );
});

describe('The address of the Backup Monitor', () => {
  test('keeps what makes sense and drops the rest', () => {
    const raw = { status: 'failed', sort: '-policy', limit: 100, range: 'forever', from: 'yesterday', deleted: 'yes' };
    expect(readMonitorSearch(raw)).toMatchObject({
      status: 'failed',
      sort: '-policy',
      limit: 100,
      range: undefined,
      from: undefined,
      deleted: undefined,
    });
  });

  test('falls back to the usual page for a size that is not offered', () => {
    expect(readMonitorSearch({ limit: 100_000 }).limit).toBeUndefined();
  });
});

describe('A list that is searched', () => {
  test('shows rows that hold all the words, in whatever text and case', () => {
    expect(matches('WEB prod', ['web-1', 'Stage=production'])).toBe(true);
    expect(matches('web test', ['web-1', 'Stage=production'])).toBe(false);
    expect(matches(undefined, [])).toBe(true);
  });

  test('is sorted with numbers in names as numbers, and rows without a value last in both directions', () => {
    const rows = ['web-10', null, 'web-2'].map((name) => ({ name }));
    const values = { name: (row: { name: string | null }) => row.name };
    expect(sortRows(rows, 'name', values).map(({ name }) => name)).toEqual(['web-2', 'web-10', null]);
    expect(sortRows(rows, '-name', values).map(({ name }) => name)).toEqual(['web-10', 'web-2', null]);
    expect(sortRows(rows, 'colour', values)).toBe(rows);
  });
});
