import type { Session } from '@cpm/contract';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { call } from './api.ts';

/** Who is signed in; fails with `not_signed_in` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call('GET /session', { signal }),
  staleTime: Infinity,
  retry: false,
});

/** Whether the server has its first user. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => call('GET /setup', { signal }),
});

/** The session of the page that is shown; the router has loaded it before. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}
