import { flag, wholeNumber } from '../command.ts';
import type { Page } from '../terminal/print.ts';

const PAGE_ROWS = 200;
const DEFAULT_ROWS = 100;

/** The options of every list. */
export const listOptions = {
  limit: wholeNumber('--limit <n>', 'Show at most this many (100 unless told).'),
  all: flag('--all', 'Show everything.'),
};

type Wanted = { readonly limit: number | undefined; readonly all: boolean };
export type PageQuery = { readonly limit: number; readonly cursor: string | undefined };

/** Reads page after page until there are as many rows as wanted; `next` tells whether there are more. */
export async function readPages<Row>(
  wanted: Wanted,
  read: (query: PageQuery) => Promise<{ readonly items: readonly Row[]; readonly next: string | null }>,
): Promise<Page<Row> & { readonly next: string | null }> {
  const most = wanted.all ? Number.POSITIVE_INFINITY : (wanted.limit ?? DEFAULT_ROWS);
  const items: Row[] = [];
  let next: string | null = null;
  do {
    const page = await read({ limit: Math.min(PAGE_ROWS, most - items.length), cursor: next ?? undefined });
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < most);
  return { items, next };
}
