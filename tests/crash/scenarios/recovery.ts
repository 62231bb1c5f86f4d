import type { BackedUpResource, Backup, Recovery } from '@cpm/contract';
import type { BackupId } from '@cpm/core';
import type { Thing } from '../../flows/support/simulated-aws.ts';
import { addAccount, addPolicy, named, resourcesOf, runBackup, targetOf } from '../../flows/support/stories.ts';
import { waitABit } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

type BackedUp = { readonly backup: Backup; readonly web: BackedUpResource; readonly host: Thing };

/** What is recovered, and what must be there in the end. */
type Wish = {
  /** Puts in place what each play needs; answers a volume that has to survive unless it is deleted on purpose. */
  readonly prepare?: (scene: Scene, host: Thing) => Promise<string>;
  /** Decides what becomes of what was made; asked again while nothing was decided. */
  readonly settle?: (scene: Scene, recoveryId: string) => Promise<void>;
  readonly ask: (scene: Scene, from: BackedUp) => Promise<Recovery>;
  readonly objects: string;
  readonly made: string;
  /** Takes out of the way what the next play would stumble on. */
  readonly tidy: (scene: Scene, recovery: Recovery) => Promise<void>;
};

const DEVICE = '/dev/sdk';
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
      return play(scene, wish, { backup, web, host });
    };
  },
});

/** Asks for the recovery, again where the server was killed while it was asked and has nothing of it on record. */
function play(scene: Scene, wish: Wish, from: BackedUp): Play {
  const since = scene.clock.now();
  let asked: Promise<unknown> | null = null;
  let refusal: Error | null = null;
  const ask = async () => {
    await wish.ask(scene, from).catch((error: unknown) => {
      refusal = error instanceof Error ? error : new Error(String(error));
    });
    asked = null;
  };
  const decide = async (recoveryId: string) => {
    await wish.settle?.(scene, recoveryId).catch((error: unknown) => {
      refusal = error instanceof Error ? error : new Error(String(error));
    });
    asked = null;
  };
  /** The server may be killed under the request, or its answer wait for a call that is held. */
  const settled = async ({ id, settled: decision }: { readonly id: string; readonly settled: string | null }) => {
    if (wish.settle === undefined || decision === 'rolled-back') return true;
    if (decision === 'rolling-back') return false;
    asked ??= decide(id);
    await Promise.race([asked, waitABit()]);
    return false;
  };
  return {
    async isOver() {
      const made = await newestRecovery(scene, from.backup, since);
      if (made !== null && made.endedAt === null) return false;
      if (made !== null) return settled(made);
      // The answer may wait for a call that is held.
      asked ??= ask();
      await Promise.race([asked, waitABit()]);
      return false;
    },
    async findFaults() {
      const made = await newestRecovery(scene, from.backup, since);
      if (made === null) return [`nothing was recovered: ${String(refusal)}`];
      const recovery = await scene.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: made.id } });
      const found = await madeBy(scene, recovery);
      await wish.tidy(scene, recovery);
      const objects = recovery.objects.map(({ kind, state }) => `${kind} ${state}`).join(', ');
      const { status, reasons } = recovery;
      return [
        ...(status === 'successful' ? [] : [`the recovery is ${status}: ${reasons.join('; ')}`]),
        ...(objects === wish.objects ? [] : [`the recovery lists ${objects}`]),
        ...(found === wish.made ? [] : [`the recovery made ${found}`]),
      ];
    },
  };
}

async function newestRecovery({ db }: Scene, { id }: Backup, since: number) {
  const found = await db
    .selectFrom('recoveries')
    .select(['id', 'started_at as startedAt', 'ended_at as endedAt', 'settled'])
    .where('backup_id', '=', id as BackupId)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found === undefined || found.startedAt < since ? null : found;
}

/** What exists in AWS of a recovery, in words. */
async function madeBy({ aws }: Scene, { id }: Recovery): Promise<string> {
  const things = (await aws.things()).filter(
    ({ type, tags }) => tags['cpm:recovery'] === id && type !== 'network-interface',
  );
  const isOfInstance = things.some(({ type }) => type === 'instance');
  return things
    .map(({ type, attachments = [] }) => (isOfInstance ? type : `${type} at ${attachments[0]?.device ?? 'nothing'}`))
    .toSorted((a, b) => a.localeCompare(b))
    .join(', ');
}

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
  settle: async ({ anna }, recoveryId) => {
    const { rollBack: offer } = await anna.call('GET /recoveries/:recoveryId', { params: { recoveryId } });
    if (offer.state !== 'offered' && offer.state !== 'failed') return;
    const body = { confirmObjects: offer.objects.length };
    await anna.call('POST /recoveries/:recoveryId/roll-back', { params: { recoveryId }, body });
  },
};

export const recoverInstance = recover('recover-instance', 'an instance is launched from a backup', instance);
export const recoverSwapped = recover(
  'recover-swapped',
  'a Windows instance is launched from its image, and its root volume replaced',
  swapped,
  'files-win',
);
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
