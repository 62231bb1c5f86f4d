import type { BackedUpResource, Backup, InstanceRecoveryInput } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alike, describeInstance, disksOf, tagsOf } from './support/described-instance.ts';
import { launchSpecialInstances } from './support/special-instances.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  letPass,
  named,
  refusal,
  resourcesOf,
  runBackup,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const SPECIAL = ['tpm', 'sleeper', 'rack-2', 'alone', 'hosted', 'thrifty', 'old'];
let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
beforeAll(async () => {
  at = await startTestServer();
  const special = await launchSpecialInstances({ ...at.aws, settle: () => at.clock.advance(600_000) });
  const ids = [...Object.values(special), (await named(at, 'web-1')).id];
  await letPass(at, 60_000);
  const account = await addAccount(at.anna);
  const targets = ids.map((resourceId) => ({ kind: 'instance' as const, region: 'us-east-1', resourceId }));
  backup = await runBackup(at, await addPolicy(at.anna, { account, targets }));
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(() => at.stop());

type Wish = Omit<InstanceRecoveryInput, 'resourceId'>;
const start = (name: string, wish: Wish = {}) =>
  at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: { resourceId: resources[name]?.id ?? '', ...wish },
  });
const recover = async (name: string, wish: Wish = {}) => {
  const recovery = await endOfRecovery(at, await start(name, { privateIp: null, ...wish }));
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  const made = recovery.objects.find(({ kind }) => kind === 'instance')?.awsId;
  return { recovery, made: await describeInstance(at.aws, made) };
};

test.each(SPECIAL)('%s comes back with everything that EC2 tells of it', async (name) => {
  const { recovery, made } = await recover(name);
  const original = await describeInstance(at.aws, resources[name]?.resourceId);
  expect(alike(made)).toEqual(alike(original));
  expect(await disksOf(at.aws, made)).toEqual(await disksOf(at.aws, original));
  expect(tagsOf(made)).toEqual({
    ...tagsOf(original),
    'cpm:recovery': recovery.id,
    'cpm:installation': expect.any(String),
  });
});

test('what is special about the originals was really there', async () => {
  const of = (name: string) => describeInstance(at.aws, resources[name]?.resourceId);
  expect(await of('tpm')).toMatchObject({
    TpmSupport: 'v2.0',
    uefiData: { UefiData: Buffer.from('secure boot keys').toString('base64') },
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
    EnclaveOptions: { Enabled: true },
    stopProtection: { DisableApiStop: { Value: true } },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 3, InstanceMetadataTags: 'enabled' },
    Placement: { GroupName: 'acme-analytics' },
  });
  expect(await of('sleeper')).toMatchObject({
    HibernationOptions: { Configured: true },
    MetadataOptions: { HttpEndpoint: 'disabled' },
  });
  expect(await of('rack-2')).toMatchObject({ Placement: { GroupName: 'racks', PartitionNumber: 2 } });
  expect(await of('alone')).toMatchObject({ Placement: { Tenancy: 'dedicated' } });
  expect(await of('hosted')).toMatchObject({ Placement: { Tenancy: 'host', HostId: expect.stringMatching(/^h-/) } });
  expect(await of('thrifty')).toMatchObject({ credits: 'standard' });
  expect(await of('old')).toMatchObject({ VirtualizationType: 'paravirtual', KernelId: 'aki-919dcaf8' });
});

test('further interfaces are made as they were; addresses that the original has still are told beforehand', async () => {
  const { recovery, made } = await recover('tpm');
  expect(made['NetworkInterfaces']).toMatchObject([{ Description: 'front' }, { Description: 'back' }]);
  expect(recovery.warnings.join('; ')).toMatch(/the secondary addresses 10\.20\.1\.\d+ are not assigned again/);
  for (const { NetworkInterfaceId: id } of made['NetworkInterfaces'] as { NetworkInterfaceId: string }[]) {
    const [each] = await at.aws.things({ id });
    expect(each?.tags).toMatchObject({ 'cpm:recovery': recovery.id });
  }
});

const data = (name: string, device: string) =>
  resources[name]?.snapshots.find((snapshot) => snapshot.device === device)?.id ?? '';

test.each<[string, string, () => Wish, object]>([
  ['another zone, by its default subnet', 'thrifty', () => ({ zone: 'us-east-1c', securityGroupIds: [] }), {}],
  ['no placement group', 'tpm', () => ({ placementGroup: null }), { Placement: { GroupName: '' } }],
  [
    'a placement group',
    'alone',
    () => ({ placementGroup: 'racks' }),
    { Placement: { GroupName: 'racks', Tenancy: 'dedicated' } },
  ],
  [
    'its own hardware',
    'rack-2',
    () => ({ tenancy: 'dedicated' }),
    { Placement: { Tenancy: 'dedicated', PartitionNumber: 2 } },
  ],
  ['shared hardware', 'hosted', () => ({ tenancy: 'default' }), { Placement: { Tenancy: 'default' } }],
  ['tokens required', 'thrifty', () => ({ requiresImdsV2: true }), { MetadataOptions: { HttpTokens: 'required' } }],
  [
    'tokens not required, the rest as it was',
    'tpm',
    () => ({ requiresImdsV2: false }),
    { MetadataOptions: { HttpTokens: 'optional', HttpPutResponseHopLimit: 3, InstanceMetadataTags: 'enabled' } },
  ],
  [
    'another kernel',
    'old',
    () => ({ kernelId: 'aki-00000002' }),
    { KernelId: 'aki-00000002', RamdiskId: 'ari-919dcaf8' },
  ],
  ['instance store', 'old', () => ({ ephemeral: [{ deviceName: '/dev/sdb', virtualName: 'ephemeral0' }] }), {}],
  ['a public address', 'rack-2', () => ({ associatePublicIp: true }), { PublicIpAddress: expect.any(String) }],
  [
    'other user data',
    'rack-2',
    () => ({ userDataBase64: 'ZWNobyBoaQ==' }),
    { userData: { UserData: { Value: 'ZWNobyBoaQ==' } } },
  ],
  [
    'another type, without what that cannot',
    'tpm',
    () => ({ instanceType: 't3.large', placementGroup: null }),
    { InstanceType: 't3.large', EnclaveOptions: { Enabled: false } },
  ],
])('it can be asked for %s', async (_, name, wish, fields) => {
  const { zone, ...rest } = wish();
  const place = zone === undefined ? {} : { zone, securityGroupIds: [await defaultGroup()] };
  const { made } = await recover(name, { ...rest, ...place });
  expect(made).toMatchObject(zone === undefined ? fields : { Placement: { AvailabilityZone: zone } });
});

test('it can be asked for no public address in a subnet that gives one to each', async () => {
  expect((await recover('rack-2')).made['PublicIpAddress']).toEqual(expect.any(String));
  expect((await recover('rack-2', { associatePublicIp: false })).made['PublicIpAddress']).toBeUndefined();
});

async function defaultGroup(): Promise<string> {
  const vpcs = await at.aws.act('us-east-1', 'DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] });
  const groups = await at.aws.act('us-east-1', 'DescribeSecurityGroups', {
    Filters: [
      { Name: 'vpc-id', Values: [vpcs['Vpcs']?.[0]?.['VpcId']] },
      { Name: 'group-name', Values: ['default'] },
    ],
  });
  return String(groups['SecurityGroups']?.[0]?.['GroupId']);
}

test('volumes can each be encrypted under a key at launch, the root too', async () => {
  const kmsKeyId = 'alias/acme-backup';
  const [root, disk] = [data('web-1', '/dev/xvda'), data('web-1', '/dev/sdf')];
  const { made } = await recover('web-1', {
    volumes: [
      { snapshotId: root, kmsKeyId },
      { snapshotId: disk, kmsKeyId },
    ],
  });
  const key = expect.stringContaining('5a1e0d52-7c1b-4a53-9f0e-acce00000001');
  expect(await disksOf(at.aws, made)).toMatchObject({
    '/dev/xvda': { encrypted: true, kmsKeyArn: key, sizeGiB: 20 },
    '/dev/sdf': { encrypted: true, kmsKeyArn: key, sizeGiB: 50 },
  });
  const image = await refusal(
    start('web-1', { imageHandling: 'create-only', volumes: [{ snapshotId: root, kmsKeyId }] }),
  );
  expect(image.fields).toEqual([
    { path: 'volumes.0.kmsKeyId', message: expect.stringContaining('keeps the encryption of its snapshot') },
  ]);
});

test('a wrong value of any option is refused beside its field before anything is made', async () => {
  const things = (await at.aws.things()).length;
  const fieldsOf = async (name: string, wish: Wish) =>
    ((await refusal(start(name, { privateIp: null, ...wish }))).fields ?? []).map(({ path }) => path);
  expect(await fieldsOf('web-1', { instanceType: 'm99.huge' })).toEqual(['instanceType']);
  expect(await fieldsOf('web-1', { instanceType: 'm6g.large' })).toEqual(['instanceType']);
  expect(await fieldsOf('web-1', { architecture: 'arm64' })).toEqual(['architecture']);
  // An old type is not offered in the youngest zone.
  expect(await fieldsOf('old', { zone: 'us-east-1c', securityGroupIds: [await defaultGroup()] })).toEqual([
    'instanceType',
  ]);
  expect(await fieldsOf('old', { instanceType: 'm5.large' })).toContain('instanceType');
  expect(await fieldsOf('tpm', { instanceType: 't2.small', placementGroup: null })).toContain('instanceType');
  expect(await fieldsOf('web-1', { zone: 'us-east-1z' })).toEqual(['zone']);
  expect(await fieldsOf('web-1', { placementGroup: 'nowhere' })).toEqual(['placementGroup']);
  expect(await fieldsOf('web-1', { placementGroup: 'acme-analytics' })).toEqual(['placementGroup']);
  expect(await fieldsOf('web-1', { tenancy: 'host' })).toEqual(['tenancy']);
  expect(await fieldsOf('hosted', { hostId: 'h-0123456789abcdef0' })).toEqual(['hostId']);
  expect(await fieldsOf('web-1', { kernelId: 'aki-00000001', ramdiskId: 'ari-00000001' })).toEqual([
    'kernelId',
    'ramdiskId',
  ]);
  expect(await fieldsOf('web-1', { ephemeral: [{ deviceName: '/dev/sdf', virtualName: 'ephemeral99' }] })).toEqual([
    'ephemeral.0.virtualName',
    'ephemeral.0.deviceName',
  ]);
  expect(await fieldsOf('web-1', { volumes: [{ snapshotId: data('web-1', '/dev/sdf'), kmsKeyId: 'no key' }] })).toEqual(
    ['volumes.0.kmsKeyId'],
  );
  expect((await at.aws.things()).length).toBe(things);
});

test('an IAM policy that allows none of the newer questions still lets an instance be recovered, with a word about it', async () => {
  const denied = ['DescribeInstanceTypes', 'DescribeInstanceTypeOfferings', 'DescribePlacementGroups', 'DescribeHosts'];
  const allow = await at.aws.fault(...denied.map((action) => ({ kind: 'deny', match: { action } })));
  const { recovery } = await recover('thrifty');
  await allow();
  expect(recovery.warnings.join()).toContain('AWS did not tell about t3.micro');
});

test('an instance is launched right after its image is registered, and nothing but looks comes between that and its end', async () => {
  await at.aws.forgetCalls();
  await recover('thrifty');
  const actions = (await at.aws.calls()).map(({ action }) => action);
  const [registered, launched] = [actions.indexOf('RegisterImage'), actions.indexOf('RunInstances')];
  expect(launched).toBe(registered + 1);
  expect(
    actions
      .slice(registered)
      .filter((action) => !/^(?:DescribeInstance|Describe.*Attribute|DescribeInstanceCredit)/.test(action)),
  ).toEqual([
    'RegisterImage',
    'RunInstances',
    'DeregisterImage',
    ...actions.slice(registered).filter((action) => action === 'GetInstanceUefiData'),
  ]);
});

test.each(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'])(
  'where AWS answers %s for the fresh image, it is looked at, and the same launch sent once more',
  async (code) => {
    const clear = await at.aws.fault({
      kind: 'error',
      code,
      status: 400,
      message: code,
      match: { action: 'RunInstances' },
      count: 1,
    });
    const before = (await at.aws.things({ type: 'instance' })).length;
    await at.aws.forgetCalls();
    await recover('thrifty');
    await clear();
    const actions = (await at.aws.calls()).map(({ action }) => action);
    expect(actions.filter((action) => action === 'RunInstances')).toHaveLength(2);
    const again = actions.lastIndexOf('RunInstances');
    expect(actions.slice(actions.indexOf('RunInstances') + 1, again)).toContain('DescribeImages');
    expect(await at.aws.things({ type: 'instance' })).toHaveLength(before + 1);
  },
);

test('the choices of a region name its placement groups and default subnets', async () => {
  const [account] = (await at.anna.call('GET /accounts', {})).items;
  const params = { accountId: account?.id ?? '', region: 'us-east-1' };
  const choices = await at.anna.call('GET /accounts/:accountId/regions/:region/recovery-choices', { params });
  expect(choices.placementGroups).toEqual(
    expect.arrayContaining([
      { name: 'acme-analytics', strategy: 'cluster', state: 'available' },
      { name: 'racks', strategy: 'partition', state: 'available' },
    ]),
  );
  expect(choices.subnets.filter(({ isDefaultForZone }) => isDefaultForZone).map(({ zone }) => zone)).toEqual(
    expect.arrayContaining(['us-east-1a', 'us-east-1b', 'us-east-1c']),
  );
  expect(choices.securityGroups).toContainEqual(
    expect.objectContaining({ name: 'acme-web', description: 'Web servers' }),
  );
});
