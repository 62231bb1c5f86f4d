import { defineCommand } from './command.ts';
import { findPolicy, findTarget } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy', target: 'id of the target, or of the resource in AWS' },
  notes: 'Its snapshots stay until retention removes them.',
  examples: ['cpm policy remove-target web i-0123456789abcdef0 --yes'],
  run: async ({ api, args, io, global, print }) => {
    const policy = await findPolicy(api, args.policy);
    const target = await findTarget(api, policy.id, args.target);
    await confirmOrStop(io, global, `Take ${target.resourceId} out of the policy ${policy.name}?`);
    const params = { policyId: policy.id, targetId: target.id };
    await api('DELETE /policies/:policyId/targets/:targetId', { params });
    print.note(`${target.resourceId} is no longer backed up by ${policy.name}.`);
  },
});
