import type { Backup, Recovery, Snapshot, VolumeRecoveryInput } from '@cpm/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const REGION = 'us-east-1';
let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let host: Thing;
let backup: Backup;
let data: Snapshot;
let root: Snapshot;
/** What is at /dev/sdf of the stopped instance, and goes with it. */
let old: string;

beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  host = await named(at, 'old-reports');
});
afterAll(() => at.stop());

/** A stopped instance with a backed-up volume at /dev/sdf. */
beforeEach(async () => {
  for (const { id } of (await attachedTo(host)).filter(({ device }) => device !== '/dev/xvda'))
    await at.aws.act(REGION, 'DetachVolume', { VolumeId: id });
  await at.clock.advance(30_000);
  const tags = [{ Key: 'Name', Value: 'reports data' }];
  const { VolumeId } = await at.aws.act(REGION, 'CreateVolume', {
    AvailabilityZone: host.zone,
    Size: 2,
    VolumeType: 'gp3',
    TagSpecifications: [{ ResourceType: 'volume', Tags: tags }],
  });
  old = String(VolumeId);
  await at.clock.advance(30_000);
  await at.aws.act(REGION, 'AttachVolume', { VolumeId: old, InstanceId: host.id, Device: '/dev/sdf' });
  await at.clock.advance(30_000);
  await at.aws.act(REGION, 'ModifyInstanceAttribute', {
    InstanceId: host.id,
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } }],
  });
  backup = await runBackup(at, await addPolicy(at.anna, { account, targets: [targetOf(host)] }));
  const snapshots = (await resourcesOf(at, backup)).flatMap((resource) => resource.snapshots);
  data = snapshots.find(({ isRoot }) => !isRoot) as Snapshot;
  root = snapshots.find(({ isRoot }) => isRoot) as Snapshot;
});

type Behavior = VolumeRecoveryInput['attachBehavior'];
const wish = (
  attachBehavior: Behavior,
  choices: readonly Partial<VolumeRecoveryInput['volumes'][number]>[] = [{}],
) => ({
  params: { backupId: backup.id },
  body: {
    attachBehavior,
    volumes: choices.map((choice) => ({ snapshotId: data.id, attachTo: host.id, deviceName: '/dev/sdf', ...choice })),
  },
});
const recover = (...asked: Parameters<typeof wish>) =>
  at.anna.call('POST /backups/:backupId/recoveries/volumes', wish(...asked));
const planned = (...asked: Parameters<typeof wish>) =>
  at.anna.call('POST /backups/:backupId/recovery-plans/volumes', wish(...asked));

type At = { readonly id: string; readonly device: string; readonly deleteOnTermination: boolean };
async function attachedTo({ id }: Thing): Promise<At[]> {
  const { Volumes } = await at.aws.act(REGION, 'DescribeVolumes', {
    Filters: [{ Name: 'attachment.instance-id', Values: [id] }],
  });
  type Shown = { VolumeId: string; Attachments: { Device: string; DeleteOnTermination: boolean }[] };
  return (Volumes as unknown as Shown[]).map(({ VolumeId, Attachments: [one] }) => ({
    id: VolumeId,
    device: one?.Device ?? '',
    deleteOnTermination: one?.DeleteOnTermination ?? false,
  }));
}
const inPlace = async (device = '/dev/sdf') => (await attachedTo(host)).find((each) => each.device === device);
const exists = async (id: string) => (await at.aws.things({ type: 'volume' })).some((thing) => thing.id === id);
const madeOf = ({ objects }: Recovery) => objects.filter(({ role }) => role === 'made').map(({ awsId }) => awsId);
const oldOf = ({ objects }: Recovery) => objects.filter(({ role }) => role === 'replaced');
const logOf = async ({ id }: Recovery) =>
  (await at.anna.call('GET /recoveries/:recoveryId/log', { params: { recoveryId: id } })).items.map(({ text }) => text);

test('the plan of switch names the old volume by id and name, and each step', async () => {
  const plan = await planned('switch');
  expect(plan).toMatchObject({ canStart: true });
  expect(plan.objects).toEqual([
    expect.objectContaining({ action: 'create', kind: 'volume' }),
    {
      action: 'change',
      kind: 'volume',
      name: `${old} (reports data)`,
      note: `taken off ${host.id} at /dev/sdf, and kept`,
    },
  ]);
  expect(plan.steps).toEqual(['make volumes', 'take the old volumes off', 'attach the new ones', 'verify']);
});

test('switch puts the new volume into the place of the old one, which is kept', async () => {
  const recovery = await endOfRecovery(at, await recover('switch'));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(await inPlace()).toEqual({ id: madeOf(recovery)[0], device: '/dev/sdf', deleteOnTermination: true });
  expect(oldOf(recovery)).toMatchObject([{ awsId: old, state: 'kept', kind: 'volume' }]);
  expect((await at.aws.things({ id: old }))[0]).toMatchObject({ state: 'available' });
  expect(recovery.steps.every(({ state }) => state === 'done')).toBe(true);
  const log = (await logOf(recovery)).join('\n');
  expect(log).toContain(`${old} is taken off ${host.id} at /dev/sdf`);
});

test('switch-and-delete deletes the old volume after the new one is attached, and says so first', async () => {
  const plan = await planned('switch-and-delete');
  expect(plan.objects[1]).toMatchObject({ action: 'delete', name: `${old} (reports data)` });
  expect(plan.steps.at(-1)).toBe('delete the old volumes');
  await at.aws.forgetCalls();
  const recovery = await endOfRecovery(at, await recover('switch-and-delete'));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect((await inPlace())?.id).toBe(madeOf(recovery)[0]);
  expect(oldOf(recovery)).toMatchObject([{ awsId: old, state: 'removed' }]);
  expect(await exists(old)).toBe(false);
  const order = (await at.aws.calls())
    .map(({ action }) => action)
    .filter((action) => /^(?:Attach|Detach|Delete)/.test(action));
  expect(order).toEqual(['DetachVolume', 'AttachVolume', 'DeleteVolume']);
});

test('the root volume of a stopped instance is switched', async () => {
  const before = (await inPlace('/dev/xvda'))?.id;
  const recovery = await endOfRecovery(at, await recover('switch', [{ snapshotId: root.id, deviceName: '/dev/sda1' }]));
  expect(recovery).toMatchObject({ status: 'successful' });
  expect(await inPlace('/dev/xvda')).toMatchObject({ id: madeOf(recovery)[0] });
  expect(oldOf(recovery)).toMatchObject([{ awsId: before, state: 'kept' }]);
});

test('a free device is simply used, and nothing is taken off', async () => {
  const recovery = await endOfRecovery(at, await recover('switch-and-delete', [{ deviceName: '/dev/sdk' }]));
  expect(recovery).toMatchObject({ status: 'successful' });
  expect(oldOf(recovery)).toEqual([]);
  expect((await inPlace())?.id).toBe(old);
});

test.each(['switch', 'switch-and-delete'] as const)(
  '%s is refused on a running instance, naming its state',
  async (behavior) => {
    const running = await named(at, 'web-1');
    const [disk] = (await attachedTo(running)).filter(({ device }) => device !== '/dev/xvda');
    const problem = await refusal(
      recover(behavior, [{ attachTo: running.id, zone: running.zone, deviceName: disk?.device }]),
    );
    expect(problem).toMatchObject({
      code: 'recovery_refused',
      fields: [{ path: 'volumes.0.attachTo', message: expect.stringContaining(`${running.id} is running`) }],
    });
  },
);

test('without a behaviour a taken device is refused, and an unknown behaviour is none', async () => {
  expect(await refusal(recover(undefined))).toMatchObject({
    fields: [{ path: 'volumes.0.deviceName', message: expect.stringContaining('is taken') }],
  });
  expect(await refusal(recover('swap' as Behavior))).toMatchObject({
    code: 'invalid_request',
    fields: [{ path: 'attachBehavior' }],
  });
});

test('where one of the volumes for an instance is not made, nothing is taken off', async () => {
  const allow = await at.aws.fault({
    kind: 'deny',
    match: { action: 'CreateVolume', resource: root.awsSnapshotId ?? '' },
  });
  const recovery = await endOfRecovery(
    at,
    await recover('switch-and-delete', [{}, { snapshotId: root.id, deviceName: '/dev/sdk' }]),
  );
  await allow();
  expect(recovery).toMatchObject({ status: 'partial' });
  expect(recovery.reasons.join('\n')).toContain('so nothing was taken off');
  expect((await inPlace())?.id).toBe(old);
  expect(oldOf(recovery)).toMatchObject([{ awsId: old, state: 'kept' }]);
});

test('where AWS refuses to attach the new volume the old one is put back, with its rule, and never deleted', async () => {
  // It refuses the first attachment only: that of the new volume.
  await at.aws.fault({ kind: 'deny', match: { action: 'AttachVolume' }, count: 1 });
  const recovery = await endOfRecovery(at, await recover('switch-and-delete'));
  expect(recovery).toMatchObject({ status: 'partial' });
  expect(recovery.reasons.join('\n')).toMatch(new RegExp(`ec2:AttachVolume[^]*${old} is back in its place`));
  expect(await inPlace()).toEqual({ id: old, device: '/dev/sdf', deleteOnTermination: true });
  expect(oldOf(recovery)).toMatchObject([{ awsId: old, state: 'kept' }]);
  expect(recovery.rollBack.objects).toMatchObject([{ action: 'delete', name: madeOf(recovery)[0] }]);
});

test('an old volume that AWS will not delete is told, and everything else stands', async () => {
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteVolume', resource: old } });
  const recovery = await endOfRecovery(at, await recover('switch-and-delete'));
  await allow();
  expect(recovery).toMatchObject({ status: 'partial' });
  expect(recovery.reasons.join('\n')).toContain(`the old volume ${old} is not deleted`);
  expect((await inPlace())?.id).toBe(madeOf(recovery)[0]);
  expect(await exists(old)).toBe(true);
});

test('an instance that somebody starts meanwhile keeps what it has', async () => {
  const started = await recover('switch');
  await at.aws.act(REGION, 'StartInstances', { InstanceIds: [host.id] });
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'partial' });
  expect(recovery.reasons.join('\n')).toMatch(/still there: \S+ is (?:running|pending), not stopped/);
  expect((await inPlace())?.id).toBe(old);
  await at.clock.advance(60_000);
  await at.aws.act(REGION, 'StopInstances', { InstanceIds: [host.id] });
  await at.clock.advance(60_000);
});

test('a volume is encrypted under the key that is named, and a wrong key leaves the old volume where it is', async () => {
  const recovery = await endOfRecovery(at, await recover('switch', [{ kmsKeyId: 'alias/acme-backup' }]));
  expect(recovery).toMatchObject({ status: 'successful' });
  expect(await at.aws.things({ id: madeOf(recovery)[0] ?? '' })).toMatchObject([{ encrypted: true }]);
  const problem = await refusal(recover('switch', [{ kmsKeyId: 'no key' }]));
  expect(problem).toMatchObject({ fields: [{ path: 'volumes.0.kmsKeyId' }] });
});
