import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { startServer, type Config, type RunningServer } from '../../packages/server/src/index.ts';
import { startSimulator, type Estate, type Simulator } from '../../packages/simulator/src/index.ts';
import { sdkDriver } from '../../packages/simulator/src/testing/sdk-driver.ts';
import { commandLine, type CommandLine } from './support/command-line.ts';

const REGION = 'us-east-1';
const INSTANCE = 'i-0a00000000000000a';
const ROOT_VOLUME = 'vol-0a00000000000000a';
const DATA_VOLUME = 'vol-0a00000000000000b';
const SPARE_VOLUME = 'vol-0a00000000000000c';
const KEY_ID = 'AKIAFLOW000000000001';
const SECRET_KEY = 'simulated-secret-of-the-flow-000001';
const PASSWORD = 'correct horse battery staple';
const STATES = { snapshotBaseMs: 300, snapshotPerGiBMs: 0, volumeCreateMs: 100, attachMs: 100, instanceStartMs: 300 };

const estate: Estate = {
  name: 'flow',
  regions: [REGION],
  accounts: [
    {
      id: '100000000001',
      accessKeys: [{ accessKeyId: KEY_ID, secretAccessKey: SECRET_KEY, user: 'cpm' }],
      users: [{ name: 'cpm', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      regions: {
        [REGION]: {
          instances: [
            {
              id: INSTANCE,
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.micro',
              zone: 'a',
              tags: { Name: 'web\u202ebew' },
              disks: [
                { id: ROOT_VOLUME, device: '/dev/xvda', sizeGiB: 8, tags: { Name: 'root' } },
                { id: DATA_VOLUME, device: '/dev/sdf', sizeGiB: 20, tags: { Name: 'data' } },
              ],
            },
          ],
          volumes: [{ id: SPARE_VOLUME, sizeGiB: 10, zone: 'a', tags: { Name: 'spare' } }],
        },
      },
    },
  ],
};

let database: TestDatabase;
let simulator: Simulator;
let config: Config;
let server: RunningServer;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'cpm-flow-'));
  database = await createTestDatabase();
  simulator = await startSimulator({ estate, timing: STATES });
  config = {
    host: '127.0.0.1',
    port: 0,
    dataDir: path.join(directory, 'data'),
    databaseUrl: database.url,
    awsEndpointUrl: simulator.url,
    timeZone: 'Europe/Berlin',
    claimSecret: null,
    logLevel: 'error',
    consoleDir: null,
  };
  server = await startServer(config, pino({ level: 'silent' }));
});

afterAll(async () => {
  await server.stop();
  await simulator.stop();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const startCpm: CommandLine['start'] = (...given) => commandLine(directory).start(...given);
const cpm: CommandLine['run'] = (...given) => commandLine(directory).run(...given);
const objectOf: CommandLine['objectOf'] = (args) => commandLine(directory).objectOf(args);
const problemOf: CommandLine['problemOf'] = (...given) => commandLine(directory).problemOf(...given);

/** What AWS holds, seen without CPM. */
async function inAws(query: string): Promise<readonly Record<string, unknown>[]> {
  const reply = await fetch(`${simulator.url}/_simulator/inventory?${query}`);
  return ((await reply.json()) as { resources: Record<string, unknown>[] }).resources;
}

async function withFault<T>(fault: Record<string, unknown>, act: () => Promise<T>): Promise<T> {
  await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
  try {
    return await act();
  } finally {
    await fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' });
  }
}

/** Somebody stops or starts the instance, and waits until that is done. */
async function act(action: 'StopInstances' | 'StartInstances'): Promise<void> {
  const shape = {
    url: simulator.url,
    service: 'ec2',
    region: REGION,
    accessKeyId: KEY_ID,
    secretAccessKey: SECRET_KEY,
  } as const;
  await sdkDriver().call(shape, action, { InstanceIds: [INSTANCE] });
  const wanted = action === 'StopInstances' ? 'stopped' : 'running';
  await expect
    .poll(async () => (await inAws(`type=instance&id=${INSTANCE}`))[0]?.['state'], { timeout: 20_000 })
    .toBe(wanted);
}

const address = () => `https://127.0.0.1:${server.port}`;
const secretKey = { CPM_AWS_SECRET_ACCESS_KEY: SECRET_KEY };

describe('signing in from the command line', () => {
  const claim = () => ['claim', '--server', address(), '--user', 'root', '--email', 'root@example.com'];
  const pinned = () => ['--fingerprint', server.fingerprint];

  it('refuses a self-signed certificate that nobody vouched for, and tells its fingerprint', async () => {
    const { exitCode, stderr } = await cpm(claim(), {}, 'secret\npassword\n');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(server.fingerprint);
  });

  it('ends with 8 when the server shows another certificate than the required one', async () => {
    const wrong = server.fingerprint.replace(/^../, (byte) => (byte === '00' ? '11' : '00'));
    const { exitCode, stderr } = await cpm([...claim(), '--fingerprint', wrong], {}, 'secret\npassword\n');
    expect(exitCode).toBe(8);
    expect(stderr).toContain('another certificate');
  });

  it('refuses a wrong claim secret', async () => {
    const env = { CPM_CLAIM_SECRET: 'not the secret of this server', CPM_PASSWORD: PASSWORD };
    const { exitCode, problem } = await problemOf([...claim(), ...pinned()], env);
    expect([exitCode, problem['code']]).toEqual([3, 'claim_wrong']);
  });

  it('claims a new server with the secret and the password on standard input', async () => {
    const claimed = await cpm([...claim(), ...pinned()], {}, `${server.claimSecret}\n${PASSWORD}\n`);
    expect(claimed).toMatchObject({ exitCode: 0, stdout: '' });
    const file = path.join(directory, 'config', 'cpm', 'login.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const stored = await readFile(file, 'utf8');
    expect(stored).toContain(server.fingerprint);
    for (const secret of [PASSWORD, String(server.claimSecret)]) expect(stored).not.toContain(secret);
    expect(await objectOf(['whoami'])).toMatchObject({
      user: { name: 'root', kind: 'root' },
      serverZone: 'Europe/Berlin',
    });
  });

  it('refuses a second claim', async () => {
    const env = { CPM_CLAIM_SECRET: String(server.claimSecret), CPM_PASSWORD: PASSWORD };
    expect(await problemOf(claim(), env)).toMatchObject({ exitCode: 4, problem: { code: 'setup_done' } });
  });

  it('refuses a wrong password', async () => {
    const login = ['login', '--server', address(), '--user', 'root'];
    expect(await problemOf(login, { CPM_PASSWORD: 'wrong' })).toMatchObject({
      exitCode: 3,
      problem: { code: 'wrong_credentials' },
    });
  });

  it('leaves one token behind, however often it is done', async () => {
    const { exitCode } = await cpm(['login', '--user', 'root'], {}, `${PASSWORD}\n`);
    expect(exitCode).toBe(0);
    expect((await objectOf<{ items: unknown[] }>(['token', 'list'])).items).toHaveLength(1);
  });

  it('works with a token and a fingerprint from the environment alone', async () => {
    const made = await cpm(['token', 'create', 'script', '--expires-in-days', '1']);
    const env = {
      CPM_SERVER: address(),
      CPM_TOKEN: made.stdout.trim(),
      CPM_FINGERPRINT: server.fingerprint,
      XDG_CONFIG_HOME: path.join(directory, 'empty'),
    };
    expect(await cpm(['whoami', '--quiet'], env)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await cpm(['token', 'remove', 'script', '--yes'])).exitCode).toBe(0);
    expect(await problemOf(['whoami'], env)).toMatchObject({ exitCode: 3, problem: { status: 401 } });
  });
});

describe('accounts from the command line', () => {
  const add = ['account', 'add', 'production', '--access-key-id', KEY_ID];

  it('refuses wrong keys with the code, the action and the request id of AWS, and stores nothing', async () => {
    const env = { CPM_AWS_SECRET_ACCESS_KEY: 'a-secret-key-that-is-not-right' };
    const { exitCode, stdout, stderr } = await cpm(add, env);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/AWS: SignatureDoesNotMatch from .*GetCallerIdentity/);
    expect(stderr).toMatch(/AWS request id: \S+/);
    expect(stderr).not.toContain('a-secret-key-that-is-not-right');
    expect(await problemOf(add, env)).toMatchObject({
      exitCode: 3,
      problem: { code: 'aws_credentials_refused', aws: { code: 'SignatureDoesNotMatch' } },
    });
    expect(await objectOf(['account', 'list'])).toEqual({ items: [], next: null });
  });

  it('takes the secret key from standard input and never shows it', async () => {
    const added = await cpm([...add, '--secret-key-stdin', '--output', 'json'], {}, `${SECRET_KEY}\n`);
    expect(added.exitCode).toBe(0);
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'production', awsAccountNumber: '100000000001' });
    for (const args of [
      ['account', 'show', 'production'],
      ['account', 'verify', 'production'],
      ['account', 'list'],
    ]) {
      const shown = await cpm(args);
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout + shown.stderr + added.stdout).not.toContain(SECRET_KEY);
    }
  });

  it('rotates keys of the same AWS account', async () => {
    const { exitCode } = await cpm(['account', 'rotate', 'production', '--access-key-id', KEY_ID], secretKey);
    expect(exitCode).toBe(0);
  });

  it('ends with 5 for a name that is taken and with 4 for one that is unknown', async () => {
    expect(await problemOf(add, secretKey)).toMatchObject({ exitCode: 5, problem: { code: 'conflict_name_taken' } });
    expect(await problemOf(['account', 'show', 'nowhere'])).toMatchObject({ exitCode: 4 });
  });

  it('lists regions and resources; a name steers no terminal', async () => {
    expect(await objectOf(['account', 'regions', 'production'])).toEqual({ items: [REGION] });
    const { stdout } = await cpm(['account', 'resources', 'production', '--region', REGION]);
    expect(stdout).toContain(String.raw`web\u{202e}bew`);
    expect(stdout).not.toContain('\u202e');
    const volumes = ['account', 'resources', 'production', '--region', REGION, '--kind', 'volume', '--quiet'];
    expect((await cpm(volumes)).stdout.trim().split('\n').sort()).toContain(SPARE_VOLUME);
  });
});

describe('schedules and policies from the command line', () => {
  it('makes a schedule in the zone of the server and previews it', async () => {
    const rule = ['--every', '1 day', '--start', '2030-01-31T02:00', '--days', 'weekdays'];
    expect(await objectOf(['schedule', 'create', 'nightly', ...rule])).toMatchObject({
      zone: 'Europe/Berlin',
      repeat: { every: 1, unit: 'days' },
      nextFiringAt: '2030-01-31T01:00:00.000Z',
    });
    expect(await objectOf(['schedule', 'preview', 'nightly'])).toMatchObject({ neverFires: false });
    const { firings } = await objectOf<{ firings: unknown[] }>(['schedule', 'preview', ...rule, '--count', '3']);
    expect(firings).toHaveLength(3);
  });

  it('changes what is named and leaves the rest', async () => {
    expect(await objectOf(['schedule', 'change', 'nightly', '--start', '2030-01-31T03:00'])).toMatchObject({
      name: 'nightly',
      nextFiringAt: '2030-01-31T02:00:00.000Z',
      activeDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    });
  });

  it('ends with 2 for an unknown zone and an end before the start, and names the field', async () => {
    const rule = ['--every', '1 day', '--start', '2030-01-31T02:00'];
    const nowhere = await cpm(['schedule', 'create', 'x', ...rule, '--zone', 'Europe/Nowhere']);
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.stderr).toMatch(/zone/);
    expect((await cpm(['schedule', 'create', 'x', ...rule, '--end', '2029-01-01T00:00'])).exitCode).toBe(2);
  });

  it('shows the warning of a schedule that can never fire', async () => {
    const rule = ['--every', '1 day', '--start', '2030-01-31T02:00', '--disabled-time', 'every-day 00:00-24:00'];
    const { exitCode, stdout } = await cpm(['schedule', 'create', 'never', ...rule]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^warning +\S+/m);
  });

  it('shows as many rows as asked for, and says that there are more', async () => {
    const page = await objectOf<{ items: unknown[]; next: string | null }>(['schedule', 'list', '--limit', '1']);
    expect(page.items).toHaveLength(1);
    expect(page.next).not.toBeNull();
    expect((await cpm(['schedule', 'list', '--limit', '1'])).stderr).toMatch(/There are more/);
    expect(await objectOf(['schedule', 'list', '--all'])).toMatchObject({ next: null });
  });

  it('makes a policy by the names of its account and schedules', async () => {
    const create = [
      'policy',
      'create',
      'web',
      '--account',
      'production',
      '--schedule',
      'nightly',
      '--generations',
      '2',
    ];
    expect(await objectOf(create)).toMatchObject({ name: 'web', generations: 2, schedules: [{ name: 'nightly' }] });
    expect(await objectOf(['policy', 'change', 'web', '--add-schedule', 'never'])).toMatchObject({
      schedules: [{ name: 'never' }, { name: 'nightly' }],
    });
    const { schedules } = await objectOf<{ schedules: unknown[] }>([
      'policy',
      'change',
      'web',
      '--remove-schedule',
      'never',
    ]);
    expect(schedules).toHaveLength(1);
  });

  it('does not run a policy without targets', async () => {
    expect(await problemOf(['policy', 'run', 'web', '--wait'])).toMatchObject({ exitCode: 5 });
  });

  it('adds an instance and a volume, and nothing that AWS does not know', async () => {
    const add = ['policy', 'add-target', 'web', '--region', REGION];
    const { exitCode } = await cpm([...add, '--instance', 'i-0bad0000000000bad']);
    expect([2, 4]).toContain(exitCode);
    const added = await objectOf<{ items: unknown[] }>([...add, '--instance', INSTANCE, '--volume', SPARE_VOLUME]);
    expect(added.items).toHaveLength(2);
    const some = ['policy', 'change-target', 'web', INSTANCE, '--volumes', `${ROOT_VOLUME},${DATA_VOLUME}`];
    expect(await objectOf(some)).toMatchObject({ volumes: { take: 'some' } });
    expect((await objectOf<{ items: unknown[] }>(['policy', 'list-targets', 'web'])).items).toHaveLength(2);
  });
});

describe('backups from the command line', () => {
  it('waits for a backup, shows lines of progress and ends with 0 when it is successful', async () => {
    const { exitCode, stdout, stderr } = await cpm(['policy', 'run', 'web', '--wait']);
    expect(stdout).toMatch(/^status +Backup Successful$/m);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^web: .* \(\d+ %\)$/m);
    expect(stderr).not.toContain('\u001b');
    expect(await inAws('type=snapshot&state=completed&account=100000000001')).toHaveLength(3);
  });

  it('shows the latest backup, what it holds and its log', async () => {
    expect(await objectOf(['backup', 'show', 'latest', '--policy', 'web'])).toMatchObject({
      status: 'successful',
      snapshotCount: 3,
      recoverable: true,
    });
    expect((await cpm(['backup', 'list', '--policy', 'web', '--status', 'successful', '--quiet'])).stdout).toMatch(
      /^\S{36}\n$/,
    );
    const { stdout: resources } = await cpm(['backup', 'resources', 'latest', '--policy', 'web']);
    for (const volume of [ROOT_VOLUME, DATA_VOLUME, SPARE_VOLUME]) expect(resources).toContain(volume);
    const { stdout: log } = await cpm(['backup', 'log', 'latest', '--policy', 'web']);
    expect(log).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d {2}info/m);
    expect(resources + log).not.toContain('\u202e');
    expect(await objectOf(['backup', 'log', 'latest', '--policy', 'web', '--follow'])).toMatchObject({ ended: true });
  });

  it('ends with 7 when a part failed, and with 6 when everything did', async () => {
    const broken = { kind: 'error-state', action: 'CreateSnapshot*', message: 'disk trouble' };
    const partial = await withFault({ ...broken, match: { action: 'CreateSnapshot', resource: SPARE_VOLUME } }, () =>
      cpm(['policy', 'run', 'web', '--wait']),
    );
    expect(partial).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('Backup Partially Successful') });
    const failed = await withFault(broken, () => cpm(['policy', 'run', 'web', '--wait', '--output', 'json']));
    expect(failed.exitCode).toBe(6);
    expect(JSON.parse(failed.stdout)).toMatchObject({ status: 'failed' });
    expect((await cpm(['backup', 'follow', 'latest', '--policy', 'web'])).exitCode).toBe(6);
  });

  it('goes on watching when the server is started anew', async () => {
    await fetch(`${simulator.url}/_simulator/settings`, {
      method: 'POST',
      body: JSON.stringify({ timing: { snapshotBaseMs: 4000 } }),
    });
    const { stdout: started } = await cpm(['policy', 'run', 'web', '--quiet']);
    const watching = startCpm(['backup', 'follow', started.trim()]);
    await once(watching.child.stderr as NodeJS.ReadableStream, 'data');
    await server.stop();
    server = await startServer({ ...config, port: server.port }, pino({ level: 'silent' }));
    const { exitCode, stdout } = await watching.ended;
    expect(stdout).toMatch(/^status +Backup Successful$/m);
    expect(exitCode).toBe(0);
  });
});

describe('recoveries from the command line', () => {
  const latest = ['latest', '--policy', 'web'];

  it('recovers volumes, larger or attached, and ends with 0', async () => {
    const before = await inAws('type=volume&state=available');
    const args = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME, '--size', '30', '--wait'];
    const recovered = await objectOf<{ status: string; objects: { kind: string; awsId: string }[] }>(args);
    expect(recovered.status).toBe('successful');
    const made = recovered.objects.find((object) => object.kind === 'volume');
    expect(await inAws(`type=volume&id=${made?.awsId}`)).toMatchObject([{ state: 'available', sizeGiB: 30 }]);
    expect(await inAws('type=volume&state=available')).toHaveLength(before.length + 1);
    const attach = ['--zone', `${REGION}a`, '--attach', INSTANCE, '--device', '/dev/sdg', '--wait'];
    expect((await cpm(['recover', 'volume', ...latest, '--volume', SPARE_VOLUME, ...attach])).exitCode).toBe(0);
    expect(await inAws('type=volume&state=in-use')).toHaveLength(3);
  });

  it('ends with 2 for a size below the snapshot and for a busy device, and makes nothing', async () => {
    const before = await inAws('type=volume');
    const recover = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME];
    expect(await problemOf([...recover, '--size', '1'])).toMatchObject({ exitCode: 2 });
    expect(await problemOf([...recover, '--attach', INSTANCE, '--device', '/dev/sdf'])).toMatchObject({ exitCode: 2 });
    expect(await inAws('type=volume')).toHaveLength(before.length);
  });

  it('with --plan shows checks, objects and steps, ends with 0 or 2, and makes nothing', async () => {
    const before = await inAws('type=volume');
    const recover = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME, '--plan'];
    const possible = await cpm(recover);
    expect(possible).toMatchObject({ exitCode: 0, stderr: '' });
    expect(possible.stdout).toMatch(/^The recovery can start; nothing was made\.$/m);
    expect(possible.stdout).toMatch(/^volumes +pass/m);
    expect(possible.stdout).toMatch(/^create +volume +a new volume/m);
    expect(possible.stdout).toMatch(/^step 1: make volumes$/m);
    const impossible = await cpm([...recover, '--size', '1']);
    expect(impossible.exitCode).toBe(2);
    expect(impossible.stdout).toMatch(/^volumes +FAIL +volumes\.0\.sizeGiB: /m);
    const asJson = await cpm([...recover, '--size', '1', '--output', 'json']);
    expect([asJson.exitCode, JSON.parse(asJson.stdout)]).toMatchObject([2, { canStart: false }]);
    expect(await objectOf(['recover', 'instance', ...latest, '--plan'])).toMatchObject({ canStart: true });
    expect((await cpm([...recover, '--wait'])).exitCode).toBe(2);
    expect(await inAws('type=volume')).toHaveLength(before.length);
  });

  it('launches an instance without one of its volumes and ends with 0', async () => {
    const args = ['recover', 'instance', ...latest, '--type', 't3.small', '--skip-volume', DATA_VOLUME, '--wait'];
    const recovered = await objectOf<{ status: string; objects: { kind: string; awsId: string; state: string }[] }>(
      args,
    );
    expect(recovered.status).toBe('successful');
    const made = recovered.objects.find((object) => object.kind === 'instance');
    expect(await inAws(`type=instance&id=${made?.awsId}`)).toMatchObject([{ instanceType: 't3.small' }]);
    expect(recovered.objects.find((object) => object.kind === 'image')?.state).toBe('removed');
  });

  it('shows what can be brought back, and to which moments', async () => {
    const { items } = await objectOf<{ items: { awsId: string; points: number }[] }>(['recovery', 'resources', 'WEB']);
    expect(items).toMatchObject([{ awsId: INSTANCE, name: 'web\u202ebew' }]);
    const points = await objectOf<{ items: { backupId: string; at: string }[] }>(['recovery', 'points', INSTANCE]);
    expect(points.items).toHaveLength(items[0]?.points ?? 0);
    const [newest, second] = points.items;
    const upTo = ['recovery', 'points', INSTANCE, '--at', second?.at ?? '', '--limit', '1', '--quiet'];
    expect((await cpm(upTo)).stdout.trim()).toBe(second?.backupId);
    expect((await cpm(['recovery', 'points', INSTANCE, '--limit', '1'])).stdout).toContain(newest?.backupId);
    const { stdout } = await cpm(['backup', 'recoverable', newest?.backupId ?? '']);
    expect(stdout).toMatch(new RegExp(`instance, volumes .*${INSTANCE}`));
  });

  it('recovers what is named by resource and time, and says what it found', async () => {
    const { items } = await objectOf<{ items: { backupId: string; at: string }[] }>(['recovery', 'points', INSTANCE]);
    const [newest, second] = items;
    const recover = ['recover', 'volume', '--resource', INSTANCE];
    const started = await objectOf<{ backupId: string; inputs: { volumes: unknown[] } }>([
      ...recover,
      '--at',
      second?.at ?? '',
    ]);
    expect(started.backupId).toBe(second?.backupId);
    expect(started.inputs.volumes).toHaveLength(2);
    const told = await cpm([...recover, '--volume', DATA_VOLUME, '--at', 'now', '--wait']);
    expect(told).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('backed up by web') as string });
    expect(told.stdout).toMatch(new RegExp(`^backup +${newest?.backupId}$`, 'm'));
  });

  it('ends with 4 where there is none by then, and with 2 where the two ways to name it are mixed', async () => {
    const recover = ['recover', 'instance', '--resource', INSTANCE];
    const early = await problemOf([...recover, '--at', '3 weeks ago']);
    expect(early).toMatchObject({ exitCode: 4, problem: { code: 'not_found' } });
    expect(JSON.stringify(early.problem)).toContain('oldest');
    const fieldOf = async (args: readonly string[]) => {
      const { exitCode, problem } = await problemOf(args);
      return [exitCode, (problem['fields'] as { path: string }[])[0]?.path];
    };
    expect(await fieldOf([...recover, '--at', 'tomorrow'])).toEqual([2, '--at']);
    expect(await fieldOf([...recover, '--at', 'now', '--time-zone', 'Mars/Olympus'])).toEqual([2, '--time-zone']);
    expect(await fieldOf([...recover, '--time-zone', 'UTC'])).toEqual([2, '--time-zone']);
    expect(await fieldOf(['recover', 'instance', ...latest, '--at', 'now'])).toEqual([2, '--at']);
    expect(await fieldOf(['recover', 'instance'])).toEqual([2, 'backup']);
    expect(await fieldOf(['recover', 'instance', ...latest, '--resource', INSTANCE])).toEqual([2, '--resource']);
    expect(await fieldOf([...recover, '--policy', 'web'])).toEqual([2, '--policy']);
    const none = await problemOf(['recover', 'instance', '--resource', SPARE_VOLUME]);
    expect(none).toMatchObject({ exitCode: 4, problem: { code: 'not_found' } });
  });

  it('names the last recovery of a policy', async () => {
    expect((await cpm(['policy', 'list'])).stdout).toMatch(
      /LAST RECOVERY[\s\S]*Recovery (Successful|In progress)|In progress/,
    );
    expect((await cpm(['policy', 'show', 'web'])).stdout).toMatch(/^last recovery +\S+/m);
  });

  it('shows what was recovered', async () => {
    const { items } = await objectOf<{ items: { id: string }[] }>(['recovery', 'list']);
    expect(items).toHaveLength(5);
    const id = items[0]?.id ?? '';
    expect((await cpm(['recovery', 'show', id])).stdout).toMatch(/^made +\S+/m);
    expect((await cpm(['recovery', 'log', id, '--follow'])).exitCode).toBe(0);
  });

  it('switches volumes of a stopped instance only after naming the old one, and rolls that back', async () => {
    const recover = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME, '--attach', INSTANCE];
    const switching = [...recover, '--device', '/dev/sdf', '--attach-behavior', 'switch'];
    const running = await problemOf([...switching, '--yes']);
    expect([running.exitCode, JSON.stringify(running.problem)]).toEqual([2, expect.stringContaining('is running')]);
    await act('StopInstances');
    const unasked = await cpm(switching);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toMatch(
      new RegExp(`${DATA_VOLUME} \\(data\\): taken off ${INSTANCE} at /dev/sdf, and kept`),
    );
    const switched = await objectOf<{ id: string; status: string }>([...switching, '--yes', '--wait']);
    expect(switched.status).toBe('successful');
    expect(await inAws(`type=volume&id=${DATA_VOLUME}`)).toMatchObject([{ state: 'available' }]);
    const rollBack = ['recovery', 'roll-back', switched.id];
    const asked = await cpm(rollBack);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toMatch(
      /deletes volume vol-\S+[^]*changes volume \S+: put back to [^]*Delete 1 object in AWS and put 1 back\?/,
    );
    expect((await cpm([...rollBack, '--yes', '--wait'])).exitCode).toBe(0);
    expect(await inAws(`type=volume&id=${DATA_VOLUME}`)).toMatchObject([{ state: 'in-use' }]);
    expect(await problemOf([...rollBack, '--yes'])).toMatchObject({ exitCode: 5 });
    await act('StartInstances');
  });

  it('keeps what a recovery made, and rolls it back no more', async () => {
    const { items } = await objectOf<{ items: { id: string; kind: string }[] }>(['recovery', 'list']);
    const id = items.find(({ kind }) => kind === 'instance')?.id ?? '';
    expect((await cpm(['recovery', 'keep', id])).stdout).toMatch(/^roll back +kept$/m);
    for (const word of ['keep', 'roll-back'])
      expect(await problemOf(['recovery', word, id, '--yes'])).toMatchObject({ exitCode: 5 });
  });

  it('uses other credentials, whose secret is never an argument', async () => {
    const recover = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME, '--access-key-id', KEY_ID];
    const unknown = await cpm([...recover, '--plan'], { CPM_AWS_SECRET_ACCESS_KEY: 'not-the-secret-of-this-key' });
    expect(unknown.exitCode).toBe(3);
    expect((await cpm([...recover, '--wait'], secretKey)).exitCode).toBe(0);
    expect((await cpm([...recover, '--secret-key-stdin', '--plan'], {}, `${SECRET_KEY}\n`)).exitCode).toBe(0);
    expect((await cpm([...recover, '--plan'])).exitCode).toBe(2);
    const alone = await cpm(['recover', 'volume', ...latest, '--volume', DATA_VOLUME, '--secret-key-stdin']);
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('--access-key-id')]);
  });

  it('refuses a behaviour without an instance, an unknown behaviour and a key that is none', async () => {
    const recover = ['recover', 'volume', ...latest, '--volume', DATA_VOLUME];
    for (const wrong of [
      ['--attach-behavior', 'switch'],
      ['--attach', INSTANCE, '--attach-behavior', 'swap'],
      ['--kms-key', 'no key'],
    ])
      expect((await cpm([...recover, ...wrong])).exitCode).toBe(2);
  });
});

describe('taking things away from the command line', () => {
  it('asks before it removes, and refuses where nobody can be asked', async () => {
    const { exitCode, stderr } = await cpm(['policy', 'remove', 'web']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^\d{4}-.* snap-[0-9a-f]+ +vol-/m);
    expect(stderr).toMatch(/It deletes \d+ backups with \d+ snapshots\./);
  });

  it('does not remove what is in use', async () => {
    expect(await problemOf(['account', 'remove', 'production', '--yes'])).toMatchObject({ exitCode: 5 });
    expect(await problemOf(['schedule', 'remove', 'nightly', '--yes'])).toMatchObject({ exitCode: 5 });
  });

  it('removes a target, then the policy with its backups', async () => {
    expect((await cpm(['policy', 'remove-target', 'web', SPARE_VOLUME, '--yes'])).exitCode).toBe(0);
    expect(await objectOf(['policy', 'remove', 'web', '--yes'])).toMatchObject({ backupsToDelete: expect.any(Number) });
    expect(await problemOf(['policy', 'show', 'web'])).toMatchObject({ exitCode: 4 });
  });

  it('ends the token at logout', async () => {
    const file = path.join(directory, 'config', 'cpm', 'login.json');
    const { token } = JSON.parse(await readFile(file, 'utf8')) as { token: string };
    expect((await cpm(['logout'])).exitCode).toBe(0);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    const env = { CPM_SERVER: address(), CPM_TOKEN: token, CPM_FINGERPRINT: server.fingerprint };
    expect(await problemOf(['whoami'], env)).toMatchObject({ exitCode: 3, problem: { status: 401 } });
  });
});
