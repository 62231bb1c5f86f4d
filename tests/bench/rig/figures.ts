import { availableParallelism, loadavg } from 'node:os';

/** The value below which the share lies (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** From the first to the last of them; 0 of nothing. */
export function spreadOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);
}

/** A number as a person reads it: about three digits. */
export function shown(value: number, unit = ''): string {
  if (Number.isNaN(value)) return '-';
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

/** Rows as text in columns; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** How busy the machine is with other work: figures of a busy one are disturbed. */
export function machineLine(): string {
  const cores = availableParallelism();
  const [load = 0] = loadavg();
  const busy = load > cores ? ': MORE THAN IT HAS, the figures are disturbed' : '';
  return `Machine: ${cores} cores, load of the last minute ${shown(load)}${busy}.`;
}
