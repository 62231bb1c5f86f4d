import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { listOptions, readPages } from './input/paging.ts';
import { formatTime } from './terminal/time.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: listOptions,
  notes: 'Firings that made no backup, and why; newest first.',
  examples: ['cpm policy skipped web'],
  run: async ({ api, args, options, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    const params = { policyId };
    const page = await readPages(options, (query) => api('GET /policies/:policyId/skipped-firings', { params, query }));
    print.page(
      page,
      [
        ['DUE', (firing) => formatTime(firing.dueAt)],
        ['RECORDED', (firing) => formatTime(firing.recordedAt)],
        ['REASON', (firing) => firing.reason],
      ],
      (firing) => firing.dueAt,
    );
  },
});
