import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  commandLine,
  seeProcesses,
  startCpm,
  type CommandLine,
  type CpmServer,
  type SeenProcess,
} from './cpm-processes.ts';
import {
  ACCOUNT_NUMBER,
  DATABASES,
  DATA_VOLUME,
  OTHER_ZONE,
  REGION,
  ZONE,
  startMotoAws,
  type MotoAws,
} from './moto-aws.ts';
import type { Instance, Snapshot, Tags, Volume } from './moto-aws.ts';
import { askUntil } from './run-program.ts';

const PASSWORD = 'correct horse battery staple';
const SET_UP_MS = 300_000;

type Backup = { readonly id: string; readonly status: string; readonly snapshotCount: number };
type Recovery = { readonly id: string; readonly status: string; readonly reasons: readonly string[] };

/** Where CPM keeps its records; `url` null means its own PostgreSQL in the data directory. */
export type Database = { readonly url: string | null; readonly drop: () => Promise<void> };

const tagsOf = (tags: Tags | undefined) => Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
const idsOf = (snapshots: readonly Snapshot[]) => snapshots.map(({ SnapshotId }) => SnapshotId).toSorted();
const keysInput = (secretAccessKey: string) => `${secretAccessKey}\n`;

function only<Thing>(things: readonly Thing[]): Thing {
  const [thing] = things;
  if (thing === undefined || things.length > 1) throw new Error(`one was expected: ${JSON.stringify(things)}`);
  return thing;
}

/** The main job on a moto server: CPM is driven by its command line alone, and what it did is read with the AWS CLI alone. */
export function witnessMainJob(openDatabase: () => Promise<Database>): void {
  let home: string;
  let dataDir: string;
  let aws: MotoAws;
  let database: Database;
  let server: CpmServer;
  let cpm: CommandLine;
  let policyId: string;
  /** Successful backups in their order, with what the AWS CLI showed of each right after it. */
  const generations: { readonly backup: Backup; readonly snapshots: readonly Snapshot[] }[] = [];

  const start = async (port: number) => {
    const external = database.url === null ? {} : { CPM_DATABASE_URL: database.url };
    server = await startCpm({ dataDir, port, env: { AWS_ENDPOINT_URL: aws.url, ...external } });
  };

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'cpm-witness-'));
    dataDir = path.join(home, 'data');
    aws = await startMotoAws();
    database = await openDatabase();
    cpm = commandLine(path.join(home, 'config'));
    await start(0);
  }, SET_UP_MS);

  afterAll(async () => {
    server?.kill();
    await aws?.stop();
    await database?.drop();
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  });

  const instance = (index: number): Instance => {
    const found = aws.instances[index];
    if (found === undefined) throw new Error('there are two instances');
    return found;
  };
  const volumeAt = ({ BlockDeviceMappings }: Instance, device: string): string =>
    only(BlockDeviceMappings.filter(({ DeviceName }) => DeviceName === device)).Ebs.VolumeId;
  const latest = () => {
    const last = generations.at(-1);
    if (last === undefined) throw new Error('no backup has succeeded');
    return last;
  };

  /** Runs the policy to its outcome and looks at what AWS holds of it. */
  const runPolicy = async (snapshotCount: number) => {
    const backup = await cpm.objectOf<Backup>(['policy', 'run', 'web', '--wait']);
    expect(backup).toMatchObject({ status: 'successful', snapshotCount });
    const snapshots = await aws.snapshots('cpm:backup', backup.id);
    expect(snapshots).toHaveLength(snapshotCount);
    generations.push({ backup, snapshots });
    return { backup, snapshots };
  };

  const expectOnlyLatest = async () => {
    const wanted = idsOf(latest().snapshots);
    const held = await askUntil(
      async () => idsOf(await aws.snapshots('cpm:policy', policyId)),
      (ids) => ids.length <= wanted.length,
    );
    expect(held).toEqual(wanted);
  };

  describe('who may', () => {
    it('is claimed with the secret that the server printed, over the certificate that it printed', async () => {
      const { url, fingerprint, claimSecret } = server;
      const claim = [
        'claim',
        '--server',
        url,
        '--user',
        'root',
        '--email',
        'root@example.com',
        '--fingerprint',
        fingerprint,
      ];
      const claimed = await cpm.run(claim, `${claimSecret}\n${PASSWORD}\n`);
      expect(claimed).toMatchObject({ exitCode: 0, stdout: '' });
      expect(await cpm.objectOf(['whoami'])).toMatchObject({ user: { name: 'root', kind: 'root' } });
    });

    it.each([
      [
        'an unknown key',
        () => ({ ...aws.keys, accessKeyId: 'AKIAUNKNOWN000000000' }),
        'InvalidClientTokenId',
        'GetCallerIdentity',
      ],
      [
        'a wrong secret',
        () => ({ ...aws.keys, secretAccessKey: 'x'.repeat(40) }),
        'SignatureDoesNotMatch',
        'GetCallerIdentity',
      ],
      ['a user without rights', () => aws.keysWithoutRights, 'AccessDenied', 'DescribeRegions'],
    ])(
      "refuses the keys of %s with AWS's own code, action and request id, and stores nothing",
      async (_, keys, code, action) => {
        const { accessKeyId, secretAccessKey } = keys();
        const add = ['account', 'add', 'production', '--access-key-id', accessKeyId, '--secret-key-stdin'];
        const { exitCode, problem } = await cpm.problemOf(add, keysInput(secretAccessKey));
        expect(exitCode).toBe(3);
        expect(problem).toMatchObject({
          aws: { code, action: expect.stringContaining(action), requestId: expect.stringMatching(/\w/) },
        });
        expect(JSON.stringify(problem)).not.toContain(secretAccessKey);
        expect(await cpm.objectOf(['account', 'list'])).toMatchObject({ items: [] });
      },
    );

    it('adds the account whose keys AWS confirms', async () => {
      const { accessKeyId, secretAccessKey } = aws.keys;
      const add = ['account', 'add', 'production', '--access-key-id', accessKeyId, '--secret-key-stdin'];
      const account = await cpm.objectOf(add, keysInput(secretAccessKey));
      expect(account).toMatchObject({ awsAccountNumber: ACCOUNT_NUMBER, warnings: [] });
    });
  });

  describe('backup and retention', () => {
    it('takes a tagged snapshot of every volume of both instances', async () => {
      ({ id: policyId } = await cpm.objectOf<{ id: string }>([
        'policy',
        'create',
        'web',
        '--account',
        'production',
        '--generations',
        '1',
      ]));
      const targets = aws.instances.flatMap(({ InstanceId }) => ['--instance', InstanceId]);
      await cpm.objectOf(['policy', 'add-target', 'web', '--region', REGION, ...targets]);
      const { backup, snapshots } = await runPolicy(4);
      const volumesOf = ({ BlockDeviceMappings }: Instance) => BlockDeviceMappings.map(({ Ebs }) => Ebs.VolumeId);
      expect(snapshots.map(({ VolumeId }) => VolumeId).toSorted()).toEqual(aws.instances.flatMap(volumesOf).toSorted());
      for (const { VolumeId, State, Tags: tags } of snapshots) {
        const source = only(aws.instances.filter((each) => volumesOf(each).includes(VolumeId)));
        const own = { 'cpm:policy': policyId, 'cpm:backup': backup.id, 'cpm:source': source.InstanceId };
        expect({ State, tags: tagsOf(tags) }).toMatchObject({ State: 'completed', tags: own });
      }
    });

    it('keeps one generation: after the second run the first one is gone from AWS and the second is there', async () => {
      await runPolicy(4);
      await expectOnlyLatest();
      expect(await aws.snapshots('cpm:backup', generations[0]?.backup.id ?? '')).toEqual([]);
    });
  });

  describe('databases', () => {
    it('takes a tagged snapshot of a database, a cluster and a Redshift cluster, and keeps one generation of them', async () => {
      await cpm.objectOf(['policy', 'create', 'data', '--account', 'production', '--generations', '1']);
      const { database, cluster, redshift } = DATABASES;
      const targets = ['--database', database, '--database-cluster', cluster, '--redshift-cluster', redshift];
      await cpm.objectOf(['policy', 'add-target', 'data', '--region', REGION, ...targets]);
      const run = async () => {
        const backup = await cpm.objectOf<Backup>(['policy', 'run', 'data', '--wait']);
        expect(backup).toMatchObject({ status: 'successful', snapshotCount: 3 });
        return backup;
      };
      const ofBackup = async ({ id }: Backup) =>
        (await aws.databaseSnapshots()).filter(({ tags }) => tagsOf(tags)['cpm:backup'] === id);
      const first = await run();
      const taken = await ofBackup(first);
      expect(taken.map(({ source, state }) => `${source} ${state}`).toSorted()).toEqual(
        [database, cluster, redshift].map((source) => `${source} available`).toSorted(),
      );
      for (const { name } of taken) expect(name).toMatch(/^cpm-data-[0-9a-f-]{36}$/);
      const second = await run();
      const left = await askUntil(
        () => ofBackup(first),
        (snapshots) => snapshots.length === 0,
      );
      expect(left).toEqual([]);
      expect(await ofBackup(second)).toHaveLength(3);
    });
  });

  describe('recovery', () => {
    it('makes a volume with the size, type, zone and tags of the original and attaches it to a free device', async () => {
      const volumeId = volumeAt(instance(0), DATA_VOLUME.device);
      const to = ['--attach', instance(1).InstanceId, '--device', '/dev/sdg', '--wait'];
      const recovery = await cpm.objectOf<Recovery>([
        'recover',
        'volume',
        'latest',
        '--policy',
        'web',
        '--volume',
        volumeId,
        ...to,
      ]);
      expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
      const made = only(await aws.volumes('tag:cpm:recovery', recovery.id));
      expect(made).toMatchObject({
        Size: DATA_VOLUME.sizeGiB,
        VolumeType: DATA_VOLUME.type,
        AvailabilityZone: ZONE,
        SnapshotId: only(latest().snapshots.filter(({ VolumeId }) => VolumeId === volumeId)).SnapshotId,
        State: 'in-use',
        Attachments: [{ InstanceId: instance(1).InstanceId, Device: '/dev/sdg', State: 'attached' }],
      });
      expect(tagsOf(made.Tags)).toMatchObject({ Name: DATA_VOLUME.name });
    });

    it('makes a larger volume of another type in another zone when asked', async () => {
      const change = [
        '--volume',
        volumeAt(instance(1), '/dev/sda1'),
        '--size',
        '25',
        '--type',
        'gp2',
        '--zone',
        OTHER_ZONE,
      ];
      const recovery = await cpm.objectOf<Recovery>([
        'recover',
        'volume',
        'latest',
        '--policy',
        'web',
        ...change,
        '--wait',
      ]);
      const made: Volume = only(await aws.volumes('tag:cpm:recovery', recovery.id));
      expect(made).toMatchObject({
        Size: 25,
        VolumeType: 'gp2',
        AvailabilityZone: OTHER_ZONE,
        State: 'available',
        Attachments: [],
      });
    });

    it("refuses a taken device, a size below the snapshot's and an unknown zone, and makes nothing", async () => {
      const before = await aws.volumes('tag-key', 'cpm:recovery');
      const volume = ['--policy', 'web', '--volume', volumeAt(instance(0), DATA_VOLUME.device)];
      for (const [field, ...wish] of [
        ['deviceName', '--attach', instance(1).InstanceId, '--device', DATA_VOLUME.device],
        ['sizeGiB', '--size', '400'],
        ['zone', '--zone', 'us-east-1z'],
      ]) {
        expect(await cpm.problemOf(['recover', 'volume', 'latest', ...volume, ...wish, '--wait'])).toMatchObject({
          exitCode: 2,
          problem: { code: 'recovery_refused', fields: [{ path: `volumes.0.${field}` }] },
        });
      }
      expect(await aws.volumes('tag-key', 'cpm:recovery')).toHaveLength(before.length);
    });

    it('brings an instance back with its data volume, and takes the image away but not the snapshots', async () => {
      const original = instance(0);
      const recover = ['recover', 'instance', 'latest', '--policy', 'web', '--instance', original.InstanceId, '--wait'];
      const recovery = await cpm.objectOf<Recovery>(recover);
      expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
      const made = only(await aws.instancesOf('cpm:recovery', recovery.id));
      const { InstanceType, SubnetId, SecurityGroups } = original;
      expect(made).toMatchObject({ InstanceType, SubnetId, SecurityGroups, State: { Name: 'running' } });
      expect(tagsOf(made.Tags)).toMatchObject({ Name: 'web' });
      // Of a registered image moto keeps the name alone, so the root volume cannot be seen here; the simulator shows it.
      const [data] = await aws.volumes('attachment.instance-id', made.InstanceId);
      const source = latest().snapshots.find(({ VolumeId }) => VolumeId === volumeAt(original, DATA_VOLUME.device));
      expect(data).toMatchObject({
        SnapshotId: source?.SnapshotId,
        Size: DATA_VOLUME.sizeGiB,
        VolumeType: DATA_VOLUME.type,
      });
      expect(data?.Attachments).toMatchObject([{ Device: DATA_VOLUME.device }]);
      expect(await aws.imageNames()).toEqual(['base']);
      await expectOnlyLatest();
    });
  });

  describe('recovery of databases', () => {
    it.each([
      ['database', '--database', DATABASES.database],
      ['database-cluster', '--cluster', DATABASES.cluster],
      ['redshift-cluster', '--cluster', DATABASES.redshift],
    ])(
      'brings a %s back under a new name, like the original, with tags that say who made it',
      async (kind, option, name) => {
        const made = `${name}-back`;
        const named = [option, name, '--id', made];
        const recovery = await cpm.objectOf<Recovery>([
          'recover',
          kind,
          'latest',
          '--policy',
          'data',
          ...named,
          '--wait',
        ]);
        expect(recovery).toMatchObject({ status: 'successful', reasons: [] });
        const seen = await aws.databases();
        const [original, back] = [name, made].map((each) => only(seen.filter((one) => one.name === each)));
        const { engine, size, port, user } = original ?? {};
        expect(back).toMatchObject({ engine, size, port, user, state: 'available' });
        expect(tagsOf(back?.tags)).toMatchObject({ 'cpm:recovery': recovery.id });
      },
    );

    it('refuses a name that is taken, and makes nothing', async () => {
      const before = (await aws.databases()).length;
      const recover = ['recover', 'database', 'latest', '--policy', 'data', '--id', `${DATABASES.database}-back`];
      expect(await cpm.problemOf(recover)).toMatchObject({
        exitCode: 2,
        problem: { code: 'recovery_refused', fields: [{ path: expect.stringMatching(/--id|databaseId/) }] },
      });
      expect(await aws.databases()).toHaveLength(before);
    });
  });

  describe('end and second start', () => {
    it('ends everything that it started on Ctrl-C', async () => {
      const started = await server.descendants();
      const isPostgres = ({ command }: SeenProcess) => /postgres\b/.test(command) && command.includes(dataDir);
      expect(started.some(isPostgres)).toBe(database.url === null);
      expect(await server.pressCtrlC()).toBe(0);
      const pids = new Set(started.map(({ pid }) => pid));
      const left = await seeProcesses();
      expect(left.filter(({ pid, command }) => pids.has(pid) || command.includes(dataDir))).toEqual([]);
    });

    it('finds its data at the second start, as the same server, and goes on', async () => {
      const { url, fingerprint } = server;
      await start(Number(new URL(url).port));
      expect(server).toMatchObject({ url, fingerprint, claimSecret: null });
      const { items } = await cpm.objectOf<{ items: Backup[] }>(['backup', 'list', '--policy', 'web', '--deleted']);
      expect(items.map(({ id }) => id)).toEqual(generations.map(({ backup }) => backup.id).toReversed());
      // The recovered volume belongs to one of the instances by now.
      await runPolicy(5);
      await expectOnlyLatest();
      expect(await server.pressCtrlC()).toBe(0);
    });
  });
}
