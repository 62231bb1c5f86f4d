/** The most rows that a list reads to search and sort them in the browser. */
export const MOST_ROWS = 2_000;

type PageOf<Row> = { readonly items: readonly Row[]; readonly next: string | null };

/** Reads page after page until the list ends or `MOST_ROWS` are there; `isCut` says that there are more. */
export async function readAllPages<Row>(
  readPage: (query: { limit: string; cursor: string | undefined }) => Promise<PageOf<Row>>,
): Promise<{ readonly items: readonly Row[]; readonly isCut: boolean }> {
  const items: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ limit: '200', cursor });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && items.length < MOST_ROWS);
  return { items, isCut: cursor !== undefined };
}
