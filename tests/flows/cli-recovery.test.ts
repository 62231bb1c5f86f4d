import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sdkDriver } from '../../packages/simulator/src/testing/sdk-driver.ts';
import type { CommandLine } from './support/command-line.ts';
import {
  DATA_VOLUME,
  INSTANCE,
  KEY_ID,
  OTHER_INSTANCE,
  PASSWORD,
  REGION,
  SECRET_KEY,
  SPARE_VOLUME,
  startCommandLineStage,
  type CommandLineStage,
} from './support/command-line-stage.ts';

let stage: CommandLineStage;
beforeAll(async () => {
  stage = await startCommandLineStage();
  const { address, server } = stage;
  const pinned = ['--fingerprint', server().fingerprint];
  const claim = ['claim', '--server', address(), '--user', 'root', '--email', 'root@example.com', ...pinned];
  await expectWell(claim, {}, `${server().claimSecret}\n${PASSWORD}\n`);
  await expectWell(['account', 'add', 'production', '--access-key-id', KEY_ID], secretKey);
  await expectWell(['policy', 'create', 'web', '--account', 'production']);
  const targets = ['--instance', INSTANCE, '--volume', SPARE_VOLUME];
  await expectWell(['policy', 'add-target', 'web', '--region', REGION, ...targets]);
  for (const _ of ['first', 'second']) await expectWell(['policy', 'run', 'web', '--wait']);
});
afterAll(() => stage.stop());

const cpm: CommandLine['run'] = (...given) => stage.run(...given);
const objectOf: CommandLine['objectOf'] = (args) => stage.objectOf(args);
const problemOf: CommandLine['problemOf'] = (...given) => stage.problemOf(...given);
const inAws: CommandLineStage['inAws'] = (query) => stage.inAws(query);
const secretKey = { CPM_AWS_SECRET_ACCESS_KEY: SECRET_KEY };
async function expectWell(...given: Parameters<CommandLine['run']>): Promise<void> {
  expect(await cpm(...given)).toMatchObject({ exitCode: 0 });
}

/** What somebody does without CPM. */
async function inAwsItself(action: string, input: object): Promise<void> {
  const keys = { accessKeyId: KEY_ID, secretAccessKey: SECRET_KEY };
  await sdkDriver().call({ url: stage.awsUrl, service: 'ec2', region: REGION, ...keys }, action, input);
}

/** Somebody stops or starts the instance, and waits until that is done. */
async function act(action: 'StopInstances' | 'StartInstances'): Promise<void> {
  await inAwsItself(action, { InstanceIds: [INSTANCE] });
  const wanted = action === 'StopInstances' ? 'stopped' : 'running';
  await expect
    .poll(async () => (await inAws(`type=instance&id=${INSTANCE}`))[0]?.['state'], { timeout: 20_000 })
    .toBe(wanted);
}

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
    expect(await inAws('type=volume&state=in-use')).toHaveLength(4);
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

  it('recovers several instances in one go, and tells how each of them ended', async () => {
    await expectWell(['policy', 'create', 'pair', '--account', 'production']);
    const both = ['--instance', INSTANCE, '--instance', OTHER_INSTANCE];
    await expectWell(['policy', 'add-target', 'pair', '--region', REGION, ...both]);
    await expectWell(['policy', 'run', 'pair', '--wait']);
    const recover = ['recover', 'instances', 'latest', '--policy', 'pair'];
    const recovered = await cpm([...recover, '--all', '--wait']);
    expect(recovered).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^2 of 2 .*$/m) as string });
    const ids = (name: string) => new RegExp(`${name} +pair .*Recovery Successful +i-[0-9a-f]+, vol-`, 'm');
    expect(recovered.stdout).toMatch(ids(`queue \\(${OTHER_INSTANCE}\\)`));
    const named = await objectOf<{ items: { sourceName: string }[] }>([...recover, '--instance', 'queue']);
    expect(named.items).toMatchObject([{ sourceName: `queue (${OTHER_INSTANCE})` }]);
    for (const [wrong, option] of [
      [[], '--instance'],
      [['--all', '--instance', 'queue'], '--all'],
      [['--instance', 'nobody'], '--instance'],
    ] as const) {
      const { exitCode, problem } = await problemOf([...recover, ...wrong]);
      expect([exitCode, problem['fields']]).toMatchObject([2, [{ path: option }]]);
    }
  });

  it('sets what came back beside its original, and ends with 1 where something differs that nobody asked for', async () => {
    const recover = ['recover', 'instance', ...latest, '--private-ip', 'any', '--type', 't3.small', '--wait'];
    const { id, objects } = await objectOf<{ id: string; objects: { kind: string; awsId: string }[] }>(recover);
    const same = await cpm(['recovery', 'compare', id]);
    expect(same).toMatchObject({ exitCode: 0, stderr: '' });
    expect(same.stdout).toMatch(new RegExp(`^instance i-\\S+, made of ${INSTANCE}: \\d+ the same, 2 as asked$`, 'm'));
    expect(same.stdout).toMatch(/^as-asked +type +t3.micro +t3.small$/m);
    const made = objects.find(({ kind }) => kind === 'instance')?.awsId ?? '';
    await inAwsItself('CreateTags', { Resources: [made], Tags: [{ Key: 'Stage', Value: 'test' }] });
    const different = await cpm(['recovery', 'compare', id]);
    expect(different.exitCode).toBe(1);
    expect(different.stdout).toMatch(/: \d+ the same, 2 as asked, 1 different$/m);
    expect(different.stdout).toMatch(/^DIFFERENT +tags +/m);
    expect(different.stdout).not.toContain('\u202e');
    expect(await cpm(['recovery', 'compare', id, '--quiet'])).toMatchObject({ exitCode: 1, stdout: `${made} tags\n` });
    expect(await problemOf(['recovery', 'compare', '00000000-0000-4000-8000-000000000000'])).toMatchObject({
      exitCode: 4,
    });
  });

  it('finds the image that an instance was launched from, its other versions, and its kin', async () => {
    const find = ['recover', 'find-image', ...latest];
    const { exitCode, stdout, stderr } = await cpm(find);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^It was launched from ami-\S+ \(al2023-.*still shows/m),
    ]);
    expect(stdout).toMatch(/^100 % +ami-\S+ +al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64 +amazon \(/m);
    const exact = (await cpm([...find, '--quiet'])).stdout.trim().split('\n');
    const similar = (await cpm([...find, '--similar', '--quiet'])).stdout.trim().split('\n');
    expect(similar.length).toBeGreaterThan(exact.length);
    expect(similar).toEqual(expect.arrayContaining(exact));
    expect(await problemOf([...find, '--region', 'moon-1'])).toMatchObject({ exitCode: 2 });
    expect(await problemOf([...find, '--instance', 'nobody'])).toMatchObject({ exitCode: 2 });
  });
});
