import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { startServer, type RunningServer } from '../../packages/server/src/index.ts';
import { startSimulator, type Estate, type Simulator } from '../../packages/simulator/src/index.ts';
import { commandLine, type CommandLine } from './support/command-line.ts';

const REGION = 'us-east-1';
const INSTANCE = 'i-0a00000000000000a';
const VOLUME = 'vol-0a00000000000000a';
const KEY_ID = 'AKIAFLOW000000000002';
const SECRET_KEY = 'simulated-secret-of-the-flow-000002';
const TIMES = {
  snapshotBaseMs: 300,
  snapshotPerGiBMs: 0,
  databaseSnapshotBaseMs: 300,
  databaseSnapshotPerGiBMs: 0,
  databaseSnapshotDeleteMs: 100,
};

const estate: Estate = {
  name: 'command-line',
  regions: [REGION],
  accounts: [
    {
      id: '100000000002',
      accessKeys: [{ accessKeyId: KEY_ID, secretAccessKey: SECRET_KEY, user: 'cpm' }],
      users: [{ name: 'cpm', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      regions: {
        [REGION]: {
          vpcs: [
            {
              name: 'main',
              cidr: '10.0.0.0/16',
              subnets: [
                { name: 'main-a', cidr: '10.0.1.0/24', zone: 'a' },
                { name: 'main-b', cidr: '10.0.2.0/24', zone: 'b' },
              ],
            },
          ],
          databaseSubnetGroups: [{ name: 'main', subnets: ['main-a', 'main-b'] }],
          instances: [
            {
              id: INSTANCE,
              image: 'al2023-ami',
              type: 't3.micro',
              subnet: 'main-a',
              managed: true,
              tags: { Name: 'shop' },
              disks: [{ id: VOLUME, device: '/dev/xvda', sizeGiB: 8 }],
            },
          ],
          databases: [{ name: 'orders', engine: 'postgres', class: 'db.t4g.medium', sizeGiB: 50, subnetGroup: 'main' }],
          databaseClusters: [
            {
              name: 'catalogue',
              engine: 'aurora-postgresql',
              subnetGroup: 'main',
              members: [{ name: 'catalogue-1', class: 'db.r6g.large' }],
            },
          ],
          redshiftClusters: [{ name: 'sales', nodeType: 'ra3.xlplus', nodes: 2 }],
        },
      },
    },
  ],
};

let database: TestDatabase;
let simulator: Simulator;
let server: RunningServer;
let directory: string;
let scriptsDir: string;

const cpm: CommandLine['run'] = (...given) => commandLine(directory).run(...given);
const objectOf: CommandLine['objectOf'] = (args) => commandLine(directory).objectOf(args);
const problemOf: CommandLine['problemOf'] = (...given) => commandLine(directory).problemOf(...given);
const listOf = async <Row = Record<string, unknown>>(args: readonly string[]): Promise<readonly Row[]> =>
  (await objectOf<{ items: Row[] }>(args)).items;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'cpm-flow-'));
  database = await createTestDatabase();
  simulator = await startSimulator({ estate, timing: TIMES });
  const dataDir = path.join(directory, 'data');
  scriptsDir = path.join(dataDir, 'scripts');
  const config = { host: '127.0.0.1', port: 0, dataDir, databaseUrl: database.url, awsEndpointUrl: simulator.url };
  const plain = { timeZone: 'UTC', claimSecret: null, logLevel: 'error', consoleDir: null } as const;
  server = await startServer({ ...config, ...plain }, pino({ level: 'silent' }));
  await mkdir(scriptsDir, { recursive: true });
  const claim = ['claim', '--server', `https://127.0.0.1:${server.port}`, '--user', 'root'];
  const pinned = ['--email', 'root@example.com', '--fingerprint', server.fingerprint];
  const claimed = await cpm([...claim, ...pinned], {}, `${server.claimSecret}\ncorrect horse battery staple\n`);
  expect(claimed).toMatchObject({ exitCode: 0 });
  const secret = { CPM_AWS_SECRET_ACCESS_KEY: SECRET_KEY };
  expect((await cpm(['account', 'add', 'production', '--access-key-id', KEY_ID], secret)).exitCode).toBe(0);
});

afterAll(async () => {
  await server.stop();
  await simulator.stop();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const runOnce = async (policy: string) =>
  objectOf<{ id: string; snapshotCount: number }>(['policy', 'run', policy, '--wait']);

describe('a policy in full from the command line', () => {
  it('is made with rule, retries, tags and commands for its instances out of files', async () => {
    const before = path.join(directory, 'freeze.sh');
    await writeFile(before, 'fsfreeze -f /data\nsync\n');
    const judged = ['--success-rule', 'snapshots-succeed', '--retries', '0', '--retry-wait', '5'];
    const scripts = ['--scripts', 'ssm', '--ssm-before-file', before, '--ssm-after', 'fsfreeze -u /data'];
    const tuned = ['--script-timeout', '45', '--collect-output', 'yes', '--ssm-instance', INSTANCE];
    const create = ['policy', 'create', 'shop', '--account', 'production', '--copy-source-tags', 'yes'];
    expect(await objectOf([...create, ...judged, ...scripts, ...tuned])).toMatchObject({
      successRule: 'snapshots-succeed',
      retries: 0,
      retryWaitMinutes: 5,
      copySourceTags: true,
      scripts: {
        runner: 'ssm',
        timeoutSeconds: 45,
        collectOutput: true,
        ssm: { before: 'fsfreeze -f /data\nsync\n', after: 'fsfreeze -u /data', complete: '', instanceIds: [INSTANCE] },
      },
    });
    expect((await cpm(['policy', 'show', 'shop'])).stdout).toMatch(/^SSM before +fsfreeze -f \/data\n +sync$/m);
  });

  it('keeps what a change does not name', async () => {
    const changed = ['policy', 'change', 'shop', '--script-timeout', '20', '--ssm-all-instances'];
    expect(await objectOf(changed)).toMatchObject({
      retries: 0,
      scripts: { runner: 'ssm', timeoutSeconds: 20, ssm: { after: 'fsfreeze -u /data', instanceIds: [] } },
    });
    const kept = await objectOf(['policy', 'change', 'shop', '--scripts', 'none', '--retries', '2']);
    expect(kept).toMatchObject({ retries: 2, scripts: { runner: 'none', timeoutSeconds: 20 } });
  });

  it('names the option that is wrong, not the field of the API', async () => {
    const create = ['policy', 'create', 'wrong', '--account', 'production'];
    const { exitCode, stderr } = await cpm([...create, '--script-timeout', '999999', '--retry-wait', '99999']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^ {2}--script-timeout: must be/m);
    expect(stderr).toMatch(/^ {2}--retry-wait: must be/m);
    expect((await cpm([...create, '--scripts', 'ssm'])).stderr).toMatch(/^ {2}--ssm-before: say what/m);
    expect((await cpm([...create, '--ssm-after', 'x'])).stderr).toMatch(/^ {2}--scripts: /m);
    const unread = await cpm([...create, '--scripts', 'ssm', '--ssm-before-file', path.join(directory, 'none')]);
    expect([unread.exitCode, unread.stderr]).toEqual([2, expect.stringContaining('ENOENT')]);
    const targets = ['policy', 'add-target', 'shop', '--region', REGION, '--instance', INSTANCE, '--volume', 'vol-x'];
    expect((await cpm(targets)).stderr).toMatch(/^ {2}--volume vol-x: /m);
    expect((await cpm(['settings', 'change', '--keep-records', '99999999'])).stderr).toMatch(/^ {2}--keep-records: /m);
    expect(await listOf(['policy', 'list'])).toHaveLength(1);
  });

  it('takes targets of all five kinds, which a region lists', async () => {
    const list = (kind: string) =>
      cpm(['account', 'resources', 'production', '--region', REGION, '--kind', kind, '-q']);
    const kinds = ['instance', 'volume', 'database', 'database-cluster', 'redshift-cluster'];
    const listed = await Promise.all(kinds.map(list));
    expect(listed.map(({ stdout }) => stdout)).toEqual([
      expect.stringContaining(INSTANCE),
      expect.stringContaining(VOLUME),
      expect.stringMatching(/^orders$/m),
      'catalogue\n',
      'sales\n',
    ]);
    const named = ['--instance', INSTANCE, '--database', 'orders', '--database-cluster', 'catalogue'];
    const add = ['policy', 'add-target', 'shop', '--region', REGION, ...named, '--redshift-cluster', 'sales'];
    const added = await listOf<{ kind: string }>(add);
    expect(added.map(({ kind }) => kind).sort()).toEqual([
      'database',
      'database-cluster',
      'instance',
      'redshift-cluster',
    ]);
  });

  it('tells what a backup would do, and changes nothing by it', async () => {
    const dry = await objectOf<{ calls: { action: string }[]; snapshots: number }>(['policy', 'dry-run', 'shop']);
    expect(dry.snapshots).toBe(4);
    const { stdout } = await cpm(['policy', 'dry-run', 'shop']);
    for (const word of ['CreateSnapshots', 'CreateDBSnapshot', 'CreateDBClusterSnapshot', 'orders', 'sales', VOLUME]) {
      expect(stdout).toContain(word);
    }
    expect(await listOf(['backup', 'list', '--policy', 'shop'])).toEqual([]);
    expect(await listOf(['policy', 'skipped', 'shop'])).toEqual([]);
  });

  it('warns of scripts and tags that do not follow a new name', async () => {
    const { exitCode, stderr } = await cpm(['policy', 'change', 'shop', '--name', 'market']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Scripts on the server and backup tags that say shop no longer belong to it');
    const back = await cpm(['policy', 'change', 'market', '--name', 'shop', '--quiet']);
    expect(back).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is cloned with its settings and targets', async () => {
    expect(await objectOf(['policy', 'clone', 'shop', 'shop-2'])).toMatchObject({ name: 'shop-2', retries: 2 });
    expect(await listOf(['policy', 'list-targets', 'shop-2'])).toHaveLength(4);
    expect(await problemOf(['policy', 'clone', 'shop', 'shop-2'])).toMatchObject({ exitCode: 5 });
    expect((await cpm(['policy', 'remove', 'shop-2', '--yes'])).exitCode).toBe(0);
  });
});

describe('scripts on the server from the command line', () => {
  const write = (name: string, text: string) =>
    writeFile(path.join(scriptsDir, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  it('are listed, with what is missing', async () => {
    expect((await cpm(['policy', 'change', 'shop', '--scripts', 'server', '--collect-output', 'yes'])).exitCode).toBe(
      0,
    );
    await write('before_shop.sh', 'echo frozen >&2');
    await write('after_shop.sh', 'echo "told $1" >&2; exit 3');
    const found = await listOf(['policy', 'scripts', 'shop']);
    expect(found).toMatchObject([
      { step: 'before', file: expect.stringContaining('before_shop.sh'), problem: null },
      { step: 'after', problem: null },
      { step: 'complete', file: null, problem: expect.stringContaining('complete_shop') },
    ]);
  });

  it('are run as a test, whose end is the exit code', async () => {
    expect(await objectOf(['policy', 'test-script', 'shop', 'before'])).toMatchObject({
      ended: 'succeeded',
      output: 'frozen\n',
    });
    const failed = await cpm(['policy', 'test-script', 'shop', 'after', '--argument', '0']);
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^ {2}told 0$/m) });
    expect((await cpm(['policy', 'test-script', 'shop', 'during'])).exitCode).toBe(2);
  });

  it('are shown with the backup that ran them', async () => {
    const { exitCode, stdout } = await cpm(['policy', 'run', 'shop', '--wait']);
    expect([exitCode, stdout]).toEqual([7, expect.stringMatching(/^freeze window +\d+ ms$/m)]);
    expect(await listOf(['backup', 'scripts', 'latest', '--policy', 'shop'])).toMatchObject([
      { step: 'before', state: 'succeeded', exitCode: 0, output: 'frozen\n' },
      { step: 'after', state: 'failed', exitCode: 3, argument: '1', output: 'told 1\n' },
      { step: 'complete', state: 'failed', exitCode: null },
    ]);
    expect((await cpm(['backup', 'scripts', 'latest', '--policy', 'shop'])).stdout).toMatch(/^ {2}told 1$/m);
    expect((await cpm(['policy', 'change', 'shop', '--scripts', 'none', '--retries', '0'])).exitCode).toBe(0);
  });
});

describe('what becomes of backups from the command line', () => {
  it('freezes a backup under a name, finds it by it, and deletes it only when told to', async () => {
    const { id } = await runOnce('shop');
    await runOnce('shop');
    const freeze = ['backup', 'freeze', id, '--name', 'before the move', '--description', 'audit'];
    expect(await objectOf(freeze)).toMatchObject({ frozen: { name: 'before the move', by: 'root' } });
    expect(await problemOf(freeze)).toMatchObject({ exitCode: 5, problem: { code: 'conflict_frozen' } });
    expect(await listOf(['freezer', 'list', '--search', 'AUDIT'])).toMatchObject([{ id }]);
    const change = ['freezer', 'change', 'before the move', '--name', 'kept'];
    expect(await objectOf(change)).toMatchObject({ frozen: { name: 'kept', description: 'audit' } });
    const asked = await cpm(['freezer', 'delete', 'kept']);
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('kept with 4 snapshots?')]);
    expect(await objectOf(['freezer', 'delete', 'kept', '--yes'])).toEqual({ snapshotsToDelete: 4 });
    expect(await problemOf(['freezer', 'delete', 'kept', '--yes'])).toMatchObject({ exitCode: 4 });
  });

  it('previews retention and asks before fewer generations delete backups', async () => {
    await runOnce('shop');
    const preview = await objectOf<{ deletes: { backups: number }; items: { action: string }[] }>([
      'policy',
      'retention',
      'shop',
      '--generations',
      '1',
    ]);
    expect(preview.deletes.backups).toBeGreaterThan(0);
    const fewer = ['policy', 'change', 'shop', '--generations', '1'];
    const asked = await cpm(fewer);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toMatch(/Keep 1 instead of 30 generations .* It deletes \d+ backups? with \d+ snapshots/);
    expect(await objectOf(['policy', 'show', 'shop'])).toMatchObject({ generations: 30 });
    expect(await objectOf([...fewer, '--yes'])).toMatchObject({ generations: 1 });
  });

  it('deletes a backup by hand and keeps the ledger of it', async () => {
    const { id, snapshotCount } = await runOnce('shop');
    const asked = await cpm(['backup', 'delete', id]);
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('with 4 snapshots?')]);
    expect(await objectOf(['backup', 'delete', id, '--yes'])).toEqual({ snapshotsToDelete: snapshotCount });
    await expect
      .poll(() => listOf(['deletion', 'list', '--policy', 'shop', '--backup', id, '--state', 'deleted']), {
        timeout: 20_000,
      })
      .toHaveLength(4);
    expect((await cpm(['deletion', 'list', '--policy', 'shop'])).stdout).toMatch(/^MARKED +SNAPSHOT/);
  });

  it('aborts a running backup, which ends as failed', async () => {
    await fetch(`${simulator.url}/_simulator/settings`, {
      method: 'POST',
      body: JSON.stringify({ timing: { snapshotBaseMs: 600_000 } }),
    });
    const { backupId } = await objectOf<{ backupId: string }>(['policy', 'run', 'shop']);
    const watching = cpm(['backup', 'follow', backupId]);
    expect((await cpm(['backup', 'abort', backupId])).exitCode).toBe(2);
    const aborted = await cpm(['backup', 'abort', backupId, '--yes', '--wait']);
    expect([aborted.exitCode, aborted.stdout]).toEqual([6, expect.stringMatching(/^aborted +\S.* by root$/m)]);
    expect((await watching).exitCode).toBe(6);
    expect(await problemOf(['backup', 'abort', backupId, '--yes'])).toMatchObject({
      exitCode: 5,
      problem: { code: 'conflict_not_running' },
    });
  });

  it('says what a policy takes with it before it removes it', async () => {
    const { exitCode, stderr } = await cpm(['policy', 'remove', 'shop']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^BACKUP +SNAPSHOT +SOURCE +REGION$/m);
    expect(stderr).toMatch(/It deletes \d+ backups? with \d+ snapshots/);
  });
});

describe('the server as a whole from the command line', () => {
  it('shows and changes the general settings', async () => {
    const change = ['settings', 'change', '--cleanup-time', '04:30', '--keep-records', '0'];
    const tuned = ['--catch-up-missed', 'no', '--reconcile-every', '6'];
    const expected = { cleanupTime: '04:30', keepRecordDays: 0, catchUpMissed: false, reconcileEveryHours: 6 };
    expect(await objectOf([...change, ...tuned])).toMatchObject(expected);
    expect(await objectOf(['settings', 'show'])).toMatchObject({ ...expected, serverZone: 'UTC' });
    expect(await cpm(['settings', 'show', '--quiet'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await cpm(['settings', 'change', '--cleanup-time', '4 am'])).stderr).toMatch(/^ {2}--cleanup-time: /m);
  });

  it('lists alerts', async () => {
    expect(await listOf(['alert', 'list', '--closed'])).toEqual(expect.any(Array));
    expect((await cpm(['alert', 'list'])).exitCode).toBe(0);
  });

  it('compares AWS with the records', async () => {
    expect(await objectOf(['reconciliation', 'run'])).toEqual({ started: expect.any(Number) });
    await expect
      .poll(() => listOf(['reconciliation', 'show']), { timeout: 20_000 })
      .toEqual([expect.objectContaining({ region: REGION, endedAt: expect.any(String), error: null })]);
    expect(await listOf(['reconciliation', 'findings', '--settled'])).toEqual(expect.any(Array));
  });
});
