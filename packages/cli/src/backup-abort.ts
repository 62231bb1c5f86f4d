import { defineCommand, flag } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { followBackup } from './input/follow-backup.ts';
import { confirmOrStop } from './terminal/ask.ts';
import { formatTime } from './terminal/time.ts';
import { printBackup } from './views/backup.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy, wait: flag('--wait', 'Wait until it has ended: with exit code 6, as failed.') },
  notes:
    'It ends as failed: what is frozen is thawed, what has completed stays recoverable, and nothing tries it again.',
  examples: ['cpm backup abort latest --policy web', 'cpm backup abort latest --policy web --yes --wait'],
  run: async (surroundings) => {
    const { api, args, options, io, global, print } = surroundings;
    const { id: backupId, policy, startedAt } = await findBackup(api, { ...args, ...options });
    await confirmOrStop(io, global, `Abort the backup of ${policy.name} that began ${formatTime(startedAt)}?`);
    const aborting = await api('POST /backups/:backupId/abort', { params: { backupId } });
    if (options.wait) return followBackup(surroundings, backupId);
    printBackup(print, aborting);
    return undefined;
  },
});
