import { readPageSearch, readWord, type PageSearch } from '../../ui/page-search.ts';

/** Which findings are shown, as the address says it: open ones unless told. */
export type FindingsSearch = PageSearch & { readonly state?: 'all' | undefined };

/** Reads the address of the comparison with AWS; what makes no sense is left out. */
export function readFindingsSearch(raw: Record<string, unknown>): FindingsSearch {
  return { ...readPageSearch(raw), state: readWord(raw['state'], ['all']) };
}
