/** The most rows that a list reads to search and sort them in the browser. */
export const MOST_ROWS = 2_000;

type PageOf<Row> = { readonly items: readonly Row[]; readonly next: string | null };

/** Reads page after page until the list ends or that many rows are there; `isCut` says that there are more. */
export async function readAllPages<Row>(
  readPage: (query: { limit: string; cursor: string | undefined }) => Promise<PageOf<Row>>,
  mostRows = MOST_ROWS,
): Promise<{ readonly items: readonly Row[]; readonly isCut: boolean }> {
  const items: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ limit: '200', cursor });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && items.length < mostRows);
  return { items, isCut: cursor !== undefined };
}
