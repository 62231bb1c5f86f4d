import type { Policy } from '@cpm/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
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

/** What retention does with the backups of a policy, with its own number of generations or with another. */
export const retentionQuery = (policyId: string, generations?: number) =>
  queryOptions({
    queryKey: ['backups', 'retention', policyId, generations],
    queryFn: ({ signal }) =>
      call('GET /policies/:policyId/retention', { params: { policyId }, query: { generations }, signal }),
    placeholderData: keepPreviousData,
  });

/** The due times of a policy that made no backup, newest first. */
export const skippedFiringsQuery = (policyId: string, limit: number) =>
  queryOptions({
    queryKey: ['policies', 'skipped', policyId, limit],
    queryFn: ({ signal }) =>
      call('GET /policies/:policyId/skipped-firings', { params: { policyId }, query: { limit }, signal }),
    placeholderData: keepPreviousData,
  });

/** What deleting a policy would delete, and how many of its backups stay in the freezer. */
export const policyDeletionQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['backups', 'deletion-of-policy', policyId],
    queryFn: ({ signal }) => call('GET /policies/:policyId/deletion', { params: { policyId }, signal }),
    staleTime: 0,
  });
