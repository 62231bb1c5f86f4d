import { defineCommand } from './command.ts';
import { expiresInDays } from './input/expiry.ts';
import { visible } from './terminal/visible.ts';

export const command = defineCommand({
  args: { name: 'what the token is called' },
  options: { expiresInDays },
  notes: 'The token alone is written to standard output, this once; it cannot be shown again.',
  examples: ['cpm token create nightly-report', 'cpm token create terraform --expires-in-days never'],
  run: async ({ api, args, options, global, print }) => {
    const made = await api('POST /tokens', { body: { name: args.name, expiresInDays: options.expiresInDays } });
    if (global.output === 'json') return print.json(made);
    print.lines([visible(made.secret)]);
    print.note(`Keep the token ${made.token.name}: it is not shown again.`);
  },
});
