import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { printPanel } from './views/recovery-source.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  examples: ['cpm backup recoverable latest --policy web'],
  run: async ({ api, args, options, global, print }) => {
    const { id: backupId } = await findBackup(api, { ...args, ...options, mustBeRecoverable: true });
    const panel = await api('GET /backups/:backupId/recovery-panel', { params: { backupId } });
    printPanel(print, global.output === 'json', panel);
  },
});
