import { readPageSearch, readText, type PageSearch } from '../../ui/page-search.ts';

/** What the freezer shows, as its address says it: `find` is searched for in names and descriptions. */
export type FreezerSearch = PageSearch & { readonly find?: string | undefined };

/** Reads the address of the freezer; what makes no sense is left out. */
export function readFreezerSearch(raw: Record<string, unknown>): FreezerSearch {
  return { ...readPageSearch(raw), find: readText(raw['find']) };
}
