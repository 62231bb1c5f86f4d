import { defineCommand, flag, text } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseResource } from './input/choose-snapshot.ts';
import { databaseClusterFields, databaseClusterOptions } from './input/database-options.ts';
import { findBackup, readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    cluster: text('--cluster <id>', 'Identifier or name of the backed-up cluster; needed where there are several.'),
    ...databaseClusterOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up; AWS takes minutes to hours. latest is the newest backup that holds',
    'something to recover. Everything is checked before anything is made.',
  ].join('\n'),
  examples: [
    'cpm recover database-cluster latest --policy shop --id shop-restored --wait',
    'cpm recover database-cluster latest --policy shop --id shop-2 --member shop-2-a=db.r7g.large --member shop-2-b',
  ],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const choosing = { kind: 'database-cluster', option: '--cluster' } as const;
    const resource = chooseResource(await readResources(api, backupId), options.cluster, choosing);
    const body = databaseClusterFields(resource.id, options);
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/database-clusters', { params: { backupId }, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
