import type { Schedule } from '@cpm/contract';
import { queryOptions } from '@tanstack/react-query';
import { readAllPages } from '../../app/all-pages.ts';
import { call } from '../../app/api.ts';

export const schedulesQuery = queryOptions({
  queryKey: ['schedules', 'list'],
  queryFn: ({ signal }) => readAllPages<Schedule>((query) => call('GET /schedules', { query, signal })),
});

export const scheduleQuery = (scheduleId: string) =>
  queryOptions({
    queryKey: ['schedules', 'one', scheduleId],
    queryFn: ({ signal }) => call('GET /schedules/:scheduleId', { params: { scheduleId }, signal }),
  });
