import { defineCommand, text } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { frozenColumns } from './views/freezer.ts';

export const command = defineCommand({
  options: { search: text('--search <text>', 'Only those with it in name or description.'), ...listOptions },
  examples: ['cpm freezer list', 'cpm freezer list --search move'],
  run: async ({ api, options, print }) => {
    const { search } = options;
    const page = await readPages(options, (query) => api('GET /freezer', { query: { ...query, search } }));
    print.page(page, frozenColumns, (backup) => backup.id);
  },
});
