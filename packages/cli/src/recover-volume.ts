import type { VolumeRecoveryInput } from '@cpm/contract';
import { ATTACH_BEHAVIORS } from '@cpm/core';
import { defineCommand, flag, many, oneOf, text, wrongInput } from './command.ts';
import { chooseSnapshot, completedSnapshots } from './input/choose-snapshot.ts';
import { readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './input/recovery-credentials.ts';
import { checkPlanOptions, PLAN_NOTE, planOptions, showPlan } from './input/recovery-plan.ts';
import { findSource, sourceArgument, sourceNotes, sourceOptions } from './input/recovery-source.ts';
import { sendOnce } from './input/send-once.ts';
import { volumeFields, volumeOptions } from './input/volume-options.ts';
import type { Surroundings } from './surroundings.ts';
import { confirmOrStop } from './terminal/ask.ts';

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
    attachBehavior: oneOf(
      '--attach-behavior <what>',
      'What to do where the device is taken, by a volume of a stopped instance (only-if-free unless told).',
      ATTACH_BEHAVIORS,
    ),
    kmsKey: text('--kms-key <key>', 'Encrypt them under this key: id, ARN or alias (as the snapshot is unless told).'),
    withoutTags: flag('--without-tags', 'Do not give them the tags that were backed up.'),
    ...recoveryCredentialOptions,
    ...planOptions,
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'Everything is checked before anything is made.',
    'switch takes the old volume off and keeps it; switch-and-delete deletes it once the new one is attached. Both name it and ask.',
    sourceNotes,
    PLAN_NOTE,
    CREDENTIALS_NOTE,
  ].join('\n'),
  examples: [
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --plan',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --wait',
    'cpm recover volume --resource web-1 --at "2026-11-29 10:00"',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --zone eu-central-1a --size 200 \\\n      --attach i-0123456789abcdef0 --device /dev/sdf --wait',
    'cpm recover volume latest --policy web --volume vol-0123456789abcdef0 --attach i-0123456789abcdef0 \\\n      --device /dev/sdf --attach-behavior switch-and-delete --wait',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, print } = surroundings;
    checkPlanOptions(options);
    const { volume, zone, attach, device, withoutTags, attachBehavior, kmsKey } = options;
    if (volume.length === 0 && options.resource === undefined) throw wrongInput('--volume', 'name at least one volume');
    if (device !== undefined && attach === undefined) throw wrongInput('--device', 'it goes together with --attach');
    if (attachBehavior !== undefined && attach === undefined)
      throw wrongInput('--attach-behavior', 'it goes together with --attach');
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
      kmsKeyId: kmsKey,
      preserveTags: !withoutTags,
      attachTo: attach,
      deviceName: device,
    }));
    const credentials = await askRecoveryCredentials(io, options);
    const request = { params: { backupId }, body: { credentials, attachBehavior, volumes } };
    if (options.plan)
      return showPlan(surroundings, await api('POST /backups/:backupId/recovery-plans/volumes', request));
    if (attachBehavior !== undefined && attachBehavior !== 'only-if-free') await confirmReplaced(surroundings, request);
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/volumes', { ...request, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});

type Request = {
  readonly params: { readonly backupId: string };
  readonly body: VolumeRecoveryInput;
};

/** Names every old volume that is taken off, and asks; where nothing would be, nothing is asked. */
async function confirmReplaced({ api, io, global, print }: Surroundings, request: Request): Promise<void> {
  const { objects } = await api('POST /backups/:backupId/recovery-plans/volumes', request);
  const old = objects.filter(({ action }) => action !== 'create');
  if (old.length === 0) return;
  for (const { name, note } of old) print.note(`${name}: ${note}`);
  const deleted = old.filter(({ action }) => action === 'delete').length;
  const what = deleted === 0 ? 'take the old volumes off' : `take the old volumes off and delete ${deleted} of them`;
  await confirmOrStop(io, global, `Make the new volumes, ${what}?`);
}
