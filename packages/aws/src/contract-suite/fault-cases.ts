import { expect } from 'vitest';
import type { Ec2Port } from '../port/ec2.ts';
import type { Faults } from './back-end.ts';
import { named } from './database-snapshot-cases.ts';
import { ORDERS, plantDatabases, SALES } from './plant-databases.ts';
import { refusalOf, uniqueTag, until, type Case, type Stage } from './stage.ts';

type Work = (stage: Stage, faults: Faults) => Promise<void>;

/** A case that needs a back end that can be made to misbehave; whatever was set is taken back. */
function misbehaving(title: string, work: Work): Case {
  const run = async (stage: Stage) => {
    const { faults } = stage.backEnd;
    if (faults === null) return expect.fail('this back end cannot be made to misbehave');
    try {
      await work(stage, faults);
    } finally {
      await faults.clear();
      await stage.backEnd.settle(120);
    }
  };
  return { title, run };
}

function snapshotInput({ estate }: Stage) {
  const { key, value } = uniqueTag();
  const all = { excludeRoot: false, excludeVolumeIds: [], description: 'faulty', copySourceTags: false };
  return { value, input: { instanceId: estate.instanceId, ...all, tags: { [key]: value } } };
}

/** The same account in the region that holds more than a thousand volumes and nothing of the other cases. */
function elsewhere({ gateway, backEnd }: Stage): Ec2Port {
  return gateway.ec2({ accountKey: 'owner', credentials: async () => backEnd.owner }, backEnd.otherRegion);
}

export const faultCases: readonly Case[] = [
  misbehaving('a create whose answer is lost is found by its tag, exactly once', async (stage, faults) => {
    const { ec2 } = stage;
    const { value, input } = snapshotInput(stage);
    await faults.set({ kind: 'execute-then-drop', action: 'CreateSnapshots', count: 1 });
    expect(await refusalOf(ec2.createSnapshots(input))).toMatchObject({
      code: 'aws_answer_lost',
      outcomeUnknown: true,
    });
    await stage.backEnd.settle(120);
    const found = await ec2.findSnapshotsByTag('cpm:attempt', [value]);
    expect(new Set(found.map(({ volumeId }) => volumeId)).size).toBe(3);
    expect(found).toHaveLength(3);
  }),
  misbehaving(
    'a snapshot of a database whose answer is lost is there under its name, exactly once',
    async (stage, faults) => {
      await plantDatabases(stage);
      const { awsSnapshotId, tags } = named();
      await faults.set({ kind: 'execute-then-drop', action: 'CreateDBSnapshot', count: 1 });
      await faults.answersTo('CreateDBSnapshot');
      const refusal = await refusalOf(stage.rds.createDatabaseSnapshot({ awsSnapshotId, databaseId: ORDERS, tags }));
      expect(refusal).toMatchObject({ class: 'conflict', outcomeUnknown: true });
      const [found] = await stage.rds.describeDatabaseSnapshots([awsSnapshotId]);
      expect(found).toMatchObject({ awsSnapshotId, tags });
      expect(Object.keys(await faults.answersTo('CreateDBSnapshot'))).toContain('DBSnapshotAlreadyExists');
      await until(stage.backEnd, 'the database is available again', async () => {
        const [database] = await stage.rds.describeDatabases([ORDERS]);
        return database?.state === 'available';
      });
    },
  ),
  misbehaving('a snapshot of a database that AWS throttles is made once, after a wait', async (stage, faults) => {
    await plantDatabases(stage);
    const { awsSnapshotId, tags } = named();
    await faults.set({ kind: 'throttle', action: 'CreateDBClusterSnapshot', count: 2 });
    await faults.answersTo('CreateDBClusterSnapshot');
    await stage.rds.createDatabaseClusterSnapshot({ awsSnapshotId, clusterId: SALES, tags });
    expect(await faults.answersTo('CreateDBClusterSnapshot')).toEqual({ Throttling: 2, OK: 1 });
  }),
  misbehaving('a create that AWS throttles is made once, after a wait', async (stage, faults) => {
    const { value, input } = snapshotInput(stage);
    await faults.set({ kind: 'throttle', action: 'CreateSnapshots', count: 2 });
    await faults.answersTo('CreateSnapshots');
    expect(await stage.ec2.createSnapshots(input)).toHaveLength(3);
    expect(await faults.answersTo('CreateSnapshots')).toEqual({ RequestLimitExceeded: 2, OK: 1 });
    await stage.backEnd.settle(120);
    expect(await stage.ec2.findSnapshotsByTag('cpm:attempt', [value])).toHaveLength(3);
  }),
  misbehaving(
    'a hundred and twenty calls at once keep to the limit: none is refused',
    async ({ gateway, backEnd }, faults) => {
      const access = { accountKey: 'owner', credentials: async () => backEnd.owner };
      const ec2 = gateway.ec2(access, backEnd.otherRegion);
      await faults.answersTo('DeleteSnapshot');
      const started = performance.now();
      const ids = Array.from({ length: 120 }, (_, index) => `snap-0${String(index).padStart(16, '0')}`);
      const outcomes = await Promise.all(ids.map((id) => ec2.deleteSnapshot(id)));
      expect(new Set(outcomes)).toEqual(new Set(['alreadyGone']));
      expect(await faults.answersTo('DeleteSnapshot')).toEqual({ 'InvalidSnapshot.NotFound': 120 });
      // (120 - 100) / 5 a second is the least that AWS's limit allows.
      expect(performance.now() - started).toBeGreaterThan(4000);
    },
  ),
  misbehaving('a region that is down is said to be unavailable, and the others work', async (stage, faults) => {
    await faults.set({ kind: 'region-down', region: stage.backEnd.otherRegion });
    const refusal = await refusalOf(elsewhere(stage).listInstances());
    expect(refusal).toMatchObject({ code: 'aws_unavailable', class: 'transient' });
    expect((await stage.ec2.listInstances()).length).toBeGreaterThan(0);
  }),
  misbehaving('a listing of more than a thousand volumes comes page by page and whole', async (stage, faults) => {
    await faults.answersTo('DescribeVolumes');
    const volumes = await elsewhere(stage).listVolumes();
    expect(volumes.length).toBeGreaterThan(1000);
    expect(new Set(volumes.map(({ volumeId }) => volumeId)).size).toBe(volumes.length);
    expect(await faults.answersTo('DescribeVolumes')).toEqual({ OK: Math.ceil(volumes.length / 1000) });
  }),
  misbehaving('a listing whose second page fails is an error, not half a listing', async (stage, faults) => {
    await faults.set({ kind: 'error', code: 'AuthFailure', status: 401, action: 'DescribeVolumes', nth: 2 });
    expect(await refusalOf(elsewhere(stage).listVolumes())).toMatchObject({ code: 'aws_credentials_refused' });
  }),
  misbehaving('a fresh snapshot that AWS does not show yet is absent, not an error', async (stage, faults) => {
    const { ec2, backEnd } = stage;
    await faults.hideFreshIds(60_000);
    const { value, input } = snapshotInput(stage);
    const made = await ec2.createSnapshots(input);
    const ids = made.map(({ awsSnapshotId }) => awsSnapshotId);
    expect(await ec2.describeSnapshots(ids)).toEqual([]);
    expect(await ec2.findSnapshotsByTag('cpm:attempt', [value])).toEqual([]);
    await until(backEnd, 'they are shown', async () => (await ec2.describeSnapshots(ids)).length === 3);
    expect(await ec2.findSnapshotsByTag('cpm:attempt', [value])).toHaveLength(3);
  }),
];
