import { defineCommand, flag } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { findingColumns } from './views/reconciliation.ts';

export const command = defineCommand({
  options: { settled: flag('--settled', 'Show also what has been settled.'), ...listOptions },
  examples: ['cpm reconciliation findings', 'cpm reconciliation findings --settled --all'],
  run: async ({ api, options, print }) => {
    const state = options.settled ? 'all' : undefined;
    const page = await readPages(options, (query) =>
      api('GET /reconciliation/findings', { query: { ...query, state } }),
    );
    print.page(page, findingColumns, (finding) => finding.id);
  },
});
