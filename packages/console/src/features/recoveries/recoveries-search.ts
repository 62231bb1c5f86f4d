import { readPageSearch, readText, type PageSearch } from '../../ui/page-search.ts';

/** Which recoveries are shown, as the address says it. */
export type RecoveriesSearch = PageSearch & {
  readonly backupId?: string | undefined;
  /** Those that were asked for together. */
  readonly groupId?: string | undefined;
};

/** Reads the address of the recoveries; what makes no sense is left out. */
export function readRecoveriesSearch(raw: Record<string, unknown>): RecoveriesSearch {
  return { ...readPageSearch(raw), backupId: readText(raw['backupId']), groupId: readText(raw['groupId']) };
}
