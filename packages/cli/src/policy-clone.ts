import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';
import { sendOnce } from './input/send-once.ts';
import { printPolicy } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy', name: 'what the new one is called' },
  notes:
    'Takes over settings, schedules and targets, not the backups.\nScripts on the server are named after their policy: the new one needs its own.',
  examples: ['cpm policy clone web web-weekly'],
  run: async ({ api, args, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    const params = { policyId };
    const body = { name: args.name };
    const made = await sendOnce((idempotencyKey) =>
      api('POST /policies/:policyId/clone', { params, body, idempotencyKey }),
    );
    printPolicy(print, made);
  },
});
