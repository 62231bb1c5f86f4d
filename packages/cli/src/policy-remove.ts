import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';
import { counted } from './terminal/counted.ts';
import { formatTable } from './terminal/table.ts';
import { formatTime } from './terminal/time.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  notes:
    'Its backups go with it, and their snapshots in AWS; they are shown first. What is in the freezer stays, and what was recovered.',
  examples: ['cpm policy remove web', 'cpm policy remove web --yes'],
  run: async ({ api, args, io, global, print }) => {
    const { id: policyId, name } = await findPolicy(api, args.policy);
    const params = { policyId };
    const { backups, snapshots, frozen } = await api('GET /policies/:policyId/deletion', { params });
    const rows = backups.flatMap((backup) =>
      (backup.snapshots.length === 0 ? [undefined] : backup.snapshots).map((snapshot) => [
        formatTime(backup.startedAt),
        snapshot?.awsSnapshotId,
        snapshot?.sourceId,
        snapshot?.region,
      ]),
    );
    if (rows.length > 0)
      for (const line of formatTable(['BACKUP', 'SNAPSHOT', 'SOURCE', 'REGION'], rows)) print.note(line);
    const losses = `${counted(backups.length, 'backup')} with ${counted(snapshots, 'snapshot')}`;
    const kept = frozen === 0 ? '' : ` ${counted(frozen, 'frozen backup')} stay${frozen === 1 ? 's' : ''}.`;
    await confirmOrStop(io, global, `Remove the policy ${name}? It deletes ${losses}.${kept}`);
    const query = { backups: backups.length === 0 ? undefined : backups.length };
    const removed = await api('DELETE /policies/:policyId', { params, query });
    if (global.output === 'json') print.json(removed);
    print.note(`The policy ${name} is removed; ${counted(removed.snapshotsToDelete, 'snapshot')} to be deleted.`);
  },
});
