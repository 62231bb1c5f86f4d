import { defineCommand, flag } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { alertColumns } from './views/alert.ts';

export const command = defineCommand({
  options: { closed: flag('--closed', 'Show also what has been put right.'), ...listOptions },
  notes: 'An alert closes by itself when its cause is put right.',
  examples: ['cpm alert list', 'cpm alert list --closed --all --output json'],
  run: async ({ api, options, print }) => {
    const state = options.closed ? 'all' : undefined;
    const page = await readPages(options, (query) => api('GET /alerts', { query: { ...query, state } }));
    print.page(page, alertColumns, (alert) => alert.id);
  },
});
