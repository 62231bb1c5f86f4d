import type { BackedUpResource } from '@cpm/contract';
import { defineCommand, flag, many, text, wholeNumber, wrongInput } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseInstance, chooseSnapshot } from './input/choose-snapshot.ts';
import { findBackup, readResources } from './input/find.ts';
import { showStarted } from './input/follow-recovery.ts';
import { sendOnce } from './input/send-once.ts';
import { parseVolumeChange } from './input/volume-options.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    instance: text('--instance <id>', 'AWS id or name of the backed-up instance; needed where there are several.'),
    count: wholeNumber('--count <n>', 'How many to launch (1 unless told).'),
    type: text('--type <type>', 'Another instance type.'),
    key: text('--key <name>', 'Another key pair.'),
    withoutKey: flag('--without-key', 'Launch without a key pair.'),
    subnet: text('--subnet <id>', 'Another subnet.'),
    privateIp: text('--private-ip <address>', 'The private address.'),
    securityGroup: many('--security-group <id>', 'Other security groups; may be given several times.'),
    withoutTags: flag('--without-tags', 'Do not give it the tags that were backed up.'),
    skipVolume: many('--skip-volume <id>', 'Leave this data volume out; may be given several times.'),
    volumeChange: many('--volume-change <change>', 'Change a volume: vol-…:size=20,type=gp3,device=/dev/sdf'),
    wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
  },
  notes: [
    'What is left out stays as it was backed up. A change of a volume may name size, type, iops, throughput,',
    'device and delete-on-termination=yes|no. latest is the newest backup that holds something to recover.',
  ].join('\n'),
  examples: [
    'cpm recover instance latest --policy web --wait',
    'cpm recover instance latest --policy web --instance i-0123456789abcdef0 --type m7g.large \\\n      --volume-change vol-0123456789abcdef0:size=200,type=gp3 --skip-volume vol-0fedcba9876543210',
  ],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    if (options.withoutKey && options.key !== undefined) throw wrongInput('--key', 'it contradicts --without-key');
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const resource = chooseInstance(await readResources(api, backupId), options.instance);
    const body = {
      resourceId: resource.id,
      count: options.count,
      instanceType: options.type,
      keyName: options.withoutKey ? '' : options.key,
      subnetId: options.subnet,
      privateIp: options.privateIp,
      securityGroupIds: options.securityGroup.length === 0 ? undefined : [...options.securityGroup],
      preserveTags: !options.withoutTags,
      volumes: volumesOf(resource, options.skipVolume, options.volumeChange),
    };
    const started = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/instances', { params: { backupId }, body, idempotencyKey }),
    );
    return showStarted(surroundings, started, options.wait);
  },
});

function volumesOf(resource: BackedUpResource, skipped: readonly string[], changes: readonly string[]) {
  const skips = skipped.map((volume) => ({
    snapshotId: chooseSnapshot([resource], volume, '--skip-volume').snapshot.id,
    recover: false,
  }));
  const changed = changes.map((raw) => {
    const { volume, ...change } = parseVolumeChange(raw);
    return { snapshotId: chooseSnapshot([resource], volume, '--volume-change').snapshot.id, ...change };
  });
  return [...skips, ...changed];
}
