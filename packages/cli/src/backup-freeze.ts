import { defineCommand, needed, text } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { printBackup } from './views/backup.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    name: needed('--name <name>', 'What it is called in the freezer; unique there.'),
    description: text('--description <text>', 'Why it is kept.'),
  },
  notes: 'No rule deletes it from then on, and it survives its policy. See cpm freezer.',
  examples: ['cpm backup freeze latest --policy web --name "before the move"'],
  run: async ({ api, args, options, print }) => {
    const { policy, name, description } = options;
    const { id: backupId } = await findBackup(api, { ...args, policy, mustBeRecoverable: true });
    const params = { backupId };
    printBackup(print, await api('POST /backups/:backupId/freeze', { params, body: { name, description } }));
  },
});
