import { cpmError } from '@cpm/core';

/** One page of a listing: EC2 and SSM call the way on `NextToken`, RDS and Redshift `Marker`. */
type Page = { readonly NextToken?: string | undefined; readonly Marker?: string | undefined };

/** More pages than any account has: a token that never ends must not keep a listing going for ever. */
const MOST_PAGES = 10_000;

/** EC2 API Reference: the most rows a page may hold. */
export const PAGE_SIZE = 1000;
/** RDS and Redshift API References, `MaxRecords`. */
export const NAMED_PAGE_SIZE = 100;
/** The most values that the filters of one call may hold (EC2 API Reference, "FilterLimitExceeded"). */
const MOST_FILTER_VALUES = 200;

/**
 * All rows of a listing. A page may be empty and still not be the last; the listing ends where the token is absent.
 * A failing page fails the whole: a part is never taken for all.
 */
export async function readAllPages<P extends Page, Row>(
  readPage: (token: string | undefined) => Promise<P>,
  rowsOf: (page: P) => readonly Row[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let token: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const page = await readPage(token);
    for (const row of rowsOf(page)) rows.push(row);
    const next = page.NextToken ?? page.Marker;
    if (next === undefined || next === '') return rows;
    if (next === token) break;
    token = next;
  }
  const error = cpmError('aws_unavailable', { cause: new Error('the listing does not end') });
  throw Object.assign(error, { outcomeUnknown: false, missingPermission: null });
}

/** Asks for ids by filter, so that unknown ones are absent instead of failing the call; no ids, no call. */
export async function readByFilter<Row>(
  values: readonly string[],
  read: (values: string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const parts = await Promise.all(chunksOf([...new Set(values)], MOST_FILTER_VALUES).map(read));
  return parts.flat();
}

/** Cuts a list into pieces of at most so many. An empty list has none: EC2 takes an empty id list for "everything". */
export function chunksOf<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

/** Takes the meaning from the characters that EC2's filters read as wildcards. */
export function literal(value: string): string {
  return value.replace(/[\\*?]/g, String.raw`\$&`);
}
