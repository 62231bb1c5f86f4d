import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Estate, type Simulator } from './index.ts';
import { hasAwsCli } from './testing/boto3-driver.ts';
import { alpha, beta, root, spare, stageEstate, web } from './testing/stage.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
afterAll(() => rmSync(folder, { recursive: true }));

const refusedEstate = join(folder, 'refused.json');
writeFileSync(
  refusedEstate,
  JSON.stringify({
    accounts: [
      {
        id: '100000000001',
        accessKeys: [],
        regions: { 'us-east-1': { volumes: [{ sizeGiB: 1, zone: 'a', type: 'st1' }] } },
      },
    ],
  }),
);

type Ended = { readonly code: number | null; readonly stderr: string };

const runToEnd = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('exit', (code) => resolve({ code, stderr }));
  });

describe('The simulator, started from the command line', () => {
  it('says where it answers, serves an estate from a file and ends when told to', async () => {
    const file = join(folder, 'estate.json');
    writeFileSync(file, JSON.stringify(stageEstate));
    const child = spawn(process.execPath, [main, '--port', '0', '--estate', file, '--clock', 'manual'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const first = await new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve);
    });
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(first)?.[0] ?? '';
    const inventory = (await (await fetch(`${url}/_simulator/inventory?id=${web}`)).json()) as { resources: unknown[] };
    expect(inventory.resources).toMatchObject([{ id: web, state: 'running' }]);
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
  it('a port in use is said plainly', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      taken.once('listening', resolve);
    });
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code, stderr } = await runToEnd(['--port', String(port)]);
    taken.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining('already in use')]);
  });
  it.each([
    ['a file that is not there', ['--estate', join(folder, 'nowhere.json')], 'cannot read the estate'],
    ['an estate AWS would refuse', ['--estate', refusedEstate], 'too small'],
    ['a fleet of nothing', ['--estate', 'fleet:0x1'], 'at least one instance'],
    ['a clock nobody knows', ['--clock', 'sundial'], '--clock must be real or manual'],
    ['an option nobody knows', ['--speed', '3'], 'Unknown option'],
  ])('%s is refused with the reason', async (_what, args, reason) => {
    const { code, stderr } = await runToEnd(['--port', '0', ...args]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
  });
  it.each([
    ['no accounts', { accounts: [] }, "'accounts' must be a list"],
    [
      'a setting nobody knows',
      { settings: { timing: { snapMs: 1 } }, accounts: [{ id: '100000000001', accessKeys: [] }] },
      'timing has no snapMs',
    ],
    ['an account id that is none', { accounts: [{ id: '12', accessKeys: [] }] }, '12 digits'],
    [
      'an unknown region',
      { accounts: [{ id: '100000000001', accessKeys: [], regions: { 'mars-north-1': {} } }] },
      'mars-north-1',
    ],
    [
      'an unknown image',
      {
        accounts: [
          {
            id: '100000000001',
            accessKeys: [],
            regions: { 'us-east-1': { instances: [{ image: 'beos', type: 't3.micro' }] } },
          },
        ],
      },
      "there is no image 'beos'",
    ],
  ])('an estate with %s is refused with the reason', async (_what, estate, reason) => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, JSON.stringify(estate));
    await expect(startSimulator({ estate: file })).rejects.toThrow(reason);
  });
});

describe('Ready-made estates', () => {
  it('the example of the README is one', async () => {
    const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
    const example = [...readme.matchAll(/```json\n([^`]+)```/g)]
      .map(([, text]) => text ?? '')
      .find((text) => text.includes('accounts'));
    const simulator = await startSimulator({ estate: JSON.parse(example ?? '') as Estate });
    const { resources } = (await (
      await fetch(`${simulator.url}/_simulator/inventory?type=volume&state=in-use`)
    ).json()) as { resources: unknown[] };
    await simulator.stop();
    expect(resources).toMatchObject([{ sizeGiB: 10 }, { sizeGiB: 20, encrypted: true }]);
  });
  it.each([
    ['acme', 7, 15],
    ['fleet:10x4', 10, 40],
  ])('%s has its instances and volumes', async (estate, instances, volumes) => {
    const simulator = await startSimulator({ estate });
    const { resources } = (await (await fetch(`${simulator.url}/_simulator/inventory`)).json()) as {
      resources: { type: string }[];
    };
    await simulator.stop();
    expect([
      resources.filter((one) => one.type === 'instance').length,
      resources.filter((one) => one.type === 'volume').length,
    ]).toEqual([instances, volumes]);
  });
});

describe.skipIf(!hasAwsCli())('The AWS command line against the simulator', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ estate: stageEstate, clock: 'manual' });
  });
  afterAll(() => simulator.stop());

  const aws = async (args: string, who = alpha, region = 'us-east-1'): Promise<string> => {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: who.accessKeyId,
      AWS_SECRET_ACCESS_KEY: who.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: simulator.url,
      AWS_MAX_ATTEMPTS: '1',
    };
    const { stdout } = await promisify(execFile)('aws', [...args.split(' '), '--output', 'text'], { env });
    return stdout.trim();
  };

  it('leads a snapshot from a volume through sharing and a copy into a running instance of another account', async () => {
    const id = await aws(`ec2 create-snapshot --volume-id ${root} --query SnapshotId`);
    expect(await aws(`ec2 describe-snapshots --snapshot-ids ${id} --query Snapshots[0].State`)).toBe('pending');
    simulator.clock?.advance(60_000);
    await aws(`ec2 wait snapshot-completed --snapshot-ids ${id}`);
    await aws(
      `ec2 modify-snapshot-attribute --snapshot-id ${id} --attribute createVolumePermission --operation-type add --user-ids 100000000002`,
    );
    const copy = await aws(
      `ec2 copy-snapshot --source-region us-east-1 --source-snapshot-id ${id} --query SnapshotId`,
      beta,
      'eu-west-1',
    );
    simulator.clock?.advance(60_000);
    const image = await aws(
      `ec2 register-image --name recovered --architecture x86_64 --virtualization-type hvm --ena-support --root-device-name /dev/xvda --block-device-mappings DeviceName=/dev/xvda,Ebs={SnapshotId=${copy}} --query ImageId`,
      beta,
      'eu-west-1',
    );
    const instance = await aws(
      `ec2 run-instances --image-id ${image} --instance-type t3.micro --query Instances[0].InstanceId`,
      beta,
      'eu-west-1',
    );
    simulator.clock?.advance(60_000);
    expect(
      await aws(
        `ec2 describe-instances --instance-ids ${instance} --query Reservations[0].Instances[0].State.Name`,
        beta,
        'eu-west-1',
      ),
    ).toBe('running');
    // Each command is a process of its own, slow on a busy machine.
  }, 180_000);
  it("shows AWS's error codes", async () => {
    await expect(aws(`ec2 delete-volume --volume-id vol-0123456789abcdef0`)).rejects.toThrow(/InvalidVolume.NotFound/);
    await expect(aws(`ec2 delete-volume --volume-id ${spare} --dry-run`)).rejects.toThrow(/DryRunOperation/);
    await expect(aws(`ec2 describe-volumes`, { ...alpha, secretAccessKey: 'wrong' })).rejects.toThrow(/AuthFailure/);
  });
  it('walks pages by itself', async () => {
    expect((await aws('ec2 describe-tags --page-size 5 --query Tags[].Key')).split(/\s+/).length).toBeGreaterThan(5);
  });
});
