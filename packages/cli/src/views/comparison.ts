import type { RecoveryComparison } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import type { Column, Printer } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { visible } from '../terminal/visible.ts';

type Item = RecoveryComparison['items'][number];
type Compared = Item['fields'][number];

const columns: readonly Column<Compared>[] = [
  ['FIELD', ({ field }) => field],
  ['ORIGINAL', ({ original }) => original],
  ['RECOVERED', ({ recovered }) => recovered],
  ['', ({ verdict }) => (verdict === 'different' ? 'DIFFERENT' : verdict)],
];

/** Shows each made thing beside its original. With quiet: the names of the fields that are different. */
export function printComparison(print: Printer, global: GlobalOptions, comparison: RecoveryComparison): void {
  if (global.output === 'json') return print.json(comparison);
  const { items } = comparison;
  if (global.quiet) return print.lines(items.flatMap(differentFields));
  if (items.length === 0) return print.note('Nothing that it made is there any more.');
  const parts = items.map((item) => [
    visible(`${item.kind} ${item.recovered}, made of ${item.original}:`),
    ...formatTable(
      columns.map(([heading]) => heading),
      item.fields.map((row) => columns.map(([, cell]) => cell(row))),
    ),
  ]);
  print.lines(parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
}

const differentFields = ({ recovered, fields }: Item): string[] =>
  fields.filter(({ verdict }) => verdict === 'different').map(({ field }) => visible(`${recovered} ${field}`));
