import { defineCommand } from './command.ts';
import { findAccount } from './input/find.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  examples: ['cpm account regions production'],
  run: async ({ api, args, print }) => {
    const { id } = await findAccount(api, args.account);
    const regions = await api('GET /accounts/:accountId/regions', { params: { accountId: id } });
    print.page(regions, [['REGION', (region) => region]], (region) => region);
  },
});
