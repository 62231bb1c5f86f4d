/** The page that a list shows, as its address says it: how many rows, and where the page before ended. */
export type PageSearch = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

export const PAGE_SIZES = [20, 50, 100, 200] as const;
export const DEFAULT_PAGE_SIZE = 50;

/** Reads the page out of an address; what makes no sense is left out. */
export function readPageSearch(raw: Record<string, unknown>): PageSearch {
  const limit = Number(raw['limit']);
  return {
    limit: (PAGE_SIZES as readonly number[]).includes(limit) && limit !== DEFAULT_PAGE_SIZE ? limit : undefined,
    cursor: readText(raw['cursor']),
  };
}

/** A text of an address, or undefined; a number in an address may be a text that looks like one. */
export function readText(raw: unknown): string | undefined {
  return typeof raw === 'string' && raw !== '' ? raw : typeof raw === 'number' ? String(raw) : undefined;
}

/** One of the words, or undefined. */
export function readWord<const Word extends string>(raw: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === raw);
}
