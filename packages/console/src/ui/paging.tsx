import { Button, NativeSelect } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import { useLocation } from '@tanstack/react-router';
import { DEFAULT_PAGE_SIZE, PAGE_SIZES, type PageSearch } from './page-search.ts';
import classes from './paging.module.css';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The cursors of the pages that led here, first page first (an empty text). */
    trail?: readonly string[];
  }
}

type PagingProps = {
  readonly search: PageSearch;
  readonly next: string | null | undefined;
  readonly shown: number;
  readonly noun: string;
  readonly nouns: string;
  readonly onPage: OpenPage;
};

/** Opens another page; `trail` is kept in the browser's history, so that "previous" works after a reload too. */
export type OpenPage = (page: PageSearch, trail: readonly string[]) => void;

/** Walks through a list page by page, in the order the server has it. */
export function Paging({ search, next, shown, noun, nouns, onPage }: PagingProps) {
  const trail = useLocation({ select: ({ state }) => state.trail }) ?? [];
  const isFirst = search.cursor === undefined;
  const previous = trail.at(-1);
  const { limit } = search;
  const isAlone = isFirst && typeof next !== 'string';
  return (
    <div className={classes.paging}>
      <span className={classes.count}>
        {isFirst && next === null
          ? `${shown} ${shown === 1 ? noun : nouns}`
          : `Page ${trail.length + 1}, ${shown} rows`}
      </span>
      <div className={classes.controls}>
        <NativeSelect
          size="xs"
          aria-label="Rows per page"
          value={limit ?? DEFAULT_PAGE_SIZE}
          onChange={({ currentTarget }) => onPage({ limit: Number(currentTarget.value), cursor: undefined }, [])}
          data={PAGE_SIZES.map((size) => ({ value: String(size), label: `${size} rows` }))}
        />
        {!isAlone && (
          <>
            <Button
              size="xs"
              variant="default"
              disabled={isFirst}
              leftSection={<IconChevronsLeft size={14} />}
              onClick={() => onPage({ limit, cursor: undefined }, [])}
            >
              First
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={previous === undefined}
              leftSection={<IconChevronLeft size={14} />}
              onClick={() => onPage({ limit, cursor: previous === '' ? undefined : previous }, trail.slice(0, -1))}
            >
              Previous
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={typeof next !== 'string'}
              rightSection={<IconChevronRight size={14} />}
              onClick={() => onPage({ limit, cursor: next ?? undefined }, [...trail, search.cursor ?? ''])}
            >
              Next
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
