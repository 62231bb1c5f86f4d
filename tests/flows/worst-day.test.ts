import { setTimeout as delay } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine, type CommandLine, type Ended } from './support/command-line.ts';
import { EVERY_KIND } from './support/simulated-aws.ts';
import { endOfBackup, endOfRecovery, named } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const REGION = 'us-east-1';
const INSTANCES = ['bookings', 'ledger', 'gateway', 'files', 'render', 'queue', 'cache', 'reports'];
const LATEST = ['latest', '--policy', 'everything'];
let at: TestServer;
let directory: string;
let line: CommandLine;

/** Runs a command while the clock goes on, a little faster than by itself. */
async function cpm(args: readonly string[], env = {}): Promise<Ended> {
  const ended = line.run(args, env);
  const isOver = ended.then(() => true);
  while (!(await Promise.race([isOver, delay(20, false)]))) await at.clock.advance(100);
  return ended;
}
const cpmWell = async (args: readonly string[], env = {}): Promise<string> => {
  const { exitCode, stdout, stderr } = await cpm(args, env);
  expect([args, exitCode, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
};

async function backUp(): Promise<string> {
  const backupId = (await cpmWell(['policy', 'run', 'everything', '--quiet'])).trim();
  await endOfBackup(at, backupId);
  return cpmWell(['backup', 'show', backupId]);
}

beforeAll(async () => {
  at = await startTestServer({ estate: 'every-kind', keys: EVERY_KIND });
  directory = await mkdtemp(join(tmpdir(), 'cpm-worst-day-'));
  line = commandLine(directory, {
    CPM_SERVER: `https://127.0.0.1:${at.server().port}`,
    CPM_FINGERPRINT: at.server().fingerprint,
    CPM_TOKEN: at.anna.token,
  });
  const secret = { CPM_AWS_SECRET_ACCESS_KEY: EVERY_KIND.secretAccessKey };
  await cpmWell(['account', 'add', 'harbour', '--access-key-id', EVERY_KIND.accessKeyId], secret);
  await cpmWell(['policy', 'create', 'everything', '--account', 'harbour', '--retries', '0']);
  const ids = await Promise.all(INSTANCES.map(async (name) => (await named(at, name)).id));
  const targets = [
    ...ids.flatMap((id) => ['--instance', id]),
    `--volume=${(await named(at, 'scans')).id}`,
    '--database=billing',
    '--database=crm',
    '--database-cluster=shop',
    '--redshift-cluster=warehouse',
  ];
  await cpmWell(['policy', 'add-target', 'everything', '--region', REGION, ...targets]);
});
afterAll(async () => {
  await at.stop();
  await rm(directory, { recursive: true, force: true });
});

test('what has no snapshot is told at the backup, among what is recoverable and where it is to come back, with what to do', async () => {
  const told = /its root is on instance store\): take none of its volumes, and its configuration is backed up/;
  const backup = await backUp();
  expect(backup).toMatch(/^status +Backup Partially Successful$/m);
  expect(backup).toMatch(told);
  expect(await cpmWell(['backup', 'log', ...LATEST])).toMatch(
    /warning .*: its root is on instance store, of which there are no snapshots: its EBS volumes are backed up/,
  );
  const panel = await cpmWell(['backup', 'recoverable', ...LATEST]);
  expect(panel).toMatch(new RegExp(`^cache .* none .*${told.source}`, 'm'));
  expect(panel).toMatch(
    /^queue .* instance, volumes .*with the root volume of that image: its root device is on inst/m,
  );
  const refused = await cpm(['recover', 'instance', ...LATEST, '--instance', 'cache']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(told);
  expect(refused.stderr).toContain('with image as the source of the launch it comes back without anything');
  const all = ['recover', 'instances', ...LATEST, '--all', '--access-key-id', EVERY_KIND.accessKeyId];
  const without = await cpm(all, { CPM_AWS_SECRET_ACCESS_KEY: 'not-the-secret-of-this-key' });
  expect(without).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/^cache \(i-\w+\) stays out: .*none of/m),
  });
  // What was asked for was done: its configuration is the backup.
  await cpmWell(['policy', 'change-target', 'everything', 'i-0e0e0000000000010', '--volumes', 'none']);
  expect(await backUp()).toMatch(/^status +Backup Successful$/m);
});

const act = (action: string, input: object, service: 'ec2' | 'rds' | 'redshift' = 'ec2') =>
  at.aws.act(REGION, action, input, service);

test('on the worst day instances are terminated or stopped, a database, a cluster and a warehouse deleted', async () => {
  const idOf = async (name: string) => (await named(at, name)).id;
  const terminated = await Promise.all(['bookings', 'ledger', 'gateway', 'queue', 'cache'].map(idOf));
  await act('TerminateInstances', { InstanceIds: terminated });
  await act('StopInstances', { InstanceIds: [await idOf('files')] });
  await act('DeleteVolume', { VolumeId: await idOf('scans') });
  await act('DeleteDBInstance', { DBInstanceIdentifier: 'billing', SkipFinalSnapshot: true }, 'rds');
  await act('DeleteCluster', { ClusterIdentifier: 'warehouse', SkipFinalClusterSnapshot: true }, 'redshift');
  await at.clock.advance(3_600_000);
  const states = await Promise.all(
    INSTANCES.map(async (name) => [name, (await named(at, name).catch(() => null))?.state]),
  );
  expect(Object.fromEntries(states)).toMatchObject({
    bookings: undefined,
    files: 'stopped',
    render: 'running',
    reports: 'stopped',
  });
});

/** What is not the same, as the command line prints it: verdict, field, original and recovered. */
async function differences({ id }: Recovery): Promise<string[]> {
  const { exitCode, stdout } = await cpm(['recovery', 'compare', id]);
  const told = stdout.split('\n').filter((each) => /^(?:as-asked|DIFFERENT|unknown) /.test(each));
  expect(exitCode).toBe(told.some((each) => each.startsWith('DIFFERENT')) ? 1 : 0);
  expect(stdout).toMatch(/^same +(?:type|class|size in GiB) /m);
  return told.map((each) => each.replaceAll(/ {2,}/g, ' | '));
}

async function recover(args: readonly string[]): Promise<Recovery> {
  const started = JSON.parse(await cpmWell(['recover', ...args, '--output', 'json'])) as Recovery;
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
  return recovery;
}

const ANY = ['--private-ip', 'any'];
test.each([
  ['terminated', 'bookings', 'x86_64 by UEFI, three volumes', [], []],
  ['terminated', 'ledger', 'arm64, encrypted under a key', [], []],
  ['terminated', 'gateway', 'two network interfaces, of which one forwards, a secondary address', [], []],
  ['terminated', 'queue', 'root on instance store, a volume for data', [], [/^DIFFERENT \| contents of the root/]],
  ['terminated', 'cache', 'root on instance store, nothing else', [], [/^DIFFERENT \| contents of the root/]],
  ['stopped', 'files', 'Windows with a TPM, encrypted', ANY, [/^as-asked \| private address/]],
  ['running', 'render', 'instance store for data', ANY, [/^as-asked \| private address/]],
  ['stopped', 'reports', 'an old type by legacy BIOS', ANY, [/^as-asked \| private address/]],
] as const)('a %s instance comes back with its configuration: %s, %s', async (...row) => {
  const [, name, , options, expected] = row;
  const told = await differences(await recover(['instance', '--resource', name, '--at', 'now', ...options]));
  expect(told).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
});

test.each([
  ['a deleted volume', ['volume', '--resource', 'scans']],
  ['a deleted database under its own name', ['database', '--resource', 'billing']],
  ['a Multi-AZ database beside the original', ['database', '--resource', 'crm', '--id', 'crm-back']],
  ['an Aurora cluster beside the original', ['database-cluster', '--resource', 'shop', '--id', 'shop-back']],
  ['a deleted Redshift cluster under its own name', ['redshift-cluster', '--resource', 'warehouse']],
])('%s comes back the same in every field', async (_, args) => {
  expect(await differences(await recover(args))).toEqual([]);
});
