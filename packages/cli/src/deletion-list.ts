import { defineCommand, oneOf, text } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { deletionColumns } from './views/retention.ts';

export const command = defineCommand({
  options: {
    policy: text('--policy <name>', 'Only snapshots of the policy that has or had this name.'),
    backup: text('--backup <id>', 'Only snapshots of this backup.'),
    state: oneOf('--state <state>', 'Only deletions in this state.', ['waiting', 'deleted', 'gone', 'kept']),
    ...listOptions,
  },
  notes: 'Every snapshot that was to be deleted, why, and what AWS said; newest first.',
  examples: ['cpm deletion list', 'cpm deletion list --policy web --state waiting'],
  run: async ({ api, options, print }) => {
    const filter = { policyName: options.policy, backupId: options.backup, state: options.state };
    const page = await readPages(options, (query) => api('GET /deletions', { query: { ...query, ...filter } }));
    print.page(page, deletionColumns, (deletion) => deletion.id);
  },
});
