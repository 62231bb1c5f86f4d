import type { VolumeRecoveryInput } from '@cpm/contract';
import { defineCommand, flag, many, text, wrongInput } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseSnapshot } from './input/choose-snapshot.ts';
import { findBackup, readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { checkPlanOptions, PLAN_NOTE, planOptions, showPlan } from './input/recovery-plan.ts';
import { sendOnce } from './input/send-once.ts';
import { volumeFields, volumeOptions } from './input/volume-options.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    volume: many('--volume <id>', 'AWS id of the backed-up volume or of its snapshot; may be given several times.'),
    zone: text('--zone <zone>', 'The availability zone (that of the backed-up resource unless told).'),
    ...volumeOptions,
    attach: text('--attach <instance>', 'Attach them to this instance.'),
    device: text('--device <device>', 'The device for --attach, if it is free (a free one unless told).'),
    withoutTags: flag('--without-tags', 'Do not give them the tags that were backed up.'),
    ...planOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'latest is the newest backup that holds something to recover. Everything is checked before anything is made.',
    PLAN_NOTE,
  ].join('\n'),
  examples: [
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --plan',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --wait',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --zone eu-central-1a --size 200 \\\n      --attach i-0123456789abcdef0 --device /dev/sdf --wait',
  ],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    checkPlanOptions(options);
    const { volume, zone, attach, device, withoutTags } = options;
    if (volume.length === 0) throw wrongInput('--volume', 'name at least one volume');
    if (device !== undefined && attach === undefined) throw wrongInput('--device', 'it goes together with --attach');
    if (device !== undefined && volume.length > 1) throw wrongInput('--device', 'several volumes need several devices');
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const resources = await readResources(api, backupId);
    const volumes: VolumeRecoveryInput['volumes'] = volume.map((name) => ({
      snapshotId: chooseSnapshot(resources, name, '--volume').snapshot.id,
      zone,
      ...volumeFields(options),
      preserveTags: !withoutTags,
      attachTo: attach,
      deviceName: device,
    }));
    const request = { params: { backupId }, body: { volumes } };
    if (options.plan)
      return showPlan(surroundings, await api('POST /backups/:backupId/recovery-plans/volumes', request));
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/volumes', { ...request, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
