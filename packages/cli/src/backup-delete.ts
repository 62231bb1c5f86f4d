import { defineCommand } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { findBackup } from './input/find.ts';
import { countHeldSnapshots } from './input/held-snapshots.ts';
import { confirmOrStop } from './terminal/ask.ts';
import { counted } from './terminal/counted.ts';
import { formatTime } from './terminal/time.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: { policy: backupPolicy },
  notes: 'Deletes it with its snapshots in AWS. One that is running or being recovered from is refused (exit code 5).',
  examples: ['cpm backup delete 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e', 'cpm backup delete latest --policy web --yes'],
  run: async ({ api, args, options, io, global, print }) => {
    const { id: backupId, policy, startedAt } = await findBackup(api, { ...args, ...options });
    const snapshots = await countHeldSnapshots(api, backupId);
    const what = `the backup of ${policy.name} from ${formatTime(startedAt)} with ${counted(snapshots, 'snapshot')}`;
    await confirmOrStop(io, global, `Delete ${what}?`);
    const deleted = await api('DELETE /backups/:backupId', { params: { backupId }, query: { snapshots } });
    if (global.output === 'json') print.json(deleted);
    print.note(`The backup is being deleted with ${counted(deleted.snapshotsToDelete, 'snapshot')}.`);
  },
});
