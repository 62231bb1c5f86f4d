import { defineCommand, wrongInput } from './command.ts';
import { findPolicy, findTarget } from './input/find.ts';
import { targetVolumes } from './input/target-volumes.ts';
import { printTarget } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy', target: 'id of the target, or of the instance in AWS' },
  options: { volumes: targetVolumes },
  examples: [
    'cpm policy change-target web i-0123456789abcdef0 --volumes vol-0123456789abcdef0,vol-0fedcba9876543210',
    'cpm policy change-target web i-0123456789abcdef0 --volumes all',
  ],
  run: async ({ api, args, options, print }) => {
    const { volumes } = options;
    if (volumes === undefined) throw wrongInput('--volumes', 'say which volumes');
    const { id: policyId } = await findPolicy(api, args.policy);
    const { id: targetId } = await findTarget(api, policyId, args.target);
    const params = { policyId, targetId };
    printTarget(print, await api('PATCH /policies/:policyId/targets/:targetId', { params, body: { volumes } }));
  },
});
