import type { GlobalOptions, Io } from '../surroundings.ts';
import { formatFields, formatTable, type Cell } from './table.ts';
import { safeJson, visible } from './visible.ts';

export type Column<Row> = readonly [heading: string, cell: (row: Row) => Cell];
export type Field = readonly [label: string, value: Cell | readonly string[]];
export type Page<Row> = { readonly items: readonly Row[]; readonly next?: string | null };

/** Everything a command says; results go to standard output, the rest to standard error. */
export type Printer = {
  /** One record: the API's object, or its fields below each other; only its id, if it has one, where the user asked for quiet. */
  readonly one: (record: object, fields: readonly Field[], id: string) => void;
  /** A list: the API's page, or a table; only the ids where the user asked for quiet. */
  readonly page: <Row>(page: Page<Row>, columns: readonly Column<Row>[], idOf: (row: Row) => string) => void;
  /** Lines as they are, already made visible. */
  readonly lines: (lines: readonly string[]) => void;
  readonly json: (value: unknown) => void;
  /** A word to the person at the terminal; silent with `--quiet` and `--output json`. */
  readonly note: (sentence: string) => void;
};

/** Makes the printer that the global options ask for. */
export function createPrinter(io: Pick<Io, 'stdout' | 'stderr'>, global: GlobalOptions): Printer {
  const lines: Printer['lines'] = (list) => {
    if (list.length > 0) io.stdout.write(`${list.join('\n')}\n`);
  };
  const json: Printer['json'] = (value) => lines([safeJson(value)]);
  const note: Printer['note'] = (sentence) => {
    if (!global.quiet && global.output === 'table') io.stderr.write(`${visible(sentence)}\n`);
  };
  return {
    lines,
    json,
    note,
    one: (record, fields, id) => {
      if (global.output === 'json') json(record);
      else if (!global.quiet) lines(formatFields(fields));
      else if (id !== '') lines([visible(id)]);
    },
    page: (page, columns, idOf) => {
      if (global.output === 'json') return json(page);
      if (global.quiet) return lines(page.items.map((row) => visible(idOf(row))));
      if (page.items.length === 0) return note('There are none.');
      lines(
        formatTable(
          columns.map(([heading]) => heading),
          page.items.map((row) => columns.map(([, cell]) => cell(row))),
        ),
      );
      if (page.next) note('There are more: show them with --all, or raise --limit.');
    },
  };
}
