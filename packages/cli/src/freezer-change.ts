import { defineCommand, text } from './command.ts';
import { findFrozen } from './input/find.ts';
import { printBackup } from './views/backup.ts';

export const command = defineCommand({
  args: { backup: 'its name in the freezer, or the id of the backup' },
  options: {
    name: text('--name <name>', 'The new name.'),
    description: text('--description <text>', 'The new description.'),
  },
  examples: ['cpm freezer change "before the move" --name "before the move to Frankfurt"'],
  run: async ({ api, args, options, print }) => {
    const { id: backupId } = await findFrozen(api, args.backup);
    printBackup(print, await api('PATCH /freezer/:backupId', { params: { backupId }, body: options }));
  },
});
