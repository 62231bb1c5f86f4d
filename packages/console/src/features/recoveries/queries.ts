import type { Recovery } from '@cpm/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import type { RecoveriesSearch } from './recoveries-search.ts';
import type { Tone } from '../../ui/status.tsx';

export const recoveriesQuery = ({ limit, cursor, backupId }: RecoveriesSearch) =>
  queryOptions({
    queryKey: ['recoveries', 'list', limit, cursor, backupId],
    queryFn: ({ signal }) => call('GET /recoveries', { query: { limit, cursor, backupId }, signal }),
    placeholderData: keepPreviousData,
  });

const RUNNING_REFRESH_MS = 2_000;

export const recoveryQuery = (recoveryId: string) =>
  queryOptions({
    queryKey: ['recoveries', 'one', recoveryId],
    queryFn: ({ signal }) => call('GET /recoveries/:recoveryId', { params: { recoveryId }, signal }),
    refetchInterval: ({ state }) => (state.data && state.data.endedAt === null ? RUNNING_REFRESH_MS : false),
  });

/** What a recovery in a region can choose from; AWS is asked anew each time a form is opened. */
export const recoveryChoicesQuery = (accountId: string, region: string) =>
  queryOptions({
    queryKey: ['resources', 'recovery-choices', accountId, region],
    queryFn: ({ signal }) =>
      call('GET /accounts/:accountId/regions/:region/recovery-choices', { params: { accountId, region }, signal }),
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
