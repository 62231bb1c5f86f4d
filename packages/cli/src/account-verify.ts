import { defineCommand } from './command.ts';
import { findAccount } from './input/find.ts';
import { printAccount } from './views/account.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  notes: 'Ends with exit code 3 when AWS refuses the keys.',
  examples: ['cpm account verify production'],
  run: async ({ api, args, print }) => {
    const { id } = await findAccount(api, args.account);
    printAccount(print, await api('POST /accounts/:accountId/verify', { params: { accountId: id } }));
  },
});
