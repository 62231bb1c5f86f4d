import type { RecoveryComparison } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import type { Column, Printer } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { visible } from '../terminal/visible.ts';

type Item = RecoveryComparison['items'][number];
type Compared = Item['fields'][number];

const columns: readonly Column<Compared>[] = [
  ['', ({ verdict }) => (verdict === 'different' ? 'DIFFERENT' : verdict)],
  ['FIELD', ({ field }) => field],
  ['ORIGINAL', ({ original }) => original],
  ['RECOVERED', ({ recovered }) => recovered],
];

const COUNTED: readonly (readonly [Compared['verdict'], string])[] = [
  ['same', 'the same'],
  ['as-asked', 'as asked'],
  ['different', 'different'],
  ['unknown', 'not known'],
];

/**
 * Shows each made thing beside its original, and in the end what the recovery had said would differ. With quiet: the names of
 * the fields that are different.
 */
export function printComparison(
  print: Printer,
  global: GlobalOptions,
  { comparison, warnings }: { readonly comparison: RecoveryComparison; readonly warnings: readonly string[] },
): void {
  if (global.output === 'json') return print.json(comparison);
  const { items } = comparison;
  if (global.quiet) return print.lines(items.flatMap(differentFields));
  if (items.length === 0) return print.note('Nothing that it made is there any more.');
  const parts = [...items.map(itemLines), warnings.map((text) => visible(`said beforehand: ${text}`))];
  print.lines(
    parts.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  );
}

function itemLines({ kind, recovered, original, fields }: Item): string[] {
  const counts = COUNTED.flatMap(([verdict, words]) => {
    const count = fields.filter((each) => each.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return [
    visible(`${kind} ${recovered}, made of ${original}: ${counts.join(', ')}`),
    ...formatTable(
      columns.map(([heading]) => heading),
      fields.map((row) => columns.map(([, cell]) => cell(row))),
    ),
  ];
}

const differentFields = ({ recovered, fields }: Item): string[] =>
  fields.filter(({ verdict }) => verdict === 'different').map(({ field }) => visible(`${recovered} ${field}`));
