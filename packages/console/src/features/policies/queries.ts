import type { Policy } from '@cpm/contract';
import { queryOptions } from '@tanstack/react-query';
import { readAllPages } from '../../app/all-pages.ts';
import { call } from '../../app/api.ts';

export const policiesQuery = queryOptions({
  queryKey: ['policies', 'list'],
  queryFn: ({ signal }) => readAllPages<Policy>((query) => call('GET /policies', { query, signal })),
});

export const policyQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['policies', 'one', policyId],
    queryFn: ({ signal }) => call('GET /policies/:policyId', { params: { policyId }, signal }),
  });

export const targetsQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['policies', 'targets', policyId],
    queryFn: ({ signal }) =>
      readAllPages((query) => call('GET /policies/:policyId/targets', { params: { policyId }, query, signal })),
  });

/** How many backups a policy has: they go with it when it is deleted. */
export const backupCountQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['backups', 'count', policyId],
    queryFn: async ({ signal }) => {
      const { items } = await readAllPages(
        (query) => call('GET /backups', { query: { ...query, policyId }, signal }),
        Infinity,
      );
      return items.length;
    },
    staleTime: 0,
  });
