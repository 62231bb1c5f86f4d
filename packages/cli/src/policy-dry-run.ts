import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { printDryRun } from './views/dry-run.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  notes: 'Asks AWS what there is, and changes nothing.',
  examples: ['cpm policy dry-run web', 'cpm policy dry-run web --output json'],
  run: async ({ api, args, global, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    printDryRun(print, global, await api('GET /policies/:policyId/dry-run', { params: { policyId } }));
  },
});
