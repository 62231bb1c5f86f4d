import { defineCommand } from './command.ts';
import { findAccount } from './input/find.ts';
import { printAccount } from './views/account.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  examples: ['cpm account show production'],
  run: async ({ api, args, print }) => printAccount(print, await findAccount(api, args.account)),
});
