import { defineCommand, flag, text, wrongInput } from './command.ts';
import { chooseInstance } from './input/choose-snapshot.ts';
import { readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { instanceFields, instanceOptions } from './input/instance-options.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './input/recovery-credentials.ts';
import { checkPlanOptions, PLAN_NOTE, planOptions, showPlan } from './input/recovery-plan.ts';
import { findSource, sourceArgument, sourceNotes, sourceOptions } from './input/recovery-source.ts';
import { sendOnce } from './input/send-once.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    instance: text('--instance <id>', 'AWS id or name of the backed-up instance; needed where there are several.'),
    ...instanceOptions,
    ...recoveryCredentialOptions,
    ...planOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up. A change of a volume may name size, type, iops, throughput, device,',
    'kms-key, tags=yes|no and delete-on-termination=yes|no.',
    'It is launched --from its snapshot, or where AWS bills its system (Windows, RHEL, SUSE) from an image whose root',
    'volume is then replaced: image-then-swap. With image its root volume stays that of the image.',
    sourceNotes,
    PLAN_NOTE,
    CREDENTIALS_NOTE,
  ].join('\n'),
  examples: [
    'cpm recover instance latest --policy web --plan',
    'cpm recover instance latest --policy web --wait',
    'cpm recover instance --resource web-1 --at "yesterday 10:00" --wait',
    'cpm recover instance latest --policy files --from image-then-swap --image ami-0123456789abcdef0 --wait',
    'cpm recover instance latest --policy web --instance i-0123456789abcdef0 --type m7g.large \\\n      --volume-change vol-0123456789abcdef0:size=200,type=gp3 --skip-volume vol-0fedcba9876543210',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, print } = surroundings;
    checkPlanOptions(options);
    if (options.resource !== undefined && options.instance !== undefined)
      throw wrongInput('--instance', 'it goes together with a backup; --resource names the instance');
    const { backupId, resourceId, found } = await findSource(api, { ...args, ...options }, ['instance']);
    if (found !== null) print.note(found);
    const resource = chooseInstance(await readResources(api, backupId), resourceId ?? options.instance);
    const body = { ...instanceFields(resource, options), credentials: await askRecoveryCredentials(io, options) };
    const params = { backupId };
    if (options.plan)
      return showPlan(surroundings, await api('POST /backups/:backupId/recovery-plans/instances', { params, body }));
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/instances', { params, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
