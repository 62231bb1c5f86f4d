import type { TargetKind } from '@cpm/core';
import { readListSearch, type ListSearch } from '../../app/list-search.ts';
import { readText, readWord } from '../../ui/page-search.ts';

/** What the target picker shows, as its address says it. */
export type PickerSearch = ListSearch & {
  readonly region?: string | undefined;
  readonly kind?: Exclude<TargetKind, 'instance'> | undefined;
  readonly page?: number | undefined;
};

const OTHER_KINDS = ['volume', 'database', 'database-cluster', 'redshift-cluster'] as const;

/** Reads the address of the target picker; what makes no sense is left out. */
export function readPickerSearch(raw: Record<string, unknown>): PickerSearch {
  const page = Number(raw['page']);
  return {
    ...readListSearch(raw),
    region: readText(raw['region']),
    kind: readWord(raw['kind'], OTHER_KINDS),
    page: Number.isInteger(page) && page > 1 ? page : undefined,
  };
}
