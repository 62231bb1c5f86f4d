import { defineCommand } from './command.ts';
import { databaseClusterFields, databaseClusterOptions } from './input/database-options.ts';
import { clusterOption, databaseRecoveryNotes, endingOptions, recoverOneDatabase } from './input/database-recovery.ts';
import { sourceArgument, sourceOptions } from './input/recovery-source.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    cluster: clusterOption,
    ...databaseClusterOptions,
    ...endingOptions,
  },
  notes: databaseRecoveryNotes,
  examples: [
    'cpm recover database-cluster latest --policy shop --plan',
    'cpm recover database-cluster latest --policy shop --id shop-restored --wait',
    'cpm recover database-cluster latest --policy shop --id shop-2 --member shop-2-a=db.r7g.large --member shop-2-b',
  ],
  run: (given) =>
    recoverOneDatabase(given, {
      kind: 'database-cluster',
      option: '--cluster',
      named: given.options.cluster,
      fieldsOf: (resourceId) => databaseClusterFields(resourceId, given.options),
      plan: (call) => given.api('POST /backups/:backupId/recovery-plans/database-clusters', call),
      start: (call) => given.api('POST /backups/:backupId/recoveries/database-clusters', call),
    }),
});
