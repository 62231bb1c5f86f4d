import { defineCommand, flag, text } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseResource } from './input/choose-snapshot.ts';
import { databaseFields, databaseOptions } from './input/database-options.ts';
import { findBackup, readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    database: text('--database <id>', 'Identifier or name of the backed-up database; needed where there are several.'),
    ...databaseOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up; AWS takes minutes to hours. latest is the newest backup that holds',
    'something to recover. Everything is checked before anything is made.',
  ].join('\n'),
  examples: [
    'cpm recover database latest --policy shop --id orders-restored --wait',
    'cpm recover database latest --policy shop --database orders --id orders-2 --class db.m7g.large --multi-az no \\\n      --zone eu-central-1b',
  ],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const choosing = { kind: 'database', option: '--database' } as const;
    const resource = chooseResource(await readResources(api, backupId), options.database, choosing);
    const body = databaseFields(resource.id, options);
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/databases', { params: { backupId }, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
