import { defineCommand } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { policyColumns } from './views/policy.ts';

export const command = defineCommand({
  options: listOptions,
  examples: ['cpm policy list', 'cpm policy list --all --output json'],
  run: async ({ api, options, print }) => {
    const page = await readPages(options, (query) => api('GET /policies', { query }));
    print.page(page, policyColumns, (policy) => policy.id);
  },
});
