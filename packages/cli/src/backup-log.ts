import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { exitCodeOfOutcome } from './terminal/follow.ts';
import { logOptions, printLog } from './views/log.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy, ...logOptions },
  notes: 'With --follow the exit code tells the outcome (see cpm help exit-codes).',
  examples: ['cpm backup log latest --policy web', 'cpm backup log latest --policy web --follow'],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const { id: backupId } = await findBackup(api, { ...args, ...options });
    const params = { backupId };
    await printLog(surroundings, options.follow, (query) => api('GET /backups/:backupId/log', { params, query }));
    return options.follow ? exitCodeOfOutcome((await api('GET /backups/:backupId', { params })).status) : undefined;
  },
});
