import { defineCommand } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { tokenColumns } from './views/token.ts';

export const command = defineCommand({
  options: listOptions,
  examples: ['cpm token list'],
  run: async ({ api, options, print }) => {
    const page = await readPages(options, (query) => api('GET /tokens', { query }));
    print.page(page, tokenColumns, (token) => token.id);
  },
});
