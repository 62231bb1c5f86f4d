import { defineCommand, text } from './command.ts';
import { databaseFields, databaseOptions } from './input/database-options.ts';
import { databaseRecoveryNotes, endingOptions, recoverOneDatabase } from './input/database-recovery.ts';
import { sourceArgument, sourceOptions } from './input/recovery-source.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    database: text('--database <id>', 'Identifier or name of the backed-up database; needed where there are several.'),
    ...databaseOptions,
    ...endingOptions,
  },
  notes: databaseRecoveryNotes,
  examples: [
    'cpm recover database latest --policy shop --plan',
    'cpm recover database latest --policy shop --id orders-restored --wait',
    'cpm recover database latest --policy shop --database orders --id orders-2 --class db.m7g.large --multi-az no \\\n      --zone eu-central-1b',
  ],
  run: (given) =>
    recoverOneDatabase(given, {
      kind: 'database',
      option: '--database',
      named: given.options.database,
      fieldsOf: (resourceId) => databaseFields(resourceId, given.options),
      plan: (call) => given.api('POST /backups/:backupId/recovery-plans/databases', call),
      start: (call) => given.api('POST /backups/:backupId/recoveries/databases', call),
    }),
});
