import { defineCommand } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { accountColumns } from './views/account.ts';

export const command = defineCommand({
  options: listOptions,
  examples: ['cpm account list', 'cpm account list --all --output json'],
  run: async ({ api, options, print }) => {
    const page = await readPages(options, (query) => api('GET /accounts', { query }));
    print.page(page, accountColumns, (account) => account.id);
  },
});
