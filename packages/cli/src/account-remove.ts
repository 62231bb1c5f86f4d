import { defineCommand } from './command.ts';
import { findAccount } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  notes: 'An account that a policy or a kept backup uses is not removed (exit code 5).',
  examples: ['cpm account remove production', 'cpm account remove production --yes'],
  run: async ({ api, args, io, global, print }) => {
    const { id, name } = await findAccount(api, args.account);
    await confirmOrStop(io, global, `Remove the account ${name}?`);
    await api('DELETE /accounts/:accountId', { params: { accountId: id } });
    print.note(`The account ${name} is removed.`);
  },
});
