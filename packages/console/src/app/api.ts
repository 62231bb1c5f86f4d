import { ApiError, createClient, UnreachableError } from '@cpm/contract/client';
import { QueryCache, QueryClient } from '@tanstack/react-query';

/** Calls the API of the server that sent this page. */
export const call = createClient({ baseUrl: '/api/v1', fetch: (url, init) => fetch(url, init) });

/** Whether the server says that nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === 'not_signed_in';
}

/** Whether the thing asked for is gone, or belongs to somebody else. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 404;
}

const mayRetry = (failures: number, error: unknown) =>
  failures < 2 && (error instanceof UnreachableError || (error instanceof ApiError && error.problem.status === 503));

/** Everything read from the server; `onSignedOut` is called when a read finds the session gone. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (isSignedOut(error) && query.queryKey[0] !== 'session') onSignedOut();
      },
    }),
    defaultOptions: { queries: { retry: mayRetry, staleTime: 5_000, refetchOnWindowFocus: true } },
  });
}

/** A key that makes a repeated create answer as the first did. */
export const newIdempotencyKey = (): string => crypto.randomUUID();
