import type { ReactNode } from 'react';
import type { Column, Sort } from './data-table.tsx';
import { ListFrame, type EmptyList, type NoMatch } from './list-frame.tsx';
import type { PageSearch } from './page-search.ts';
import { Paging, type OpenPage } from './paging.tsx';

type PagedListProps<Row> = {
  /** Singular, such as `backup`; `nouns` where adding an s is wrong. */
  readonly noun: string;
  readonly nouns?: string;
  readonly label: string;
  readonly title?: string;
  readonly tools?: ReactNode;
  readonly filters?: ReactNode;
  readonly query: {
    readonly data: { readonly items: readonly Row[]; readonly next: string | null } | undefined;
    readonly error: Error | null;
    readonly refetch: () => Promise<unknown>;
    readonly isPlaceholderData?: boolean;
  };
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  readonly search: PageSearch;
  readonly onPage: OpenPage;
  readonly empty: EmptyList;
  readonly noMatch?: NoMatch | null;
};

/** A list that the server filters, sorts and hands out page by page. */
export function PagedList<Row>({ query, search, onPage, noun, nouns, ...list }: PagedListProps<Row>) {
  const { data } = query;
  return (
    <ListFrame
      {...list}
      rows={data?.items}
      query={query}
      isStale={query.isPlaceholderData ?? false}
      foot={
        data && (
          <Paging
            search={search}
            next={data.next}
            shown={data.items.length}
            noun={noun}
            nouns={nouns ?? `${noun}s`}
            onPage={onPage}
          />
        )
      }
    />
  );
}
