import type { Recovery } from '@cpm/contract';
import type { TargetKind } from '@cpm/core';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import type { RecoveriesSearch } from './recoveries-search.ts';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import type { Tone } from '../../ui/status.tsx';

/** While something runs it is also read without an event, so that a quiet stream never leaves it standing. */
const RUNNING_REFRESH_MS = 2_000;

export const recoveriesQuery = ({ limit, cursor, backupId, groupId }: RecoveriesSearch) =>
  queryOptions({
    queryKey: ['recoveries', 'list', limit, cursor, backupId, groupId],
    queryFn: ({ signal }) => call('GET /recoveries', { query: { limit, cursor, backupId, groupId }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ endedAt }) => endedAt === null) === true ? RUNNING_REFRESH_MS : false,
    placeholderData: keepPreviousData,
  });

export const recoveryQuery = (recoveryId: string) =>
  queryOptions({
    queryKey: ['recoveries', 'one', recoveryId],
    queryFn: ({ signal }) => call('GET /recoveries/:recoveryId', { params: { recoveryId }, signal }),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? RUNNING_REFRESH_MS : false),
  });

/** Whether something of it is still going to change by itself. */
const isMoving = ({ endedAt, rollBack }: Recovery): boolean => endedAt === null || rollBack.state === 'running';

/** The recoveries that were asked for together. */
export const groupQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['recoveries', 'group', groupId],
    queryFn: ({ signal }) => call('GET /recoveries', { query: { groupId, limit: 50 }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isMoving) === true ? RUNNING_REFRESH_MS : false),
  });

/** What can be brought back from a backup, how, and where to. */
export const panelQuery = (backupId: string) =>
  queryOptions({
    queryKey: ['backups', 'panel', backupId],
    queryFn: ({ signal }) => call('GET /backups/:backupId/recovery-panel', { params: { backupId }, signal }),
  });

/** What was made beside the original, as AWS has it now. */
export const comparisonQuery = (recoveryId: string) =>
  queryOptions({
    // Not of the noun "recoveries": it asks AWS, so it is read when somebody asks for it and not with every change.
    queryKey: ['comparison', recoveryId],
    queryFn: ({ signal }) => call('GET /recoveries/:recoveryId/comparison', { params: { recoveryId }, signal }),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });

type AskedImages = {
  readonly backupId: string;
  readonly resourceId: string;
  readonly region: string;
  readonly match: 'exact' | 'similar';
};

/** The images of today that are like the original one. */
export const imagesQuery = ({ backupId, resourceId, region, match }: AskedImages) =>
  queryOptions({
    queryKey: ['resources', 'images', backupId, resourceId, region, match],
    queryFn: ({ signal }) =>
      call('GET /backups/:backupId/resources/:resourceId/images', {
        params: { backupId, resourceId },
        query: { match, region },
        signal,
      }),
    staleTime: 60_000,
  });

export type AskedResources = {
  readonly search?: string | undefined;
  readonly kind?: TargetKind | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

/** One page of everything that can be brought back. */
export const recoverableQuery = ({ search, kind, limit, cursor }: AskedResources) =>
  queryOptions({
    queryKey: ['backups', 'recoverable', search, kind, limit, cursor],
    queryFn: ({ signal }) =>
      call('GET /recoverable-resources', {
        query: { search, kind, limit: limit ?? DEFAULT_PAGE_SIZE, cursor },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

export type AskedPoints = {
  readonly accountId: string;
  readonly kind: TargetKind;
  readonly region: string;
  readonly awsId: string;
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

/** One page of the moments to which a resource can be brought back, newest first. */
export const pointsQuery = (asked: AskedPoints) =>
  queryOptions({
    queryKey: ['backups', 'points', asked],
    queryFn: ({ signal }) =>
      call('GET /recovery-points', { query: { ...asked, limit: asked.limit ?? DEFAULT_PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });

/** What a recovery in a region can choose from; AWS is asked anew each time a form is opened. */
export const recoveryChoicesQuery = (accountId: string, region: string) =>
  queryOptions({
    queryKey: ['resources', 'recovery-choices', accountId, region],
    queryFn: ({ signal }) =>
      call('GET /accounts/:accountId/regions/:region/recovery-choices', { params: { accountId, region }, signal }),
    staleTime: 60_000,
  });

/** What the recovery of a database or cluster in a region can choose from. */
export const databaseChoicesQuery = (accountId: string, region: string) =>
  queryOptions({
    queryKey: ['resources', 'database-choices', accountId, region],
    queryFn: ({ signal }) =>
      call('GET /accounts/:accountId/regions/:region/database-recovery-choices', {
        params: { accountId, region },
        signal,
      }),
    staleTime: 60_000,
  });

const TONES: Record<Recovery['status'], Tone> = {
  'in-progress': 'running',
  successful: 'good',
  partial: 'warning',
  failed: 'bad',
};

/** How a recovery's status is to be taken. */
export const toneOfRecovery = (status: Recovery['status']): Tone => TONES[status];
