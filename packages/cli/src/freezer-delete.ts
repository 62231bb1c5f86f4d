import { defineCommand } from './command.ts';
import { findFrozen } from './input/find.ts';
import { countHeldSnapshots } from './input/held-snapshots.ts';
import { confirmOrStop } from './terminal/ask.ts';
import { counted } from './terminal/counted.ts';

export const command = defineCommand({
  args: { backup: 'its name in the freezer, or the id of the backup' },
  notes: 'Deletes it with its snapshots in AWS.',
  examples: ['cpm freezer delete "before the move"', 'cpm freezer delete "before the move" --yes'],
  run: async ({ api, args, io, global, print }) => {
    const { id: backupId, frozen } = await findFrozen(api, args.backup);
    const snapshots = await countHeldSnapshots(api, backupId);
    const what = `the frozen backup ${frozen?.name ?? backupId} with ${counted(snapshots, 'snapshot')}`;
    await confirmOrStop(io, global, `Delete ${what}?`);
    const deleted = await api('DELETE /freezer/:backupId', { params: { backupId }, query: { snapshots } });
    if (global.output === 'json') print.json(deleted);
    print.note(`The backup is being deleted with ${counted(deleted.snapshotsToDelete, 'snapshot')}.`);
  },
});
