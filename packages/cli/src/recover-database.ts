import { defineCommand, flag, text, wrongInput } from './command.ts';
import { chooseResource } from './input/choose-snapshot.ts';
import { databaseFields, databaseOptions } from './input/database-options.ts';
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
    database: text('--database <id>', 'Identifier or name of the backed-up database; needed where there are several.'),
    ...databaseOptions,
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
    'cpm recover database latest --policy shop --plan',
    'cpm recover database latest --policy shop --id orders-restored --wait',
    'cpm recover database latest --policy shop --database orders --id orders-2 --class db.m7g.large --multi-az no \\\n      --zone eu-central-1b',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, print } = surroundings;
    checkPlanOptions(options);
    if (options.resource !== undefined && options.database !== undefined)
      throw wrongInput('--database', 'it goes together with a backup; --resource names what is to come back');
    const { backupId, resourceId, found } = await findSource(api, { ...args, ...options }, ['database']);
    if (found !== null) print.note(found);
    const choosing = { kind: 'database', option: '--database' } as const;
    const resource = chooseResource(await readResources(api, backupId), resourceId ?? options.database, choosing);
    const body = { ...databaseFields(resource.id, options), credentials: await askRecoveryCredentials(io, options) };
    const params = { backupId };
    if (options.plan)
      return showPlan(surroundings, await api('POST /backups/:backupId/recovery-plans/databases', { params, body }));
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/databases', { params, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
