import type { BackedUpResource, Backup } from '@cpm/contract';
import type { Thing } from '../../flows/support/simulated-aws.ts';
import { addAccount, addPolicy, named, resourcesOf, runBackup, targetOf } from '../../flows/support/stories.ts';
import { playRecovery, rollBackAll, type RecoveryWish } from './recovery-play.ts';
import type { Scenario, Scene } from './scenario.ts';

type BackedUp = { readonly backup: Backup; readonly web: BackedUpResource; readonly host: Thing };

type Wish = RecoveryWish<BackedUp> & {
  /** Puts in place what each play needs; answers a volume that has to survive unless it is deleted on purpose. */
  readonly prepare?: (scene: Scene, host: Thing) => Promise<string>;
};

const DEVICE = '/dev/sdk';
const DEVICES = ['/dev/sdk', '/dev/sdl'];
const SWITCHED = '/dev/sdf';

const instance: Wish = {
  ask: ({ anna }, { backup, web }) =>
    anna.call('POST /backups/:backupId/recoveries/instances', {
      params: { backupId: backup.id },
      body: { resourceId: web.id, privateIp: null },
    }),
  objects: 'image removed, instance kept, volume kept, volume kept',
  made: 'instance, volume, volume',
  tidy: async () => undefined,
};

/** Two at once, whose image stays registered. */
const two: Wish = {
  ask: ({ anna }, { backup, web }) =>
    anna.call('POST /backups/:backupId/recoveries/instances', {
      params: { backupId: backup.id },
      body: { resourceId: web.id, privateIp: null, count: 2, imageHandling: 'keep' },
    }),
  objects: 'image kept, instance kept, instance kept, volume kept, volume kept, volume kept, volume kept',
  made: 'image, instance, instance, volume, volume, volume, volume',
  tidy: async () => undefined,
};

/** One whose system AWS bills: launched from its image, and then given its own root volume. */
const swapped: Wish = {
  ...instance,
  objects: 'volume kept, instance kept, volume removed, volume kept',
  made: 'instance, volume, volume',
};

const volume: Wish = {
  ask: ({ anna }, { backup, web, host }) => {
    const snapshotId = web.snapshots.find(({ isRoot }) => !isRoot)?.id ?? '';
    return anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: { volumes: [{ snapshotId, attachTo: host.id, deviceName: DEVICE }] },
    });
  },
  objects: 'volume kept',
  made: `volume at ${DEVICE}`,
  async tidy({ aws }, { objects }) {
    for (const { awsId, region } of objects) {
      const attached = (await aws.things({ id: awsId ?? '' })).filter(({ attachments = [] }) => attachments.length > 0);
      for (const { id } of attached) await aws.act(region, 'DetachVolume', { VolumeId: id });
    }
  },
};

/** All volumes of the instance in one recovery, each with a device of its own. */
const volumes: Wish = {
  ...volume,
  ask: ({ anna }, { backup, web, host }) =>
    anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: {
        volumes: web.snapshots.map(({ id }, at) => ({
          snapshotId: id,
          attachTo: host.id,
          deviceName: DEVICES[at] ?? DEVICE,
        })),
      },
    }),
  objects: 'volume kept, volume kept',
  made: `volume at ${DEVICES[0]}, volume at ${DEVICES[1]}`,
};

const recover = (name: string, story: string, wish: Wish, source = 'web-2'): Scenario => ({
  name,
  story,
  async prepare(scene) {
    const account = await addAccount(scene.anna);
    const host = await named(scene, source);
    const policy = await addPolicy(scene.anna, { account, targets: [targetOf(host)] });
    const backup = await runBackup(scene, policy);
    const [web] = await resourcesOf(scene, backup);
    if (web === undefined) throw new Error('there is no instance in the backup');
    return async () => {
      // Of two recoveries in the same instant neither is the newer one.
      await scene.clock.advance(60_000);
      await wish.prepare?.(scene, host);
      return playRecovery(scene, wish, { backup, web, host });
    };
  },
});

/** A volume at /dev/sdf of the stopped instance, taken off again by what follows: each play has one of its own. */
async function plantOld({ aws, clock }: Scene, host: Thing): Promise<string> {
  for (const { id, attachments = [] } of await aws.things({ type: 'volume', state: 'in-use' }))
    if (attachments.some(({ instanceId, device }) => instanceId === host.id && device === SWITCHED))
      await aws.act(host.region, 'DetachVolume', { VolumeId: id });
  const input = { AvailabilityZone: host.zone, Size: 1, VolumeType: 'gp3' };
  const { VolumeId } = await aws.act(host.region, 'CreateVolume', input);
  await clock.advance(30_000);
  await aws.act(host.region, 'AttachVolume', { VolumeId, InstanceId: host.id, Device: SWITCHED });
  await clock.advance(30_000);
  // These are no calls of the play.
  await aws.forgetCalls();
  return String(VolumeId);
}

const switching = (attachBehavior: 'switch' | 'switch-and-delete'): Wish => ({
  prepare: plantOld,
  ask: ({ anna }, { backup, web, host }) =>
    anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: {
        attachBehavior,
        volumes: [{ snapshotId: web.snapshots[0]?.id ?? '', attachTo: host.id, deviceName: SWITCHED }],
      },
    }),
  objects: `volume kept, volume ${attachBehavior === 'switch' ? 'kept' : 'removed'}`,
  made: `volume at ${SWITCHED}`,
  tidy: async () => undefined,
});

/** What a recovery of the volume made is taken away again. */
const rollingBack: Wish = {
  ...switching('switch'),
  objects: 'volume removed, volume kept',
  made: '',
  settle: rollBackAll,
};

export const recoverInstance = recover('recover-instance', 'an instance is launched from a backup', instance);
export const recoverSwapped = recover(
  'recover-swapped',
  'a Windows instance is launched from its image, and its root volume replaced',
  swapped,
  'files-win',
);
export const recoverTwo = recover('recover-two', 'two instances are launched at once and their image stays', two);
export const recoverVolumes = recover('recover-volumes', 'all volumes of an instance are made and attached', volumes);
export const recoverVolume = recover('recover-volume', 'a volume is made from a backup and attached', volume);
export const switchVolume = recover(
  'switch-volume',
  'a volume of a stopped instance is switched for a new one, the old one is kept',
  switching('switch'),
  'old-reports',
);
export const switchAndDelete = recover(
  'switch-and-delete',
  'a volume of a stopped instance is switched for a new one, the old one is deleted',
  switching('switch-and-delete'),
  'old-reports',
);
export const rollBack = recover(
  'roll-back',
  'a switched volume is put back, and the new one deleted',
  rollingBack,
  'old-reports',
);
