import { defineCommand } from './command.ts';
import { redshiftClusterFields, redshiftClusterOptions } from './input/database-options.ts';
import { clusterOption, databaseRecoveryNotes, endingOptions, recoverOneDatabase } from './input/database-recovery.ts';
import { sourceArgument, sourceOptions } from './input/recovery-source.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    cluster: clusterOption,
    ...redshiftClusterOptions,
    ...endingOptions,
  },
  notes: databaseRecoveryNotes,
  examples: [
    'cpm recover redshift-cluster latest --policy shop --plan',
    'cpm recover redshift-cluster latest --policy dwh --id warehouse-restored --wait',
    'cpm recover redshift-cluster latest --policy dwh --id warehouse-2 --port 5440 --subnet-group private',
  ],
  run: (given) =>
    recoverOneDatabase(given, {
      kind: 'redshift-cluster',
      option: '--cluster',
      named: given.options.cluster,
      fieldsOf: (resourceId) => redshiftClusterFields(resourceId, given.options),
      plan: (call) => given.api('POST /backups/:backupId/recovery-plans/redshift-clusters', call),
      start: (call) => given.api('POST /backups/:backupId/recoveries/redshift-clusters', call),
    }),
});
