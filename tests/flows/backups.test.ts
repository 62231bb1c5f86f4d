import type { Backup } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault, Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfBackup,
  logOf,
  named,
  refusal,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let estate: Record<'web1' | 'web2' | 'reports' | 'assets' | 'exports' | 'webEu', Thing>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  estate = {
    web1: await named(at, 'web-1'),
    web2: await named(at, 'web-2'),
    reports: await named(at, 'old-reports'),
    assets: await named(at, 'shared-assets'),
    exports: await named(at, 'eu-exports'),
    webEu: await named(at, 'web-eu-1'),
  };
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});
const withFault = async (...faults: Fault[]) => void undo.push(await at.aws.fault(...faults));
const withSettings = async (settings: Record<string, unknown>, after: Record<string, unknown>) => {
  await at.aws.change(settings);
  undo.push(() => at.aws.change(after));
};

const volumesOf = (thing: Thing): string[] => (thing.attachments ?? []).map(({ volumeId }) => volumeId);
const volumesIn = (snapshots: readonly Thing[]) => snapshots.map(({ volumeId = '' }) => volumeId).toSorted(compare);
const compare = (a: string, b: string) => a.localeCompare(b);

/** A backup of these things, all volumes of each. */
async function backUp(...things: Thing[]): Promise<{ backup: Backup; log: string[]; snapshots: Thing[] }> {
  return backUpUnder([], ...things);
}

/** The same while AWS has these faults; while the policy is made it has none. */
async function backUpUnder(faults: readonly Fault[], ...things: Thing[]) {
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  await withFault(...faults);
  const backup = await runBackup(at, policy);
  return { backup, log: await logOf(at, backup), snapshots: await snapshotsInAws(at, backup) };
}

const statesOf = async (backup: Backup) =>
  Object.fromEntries((await resourcesOf(at, backup)).map(({ resourceName, state }) => [resourceName, state]));

/** Each of the volumes has one snapshot in AWS, and no other has. */
const expectOneOfEach = (snapshots: readonly Thing[], ...things: Thing[]) =>
  expect(volumesIn(snapshots)).toEqual(
    things.flatMap((thing) => (thing.type === 'volume' ? [thing.id] : volumesOf(thing))).toSorted(compare),
  );

test('instances with all, some or none of their volumes and independent volumes of two regions are one backup', async () => {
  const { web1, web2, reports, assets, exports, webEu } = estate;
  const data = web2.attachments?.find(({ device }) => device === '/dev/sdf')?.volumeId ?? '';
  const policy = await addPolicy(at.anna, {
    account,
    targets: [
      targetOf(web1),
      targetOf(web2, { take: 'some', volumeIds: [data] }),
      targetOf(reports, { take: 'none' }),
      ...[assets, webEu, exports].map((thing) => targetOf(thing)),
    ],
  });
  const before = await at.aws.calls();
  const backup = await runBackup(at, policy);

  expect(backup).toMatchObject({
    status: 'successful',
    statusText: 'Backup Successful',
    reasons: [],
    isGeneration: true,
    recoverable: true,
    progressPercent: 100,
    snapshotCount: 6,
    sizeGiB: 20 + 50 + 50 + 40 + 25 + 12,
    trigger: 'manual',
    deletion: null,
  });
  const snapshots = await snapshotsInAws(at, backup);
  expect(volumesIn(snapshots)).toEqual(
    [...volumesOf(web1), data, assets.id, exports.id, ...volumesOf(webEu)].toSorted(compare),
  );
  expect(new Set(snapshots.map(({ state }) => state))).toEqual(new Set(['completed']));
  expect(await statesOf(backup)).toEqual({
    'web-1': 'recoverable',
    'web-2': 'recoverable',
    'old-reports': 'configuration-only',
    'shared-assets': 'recoverable',
    'web-eu-1': 'recoverable',
    'eu-exports': 'recoverable',
  });
  const calls = (await at.aws.calls()).slice(before.length).map(({ action }) => action);
  // One call an instance: its volumes are of one point in time.
  expect(calls.filter((action) => action === 'CreateSnapshots')).toHaveLength(3);
  expect(calls.filter((action) => action === 'CreateSnapshot')).toHaveLength(2);
});

test('each snapshot names its policy, and its tags its installation, policy, backup, source and attempt', async () => {
  const { backup, snapshots } = await backUp(estate.web1);
  for (const { tags, description } of snapshots as (Thing & { description: string })[]) {
    expect(tags).toEqual({
      'cpm:installation': at.server().context.installationId,
      'cpm:policy': backup.policy.id,
      'cpm:backup': backup.id,
      'cpm:source': estate.web1.id,
      'cpm:attempt': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(description).toContain(backup.policy.name);
  }
});

test('one volume whose snapshot ends in error makes the backup partial, and the log says which and why', async () => {
  const { web1, exports } = estate;
  await withFault({
    kind: 'error-state',
    match: { action: 'CreateSnapshot', resource: exports.id },
    message: 'Given key ID is not accessible',
  });
  const { backup, log, snapshots } = await backUp(web1, exports);
  expect(backup).toMatchObject({
    status: 'partial',
    statusText: 'Backup Partially Successful',
    isGeneration: false,
    recoverable: true,
  });
  const failed = snapshots.find(({ volumeId }) => volumeId === exports.id);
  expect(log).toContain(`error: snapshot ${failed?.id} of ${exports.id} failed: Given key ID is not accessible`);
  expect(backup.reasons.join()).toContain(exports.id);
  expect(await statesOf(backup)).toEqual({ 'web-1': 'recoverable', 'eu-exports': 'failed' });
});

test('a denied call makes the backup partial, and the log names AWS’s code, the request and the action to add', async () => {
  const { web1, assets } = estate;
  await withFault({ kind: 'deny', match: { action: 'CreateSnapshots' } });
  const { backup, log, snapshots } = await backUp(web1, assets);
  expect(backup).toMatchObject({ status: 'partial', recoverable: true, isGeneration: false });
  expectOneOfEach(snapshots, assets);
  const line = log.find((text) => text.startsWith(`error: ${web1.id}`)) ?? '';
  expect(line).toContain('UnauthorizedOperation');
  expect(line).toContain('ec2:CreateSnapshots');
  expect(line).toMatch(/request [0-9a-f-]{36}/);
  expect(line).toContain('IAM policy');
  const statement = '"Action":["ec2:CreateSnapshots"';
  expect(line).toContain(statement);
  const { items: alerts } = await at.anna.call('GET /alerts', {});
  expect(alerts.find(({ backupId }) => backupId === backup.id)?.message).toContain(statement);
  const denied = (await resourcesOf(at, backup)).find(({ resourceId }) => resourceId === web1.id);
  expect(denied).toMatchObject({ state: 'failed', canRecoverInstance: false });
  expect(denied?.snapshots.every(({ message }) => message?.includes('ec2:CreateSnapshots'))).toBe(true);
});

test('a region that is down fails its own targets only', async () => {
  const { web1, webEu, exports } = estate;
  const down: Fault = { kind: 'region-down', match: { region: 'eu-west-1' } };
  const { backup, log, snapshots } = await backUpUnder([down], web1, webEu, exports);
  expect(backup).toMatchObject({ status: 'partial', recoverable: true });
  expectOneOfEach(snapshots, web1);
  expect(log.some((text) => text.includes('eu-west-1') && text.includes('Unavailable'))).toBe(true);
  expect(await statesOf(backup)).toEqual({ 'web-1': 'recoverable', 'web-eu-1': 'failed', 'eu-exports': 'failed' });
});

test('a backup of which nothing worked has failed, and is no generation', async () => {
  await withFault({ kind: 'deny', match: { action: 'CreateSnapshot*' } });
  const { backup, snapshots } = await backUp(estate.web2, estate.assets);
  expect(backup).toMatchObject({
    status: 'failed',
    statusText: 'Backup Failed',
    recoverable: false,
    isGeneration: false,
  });
  expect(snapshots).toEqual([]);
});

test('while AWS throttles, the calls come again until each volume has one snapshot', async () => {
  await withFault({ kind: 'throttle', match: { action: 'CreateSnapshots' }, count: 12 });
  const { backup, snapshots } = await backUp(estate.web1, estate.web2, estate.webEu);
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(snapshots, estate.web1, estate.web2, estate.webEu);
});

test('a volume that may not be snapshotted yet is waited for, and the log says so', async () => {
  await withSettings(
    { limits: { quotas: true }, timing: { snapshotBaseMs: 30_000 } },
    { limits: 'off', timing: { snapshotBaseMs: 5_000 } },
  );
  for (let n = 0; n < 5; n += 1) await at.aws.act('us-east-1', 'CreateSnapshot', { VolumeId: estate.assets.id });
  const { backup, log, snapshots } = await backUp(estate.assets);
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(snapshots, estate.assets);
  expect(log.some((text) => text.includes('ConcurrentSnapshotLimitExceeded') && text.includes('tried again'))).toBe(
    true,
  );
});

test('fresh ids that AWS does not show for two minutes are believed in, and nothing is doubled', async () => {
  await withSettings({ consistencyMs: 120_000 }, { consistencyMs: 0 });
  const { backup, snapshots } = await backUp(estate.web1, estate.exports);
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(snapshots, estate.web1, estate.exports);
});

test('reads of the past make no backup wrong', async () => {
  await withFault({ kind: 'stale-read', match: { action: 'DescribeSnapshots' }, staleMs: 40_000 });
  const { backup, snapshots } = await backUp(estate.web2);
  expect(backup).toMatchObject({ status: 'successful' });
  expectOneOfEach(snapshots, estate.web2);
});

test('a target that is gone fails its part, and is removed from the policy only where the policy asks for it', async () => {
  const { assets } = estate;
  const make = async (name: string) => {
    const { VolumeId } = await at.aws.act('us-east-1', 'CreateVolume', {
      AvailabilityZone: 'us-east-1a',
      Size: 1,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: name }] }],
    });
    return named(at, name).then((thing) => ({ ...thing, id: String(VolumeId) }));
  };
  const [kept, removed] = [await make('gone-kept'), await make('gone-removed')];
  const keeps = await addPolicy(at.anna, { account, targets: [targetOf(assets), targetOf(kept)] });
  const removes = await addPolicy(at.anna, {
    account,
    targets: [targetOf(assets), targetOf(removed)],
    autoTargetRemoval: 'yes-and-alert',
  });
  await at.clock.advance(10_000);
  for (const { id } of [kept, removed]) await at.aws.act('us-east-1', 'DeleteVolume', { VolumeId: id });
  await at.clock.advance(10_000);

  const partial = await runBackup(at, keeps);
  expect(partial).toMatchObject({ status: 'partial' });
  expect(partial.reasons.join()).toContain(kept.id);
  expect((await at.anna.call('GET /policies/:policyId', { params: { policyId: keeps.id } })).targetCount).toBe(2);

  const successful = await runBackup(at, removes);
  expect(successful).toMatchObject({ status: 'successful', isGeneration: true });
  expect((await logOf(at, successful)).join('\n')).toMatch(new RegExp(`${removed.id}.* is gone and was removed`));
  expect((await at.anna.call('GET /policies/:policyId', { params: { policyId: removes.id } })).targetCount).toBe(1);
  expect(await statesOf(successful)).toEqual({ 'shared-assets': 'recoverable', 'gone-removed': 'removed' });
});

test('a target counts as gone five minutes after it was first looked for, however late that was', async () => {
  const made = await at.aws.act('us-east-1', 'CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 1 });
  const target = { kind: 'volume' as const, region: 'us-east-1', resourceId: String(made['VolumeId']) };
  const targets = [targetOf(estate.assets), target];
  const policy = await addPolicy(at.anna, { account, targets, autoTargetRemoval: 'yes' });
  await at.clock.advance(10_000);
  await at.aws.act('us-east-1', 'DeleteVolume', { VolumeId: target.resourceId });
  await at.clock.advance(10_000);
  const undo = await at.aws.fault({ kind: 'delay', match: { action: 'DescribeVolumes' }, delayMs: 1500, count: 1 });
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  const phase = async () => (await at.anna.call('GET /backups/:backupId', { params: { backupId } })).phase;
  await expect.poll(phase).toBe('starting');
  // The first listing takes six minutes by the server's clock.
  await at.clock.advance(6 * 60_000);
  const firstLookAt = at.clock.now();
  const backup = await endOfBackup(at, backupId);
  await undo();
  expect(Date.parse(backup.endedAt ?? '')).toBeGreaterThanOrEqual(firstLookAt + 5 * 60_000);
  const log = (await logOf(at, backup)).join('\n');
  expect(log).toMatch(/what does not exist is looked for again at .*, before it is removed from the policy/);
  expect(log).toContain(`${target.resourceId} in us-east-1 is gone and was removed`);
  expect(backup.status).toBe('successful');
});

test('a run whose last target is gone has failed for that reason', async () => {
  const made = await at.aws.act('us-east-1', 'CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 1 });
  const target = { kind: 'volume' as const, region: 'us-east-1', resourceId: String(made['VolumeId']) };
  const policy = await addPolicy(at.anna, { account, targets: [target], autoTargetRemoval: 'yes' });
  await at.clock.advance(10_000);
  await at.aws.act('us-east-1', 'DeleteVolume', { VolumeId: target.resourceId });
  await at.clock.advance(10_000);
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'failed', isGeneration: false, recoverable: false });
  const again = await refusal(at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } }));
  expect(again).toMatchObject({ status: 409, code: 'conflict_no_targets' });
});

test('a policy that runs cannot be run again before it has ended', async () => {
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(estate.web1)] });
  const params = { policyId: policy.id };
  const runs = await Promise.allSettled(
    Array.from({ length: 5 }, () => at.anna.call('POST /policies/:policyId/run', { params })),
  );
  expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await refusal(at.anna.call('POST /policies/:policyId/run', { params }))).toMatchObject({
    status: 409,
    code: 'conflict_already_running',
  });
});
