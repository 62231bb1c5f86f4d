import { setTimeout as delay } from 'node:timers/promises';
import type { Policy } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addAccount,
  addPolicy,
  endOfBackup,
  endOfRetention,
  letPass,
  named,
  targetOf,
} from '../flows/support/stories.ts';
import { report } from './engine-rig.ts';
import { checkInvariants } from './support/check-invariants.ts';
import { createCrashRig, type CrashRig, type Point } from './support/crash-rig.ts';

/** In each round one backup, killed at each of these points in turn; the first round fills the place of a generation. */
const ROUNDS: readonly (readonly Point[])[] = [
  [
    { action: 'DescribeInstances', when: 'before' },
    { action: 'CreateSnapshots', when: 'before' },
    { action: 'DescribeInstanceAttribute', when: 'before' },
    { action: 'DescribeSnapshots', when: 'after' },
  ],
  [
    { action: 'CreateSnapshots', when: 'after' },
    { action: 'DescribeVolumes', when: 'after', nth: 2 },
    { action: 'DeleteSnapshot', when: 'before' },
  ],
  [
    { action: 'CreateSnapshots', when: 'dropped', nth: 2 },
    { action: 'DescribeImages', when: 'after' },
    { action: 'DeleteSnapshot', when: 'after' },
  ],
  [
    { action: 'CreateSnapshot', when: 'before' },
    { action: 'DescribeSnapshots', when: 'before' },
    { action: 'DeleteSnapshot', when: 'dropped', nth: 3 },
  ],
  [
    { action: 'CreateSnapshot', when: 'after' },
    { action: 'DeleteSnapshot', when: 'after', nth: 4 },
  ],
  [
    { action: 'CreateSnapshots', when: 'before', nth: 3 },
    { action: 'DescribeVolumes', when: 'before' },
    { action: 'DeleteSnapshot', when: 'before', nth: 2 },
  ],
];
const RANDOM_KILLS = 10;

let rig: CrashRig;
let policy: Policy;
beforeAll(async () => {
  rig = await createCrashRig();
  const things = await Promise.all(['web-1', 'web-2', 'web-eu-1', 'shared-assets'].map((name) => named(rig, name)));
  const account = await addAccount(rig.anna);
  policy = await addPolicy(rig.anna, { account, generations: 1, targets: things.map((thing) => targetOf(thing)) });
});
afterAll(() => rig.stop());

const startBackup = async () => {
  // Of two backups in the same instant neither is the newer one.
  await rig.clock.advance(60_000);
  return (await rig.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } })).backupId;
};
/** Whether the backup has ended and its retention has nothing left to do. */
const isOver = (backupId: string) => async () => {
  const { status } = await rig.anna.call('GET /backups/:backupId', { params: { backupId } });
  if (status === 'in-progress') return false;
  const open = await rig.db
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', 'apply-retention')
    .where('state', 'in', ['waiting', 'running'])
    .execute();
  return open.length === 0;
};
/** Until everything has settled, also the look-out for what lost answers may have left. */
async function settle(backupId: string) {
  const backup = await endOfBackup(rig, backupId);
  await letPass(rig, 80 * 60_000);
  await endOfRetention(rig, policy);
  return backup;
}

test(
  'a server killed before, after and in the answer of each AWS call of a backup and its retention leaves AWS and its records in agreement',
  { timeout: 200_000 },
  async () => {
    const violations: string[] = [];
    const missed: string[] = [];
    const statuses: string[] = [];
    let kills = 0;
    for (const points of ROUNDS) {
      const backupId = await startBackup();
      for (const point of points) {
        if (await rig.killAt(point, isOver(backupId))) kills += 1;
        else missed.push(`${point.action} ${point.when} ${point.nth ?? 1}`);
      }
      statuses.push((await settle(backupId)).status);
      violations.push(...(await checkInvariants(rig)));
    }
    report('backup, kill -9 at calls', {
      rounds: ROUNDS.length,
      points: ROUNDS.flat().length,
      kills,
      violations: violations.length,
    });
    expect(violations).toEqual([]);
    expect(missed).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set(['successful']));
  },
);

test(
  'a server killed at random moments of backups and retention leaves AWS and its records in agreement',
  { timeout: 200_000 },
  async () => {
    const violations: string[] = [];
    let kills = 0;
    let inTheMiddle = 0;
    while (kills < RANDOM_KILLS) {
      const backupId = await startBackup();
      for (let n = 0; n < 4 && kills < RANDOM_KILLS; n += 1) {
        const moving = rig
          .runUntil('all is over', isOver(backupId), { realMs: 20_000 })
          // The server is killed under it.
          .then(
            () => true,
            () => false,
          );
        const over = await Promise.race([moving, delay(Math.random() * 500)]);
        kills += 1;
        if (over !== true) inTheMiddle += 1;
        await rig.kill();
        await moving;
        await rig.start();
      }
      await settle(backupId);
      violations.push(...(await checkInvariants(rig)));
    }
    report('backup, kill -9 at random', { kills, 'in the middle': inTheMiddle, violations: violations.length });
    expect(violations).toEqual([]);
  },
);

test('the comparison itself sees a snapshot that nobody knows, one that is gone, and one too many', async () => {
  expect(await checkInvariants(rig)).toEqual([]);
  const region = 'us-east-1';
  const [one] = (await rig.aws.things({ type: 'snapshot', region })).filter(
    ({ tags }) => tags['cpm:backup'] !== undefined,
  );
  if (one === undefined) throw new Error('there is no snapshot');
  const Tags = Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value }));
  const TagSpecifications = [{ ResourceType: 'snapshot', Tags }];
  const { SnapshotId } = await rig.aws.act(region, 'CreateSnapshot', { VolumeId: one.volumeId, TagSpecifications });
  expect(await checkInvariants(rig)).toEqual([
    `I1: ${String(SnapshotId)} in ${region} is in 0 records`,
    expect.stringMatching(/^F1: 2 snapshots/),
  ]);
  await rig.aws.act(region, 'DeleteSnapshot', { SnapshotId: one.id });
  expect(await checkInvariants(rig)).toContain(
    `I2: ${one.id} of ${one.volumeId} is on record as completed, and is not`,
  );
});
