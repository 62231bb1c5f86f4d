import { readText } from '../../ui/page-search.ts';

/** Where a recovery goes to, as the address says it; absent: where the backup was made. */
export type PlaceSearch = { readonly account?: string | undefined; readonly region?: string | undefined };

/** Which backed-up resources a form is about, and where they go to. */
export type ResourcesSearch = PlaceSearch & { readonly resources?: string | undefined };

/** A place that a request can name. */
export type Place = { readonly accountId: string; readonly region: string };

/** Reads the address of a recovery panel or form; half a place is none. */
export function readPlaceSearch(raw: Record<string, unknown>): PlaceSearch {
  const [account, region] = [readText(raw['account']), readText(raw['region'])];
  return account === undefined || region === undefined
    ? { account: undefined, region: undefined }
    : { account, region };
}

/** Reads the address of a form for several resources. */
export function readResourcesSearch(raw: Record<string, unknown>): ResourcesSearch {
  return { ...readPlaceSearch(raw), resources: readText(raw['resources']) };
}

/** The place of an address; null where it names none. */
export const placeOf = ({ account, region }: PlaceSearch): Place | null =>
  account === undefined || region === undefined ? null : { accountId: account, region };

/** The ids of an address, each once. */
export const idsOf = ({ resources }: ResourcesSearch): readonly string[] => [
  ...new Set((resources ?? '').split(',').filter(Boolean)),
];
