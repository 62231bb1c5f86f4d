import { TARGET_KINDS } from '@cpm/core';
import { defineCommand, oneOf } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { findResource, readTime, sourceOptions } from './input/recovery-source.ts';
import { pointColumns } from './views/recovery-source.ts';

const { at, timeZone, account, region } = sourceOptions;

export const command = defineCommand({
  args: { resource: 'name or AWS id of what was backed up' },
  options: {
    at: { ...at, description: 'Only its backups until then.' },
    timeZone,
    account,
    region,
    kind: oneOf('--kind <kind>', 'What it is, where several have that name.', TARGET_KINDS),
    ...listOptions,
  },
  examples: ['cpm recovery points web-1', 'cpm recovery points i-0123456789abcdef0 --at "yesterday 10:00" --limit 1'],
  run: async ({ api, args, options, print }) => {
    const kinds = options.kind === undefined ? TARGET_KINDS : [options.kind];
    const before = await readTime(api, options);
    const {
      accountId,
      kind,
      region: where,
      awsId,
    } = await findResource(api, { ...options, name: args.resource }, kinds);
    const key = { accountId, kind, region: where, awsId, before };
    const page = await readPages(options, (query) => api('GET /recovery-points', { query: { ...query, ...key } }));
    print.page(page, pointColumns, ({ backupId }) => backupId);
  },
});
