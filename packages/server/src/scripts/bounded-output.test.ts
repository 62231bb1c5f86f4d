import { describe, expect, test } from 'vitest';
import { createBoundedOutput, printable } from './bounded-output.ts';

const collect = (keptBytes: number, chunks: readonly string[]) => {
  const output = createBoundedOutput(keptBytes);
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output.text();
};

describe('the output of a script', () => {
  test.each([
    ['nothing', [], ''],
    ['less than the beginning', ['ab'], 'ab'],
    ['just the beginning', ['abcd'], 'abcd'],
    ['beginning and end', ['abcdefgh'], 'abcdefgh'],
    ['one byte too many', ['abcdefghi'], 'abcd\n[… 1 bytes were cut here …]\nfghi'],
    ['in pieces', ['ab', 'cde', 'fghijk', 'l'], 'abcd\n[… 4 bytes were cut here …]\nijkl'],
    ['byte by byte', 'abcdefghijklm'.split(''), 'abcd\n[… 5 bytes were cut here …]\njklm'],
    ['a large piece after a small one', ['abcde', 'x'.repeat(1000), 'yz'], 'abcd\n[… 999 bytes were cut here …]\nxxyz'],
  ])('keeps its first and its last bytes: %s', (_, chunks, expected) => {
    expect(collect(4, chunks)).toBe(expected);
  });

  test('keeps what any cutting into pieces would keep', () => {
    const text = Array.from({ length: 500 }, (_, i) => String.fromCodePoint(97 + (i % 26))).join('');
    for (let size = 1; size < 60; size += 1) {
      const chunks = Array.from({ length: Math.ceil(500 / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
      expect(collect(16, chunks)).toBe(`${text.slice(0, 16)}\n[… 468 bytes were cut here …]\n${text.slice(-16)}`);
    }
  });

  test('is printable, whatever it holds', () => {
    expect(printable(Buffer.from('a\0b\x1b[31mred\r\nnext\tcell\x7f'))).toBe('a␀b␛[31mred\nnext\tcell␡');
    expect(printable(Buffer.from([0x61, 0xff, 0xfe, 0xc2, 0x9b]))).toBe('a\ufffd\ufffd\ufffd');
    expect(printable(Buffer.from('user\u202egnp.exe'))).toBe('user\ufffdgnp.exe');
  });
});
