import type { Recovery } from '@cpm/contract';

/** How many of the recoveries are where, and how far they are on average. */
export function summarizeGroup(recoveries: readonly Pick<Recovery, 'status' | 'progressPercent'>[]) {
  const of = (wanted: Recovery['status']) => recoveries.filter(({ status }) => status === wanted).length;
  const percents = recoveries.map(({ status, progressPercent }) => (status === 'in-progress' ? progressPercent : 100));
  const sum = percents.reduce((total, percent) => total + percent, 0);
  return {
    running: of('in-progress'),
    successful: of('successful'),
    partial: of('partial'),
    failed: of('failed'),
    percent: recoveries.length === 0 ? 0 : Math.round(sum / recoveries.length),
  };
}
