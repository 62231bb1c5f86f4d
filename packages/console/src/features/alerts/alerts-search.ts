import { readPageSearch, readWord, type PageSearch } from '../../ui/page-search.ts';

/** Which alerts are shown, as the address says it: open ones unless told. */
export type AlertsSearch = PageSearch & { readonly state?: 'all' | undefined };

/** Reads the address of the alerts; what makes no sense is left out. */
export function readAlertsSearch(raw: Record<string, unknown>): AlertsSearch {
  return { ...readPageSearch(raw), state: readWord(raw['state'], ['all']) };
}
