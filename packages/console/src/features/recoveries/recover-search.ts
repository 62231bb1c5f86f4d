import { TARGET_KINDS, type TargetKind } from '@cpm/core';
import { readPageSearch, readText, readWord, type PageSearch } from '../../ui/page-search.ts';

/** What the room "Recover" shows, as its address says it. */
export type RecoverSearch = PageSearch & {
  readonly find?: string | undefined;
  readonly kind?: TargetKind | undefined;
};

/** Reads the address of the room "Recover"; what makes no sense is left out. */
export function readRecoverSearch(raw: Record<string, unknown>): RecoverSearch {
  return { ...readPageSearch(raw), find: readText(raw['find']), kind: readWord(raw['kind'], TARGET_KINDS) };
}

/** Whose recovery points are shown, and up to when. */
export type PointsSearch = PageSearch & {
  readonly account?: string | undefined;
  readonly kind?: TargetKind | undefined;
  readonly region?: string | undefined;
  readonly id?: string | undefined;
  /** What it is called, for the title alone. */
  readonly name?: string | undefined;
  /** Only what was backed up by then, in ISO form. */
  readonly before?: string | undefined;
};

/** Reads the address of the recovery points of a resource. */
export function readPointsSearch(raw: Record<string, unknown>): PointsSearch {
  const before = typeof raw['before'] === 'string' ? Date.parse(raw['before']) : Number.NaN;
  return {
    ...readPageSearch(raw),
    account: readText(raw['account']),
    kind: readWord(raw['kind'], TARGET_KINDS),
    region: readText(raw['region']),
    id: readText(raw['id']),
    name: readText(raw['name']),
    before: Number.isNaN(before) ? undefined : new Date(before).toISOString(),
  };
}
