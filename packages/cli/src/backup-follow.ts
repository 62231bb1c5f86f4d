import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { followBackup } from './input/follow-backup.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  notes: 'The exit code tells the outcome (see cpm help exit-codes). Ctrl-C ends the watching, not the backup.',
  examples: ['cpm backup follow latest --policy web'],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const { id } = await findBackup(api, { ...args, ...options });
    return followBackup(surroundings, id);
  },
});
