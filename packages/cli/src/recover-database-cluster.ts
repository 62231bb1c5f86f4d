import { defineCommand, flag, text, wrongInput } from './command.ts';
import { chooseResource } from './input/choose-snapshot.ts';
import { databaseClusterFields, databaseClusterOptions } from './input/database-options.ts';
import { readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './input/recovery-credentials.ts';
import { checkPlanOptions, PLAN_NOTE, planOptions, showPlan } from './input/recovery-plan.ts';
import { findSource, sourceArgument, sourceNotes, sourceOptions } from './input/recovery-source.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    cluster: text('--cluster <id>', 'Identifier or name of the backed-up cluster; needed where there are several.'),
    ...databaseClusterOptions,
    ...recoveryCredentialOptions,
    ...planOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up; AWS takes minutes to hours. Everything is checked before anything is made.',
    sourceNotes,
    PLAN_NOTE,
    CREDENTIALS_NOTE,
  ].join('\n'),
  examples: [
    'cpm recover database-cluster latest --policy shop --plan',
    'cpm recover database-cluster latest --policy shop --id shop-restored --wait',
    'cpm recover database-cluster latest --policy shop --id shop-2 --member shop-2-a=db.r7g.large --member shop-2-b',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, print } = surroundings;
    checkPlanOptions(options);
    if (options.resource !== undefined && options.cluster !== undefined)
      throw wrongInput('--cluster', 'it goes together with a backup; --resource names what is to come back');
    const { backupId, resourceId, found } = await findSource(api, { ...args, ...options }, ['database-cluster']);
    if (found !== null) print.note(found);
    const choosing = { kind: 'database-cluster', option: '--cluster' } as const;
    const resource = chooseResource(await readResources(api, backupId), resourceId ?? options.cluster, choosing);
    const body = {
      ...databaseClusterFields(resource.id, options),
      credentials: await askRecoveryCredentials(io, options),
    };
    const params = { backupId };
    if (options.plan)
      return showPlan(
        surroundings,
        await api('POST /backups/:backupId/recovery-plans/database-clusters', { params, body }),
      );
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/database-clusters', { params, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
