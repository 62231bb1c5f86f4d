import { defineCommand, flag, text } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseInstance } from './input/choose-snapshot.ts';
import { findBackup, readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { instanceFields, instanceOptions } from './input/instance-options.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    instance: text('--instance <id>', 'AWS id or name of the backed-up instance; needed where there are several.'),
    ...instanceOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up. A change of a volume may name size, type, iops, throughput, device,',
    'kms-key, tags=yes|no and delete-on-termination=yes|no. latest is the newest backup that holds something to recover.',
  ].join('\n'),
  examples: [
    'cpm recover instance latest --policy web --wait',
    'cpm recover instance latest --policy web --instance i-0123456789abcdef0 --type m7g.large \\\n      --volume-change vol-0123456789abcdef0:size=200,type=gp3 --skip-volume vol-0fedcba9876543210',
  ],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const resource = chooseInstance(await readResources(api, backupId), options.instance);
    const body = instanceFields(resource, options);
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/instances', { params: { backupId }, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
