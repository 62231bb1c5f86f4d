import { defineCommand, flag, oneOf, text } from './command.ts';
import { findPolicy } from './input/find.ts';
import { listOptions, readPages } from './input/paging.ts';
import { backupColumns } from './views/backup.ts';

export const command = defineCommand({
  options: {
    policy: text('--policy <policy>', 'Only backups of this policy.'),
    status: oneOf('--status <status>', 'Only backups with this status.', [
      'in-progress',
      'successful',
      'partial',
      'failed',
    ]),
    from: text('--from <time>', 'Only backups from then on, such as 2026-01-31T02:00:00Z.'),
    to: text('--to <time>', 'Only backups before then.'),
    deleted: flag('--deleted', 'Show the records of deleted backups too.'),
    ...listOptions,
  },
  examples: ['cpm backup list --policy web', 'cpm backup list --status failed --from 2026-01-01T00:00:00Z --all'],
  run: async ({ api, options, print }) => {
    const { policy, status, from, to } = options;
    const filter = {
      policyId: policy === undefined ? undefined : (await findPolicy(api, policy)).id,
      status,
      from,
      to,
      deleted: options.deleted ? 'show' : undefined,
    };
    const page = await readPages(options, (query) => api('GET /backups', { query: { ...query, ...filter } }));
    print.page(page, backupColumns, (backup) => backup.id);
  },
});
