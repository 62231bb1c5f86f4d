import { defineCommand, wholeNumber } from './command.ts';
import { findPolicy } from './input/find.ts';
import { counted } from './terminal/counted.ts';
import { retentionColumns } from './views/retention.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: { generations: wholeNumber('--generations <n>', "As if so many were kept (the policy's own unless told).") },
  notes: 'Shows what would be kept, deleted and forgotten, backup by backup; nothing is changed.',
  examples: ['cpm policy retention web', 'cpm policy retention web --generations 3'],
  run: async ({ api, args, options, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    const { generations } = options;
    const preview = await api('GET /policies/:policyId/retention', { params: { policyId }, query: { generations } });
    print.page(preview, retentionColumns, (backup) => backup.backupId);
    const { backups, snapshots } = preview.deletes;
    print.note(`It would delete ${counted(backups, 'backup')} with ${counted(snapshots, 'snapshot')}.`);
  },
});
