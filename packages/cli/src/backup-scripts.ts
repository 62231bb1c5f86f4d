import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { printScripts } from './views/script.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  examples: ['cpm backup scripts latest --policy web', 'cpm backup scripts latest --policy web --output json'],
  run: async ({ api, args, options, global, print }) => {
    const { id: backupId } = await findBackup(api, { ...args, ...options });
    printScripts(print, global, (await api('GET /backups/:backupId/scripts', { params: { backupId } })).items);
  },
});
