import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import type { FindingsSearch } from './findings-search.ts';

const RUNNING_REFRESH_MS = 2_000;

/** The last comparison of each account and region; read again while one runs. */
export const comparisonsQuery = queryOptions({
  queryKey: ['reconciliation', 'comparisons'],
  queryFn: ({ signal }) => call('GET /reconciliation', { signal }),
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ endedAt }) => endedAt === null) ? RUNNING_REFRESH_MS : false,
});

/** One page of what the comparisons found. */
export const findingsQuery = ({ state, limit, cursor }: FindingsSearch) =>
  queryOptions({
    queryKey: ['reconciliation', 'findings', state, limit, cursor],
    queryFn: ({ signal }) =>
      call('GET /reconciliation/findings', {
        query: { state: state ?? 'open', limit: limit ?? DEFAULT_PAGE_SIZE, cursor },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
