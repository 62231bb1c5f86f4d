import type { BackedUpResource, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Thing } from '../flows/support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  named,
  resourcesOf,
  runBackup,
  targetOf,
} from '../flows/support/stories.ts';
import { report } from './engine-rig.ts';
import { checkInvariants } from './support/check-invariants.ts';
import { createCrashRig, type CrashRig, type Point } from './support/crash-rig.ts';

const INSTANCE_ROUNDS: readonly (readonly Point[])[] = [
  [
    { action: 'RegisterImage', when: 'before' },
    { action: 'RunInstances', when: 'before' },
    { action: 'DeregisterImage', when: 'before' },
  ],
  [
    { action: 'RegisterImage', when: 'after' },
    { action: 'RunInstances', when: 'after' },
    { action: 'DeregisterImage', when: 'after' },
  ],
  [
    { action: 'RegisterImage', when: 'dropped' },
    { action: 'RunInstances', when: 'dropped' },
    { action: 'CreateTags', when: 'after' },
  ],
];
const VOLUME_ROUNDS: readonly (readonly Point[])[] = [
  [
    { action: 'CreateVolume', when: 'before' },
    { action: 'AttachVolume', when: 'before' },
  ],
  [
    { action: 'CreateVolume', when: 'after' },
    { action: 'AttachVolume', when: 'after' },
  ],
  [
    { action: 'CreateVolume', when: 'dropped' },
    { action: 'AttachVolume', when: 'dropped' },
  ],
];

let rig: CrashRig;
let backupId: string;
let web: BackedUpResource;
let host: Thing;
beforeAll(async () => {
  rig = await createCrashRig();
  const account = await addAccount(rig.anna);
  host = await named(rig, 'web-2');
  const policy = await addPolicy(rig.anna, { account, targets: [targetOf(host)] });
  const backup = await runBackup(rig, policy);
  backupId = backup.id;
  const [resource] = await resourcesOf(rig, backup);
  if (resource === undefined) throw new Error('there is no instance in the backup');
  web = resource;
});
afterAll(() => rig.stop());

/** Kills the server at each of the points of a recovery; answers its record, and what AWS has of it. */
async function killThrough(started: Recovery, points: readonly Point[]) {
  const isOver = async () => {
    const { status } = await rig.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: started.id } });
    return status !== 'in-progress';
  };
  let kills = 0;
  for (const point of points) if (await rig.killAt(point, isOver)) kills += 1;
  const recovery = await endOfRecovery(rig, started);
  const made = (await rig.aws.things()).filter(({ tags }) => tags['cpm:recovery'] === recovery.id);
  return { kills, recovery, made: made.map(({ type }) => type).toSorted((a, b) => a.localeCompare(b)) };
}

test(
  'a server killed at each call of an instance’s recovery launches it once, and nothing is left or unlisted',
  { timeout: 120_000 },
  async () => {
    let kills = 0;
    for (const points of INSTANCE_ROUNDS) {
      const started = await rig.anna.call('POST /backups/:backupId/recoveries/instances', {
        params: { backupId },
        body: { resourceId: web.id, privateIp: null },
      });
      const { recovery, made, ...round } = await killThrough(started, points);
      kills += round.kills;
      expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
      expect(recovery.objects.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['image removed', 'instance kept']);
      expect(made.filter((type) => type !== 'network-interface')).toEqual(['instance', 'volume', 'volume']);
    }
    const violations = await checkInvariants(rig);
    report('recovery of an instance, kill -9 at calls', {
      points: INSTANCE_ROUNDS.flat().length,
      kills,
      violations: violations.length,
    });
    expect(violations).toEqual([]);
    expect(kills).toBe(INSTANCE_ROUNDS.flat().length);
  },
);

test(
  'a server killed at each call of a volume’s recovery makes and attaches it once',
  { timeout: 120_000 },
  async () => {
    let kills = 0;
    const snapshot = web.snapshots.find(({ isRoot }) => !isRoot);
    for (const [index, points] of VOLUME_ROUNDS.entries()) {
      const deviceName = `/dev/sd${'klm'.charAt(index)}`;
      const started = await rig.anna.call('POST /backups/:backupId/recoveries/volumes', {
        params: { backupId },
        body: { volumes: [{ snapshotId: snapshot?.id ?? '', attachTo: host.id, deviceName }] },
      });
      const { recovery, made, ...round } = await killThrough(started, points);
      kills += round.kills;
      expect(recovery).toMatchObject({
        status: 'successful',
        reasons: [],
        objects: [{ kind: 'volume', state: 'kept' }],
      });
      expect(made).toEqual(['volume']);
      const [volume] = await rig.aws.things({ id: recovery.objects[0]?.awsId ?? '' });
      expect(volume?.attachments).toMatchObject([{ instanceId: host.id, device: deviceName }]);
    }
    const violations = await checkInvariants(rig);
    report('recovery of a volume, kill -9 at calls', {
      points: VOLUME_ROUNDS.flat().length,
      kills,
      violations: violations.length,
    });
    expect(violations).toEqual([]);
    expect(kills).toBe(VOLUME_ROUNDS.flat().length);
  },
);
