import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  endOfRetention,
  letPass,
  logOf,
  named,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
});
afterAll(() => at.stop());

/** Every row of every table as text: what a dump of the database would show. */
async function dump(): Promise<string> {
  const tables = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'public'`.execute(at.db);
  const texts = await Promise.all(
    tables.rows.map(async ({ name }) => {
      const { rows } = await sql<{
        line: string;
      }>`select row_to_json(t)::text as line from ${sql.table(name)} t`.execute(at.db);
      return rows.map(({ line }) => line).join('\n');
    }),
  );
  return texts.join('\n');
}

/** The secret in the forms in which it could leak: as it is, in base64 (whatever precedes it) and in hex, as bytea is shown. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset, ' '), Buffer.from(secret)])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, Buffer.from(secret).toString('hex'), ...base64];
}

test('the record of an instance holds all that a recovery without the original needs', async () => {
  const db = await named(at, 'orders-db');
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(db, { take: 'none' })] });
  const [resource] = await resourcesOf(at, await runBackup(at, policy));
  expect(resource).toMatchObject({ state: 'configuration-only', canRecoverInstance: true, instanceType: 'm5.xlarge' });
  expect(resource?.configuration).toMatchObject({
    instanceId: db.id,
    region: 'us-east-1',
    state: 'running',
    instanceType: 'm5.xlarge',
    image: {
      imageId: expect.stringMatching(/^ami-/),
      details: { name: expect.stringContaining('ubuntu-noble-24.04'), architecture: 'x86_64', rootDeviceType: 'ebs' },
    },
    architecture: 'x86_64',
    virtualizationType: 'hvm',
    rootDeviceName: '/dev/sda1',
    rootDeviceType: 'ebs',
    platform: null,
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    isEnaSupported: true,
    kernelId: null,
    ramdiskId: null,
    keyName: 'acme-ops',
    placement: { zone: 'us-east-1b', tenancy: 'default', groupName: null, hostId: null },
    vpcId: expect.stringMatching(/^vpc-/),
    subnetId: expect.stringMatching(/^subnet-/),
    securityGroups: [{ groupName: 'acme-data', groupId: expect.stringMatching(/^sg-/) }],
    networkInterfaces: [
      { deviceIndex: 0, privateIp: expect.stringMatching(/^10\.20\.2\./), deleteOnTermination: true },
    ],
    tags: expect.arrayContaining([
      { key: 'Name', value: 'orders-db' },
      { key: 'Role', value: 'database' },
    ]),
    isMonitored: false,
    isEbsOptimized: false,
    shutdownBehavior: 'stop',
    isTerminationProtected: true,
    isStopProtected: false,
    metadataOptions: { httpTokens: expect.any(String), httpEndpoint: 'enabled' },
    volumes: expect.arrayContaining([
      expect.objectContaining({ deviceName: '/dev/sda1', sizeGiB: 30, volumeType: 'gp3', isEncrypted: true }),
      expect.objectContaining({
        deviceName: '/dev/sdf',
        sizeGiB: 200,
        volumeType: 'io2',
        iops: 6000,
        isEncrypted: true,
        tags: [{ key: 'Name', value: 'orders-db data' }],
        zone: 'us-east-1b',
      }),
      expect.objectContaining({ deviceName: '/dev/sdg', sizeGiB: 100 }),
    ]),
  });
});

test('a stopped instance is backed up as any other, and its record says that it was stopped', async () => {
  const reports = await named(at, 'old-reports');
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(reports)] });
  const backup = await runBackup(at, policy);
  expect(backup).toMatchObject({ status: 'successful' });
  const [resource] = await resourcesOf(at, backup);
  expect(resource).toMatchObject({ state: 'recoverable', canRecoverInstance: true });
  expect(resource?.configuration).toMatchObject({ state: 'stopped', instanceType: 't2.small' });
});

test('what may not be read of an instance is a warning in the log, never the end of its backup', async () => {
  const web = await named(at, 'web-eu-1');
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(web)] });
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeInstanceAttribute' } });
  const backup = await runBackup(at, policy);
  await allow();
  expect(backup).toMatchObject({ status: 'successful' });
  const line = (await logOf(at, backup)).find((text) => text.startsWith('warning:')) ?? '';
  expect(line).toContain('could not be recorded');
  expect(line).toContain('ec2:DescribeInstanceAttribute');
});

test('user data comes back with the instance, and stands nowhere in the database, the log or any answer in plain text', async () => {
  const canary = `user-data-canary-${randomBytes(12).toString('hex')}`;
  const web = await named(at, 'web-1');
  const userData = Buffer.from(`#!/bin/sh\nexport TOKEN=${canary}\n`).toString('base64');
  await at.aws.act('us-east-1', 'StopInstances', { InstanceIds: [web.id] });
  await at.clock.advance(60_000);
  await at.aws.act('us-east-1', 'ModifyInstanceAttribute', {
    InstanceId: web.id,
    UserData: { Value: Buffer.from(`#!/bin/sh\nexport TOKEN=${canary}\n`) },
  });
  await at.aws.act('us-east-1', 'StartInstances', { InstanceIds: [web.id] });
  await at.clock.advance(60_000);

  const policy = await addPolicy(at.anna, { account, targets: [targetOf(web)] });
  const backup = await runBackup(at, policy);
  const resources = await resourcesOf(at, backup);
  const started = await at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: { resourceId: resources[0]?.id ?? '', privateIp: null },
  });
  const recovery = await endOfRecovery(at, started);
  const made = recovery.objects.find(({ kind }) => kind === 'instance')?.awsId;
  const attribute = await at.aws.act('us-east-1', 'DescribeInstanceAttribute', {
    InstanceId: made,
    Attribute: 'userData',
  });
  expect(String(attribute['UserData']?.['Value'])).toBe(userData);

  // Given by hand, too: it goes to AWS, and into no record.
  const given = `given-canary-${randomBytes(12).toString('hex')}`;
  const again = await at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: {
      resourceId: resources[0]?.id ?? '',
      privateIp: null,
      userDataBase64: Buffer.from(given).toString('base64'),
    },
  });
  const second = await endOfRecovery(at, again);
  expect(second.status).toBe('successful');

  const answers = JSON.stringify([resources, recovery, second, await logOf(at, backup), await resourcesOf(at, backup)]);
  const tables = await dump();
  expect(tables).toContain(backup.id);
  for (const form of [...formsOf(canary), ...formsOf(given)]) {
    expect(answers.includes(form), `an answer holds ${form}`).toBe(false);
    expect(tables.includes(form), `the database holds ${form}`).toBe(false);
    expect(at.log().includes(form), `the log holds ${form}`).toBe(false);
  }
});

test('the secret key of an account, passwords, sessions and tokens stand nowhere in plain text', async () => {
  const tables = await dump();
  const secrets = [
    account.accessKeyId,
    at.anna.password,
    at.anna.cookie.split('=')[1] ?? '',
    at.anna.token,
    at.ben.token,
  ];
  const [accessKeyId = '', ...hidden] = secrets;
  expect(tables).toContain(accessKeyId);
  for (const secret of [...hidden, 'simulated-secret-of-acme-production-0001']) {
    for (const form of formsOf(secret)) {
      expect(tables.includes(form), `the database holds ${form}`).toBe(false);
      expect(at.log().includes(form), `the log holds ${form}`).toBe(false);
    }
  }
});

test('what is recorded of an unchanged instance is stored once, a change is stored beside it, and what no backup refers to is forgotten', async () => {
  const db = await named(at, 'orders-db');
  const policy = await addPolicy(at.anna, { account, generations: 1, targets: [targetOf(db, { take: 'none' })] });
  const stored = async () => (await at.db.selectFrom('configurations').select('id').execute()).map(({ id }) => id);
  const storedFor = async ({ id }: { readonly id: string }) => {
    const rows = at.db.selectFrom('backup_resources').select('configuration_id as id');
    return (await rows.where('backup_id', '=', id as never).executeTakeFirstOrThrow()).id;
  };
  const tag = (value: string) =>
    at.aws.act('us-east-1', 'CreateTags', { Resources: [db.id], Tags: [{ Key: 'Stage', Value: value }] });
  // As no other test has backed it up.
  await tag('trial');
  const [first, second] = [await runBackup(at, policy), await runBackup(at, policy)];
  // Of two backups in the same instant neither is the newer one.
  await at.clock.advance(60_000);
  const unchanged = await storedFor(first);
  expect(unchanged).not.toBeNull();
  expect(await storedFor(second)).toBe(unchanged);

  await tag('live');
  const third = await runBackup(at, policy);
  const changed = await storedFor(third);
  expect(changed).not.toBe(unchanged);
  await endOfRetention(at, policy);
  const [resource] = await resourcesOf(at, third);
  expect(resource?.configuration).toMatchObject({
    tags: expect.arrayContaining([{ key: 'Stage', value: 'live' }]),
  });
  expect(await stored()).toEqual(expect.arrayContaining([unchanged, changed]));

  await at.anna.call('PATCH /settings', { body: { keepRecordDays: 0, cleanupTime: '12:00' } });
  await letPass(at, 25 * 3600_000);
  const { rows: referred } = await sql<{ id: string }>`select distinct configuration_id as id from backup_resources
    where configuration_id is not null`.execute(at.db);
  const left = await stored();
  expect(left.toSorted()).toEqual(referred.map(({ id }) => id).toSorted());
  expect(left).toContain(changed);
  expect(left).not.toContain(unchanged);
  expect((await resourcesOf(at, third))[0]?.configuration).toEqual(resource?.configuration);
});
