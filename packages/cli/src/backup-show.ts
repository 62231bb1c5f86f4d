import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { printBackup } from './views/backup.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  examples: ['cpm backup show latest --policy web', 'cpm backup show 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e'],
  run: async ({ api, args, options, print }) => printBackup(print, await findBackup(api, { ...args, ...options })),
});
