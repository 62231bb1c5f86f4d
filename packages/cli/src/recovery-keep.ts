import { defineCommand } from './command.ts';
import { printRecovery } from './views/recovery.ts';

export const command = defineCommand({
  args: { recovery: 'id of the recovery' },
  notes: 'What an ended recovery made stays; it cannot be rolled back any more.',
  examples: ['cpm recovery keep 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e'],
  run: async ({ api, args, print }) =>
    printRecovery(print, await api('POST /recoveries/:recoveryId/keep', { params: { recoveryId: args.recovery } })),
});
