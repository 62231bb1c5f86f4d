import { describe, expect, it } from 'vitest';
import { formatFields, formatTable, widthOf } from './table.ts';

describe('a table', () => {
  it('keeps its columns under their headings, also with wide and combined characters', () => {
    const lines = formatTable(
      ['NAME', 'GIB'],
      [
        ['web', 8],
        ['日本', 16],
        ['e\u0301te\u0301', 4],
      ],
    );
    expect(lines).toEqual(['NAME  GIB', 'web   8', '日本  16', 'e\u0301te\u0301   4']);
  });

  it('keeps one row on one line whatever a name holds', () => {
    const lines = formatTable(['NAME', 'STATUS'], [['web\n\u001b[2Kall  Backup Successful', 'Backup Failed']]);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('web\\n\\u{1b}[2Kall  Backup Successful  Backup Failed');
  });

  it('shows what is missing as a dash, and yes or no in words', () => {
    expect(formatTable(['A', 'B', 'C', 'D'], [[null, '', true, false]])[1]).toBe('-  -  yes  no');
  });
});

describe('the fields of a record', () => {
  it('stand below each other, lists going on below their label', () => {
    const lines = formatFields([
      ['id', 'x1'],
      ['warnings', ['no targets', 'no schedule']],
      ['reasons', []],
    ]);
    expect(lines).toEqual(['id        x1', 'warnings  no targets', '          no schedule', 'reasons   -']);
  });
});

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['한글', 4],
    ['👩‍💻', 2],
    ['e\u0301', 1],
    ['', 0],
  ])('of %j is %i columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });
});
