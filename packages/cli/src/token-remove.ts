import { defineCommand } from './command.ts';
import { findToken } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';

export const command = defineCommand({
  args: { token: 'name or id of the token' },
  examples: ['cpm token remove nightly-report'],
  run: async ({ api, args, io, global, print }) => {
    const { id, name } = await findToken(api, args.token);
    await confirmOrStop(io, global, `End the token ${name}? Whoever uses it is refused at once.`);
    await api('DELETE /tokens/:tokenId', { params: { tokenId: id } });
    print.note(`The token ${name} has ended.`);
  },
});
