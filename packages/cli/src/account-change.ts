import { defineCommand, text, yesOrNo } from './command.ts';
import { findAccount } from './input/find.ts';
import { printAccount } from './views/account.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  options: {
    name: text('--name <name>', 'The new name.'),
    scanResources: yesOrNo('--scan-resources <yes|no>', 'Whether tag scans look at its resources.'),
    mayDeleteSnapshots: yesOrNo('--may-delete-snapshots <yes|no>', 'Whether CPM may delete snapshots there.'),
  },
  examples: ['cpm account change production --name prod', 'cpm account change prod --scan-resources yes'],
  run: async ({ api, args, options, print }) => {
    const { id } = await findAccount(api, args.account);
    printAccount(print, await api('PATCH /accounts/:accountId', { params: { accountId: id }, body: options }));
  },
});
