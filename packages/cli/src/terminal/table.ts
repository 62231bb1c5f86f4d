import { visible } from './visible.ts';

export type Cell = string | number | boolean | null | undefined;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Scripts and symbols that a terminal draws two columns wide (Unicode Standard Annex 11, Wide and Fullwidth). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** How many columns the text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The lines of a table: headings, then rows, each column as wide as its widest cell. */
export function formatTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const lines = [headings, ...rows.map((row) => row.map(cellText))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines.map((line) => joinCells(line, widths));
}

/** The lines of one record: labels in front, values behind; a list of values goes on below. */
export function formatFields(fields: readonly (readonly [label: string, value: Cell | readonly string[]])[]): string[] {
  const width = Math.max(...fields.map(([label]) => widthOf(label)));
  return fields.flatMap(([label, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]).map(cellText) : [cellText(value as Cell)];
    const shown = values.length === 0 ? ['-'] : values;
    return shown.map((part, index) => joinCells([index === 0 ? label : '', part], [width, 0]));
  });
}

function joinCells(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))));
  return padded.join('  ').trimEnd();
}

function cellText(value: Cell): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return visible(String(value));
}
