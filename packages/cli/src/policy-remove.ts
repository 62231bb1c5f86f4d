import { defineCommand } from './command.ts';
import { findPolicy, readAll } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  notes: 'Its backups go with it, and their snapshots in AWS. What was recovered from them stays.',
  examples: ['cpm policy remove web', 'cpm policy remove web --yes'],
  run: async ({ api, args, io, global, print }) => {
    const { id, name } = await findPolicy(api, args.policy);
    const { items } = await readAll((query) => api('GET /backups', { query: { ...query, policyId: id } }));
    const count = items.length;
    const losses = count === 0 ? 'It has no backups' : `Its backups (${count}) and their snapshots are deleted with it`;
    await confirmOrStop(io, global, `Remove the policy ${name}? ${losses}.`);
    const removed = await api('DELETE /policies/:policyId', {
      params: { policyId: id },
      query: { backups: count === 0 ? undefined : count },
    });
    if (global.output === 'json') print.json(removed);
    print.note(`The policy ${name} is removed; ${removed.snapshotsToDelete} snapshots are being deleted.`);
  },
});
