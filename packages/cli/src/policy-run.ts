import { defineCommand, flag } from './command.ts';
import { findPolicy } from './input/find.ts';
import { followBackup } from './input/follow-backup.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: { wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).') },
  examples: ['cpm policy run web', 'cpm policy run web --wait'],
  run: async (surroundings) => {
    const { api, args, options, print } = surroundings;
    const { id: policyId } = await findPolicy(api, args.policy);
    const started = await sendOnce((idempotencyKey) =>
      api('POST /policies/:policyId/run', { params: { policyId }, idempotencyKey }),
    );
    if (options.wait) return followBackup(surroundings, started.backupId);
    print.one(started, [['backup', started.backupId]], started.backupId);
    print.note(`Watch it with: cpm backup follow ${started.backupId}`);
    return undefined;
  },
});
