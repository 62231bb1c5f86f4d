import type { Alert } from '@cpm/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import type { Tone } from '../../ui/status.tsx';
import type { AlertsSearch } from './alerts-search.ts';

/** One page of the alerts. */
export const alertsQuery = ({ state, limit, cursor }: AlertsSearch) =>
  queryOptions({
    queryKey: ['alerts', 'list', state, limit, cursor],
    queryFn: ({ signal }) =>
      call('GET /alerts', { query: { state: state ?? 'open', limit: limit ?? DEFAULT_PAGE_SIZE, cursor }, signal }),
    placeholderData: keepPreviousData,
  });

const MOST_COUNTED = 99;

/** The open alerts as far as they are counted; `isMore` says that there are more. */
export const openAlertsQuery = queryOptions({
  queryKey: ['alerts', 'open'],
  queryFn: async ({ signal }) => {
    const { items, next } = await call('GET /alerts', { query: { state: 'open', limit: MOST_COUNTED }, signal });
    return { count: items.length, isMore: next !== null, hasError: items.some(({ severity }) => severity === 'error') };
  },
});

/** How a severity is shown. */
export const SEVERITIES: Record<Alert['severity'], readonly [Tone, string]> = {
  error: ['bad', 'Error'],
  warning: ['warning', 'Warning'],
  info: ['running', 'Notice'],
};
