import type { VolumeRecoveryInput } from '@cpm/contract';
import { defineCommand, flag, many, text, wrongInput } from './command.ts';
import { chooseSnapshot, completedSnapshots } from './input/choose-snapshot.ts';
import { readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { findSource, sourceArgument, sourceNotes, sourceOptions } from './input/recovery-source.ts';
import { sendOnce } from './input/send-once.ts';
import { volumeFields, volumeOptions } from './input/volume-options.ts';

export const command = defineCommand({
  args: { 'backup?': sourceArgument },
  options: {
    ...sourceOptions,
    volume: many(
      '--volume <id>',
      'AWS id of the backed-up volume or of its snapshot; may be given several times; all of --resource unless told.',
    ),
    zone: text('--zone <zone>', 'The availability zone (that of the backed-up resource unless told).'),
    ...volumeOptions,
    attach: text('--attach <instance>', 'Attach them to this instance.'),
    device: text('--device <device>', 'The device for --attach, if it is free (a free one unless told).'),
    withoutTags: flag('--without-tags', 'Do not give them the tags that were backed up.'),
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: `Everything is checked before anything is made.\n${sourceNotes}`,
  examples: [
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --wait',
    'cpm recover volume --resource web-1 --at "2026-11-29 10:00"',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --zone eu-central-1a --size 200 \\\n      --attach i-0123456789abcdef0 --device /dev/sdf --wait',
  ],
  run: async (surroundings) => {
    const { api, args, options, print } = surroundings;
    const { volume, zone, attach, device, withoutTags } = options;
    if (volume.length === 0 && options.resource === undefined) throw wrongInput('--volume', 'name at least one volume');
    if (device !== undefined && attach === undefined) throw wrongInput('--device', 'it goes together with --attach');
    const { backupId, resourceId, found } = await findSource(api, { ...args, ...options }, ['instance', 'volume']);
    if (found !== null) print.note(found);
    const resources = (await readResources(api, backupId)).filter(({ id }) => resourceId === null || id === resourceId);
    const snapshots =
      volume.length === 0
        ? completedSnapshots(resources)
        : volume.map((name) => chooseSnapshot(resources, name, '--volume').snapshot);
    if (device !== undefined && snapshots.length > 1)
      throw wrongInput('--device', 'several volumes need several devices');
    const volumes: VolumeRecoveryInput['volumes'] = snapshots.map((snapshot) => ({
      snapshotId: snapshot.id,
      zone,
      ...volumeFields(options),
      preserveTags: !withoutTags,
      attachTo: attach,
      deviceName: device,
    }));
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/volumes', { params: { backupId }, body: { volumes }, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});
