import type { Truth } from './truth.ts';

/** I11: whatever was begun has ended, with an outcome, and no work was given up. */
export function findStuck({ backups, recoveries, scripts, failedJobs }: Truth): string[] {
  const ends = [
    ...backups.map(({ id, status, ended_at: endedAt }) => ({ id, status, endedAt })),
    ...recoveries,
    ...scripts.map(({ id, state, ended_at: endedAt }) => ({ id, status: state, endedAt })),
  ];
  return [
    ...ends.flatMap(({ id, endedAt, status }) =>
      endedAt === null || status === null ? [`I11: ${id} has not ended`] : [],
    ),
    ...failedJobs.map(({ kind, reason }) => `I11: a job ${kind} was given up: ${reason ?? 'no reason'}`),
  ];
}
