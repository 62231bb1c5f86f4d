import { defineCommand, text } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { recoveryColumns } from './views/recovery.ts';

export const command = defineCommand({
  options: { backup: text('--backup <id>', 'Only recoveries from this backup.'), ...listOptions },
  examples: ['cpm recovery list', 'cpm recovery list --all --output json'],
  run: async ({ api, options, print }) => {
    const filter = { backupId: options.backup };
    const page = await readPages(options, (query) => api('GET /recoveries', { query: { ...query, ...filter } }));
    print.page(page, recoveryColumns, (recovery) => recovery.id);
  },
});
