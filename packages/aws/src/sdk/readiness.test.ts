import { describe, expect, test } from 'vitest';
import { DEFAULT_PACING } from '../pacing-settings.ts';
import { handClock } from '../testing/hand-clock.ts';
import { ec2Result, queryResult, type Asked } from '../testing/scripted-aws.ts';
import { withScript } from '../testing/scripted-gateway.ts';
import { DEFAULT_SETTINGS } from './index.ts';

const OF_INSTANCE = {
  instanceId: 'i-1',
  excludeRoot: false,
  excludeVolumeIds: [],
  description: '',
  tags: {},
  copySourceTags: false,
};
const OF_VOLUME = { volumeId: 'vol-1', description: '', tags: {} };
const answer = ({ action }: Asked) =>
  action.includes('DB') ? queryResult(action, '') : ec2Result(action, '<snapshotSet/>');

/** Buckets that hold four calls and do not fill up while a test runs. */
const four = { capacity: 4, refillPerSecond: 0.000_1 };
const fourCalls = {
  settings: {
    ...DEFAULT_SETTINGS,
    pacing: { ...DEFAULT_PACING, headroomSeconds: 0, actions: { CreateSnapshots: four, CreateSnapshot: four } },
  },
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('never happened');
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

describe('a reservation', () => {
  test('lets the calls of a frozen application out at once although the limit is used up', async () => {
    const { ec2, records } = await withScript(answer, fourCalls);
    const { port, release } = await ec2.reserve({ CreateSnapshots: 3, CreateSnapshot: 2 });
    await ec2.createSnapshots(OF_INSTANCE);
    const others = Promise.allSettled([ec2.createSnapshots(OF_INSTANCE), ec2.createSnapshots(OF_INSTANCE)]);
    await Promise.all([
      ...Array.from({ length: 3 }, () => port.createSnapshots(OF_INSTANCE)),
      ...Array.from({ length: 2 }, () => port.createSnapshot(OF_VOLUME)),
    ]);
    expect(records.filter(({ action }) => action === 'CreateSnapshots')).toHaveLength(4);
    expect(records.filter(({ action }) => action === 'CreateSnapshot')).toHaveLength(2);
    expect(new Set(records.map(({ waitedMs }) => Math.floor(waitedMs)))).toEqual(new Set([0]));
    release();
    void others;
  });

  test('that was not used goes to those who wait', async () => {
    const { ec2, aws } = await withScript(answer, fourCalls);
    const { release } = await ec2.reserve({ CreateSnapshots: 4 });
    const waiting = ec2.createSnapshots(OF_INSTANCE);
    expect(aws.asked).toEqual([]);
    release();
    await waiting;
    expect(aws.asked).toHaveLength(1);
  });

  test('opens a connection for each call, so that the burst opens none', async () => {
    const { ec2, aws } = await withScript(answer);
    const { port, release } = await ec2.reserve({ CreateSnapshots: 9, CreateSnapshot: 3 });
    expect([await aws.connections(), aws.asked.length]).toEqual([12, 0]);
    await Promise.all([
      ...Array.from({ length: 9 }, () => port.createSnapshots(OF_INSTANCE)),
      ...Array.from({ length: 3 }, () => port.createSnapshot(OF_VOLUME)),
    ]);
    expect(await aws.connections()).toBe(12);
    release();
  });

  test('keeps the connections open while a script runs, and not after its release', async () => {
    const clock = handClock();
    const { ec2, aws } = await withScript(answer, { clock });
    const { release } = await ec2.reserve({ CreateSnapshots: 5 });
    aws.closeIdleConnections();
    await until(async () => (await aws.connections()) === 0);
    await clock.advance(15_000);
    await until(async () => (await aws.connections()) === 5);
    release();
    release();
    aws.closeIdleConnections();
    await until(async () => (await aws.connections()) === 0);
    await clock.advance(60_000);
    expect(await aws.connections()).toBe(0);
  });

  test('holds for databases and clusters as well', async () => {
    const { rds, aws } = await withScript(answer);
    const { port, release } = await rds.reserve({ CreateDBSnapshot: 30, CreateDBClusterSnapshot: 1 });
    await port.createDatabaseSnapshot({ awsSnapshotId: 'cpm-a', databaseId: 'orders', tags: {} });
    release();
    expect(aws.asked.map(({ action }) => action)).toEqual(['CreateDBSnapshot']);
  });

  test('ends its wait when the server stops, and nothing was sent', async () => {
    const { ec2, aws, gateway } = await withScript(answer, fourCalls);
    await ec2.reserve({ CreateSnapshots: 4 });
    const waiting = ec2.reserve({ CreateSnapshots: 1 });
    gateway.close();
    await expect(waiting).rejects.toMatchObject({ code: 'shutting_down', outcomeUnknown: false });
    expect(aws.asked).toEqual([]);
  });
});
