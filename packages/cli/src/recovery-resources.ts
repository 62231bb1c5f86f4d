import { TARGET_KINDS } from '@cpm/core';
import { defineCommand, oneOf } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { resourceColumns } from './views/recovery-source.ts';

export const command = defineCommand({
  args: { 'search?': 'a part of a name or AWS id, in any case' },
  options: { kind: oneOf('--kind <kind>', 'Only these.', TARGET_KINDS), ...listOptions },
  examples: ['cpm recovery resources', 'cpm recovery resources web --kind instance'],
  run: async ({ api, args, options, print }) => {
    const filter = { search: args.search, kind: options.kind };
    const page = await readPages(options, (query) =>
      api('GET /recoverable-resources', { query: { ...query, ...filter } }),
    );
    print.page(page, resourceColumns, ({ awsId }) => awsId);
  },
});
