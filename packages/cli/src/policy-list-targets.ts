import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { listOptions, readPages } from './input/paging.ts';
import { targetColumns } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: listOptions,
  examples: ['cpm policy list-targets web'],
  run: async ({ api, args, options, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    const page = await readPages(options, (query) =>
      api('GET /policies/:policyId/targets', { params: { policyId }, query }),
    );
    print.page(page, targetColumns, (target) => target.id);
  },
});
