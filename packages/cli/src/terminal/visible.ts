/**
 * What a terminal would obey instead of show: C0 and C1 controls, line and paragraph separators, bidirectional
 * controls (Unicode Standard Annex 9), invisible fillers, tag characters and halves of surrogate pairs.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** The text on one line with everything that could steer a terminal written out, as `\u{1b}`, `\n`, `\r`, `\t`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    const short = SHORT_FORMS[character];
    return short ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  });
}

const SHORT_FORMS: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** JSON that is safe on a terminal: the same value, with every steering character in its `\u` form. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value, null, 2);
  return json.replaceAll(HIDDEN, (character) => (character === '\n' ? character : inJson(character)));
}

function inJson(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u` + character.charCodeAt(index).toString(16).padStart(4, '0'),
  ).join('');
}
