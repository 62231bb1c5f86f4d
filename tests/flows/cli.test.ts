import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandLine } from './support/command-line.ts';
import {
  DATA_VOLUME,
  INSTANCE,
  KEY_ID,
  PASSWORD,
  REGION,
  ROOT_VOLUME,
  SECRET_KEY,
  SPARE_VOLUME,
  startCommandLineStage,
  type CommandLineStage,
} from './support/command-line-stage.ts';

let stage: CommandLineStage;
beforeAll(async () => {
  stage = await startCommandLineStage();
});
afterAll(() => stage.stop());

const cpm: CommandLine['run'] = (...given) => stage.run(...given);
const objectOf: CommandLine['objectOf'] = (args) => stage.objectOf(args);
const problemOf: CommandLine['problemOf'] = (...given) => stage.problemOf(...given);
const inAws: CommandLineStage['inAws'] = (query) => stage.inAws(query);
const secretKey = { CPM_AWS_SECRET_ACCESS_KEY: SECRET_KEY };

async function withFault<T>(fault: Record<string, unknown>, act: () => Promise<T>): Promise<T> {
  await fetch(`${stage.awsUrl}/_simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
  try {
    return await act();
  } finally {
    await fetch(`${stage.awsUrl}/_simulator/faults`, { method: 'DELETE' });
  }
}

describe('signing in from the command line', () => {
  const claim = () => ['claim', '--server', stage.address(), '--user', 'root', '--email', 'root@example.com'];
  const pinned = () => ['--fingerprint', stage.server().fingerprint];

  it('refuses a self-signed certificate that nobody vouched for, and tells its fingerprint', async () => {
    const { exitCode, stderr } = await cpm(claim(), {}, 'secret\npassword\n');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(stage.server().fingerprint);
  });

  it('ends with 8 when the server shows another certificate than the required one', async () => {
    const wrong = stage.server().fingerprint.replace(/^../, (byte) => (byte === '00' ? '11' : '00'));
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
    const claimed = await cpm([...claim(), ...pinned()], {}, `${stage.server().claimSecret}\n${PASSWORD}\n`);
    expect(claimed).toMatchObject({ exitCode: 0, stdout: '' });
    const file = path.join(stage.directory, 'config', 'cpm', 'login.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const stored = await readFile(file, 'utf8');
    expect(stored).toContain(stage.server().fingerprint);
    for (const secret of [PASSWORD, String(stage.server().claimSecret)]) expect(stored).not.toContain(secret);
    expect(await objectOf(['whoami'])).toMatchObject({
      user: { name: 'root', kind: 'root' },
      serverZone: 'Europe/Berlin',
    });
  });

  it('refuses a second claim', async () => {
    const env = { CPM_CLAIM_SECRET: String(stage.server().claimSecret), CPM_PASSWORD: PASSWORD };
    expect(await problemOf(claim(), env)).toMatchObject({ exitCode: 4, problem: { code: 'setup_done' } });
  });

  it('refuses a wrong password', async () => {
    const login = ['login', '--server', stage.address(), '--user', 'root'];
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
      CPM_SERVER: stage.address(),
      CPM_TOKEN: made.stdout.trim(),
      CPM_FINGERPRINT: stage.server().fingerprint,
      XDG_CONFIG_HOME: path.join(stage.directory, 'empty'),
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
    await fetch(`${stage.awsUrl}/_simulator/settings`, {
      method: 'POST',
      body: JSON.stringify({ timing: { snapshotBaseMs: 4000 } }),
    });
    const { stdout: started } = await cpm(['policy', 'run', 'web', '--quiet']);
    const watching = stage.start(['backup', 'follow', started.trim()]);
    await once(watching.child.stderr as NodeJS.ReadableStream, 'data');
    await stage.restart();
    const { exitCode, stdout } = await watching.ended;
    expect(stdout).toMatch(/^status +Backup Successful$/m);
    expect(exitCode).toBe(0);
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
    const file = path.join(stage.directory, 'config', 'cpm', 'login.json');
    const { token } = JSON.parse(await readFile(file, 'utf8')) as { token: string };
    expect((await cpm(['logout'])).exitCode).toBe(0);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    const env = { CPM_SERVER: stage.address(), CPM_TOKEN: token, CPM_FINGERPRINT: stage.server().fingerprint };
    expect(await problemOf(['whoami'], env)).toMatchObject({ exitCode: 3, problem: { status: 401 } });
  });
});
