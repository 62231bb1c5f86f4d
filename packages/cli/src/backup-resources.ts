import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup, readResources } from './input/find.ts';
import { printResources } from './views/backup.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  examples: ['cpm backup resources latest --policy web', 'cpm backup resources latest --policy web --output json'],
  run: async ({ api, args, options, global, print }) => {
    const { id } = await findBackup(api, { ...args, ...options });
    printResources(print, global, await readResources(api, id));
  },
});
