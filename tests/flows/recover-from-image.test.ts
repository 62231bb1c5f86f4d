import type { BackedUpResource, Backup, InstanceRecoveryInput, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  endOfRetention,
  letPass,
  logOf,
  named,
  refusal,
  resourcesOf,
  runBackup,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const REGION = 'us-east-1';
let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;

/** What acme launches beside its estate, by the beginning of a public image's name. */
const LAUNCHED: Record<string, { image: string; type: string; more?: object; rootGiB?: number }> = {
  'erp-rhel': { image: 'RHEL-9.6', type: 'm5.large' },
  'ledger-rhel': { image: 'RHEL-9.6', type: 'm5.large' },
  'vault-win': { image: 'TPM-Windows_Server-2022', type: 'm5.large' },
  'cache-old': { image: 'amzn-ami-hvm-2018', type: 'm3.medium', rootGiB: 0 },
  'shop-appliance': { image: 'appliance-of', type: 't3.medium' },
};

async function act(action: string, input: object) {
  return JSON.parse(JSON.stringify(await at.aws.act(REGION, action, input))) as Record<string, never[]>;
}

async function imageNamed(name: string): Promise<string> {
  const { Images } = await act('DescribeImages', { Filters: [{ Name: 'name', Values: [`${name}*`] }] });
  const [image] = (Images ?? []) as unknown as { readonly ImageId: string }[];
  return image?.ImageId ?? '';
}

async function launch(name: string): Promise<void> {
  const { image, type, more = {} } = LAUNCHED[name] ?? { image: '', type: '' };
  const tags = (ResourceType: string) => ({ ResourceType, Tags: [{ Key: 'Name', Value: name }] });
  await act('RunInstances', {
    ImageId: await imageNamed(image),
    InstanceType: type,
    MinCount: 1,
    MaxCount: 1,
    UserData: Buffer.from(`#!/bin/sh\necho ${name}\n`).toString('base64'),
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 10, VolumeType: 'gp3' } }],
    TagSpecifications: [tags('instance'), tags('volume')],
    ...more,
  });
}

/** Gives an instance a root volume that knows nothing of a licence: one that was empty, and filled from inside. */
async function forgetLicence(name: string): Promise<void> {
  const instance = await named(at, name);
  const is = (State: string) =>
    at.runUntil(`it is ${State}`, async () => (await describe(instance.id)).State.Name === State);
  await is('running');
  await act('StopInstances', { InstanceIds: [instance.id] });
  await is('stopped');
  const { BlockDeviceMappings: disks } = await describe(instance.id);
  const root = disks.find(({ DeviceName }) => DeviceName === '/dev/sda1')?.Ebs.VolumeId;
  await act('DetachVolume', { VolumeId: root });
  const { VolumeId } = await act('CreateVolume', { AvailabilityZone: instance.zone, Size: 10, VolumeType: 'gp3' });
  const isFree = async (id: unknown) => (await at.aws.things({ id: String(id) }))[0]?.state === 'available';
  await at.runUntil('both are free', async () => (await isFree(VolumeId)) && isFree(root));
  await act('AttachVolume', { VolumeId, InstanceId: instance.id, Device: '/dev/sda1' });
  await act('StartInstances', { InstanceIds: [instance.id] });
  await is('running');
}

beforeAll(async () => {
  at = await startTestServer();
  for (const name of Object.keys(LAUNCHED)) await launch(name);
  await forgetLicence('ledger-rhel');
  const account = await addAccount(at.anna);
  const names = [...Object.keys(LAUNCHED), 'files-win', 'web-1', 'orders-db', 'analytics-arm', 'old-reports'];
  const things = await Promise.all(names.map((name) => named(at, name)));
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
}, 120_000);
afterAll(() => at.stop());

type Wish = Omit<InstanceRecoveryInput, 'resourceId'>;
const bodyOf = (name: string, wish: Wish) => ({
  params: { backupId: backup.id },
  body: { resourceId: resources[name]?.id ?? '', privateIp: null, ...wish },
});
const start = (name: string, wish: Wish = {}) =>
  at.anna.call('POST /backups/:backupId/recoveries/instances', bodyOf(name, wish));
const planOf = (name: string, wish: Wish = {}) =>
  at.anna.call('POST /backups/:backupId/recovery-plans/instances', bodyOf(name, wish));
const recover = async (name: string, wish: Wish = {}) => endOfRecovery(at, await start(name, wish));
/** What it made and met; the data volumes of the launch follow after that. */
const listed = ({ objects }: Recovery) => objects.map(({ kind, state }) => `${kind} ${state}`);
const madeInstance = ({ objects }: Recovery) => objects.find(({ kind }) => kind === 'instance')?.awsId;

type Described = Record<string, unknown> & {
  readonly State: { readonly Name: string };
  readonly BlockDeviceMappings: readonly {
    readonly DeviceName: string;
    readonly Ebs: { readonly VolumeId: string; readonly DeleteOnTermination: boolean };
  }[];
};
async function describe(instanceId: string | null | undefined): Promise<Described> {
  const { Reservations } = await act('DescribeInstances', { InstanceIds: [instanceId] });
  const [reservation] = (Reservations ?? []) as unknown as { readonly Instances: Described[] }[];
  return reservation?.Instances[0] as Described;
}
async function attributesOf(instanceId: string | null | undefined) {
  const names = ['userData', 'disableApiTermination', 'instanceInitiatedShutdownBehavior'];
  return Promise.all(
    names.map(async (Attribute) => {
      const told = await act('DescribeInstanceAttribute', { InstanceId: instanceId, Attribute });
      return { ...told, $metadata: undefined, InstanceId: undefined };
    }),
  );
}

const SAME = [
  'InstanceType',
  'KeyName',
  'ImageId',
  'Architecture',
  'VirtualizationType',
  'RootDeviceName',
  'RootDeviceType',
  'BootMode',
  'CurrentInstanceBootMode',
  'EnaSupport',
  'TpmSupport',
  'Platform',
  'PlatformDetails',
  'UsageOperation',
  'ProductCodes',
  'EbsOptimized',
  'SubnetId',
  'VpcId',
  'SecurityGroups',
  'IamInstanceProfile',
  'Monitoring',
  'MetadataOptions',
] as const;
const alike = (described: Described) => Object.fromEntries(SAME.map((field) => [field, described[field]]));

/** Its volumes by device, as they must be alike, and the snapshot each was made of. */
async function disksOf({ BlockDeviceMappings }: Described) {
  const disks = await Promise.all(
    BlockDeviceMappings.map(async ({ DeviceName, Ebs }) => {
      const [volume] = await at.aws.things({ id: Ebs.VolumeId });
      const { sizeGiB, tags, snapshotId, ...more } = volume as Thing & Record<string, unknown>;
      const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('cpm:')));
      const { type: _type, iops, throughputMiBps, encrypted } = more;
      const shape = { sizeGiB, iops, throughputMiBps, encrypted, own, stays: !Ebs.DeleteOnTermination };
      return { device: DeviceName, shape, snapshotId };
    }),
  );
  return disks.toSorted((a, b) => a.device.localeCompare(b.device));
}

test.each(['files-win', 'vault-win', 'erp-rhel', 'ledger-rhel', 'shop-appliance'])(
  '%s comes back with its root volume swapped in, alike field by field, its data from its snapshots',
  async (name) => {
    const swap: Wish = name === 'shop-appliance' ? { launchFrom: 'image-then-swap' } : {};
    const plan = await planOf(name, swap);
    expect(plan.objects.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      'create volume',
      'create instance',
      'create volume',
      'delete volume',
    ]);
    expect(plan.steps).toEqual(expect.arrayContaining(['stop', 'put the root volume in', 'start']));

    const recovery = await recover(name, swap);
    expect(recovery).toMatchObject({ status: 'successful', reasons: [], progressPercent: 100 });
    expect(listed(recovery)).toEqual(['volume kept', 'instance kept', 'volume removed', 'volume kept']);
    const [original, made] = [await describe(resources[name]?.resourceId), await describe(madeInstance(recovery))];
    expect(made.State.Name).toBe('running');
    expect(alike(made)).toEqual(alike(original));
    expect(await attributesOf(madeInstance(recovery))).toEqual(await attributesOf(resources[name]?.resourceId));
    const [before, after] = [await disksOf(original), await disksOf(made)];
    expect(after.map(({ device, shape }) => [device, { ...shape, own: { ...shape.own } }])).toEqual(
      before.map(({ device, shape }) => [
        device,
        // The new root is AWS's to delete with its instance as the old one was.
        shape.own['Name'] === undefined && name === 'ledger-rhel' ? { ...shape, own: {} } : shape,
      ]),
    );
    const snapshots = resources[name]?.snapshots ?? [];
    expect(after.map(({ device, snapshotId }) => [device, snapshotId])).toEqual(
      after.map(({ device }) => [device, snapshots.find((each) => each.device === device)?.awsSnapshotId]),
    );
    const left = (await at.aws.things({ type: 'volume' })).filter(({ tags }) => tags['cpm:recovery'] === recovery.id);
    expect(left).toHaveLength(after.length);
  },
);

test('the throw-away system of the image gets nothing to carry out: user data comes with its own root', async () => {
  await at.aws.forgetCalls();
  await recover('erp-rhel');
  const actions = (await at.aws.calls({ region: REGION })).map(({ action }) => action);
  const order = ['CreateVolume', 'RunInstances', 'StopInstances', 'DetachVolume', 'AttachVolume', 'StartInstances'];
  expect(actions.filter((action) => order.includes(action))).toEqual(order);
  const changes = actions.flatMap((action, index) => (action === 'ModifyInstanceAttribute' ? [index] : []));
  expect(changes).toHaveLength(2);
  for (const index of changes) {
    expect(index).toBeGreaterThan(actions.indexOf('AttachVolume'));
    expect(index).toBeLessThan(actions.indexOf('StartInstances'));
  }
  expect(actions.indexOf('DeleteVolume')).toBeGreaterThan(actions.indexOf('StartInstances'));
});

test('an instance on instance store comes back from its image, with its data volumes from their snapshots', async () => {
  const { canRecoverInstance } = resources['cache-old'] ?? {};
  expect(canRecoverInstance).toBe(true);
  const recovery = await recover('cache-old');
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(recovery.warnings.join()).toContain('instance store');
  expect(listed(recovery)).toEqual(['instance kept', 'volume kept']);
  const [original, made] = [await describe(resources['cache-old']?.resourceId), await describe(madeInstance(recovery))];
  expect(alike(made)).toEqual(alike(original));
  const disks = await disksOf(made);
  expect(disks.map(({ snapshotId }) => snapshotId)).toEqual(
    (resources['cache-old']?.snapshots ?? []).map(({ awsSnapshotId }) => awsSnapshotId),
  );
});

test.each(['web-1', 'orders-db', 'analytics-arm', 'old-reports'])(
  '%s can have the root of its image and its own data',
  async (name) => {
    const recovery = await recover(name, { launchFrom: 'image' });
    expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
    expect(recovery.warnings.join()).toContain('nothing that was on it comes back');
    const [original, made] = [await describe(resources[name]?.resourceId), await describe(madeInstance(recovery))];
    expect(alike(made)).toEqual(alike(original));
    const root = original['RootDeviceName'];
    const snapshots = resources[name]?.snapshots ?? [];
    const data = (await disksOf(made)).filter(({ device }) => device !== root);
    expect(data.map(({ device, snapshotId }) => [device, snapshotId])).toEqual(
      snapshots
        .filter(({ isRoot }) => !isRoot)
        .map(({ device, awsSnapshotId }) => [device, awsSnapshotId])
        .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
    );
  },
);

test('encrypted roots are swapped in encrypted under their key, those of arm64 by UEFI', async () => {
  for (const name of ['orders-db', 'analytics-arm']) {
    const recovery = await recover(name, { launchFrom: 'image-then-swap' });
    expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
    const [original, made] = [await describe(resources[name]?.resourceId), await describe(madeInstance(recovery))];
    expect(alike(made)).toEqual(alike(original));
    expect((await disksOf(made)).map(({ shape }) => shape)).toEqual(
      (await disksOf(original)).map(({ shape }) => shape),
    );
  }
});

test('an image registered from a snapshot that lost its licence is thrown away, and nothing is launched', async () => {
  const recovery = await recover('ledger-rhel', { launchFrom: 'snapshot', imageHandling: 'keep' });
  expect(recovery.status).toBe('failed');
  expect(recovery.reasons.join()).toMatch(/billed as Linux\/UNIX \(RunInstances\).*RunInstances:0010.*image-then-swap/);
  expect(listed(recovery)).toEqual(['image removed', 'instance failed']);
  expect(await at.aws.things({ type: 'image', account: '111122223333' })).toEqual([]);
  expect(await snapshotsInAws(at, backup)).not.toEqual([]);
});

test('an image registered from a snapshot that still tells its licence is launched', async () => {
  const recovery = await recover('erp-rhel', { launchFrom: 'snapshot' });
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  expect(await describe(madeInstance(recovery))).toMatchObject({ UsageOperation: 'RunInstances:0010' });
});

test('what does not go together is refused beside its field, before anything is made', async () => {
  const things = (await at.aws.things()).length;
  const fieldsOf = async (name: string, wish: Wish) =>
    ((await refusal(start(name, wish))).fields ?? []).map(({ path, message }) => `${path}: ${message}`);
  const linux = await imageNamed('al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64');
  expect(await fieldsOf('files-win', { launchFrom: 'snapshot' })).toEqual([
    expect.stringMatching(/^launchFrom: Windows cannot be registered/),
  ]);
  expect(await fieldsOf('files-win', { imageId: linux })).toEqual([expect.stringMatching(/^imageId: .*holds Linux/)]);
  expect(await fieldsOf('files-win', { imageId: 'ami-0123456789abcdef0' })).toEqual([
    expect.stringMatching(/^imageId: AWS does not show .* choose another one/),
  ]);
  expect(await fieldsOf('files-win', { count: 2 })).toEqual([expect.stringMatching(/^count: /)]);
  expect(await fieldsOf('web-1', { launchFrom: 'image', imageHandling: 'keep' })).toEqual([
    expect.stringMatching(/^imageHandling: /),
  ]);
  expect(await fieldsOf('web-1', { imageId: linux })).toEqual([expect.stringMatching(/^imageId: /)]);
  expect(await fieldsOf('shop-appliance', { launchFrom: 'image-then-swap', imageId: linux })).toEqual([
    expect.stringMatching(/^imageId: .*Marketplace/),
  ]);
  expect((await at.aws.things()).length).toBe(things);
});

test.each([
  ['StopInstances', 'running', 'put in', ['volume kept', 'instance kept', 'volume kept'], 'failed'],
  ['DetachVolume', 'stopped', 'put in', ['volume kept', 'instance kept', 'volume kept'], 'failed'],
  ['AttachVolume', 'stopped', 'put in', ['volume kept', 'instance kept', 'volume kept'], 'failed'],
  [
    'ModifyInstanceAttribute',
    'running',
    'not deleted together',
    ['volume kept', 'instance kept', 'volume removed'],
    'partial',
  ],
  ['StartInstances', 'stopped', 'start it', ['volume kept', 'instance kept', 'volume kept'], 'partial'],
  ['DeleteVolume', 'running', 'could not be deleted', ['volume kept', 'instance kept', 'volume kept'], 'partial'],
])('where AWS refuses %s the instance is left %s, and the recovery says so', async (...row) => {
  const [action, state, words, objects, status] = row;
  // The first attach fails alone: the old root can go back.
  const times = action === 'AttachVolume' ? { count: 1 } : {};
  const allow = await at.aws.fault({ kind: 'deny', match: { action }, ...times });
  const recovery = await recover('files-win');
  await allow();
  expect(recovery.status).toBe(status);
  expect(recovery.reasons.join()).toContain(words);
  expect(recovery.reasons.join()).toContain(`ec2:${action}`);
  // The data volume of the launch comes last.
  expect(listed(recovery)).toEqual([...objects, 'volume kept']);
  const made = await describe(madeInstance(recovery));
  expect(made.State.Name).toBe(state);
  // There is always a root volume in it: its own where that was possible, else that of the image.
  const root = made.BlockDeviceMappings.find(({ DeviceName }) => DeviceName === made['RootDeviceName'])?.Ebs.VolumeId;
  const [own, , old] = recovery.objects.map(({ awsId }) => awsId);
  expect(root).toBe(status === 'failed' ? old : own);
});

test('an image that is kept keeps its snapshots in spite of retention, which goes on once the image is gone', async () => {
  const account = await addAccount(at.anna);
  const policy = await addPolicy(at.anna, {
    account,
    targets: [targetOf(await named(at, 'web-1'))],
    generations: 1,
  });
  const first = await runBackup(at, policy);
  const [resource] = await resourcesOf(at, first);
  const started = await at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: first.id },
    body: { resourceId: resource?.id ?? '', privateIp: null, imageHandling: 'keep' },
  });
  const recovery = await endOfRecovery(at, started);
  expect(listed(recovery)).toEqual(['image kept', 'instance kept', 'volume kept', 'volume kept']);
  await runBackup(at, policy);
  await endOfRetention(at, policy);
  const root = resource?.snapshots.find(({ isRoot }) => isRoot)?.awsSnapshotId;
  expect((await snapshotsInAws(at, first)).map(({ id }) => id)).toEqual([root]);
  expect((await logOf(at, first)).join()).toContain('an image uses it');

  await act('DeregisterImage', { ImageId: recovery.objects[0]?.awsId });
  await letPass(at, 6.1 * 3_600_000);
  await endOfRetention(at, policy);
  expect(await snapshotsInAws(at, first)).toEqual([]);
});
