import type { Backup } from '@cpm/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import type { Tone } from '../../ui/status.tsx';
import { fromOfRange, type MonitorSearch } from './monitor-search.ts';

/** One page of the Backup Monitor. */
export const backupsQuery = (search: MonitorSearch) =>
  queryOptions({
    queryKey: ['backups', 'list', search],
    queryFn: ({ signal }) => {
      const { policyId, status, from, to, range, sort, limit, cursor, deleted } = search;
      const start = range === undefined ? from : fromOfRange(range, Date.now());
      const shown = deleted ? ('show' as const) : undefined;
      return call('GET /backups', {
        query: { policyId, status, from: start, to, sort, limit: limit ?? DEFAULT_PAGE_SIZE, cursor, deleted: shown },
        signal,
      });
    },
    placeholderData: keepPreviousData,
  });

/** The newest backups of one policy. */
export const policyBackupsQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['backups', 'of-policy', policyId],
    queryFn: ({ signal }) => call('GET /backups', { query: { policyId, limit: 10 }, signal }),
  });

/** While a backup runs it is also read without an event, so that a quiet stream never leaves it standing. */
export const RUNNING_REFRESH_MS = 3_000;

export const backupQuery = (backupId: string) =>
  queryOptions({
    queryKey: ['backups', 'one', backupId],
    queryFn: ({ signal }) => call('GET /backups/:backupId', { params: { backupId }, signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'in-progress' ? RUNNING_REFRESH_MS : false),
  });

export const backedUpResourcesQuery = (backupId: string) =>
  queryOptions({
    queryKey: ['backups', 'resources', backupId],
    queryFn: ({ signal }) => call('GET /backups/:backupId/resources', { params: { backupId }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some((resource) => resource.state === 'in-progress') ? RUNNING_REFRESH_MS : false,
  });

const TONES: Record<Backup['status'], Tone> = {
  'in-progress': 'running',
  successful: 'good',
  partial: 'warning',
  failed: 'bad',
};

/** How a backup's status is to be taken. */
export const toneOfBackup = (status: string): Tone => TONES[status as Backup['status']] ?? 'quiet';

/** What is being done while a backup is in progress. */
export const PHASE_WORDS: Record<Backup['phase'], string> = {
  queued: 'waiting for its turn',
  starting: 'starting the snapshots',
  waiting: 'AWS is taking the snapshots',
  aborting: 'aborting: what was frozen is let go on',
  ended: 'ended',
};

/** The words of each status, as a filter names them. */
export const STATUS_NAMES: Record<Backup['status'], string> = {
  'in-progress': 'In progress',
  successful: 'Backup Successful',
  partial: 'Backup Partially Successful',
  failed: 'Backup Failed',
};

/** Whether the recovery panel of a backup has anything to offer. */
export const isRecoverable = ({ recoverable, status, deletion }: Backup): boolean =>
  recoverable && status !== 'in-progress' && deletion === null;
