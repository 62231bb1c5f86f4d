import { readListSearch, type ListSearch } from '../../app/list-search.ts';
import { readText } from '../../ui/page-search.ts';

/** What the target picker shows, as its address says it. */
export type PickerSearch = ListSearch & {
  readonly region?: string | undefined;
  readonly kind?: 'volume' | undefined;
  readonly page?: number | undefined;
};

/** Reads the address of the target picker; what makes no sense is left out. */
export function readPickerSearch(raw: Record<string, unknown>): PickerSearch {
  const page = Number(raw['page']);
  return {
    ...readListSearch(raw),
    region: readText(raw['region']),
    kind: raw['kind'] === 'volume' ? 'volume' : undefined,
    page: Number.isInteger(page) && page > 1 ? page : undefined,
  };
}
