import { defineCommand } from './command.ts';
import { printRecovery } from './views/recovery.ts';

export const command = defineCommand({
  args: { recovery: 'id of the recovery' },
  examples: ['cpm recovery show 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e'],
  run: async ({ api, args, print }) =>
    printRecovery(print, await api('GET /recoveries/:recoveryId', { params: { recoveryId: args.recovery } })),
});
