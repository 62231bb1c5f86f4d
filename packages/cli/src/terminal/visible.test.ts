import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeJson, visible } from './visible.ts';

const hostile = [
  ['a colour', '\u001b[31mred', '\\u{1b}[31mred'],
  ['a title of the window', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
  ['a control of the 8-bit set', '\u009b2J', '\\u{9b}2J'],
  ['a new line', 'ok\n2026 info all is well', 'ok\\n2026 info all is well'],
  ['a return to the start of the line', 'failed\rsuccessful', 'failed\\rsuccessful'],
  ['a backspace', 'bad\b\b\bgood', 'bad\\u{8}\\u{8}\\u{8}good'],
  ['text turned around', 'vol-\u202e10\u202c', 'vol-\\u{202e}10\\u{202c}'],
  ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ['an invisible blank', 'we\u200bb', 'we\\u{200b}b'],
  ['a byte order mark', '\ufeffweb', '\\u{feff}web'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half of a surrogate pair', 'a\ud800', 'a\\u{d800}'],
  ['delete', 'a\u007f', 'a\\u{7f}'],
] as const;

describe('text from elsewhere on a terminal', () => {
  it.each(hostile)('shows %s instead of obeying it', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['web-01', 'Größe', '日本語', 'مرحبا', 'नमस्ते', '👩‍💻 team', 'a  b'])('leaves %s as it is', (text) => {
    expect(visible(text)).toBe(text);
  });

  it('holds nothing that steers, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
        expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe('JSON on a terminal', () => {
  it('reads back as the same value, and steers nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = safeJson({ value });
        expect(JSON.parse(json)).toEqual({ value: JSON.parse(JSON.stringify(value)) });
        // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
        expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it.each(hostile)('keeps %s in its escaped form', (_, text) => {
    const json = safeJson({ name: text });
    expect(JSON.parse(json)).toEqual({ name: text });
    expect(visible(json.replaceAll('\n', ''))).toBe(json.replaceAll('\n', ''));
  });
});
