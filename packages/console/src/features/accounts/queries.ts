import type { Account } from '@cpm/contract';
import type { TargetKind } from '@cpm/core';
import { queryOptions } from '@tanstack/react-query';
import { readAllPages } from '../../app/all-pages.ts';
import { call } from '../../app/api.ts';

export const accountsQuery = queryOptions({
  queryKey: ['accounts', 'list'],
  queryFn: ({ signal }) => readAllPages<Account>((query) => call('GET /accounts', { query, signal })),
});

export const accountQuery = (accountId: string) =>
  queryOptions({
    queryKey: ['accounts', 'one', accountId],
    queryFn: ({ signal }) => call('GET /accounts/:accountId', { params: { accountId }, signal }),
  });

export const regionsQuery = (accountId: string) =>
  queryOptions({
    queryKey: ['resources', 'regions', accountId],
    queryFn: ({ signal }) => call('GET /accounts/:accountId/regions', { params: { accountId }, signal }),
    staleTime: 300_000,
  });

export const resourcesQuery = (asked: { accountId: string; region: string; kind: TargetKind }) =>
  queryOptions({
    queryKey: ['resources', 'list', asked],
    queryFn: ({ signal }) => {
      const { accountId, region, kind } = asked;
      return call('GET /accounts/:accountId/regions/:region/resources', {
        params: { accountId, region },
        query: { kind },
        signal,
      });
    },
    staleTime: 30_000,
  });
