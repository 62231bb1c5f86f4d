import { setTimeout as delay } from 'node:timers/promises';
import type { BackupId } from '@cpm/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journal, writeScripts, type Step } from '../flows/support/scripts.ts';
import { addAccount, addPolicy, endOfBackup, named, snapshotsInAws, targetOf } from '../flows/support/stories.ts';
import { report } from './engine-rig.ts';
import { createCrashRig, type CrashRig } from './support/crash-rig.ts';

let rig: CrashRig;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  rig = await createCrashRig();
  account = await addAccount(rig.anna);
});
afterAll(() => rig.stop());

/** With CPM_TEST_START_KILLS=200 it takes minutes; left out it is quick. */
const KILLS = Number(process.env['CPM_TEST_START_KILLS'] ?? 3);
/** Within this time a process is made, becomes `flock`, makes its mark and becomes the script. */
const START_MS = 5;

/** The first is when there is a process of which nobody has been told, the others are spread over the start. */
const instants = () =>
  Array.from({ length: KILLS }, (_, nth) => (nth === 0 ? ('starting' as const) : (START_MS * nth) / KILLS));

let count = 0;

async function start(lines: Partial<Record<Step, string>> = {}) {
  const name = `killed-${(count += 1)}`;
  await writeScripts(rig, name, lines);
  const targets = [targetOf(await named(rig, 'web-1')), targetOf(await named(rig, 'shared-assets'))];
  const scripts = { runner: 'server' as const, timeoutSeconds: 60 };
  const policy = await addPolicy(rig.anna, { account, name, targets, retries: 0, scripts });
  const { backupId } = await rig.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  const ran = () => journal(rig, name);
  return { backupId, ran, until: (note: string) => rig.runUntil(note, async () => (await ran()).includes(note)) };
}

test('a server killed while "before" runs: the next one ends it and thaws at once, then the backup goes on', async () => {
  const { backupId, ran, until } = await start({ before: 'sleep 50' });
  await until('before');
  // Its process is on record a moment later.
  await delay(300);
  await rig.kill();
  await rig.start();
  const startedMs = performance.now();
  await until('after 0');
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  const backup = await endOfBackup(rig, backupId);
  expect(await ran()).toEqual(['before', 'after 0', 'complete 0']);
  expect(backup).toMatchObject({ status: 'partial', isGeneration: false });
  expect(await snapshotsInAws(rig, backup)).toHaveLength(3);
});

test.each([
  { service: 'ec2', action: 'CreateSnapshots', nth: 1, when: 'before' },
  { service: 'ec2', action: 'CreateSnapshots', nth: 1, when: 'after' },
  { service: 'ec2', action: 'CreateSnapshot', nth: 1, when: 'after' },
] as const)(
  'a server killed in the freeze ($when $action): the application is thawed once, before any call goes on, and nothing is doubled',
  async (point) => {
    const { backupId, ran } = await start();
    expect(await rig.strikeAt(point, async () => false)).toBe(true);
    const backup = await endOfBackup(rig, backupId);
    expect(await ran()).toEqual(['before', 'after 1', expect.stringMatching(/^complete [01]$/)]);
    expect(await snapshotsInAws(rig, backup)).toHaveLength(3);
    expect(backup.recoverable).toBe(true);
  },
);

test('a server killed while "after" runs: it is never run a second time', async () => {
  const { backupId, ran, until } = await start({ after: 'sleep 2' });
  await until('after 1');
  await delay(300);
  await rig.kill();
  await rig.start();
  const backup = await endOfBackup(rig, backupId);
  expect(await ran()).toEqual(['before', 'after 1', 'complete 0']);
  expect(backup.reasons).toEqual([expect.stringContaining('the "after" script failed: its end was not recorded')]);
});

test(
  'a server killed at any instant of the start of "after": it has run once, whoever ran it',
  { timeout: 600_000 },
  async () => {
    const ranBy = { 'the killed one': 0, 'the next one': 0 };
    for (const afterMs of instants()) {
      await rig.dieAtStart('after', 1, afterMs);
      const { backupId, ran } = await start();
      await rig.runUntil('the server is dead', async () => rig.isDead());
      await rig.kill();
      await rig.start();
      await endOfBackup(rig, backupId);
      expect(await ran()).toEqual(['before', 'after 1', expect.stringMatching(/^complete [01]$/)]);
      const [record] = await rig.db
        .selectFrom('backup_scripts')
        .select('state')
        .where('backup_id', '=', backupId as BackupId)
        .where('step', '=', 'after')
        .execute();
      ranBy[record?.state === 'succeeded' ? 'the next one' : 'the killed one'] += 1;
    }
    report('crash at the start of "after"', { kills: KILLS, ...ranBy });
  },
);
