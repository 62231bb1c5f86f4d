import { setTimeout as delay } from 'node:timers/promises';
import type { BackedUpResource, Backup, InstanceRecoveryInput, RecoveryPlan, VolumeRecoveryInput } from '@cpm/contract';
import { acme, type Estate } from '@cpm/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { actOnKey } from './support/keys.ts';
import { addAccount, addPolicy, named, refusal, resourcesOf, runBackup, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const OPERATOR = { accessKeyId: 'AKIAACMEOPERATOR0001', secretAccessKey: 'simulated-secret-of-acme-operator-00001' };
const KEY = '5a1e0d52-7c1b-4a53-9f0e-acce00000001';
const [production, ...others] = acme.accounts;
if (production === undefined) throw new Error('acme has no accounts');
const estate: Estate = {
  ...acme,
  accounts: [
    {
      ...production,
      accessKeys: [...(production.accessKeys ?? []), { ...OPERATOR, user: 'operator' }],
      users: [...(production.users ?? []), { name: 'operator' }],
    },
    ...others,
  ],
};

let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
beforeAll(async () => {
  at = await startTestServer({ estate });
  const account = await addAccount(at.anna);
  const things = await Promise.all(['web-1', 'orders-db'].map((name) => named(at, name)));
  const policy = await addPolicy(at.anna, { account, targets: things.map((thing) => targetOf(thing)) });
  backup = await runBackup(at, policy);
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(() => at.stop());

type InstanceWish = Omit<InstanceRecoveryInput, 'resourceId'>;
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** An answer may wait for the clock (for repeats of calls, and for its turn), which then goes as that of the machine. */
async function answered<T>(call: Promise<T>): Promise<T> {
  const outcomes: Outcome<T>[] = [];
  void call.then(
    (value) => outcomes.push({ value }),
    (error: unknown) => outcomes.push({ error }),
  );
  for (;;) {
    const [outcome] = outcomes;
    if (outcome !== undefined && 'value' in outcome) return outcome.value;
    if (outcome !== undefined) throw outcome.error;
    await delay(PULSE_MS);
    await at.clock.advance(PULSE_MS);
  }
}
const PULSE_MS = 20;

const planInstance = (name: string, wish: InstanceWish = {}): Promise<RecoveryPlan> =>
  answered(
    at.anna.call('POST /backups/:backupId/recovery-plans/instances', {
      params: { backupId: backup.id },
      body: { resourceId: resources[name]?.id ?? '', privateIp: null, ...wish },
    }),
  );
const bodyOfVolumes = (name: string, wish: Partial<VolumeRecoveryInput> = {}, each: object = {}) => ({
  volumes: (resources[name]?.snapshots ?? []).map(({ id }) => ({ snapshotId: id, ...each })),
  ...wish,
});
const planVolumes = (name: string, wish: Partial<VolumeRecoveryInput> = {}, each: object = {}): Promise<RecoveryPlan> =>
  answered(
    at.anna.call('POST /backups/:backupId/recovery-plans/volumes', {
      params: { backupId: backup.id },
      body: bodyOfVolumes(name, wish, each),
    }),
  );

const checkOf = (plan: RecoveryPlan, name: string) => plan.checks.find((check) => check.name === name);

test('with everything allowed all checks pass, nothing is missing, and nothing is made', async () => {
  const before = await at.aws.things();
  const plan = await planInstance('web-1');
  expect(plan.checks.map(({ name, result }) => `${name} ${result}`)).toEqual(
    expect.arrayContaining(['permissions pass', 'keys pass', 'quotas pass']),
  );
  expect(plan).toMatchObject({ canStart: true, missingPermissions: null });
  expect(await at.aws.things()).toHaveLength(before.length);
});

describe('permissions', () => {
  const put = (PolicyName: string, document: object) =>
    at.aws.act(
      'us-east-1',
      'PutUserPolicy',
      { UserName: 'operator', PolicyName, PolicyDocument: JSON.stringify(document) },
      'iam',
    );
  const allowAllBut = (...NotAction: string[]) =>
    put('base', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction, Resource: '*' }] });
  const takeAway = (PolicyName: string) =>
    at.aws.act('us-east-1', 'DeleteUserPolicy', { UserName: 'operator', PolicyName }, 'iam');
  const actionsIn = ({ missingPermissions }: RecoveryPlan) =>
    ((missingPermissions?.['Statement'] ?? []) as { Action: string[] }[]).flatMap(({ Action }) => Action);

  /** Without the action exactly it is missing; with the policy that the plan tells all is well. */
  async function expectExactly(action: string, plan: () => Promise<RecoveryPlan>): Promise<void> {
    await allowAllBut(action);
    const without = await plan();
    expect([without.canStart, actionsIn(without)]).toEqual([false, [action]]);
    const check = checkOf(without, 'permissions');
    expect(check?.findings).toMatchObject([
      { result: 'fail', message: expect.stringContaining(action), fix: expect.stringContaining(action) },
    ]);
    await put('more', without.missingPermissions ?? {});
    const allowed = await plan();
    await takeAway('more');
    expect([allowed.canStart, allowed.missingPermissions]).toEqual([true, null]);
  }

  test.each([
    'ec2:RegisterImage',
    'ec2:DescribeImages',
    'ec2:RunInstances',
    'ec2:CreateTags',
    'ec2:DeregisterImage',
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeKeyPairs',
    'ec2:DescribeSnapshots',
    'iam:PassRole',
  ])('for an instance without %s exactly that is missing, and the told policy is enough', async (action) => {
    await expectExactly(action, () => planInstance('web-1', { credentials: OPERATOR }));
  });

  test.each([
    'ec2:CreateVolume',
    'ec2:CreateTags',
    'ec2:DescribeVolumes',
    'ec2:AttachVolume',
    'ec2:DescribeAvailabilityZones',
    'ec2:DescribeInstances',
    'ec2:DescribeSnapshots',
  ])('for volumes without %s exactly that is missing, and the told policy is enough', async (action) => {
    const attachTo = (await named(at, 'web-2')).id;
    const wish = { credentials: OPERATOR };
    const each = { zone: 'us-east-1b', attachTo, deviceName: '/dev/sdk' };
    const [snapshot] = resources['orders-db']?.snapshots ?? [];
    const volumes = [{ snapshotId: snapshot?.id ?? '', ...each }];
    await expectExactly(action, () => planVolumes('orders-db', { ...wish, volumes }));
  });

  test('several that are missing are named together', async () => {
    await allowAllBut('ec2:RunInstances', 'ec2:DeregisterImage');
    const plan = await planInstance('web-1', { credentials: OPERATOR });
    expect(actionsIn(plan)).toEqual(['ec2:DeregisterImage', 'ec2:RunInstances']);
  });

  test('what is not launched needs no launch, and an instance without a profile passes no role', async () => {
    await allowAllBut('ec2:RunInstances', 'iam:PassRole', 'ec2:DeregisterImage');
    const plan = await planInstance('web-1', { credentials: OPERATOR, imageHandling: 'create-only' });
    expect(plan).toMatchObject({ canStart: true, missingPermissions: null });
    await allowAllBut('iam:PassRole');
    const wish = { credentials: OPERATOR, instanceProfileArn: null };
    expect(await planInstance('web-1', wish)).toMatchObject({ canStart: true, missingPermissions: null });
  });

  test('whoever may not have it simulated is warned, with the permission that the check needs', async () => {
    await allowAllBut('iam:SimulatePrincipalPolicy');
    const plan = await planInstance('web-1', { credentials: OPERATOR });
    expect(plan).toMatchObject({ canStart: true, missingPermissions: null });
    expect(checkOf(plan, 'permissions')).toMatchObject({
      result: 'warn',
      findings: [{ fix: 'Allow iam:SimulatePrincipalPolicy to have it checked.' }],
    });
  });

  test('a policy for named resources alone is enough where those are used', async () => {
    await put('base', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', NotAction: ['ec2:RunInstances', 'iam:PassRole'], Resource: '*' },
        { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/web-server' },
        {
          Effect: 'Allow',
          Action: 'ec2:RunInstances',
          Resource: [
            ...['instance', 'volume', 'network-interface', 'security-group', 'subnet'].map(
              (type) => `arn:aws:ec2:us-east-1:111122223333:${type}/*`,
            ),
            'arn:aws:ec2:us-east-1:111122223333:key-pair/acme-ops',
            'arn:aws:ec2:us-east-1::image/*',
          ],
        },
      ],
    });
    expect(await planInstance('web-1', { credentials: OPERATOR })).toMatchObject({ missingPermissions: null });
  });
});

describe('keys', () => {
  const DISABLED = { KeyId: KEY };
  afterEach(() => actOnKey(at.aws.url, 'EnableKey', DISABLED));

  test('a disabled key of a snapshot keeps the recovery from starting, and the snapshot is named', async () => {
    await actOnKey(at.aws.url, 'DisableKey', DISABLED);
    const plan = await planVolumes('orders-db');
    expect(plan.canStart).toBe(false);
    const [finding] = checkOf(plan, 'keys')?.findings ?? [];
    expect(finding).toMatchObject({ path: '', result: 'fail', fix: 'Enable it in AWS KMS.' });
    expect(finding?.message).toMatch(/of snap-\w+.* is disabled/);
    const before = await at.aws.things();
    const start = at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: backup.id },
      body: bodyOfVolumes('orders-db'),
    });
    expect(await refusal(answered(start))).toMatchObject({ code: 'recovery_refused' });
    expect(await at.aws.things()).toHaveLength(before.length);
    expect((await planVolumes('web-1')).canStart).toBe(true);
  });

  test('a key that is going to be deleted is told, with the way back', async () => {
    await actOnKey(at.aws.url, 'ScheduleKeyDeletion', { ...DISABLED, PendingWindowInDays: 7 });
    const plan = await planInstance('orders-db');
    await actOnKey(at.aws.url, 'CancelKeyDeletion', DISABLED);
    expect(checkOf(plan, 'keys')?.findings).toMatchObject([{ result: 'fail', fix: /Cancel its deletion/ }]);
  });

  test.each([
    ['that KMS does not know', 'alias/made-up', /is not known in us-east-1/],
    ['of another region', `arn:aws:kms:eu-west-1:111122223333:key/${KEY}`, /is in eu-west-1/],
    [
      'that its account does not share',
      'arn:aws:kms:us-east-1:444455556666:key/5a1e0d52-7c1b-4a53-9f0e-acce00000002',
      /is not known in us-east-1, or its account does not share it/,
    ],
  ])('a key %s is told beside its field', async (_, kmsKeyId, message) => {
    const plan = await planVolumes('web-1', {}, { kmsKeyId });
    const findings = checkOf(plan, 'keys')?.findings ?? [];
    expect(findings.map(({ path }) => path)).toEqual(['volumes.0.kmsKeyId', 'volumes.1.kmsKeyId']);
    expect(findings[0]?.message).toMatch(message);
    expect(plan.canStart).toBe(false);
  });

  test('where KMS does not let its key be seen, that is a warning', async () => {
    const allow = await at.aws.fault({ kind: 'deny', match: { service: 'kms', action: 'DescribeKey' } });
    const plan = await planVolumes('orders-db');
    await allow();
    expect(plan.canStart).toBe(true);
    expect(checkOf(plan, 'keys')).toMatchObject({ result: 'warn' });
    expect(checkOf(plan, 'keys')?.findings[0]?.message).toContain('kms:DescribeKey');
  });
});

describe('quotas', () => {
  afterEach(() => at.aws.change({ limits: { vcpusPerRegion: 5000, storageTiBPerType: 50 } }));

  test('more vCPUs than the account may run are told with the figures', async () => {
    const used = await runningVcpus();
    await at.aws.change({ limits: { vcpusPerRegion: used + 7 } });
    const close = await planInstance('web-1', { count: 3 });
    expect(checkOf(close, 'quotas')?.result).toBe('warn');
    expect(close.canStart).toBe(true);
    await at.aws.change({ limits: { vcpusPerRegion: used * 2 + 100 } });
    expect(checkOf(await planInstance('web-1', { count: 3 }), 'quotas')?.result).toBe('pass');
    await at.aws.change({ limits: { vcpusPerRegion: used + 7 } });
    const plan = await planInstance('web-1', { count: 4 });
    expect(plan.canStart).toBe(false);
    expect(checkOf(plan, 'quotas')?.findings[0]?.message).toBe(
      `running standard instances: ${used} of ${used + 7} vCPUs are in use, and this needs 8 more`,
    );
  });

  test('more storage of a type than the account may have is told with the figures', async () => {
    await at.aws.change({ limits: { storageTiBPerType: 1 } });
    const [first] = resources['web-1']?.snapshots ?? [];
    const volumes = [{ snapshotId: first?.id ?? '', sizeGiB: 1024 }];
    const plan = await planVolumes('web-1', { volumes });
    expect(plan.canStart).toBe(false);
    expect(checkOf(plan, 'quotas')?.findings[0]?.message).toMatch(
      /^storage of gp3 volumes: \d+ of 1024 GiB are in use, and this needs 1024 more$/,
    );
  });

  test('quotas that AWS does not tell are a warning', async () => {
    const allow = await at.aws.fault({ kind: 'deny', match: { service: 'servicequotas' } });
    const plan = await planInstance('web-1');
    await allow();
    expect(plan.canStart).toBe(true);
    expect(checkOf(plan, 'quotas')?.findings).toMatchObject([
      { result: 'warn', message: expect.stringContaining('servicequotas:GetServiceQuota') },
      { result: 'warn' },
    ]);
  });

  async function runningVcpus(): Promise<number> {
    const told = await at.aws.act('us-east-1', 'DescribeInstances', {});
    const all = JSON.parse(JSON.stringify(told)) as {
      Reservations: {
        Instances: { State: { Name: string }; CpuOptions: { CoreCount: number; ThreadsPerCore: number } }[];
      }[];
    };
    return all.Reservations.flatMap(({ Instances }) => Instances)
      .filter(({ State }) => State.Name === 'running')
      .reduce((sum, { CpuOptions }) => sum + CpuOptions.CoreCount * CpuOptions.ThreadsPerCore, 0);
  }
});

test('a type that the zone does not offer is told beside its field', async () => {
  // The simulator's youngest zone has no old types; AWS's neither.
  const Filters = [{ Name: 'availability-zone', Values: ['us-east-1c'] }];
  const { Subnets } = await at.aws.act('us-east-1', 'DescribeSubnets', { Filters });
  const subnetId = String(Subnets?.[0]?.['SubnetId']);
  const plan = await planInstance('web-1', { subnetId, securityGroupIds: [], instanceType: 'm3.large' });
  const findings = plan.checks.flatMap((check) => check.findings);
  expect(findings.filter(({ path }) => path === 'instanceType').map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringMatching(/m3\.large is not offered in us-east-1c/)]),
  );
  expect(plan.canStart).toBe(false);
});

test('what AWS fails to tell in one check is a warning of that check, and the others are made', async () => {
  const end = await at.aws.fault({ kind: 'error500', match: { service: 'kms' } });
  const plan = await planVolumes('orders-db');
  await end();
  expect(checkOf(plan, 'keys')).toMatchObject({ result: 'warn' });
  expect(checkOf(plan, 'permissions')).toMatchObject({ result: 'pass' });
});

test('a region that is down ends the plan with aws_unavailable', async () => {
  const end = await at.aws.fault({ kind: 'region-down', match: { region: 'us-east-1' } });
  const problem = await refusal(planInstance('web-1'));
  await end();
  expect(problem).toMatchObject({ status: 503, code: 'aws_unavailable' });
});
