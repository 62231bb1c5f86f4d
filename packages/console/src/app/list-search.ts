import { readText } from '../ui/page-search.ts';

/** What a list that is searched and sorted in the browser shows, as its address says it. */
export type ListSearch = { readonly find?: string | undefined; readonly sort?: string | undefined };

/** Reads the address of a list; what makes no sense is left out. */
export function readListSearch(raw: Record<string, unknown>): ListSearch {
  return { find: readText(raw['find']), sort: readText(raw['sort']) };
}

/** Whether any of the texts holds the words that are searched for. */
export function matches(find: string | undefined, texts: readonly string[]): boolean {
  const words = (find ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const all = texts.join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}

/** What each column is sorted by. */
export type SortValues<Row> = Record<string, (row: Row) => string | number | null>;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The rows in the order of a column (`-` before its name: reversed); rows without a value come last. */
export function sortRows<Row>(rows: readonly Row[], sort: string, values: SortValues<Row>): readonly Row[] {
  const isReversed = sort.startsWith('-');
  const valueOf = values[isReversed ? sort.slice(1) : sort];
  if (valueOf === undefined) return rows;
  const direction = isReversed ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return (
      direction * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)))
    );
  });
}
