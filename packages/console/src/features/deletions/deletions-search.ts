import { readPageSearch, readText, readWord, type PageSearch } from '../../ui/page-search.ts';

export const DELETION_STATES = ['waiting', 'kept', 'deleted', 'gone'] as const;

/** Which deletions are shown, as the address says it. */
export type DeletionsSearch = PageSearch & {
  readonly state?: (typeof DELETION_STATES)[number] | undefined;
  readonly policy?: string | undefined;
};

/** Reads the address of the deletions; what makes no sense is left out. */
export function readDeletionsSearch(raw: Record<string, unknown>): DeletionsSearch {
  return { ...readPageSearch(raw), state: readWord(raw['state'], DELETION_STATES), policy: readText(raw['policy']) };
}
