import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { printPolicy } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  examples: ['cpm policy show web'],
  run: async ({ api, args, print }) => printPolicy(print, await findPolicy(api, args.policy)),
});
