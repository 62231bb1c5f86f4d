import { describe, expect, test } from 'vitest';
import { DEFAULT_PACING, requestLimit } from './pacing-settings.ts';
import { createPacer, type Lane } from './pacing.ts';
import type { CallPriority } from './port/access.ts';
import { awsBucket, seededRandom } from './testing/aws-bucket.ts';
import { handClock } from './testing/hand-clock.ts';

const LANE: Lane = { accountKey: 'shop', region: 'eu-central-1', service: 'ec2', action: 'CreateSnapshots' };
const LATENCY_MS = 100;
const AWS_BUCKET = { capacity: 100, refillPerSecond: 5 };
const FIRST_WAVE = Math.floor(requestLimit(DEFAULT_PACING, 'ec2', 'CreateSnapshots').bucket.capacity);

function start(seed = 1) {
  const clock = handClock();
  return { clock, pacer: createPacer({ clock, settings: DEFAULT_PACING, random: seededRandom(seed) }) };
}

/** Sends `count` calls at once through the pacer to an AWS that answers after a random delay. */
async function burst(count: number, everyMs: number, seed: number) {
  const { clock, pacer } = start(seed);
  const random = seededRandom(seed);
  const aws = awsBucket(AWS_BUCKET, everyMs, everyMs * random());
  let refused = 0;
  let lastAt = 0;
  const send = async () => {
    await pacer.take(LANE);
    await new Promise<void>((arrived) => clock.after(LATENCY_MS * (0.2 + 0.8 * random()), arrived));
    if (aws.arrive(clock.monotonicMs()) === 'refused') refused += 1;
    lastAt = clock.monotonicMs();
  };
  const all = Promise.all(Array.from({ length: count }, send));
  await clock.advance(120_000);
  await all;
  return { refused, lastAt };
}

/** Takes the whole first wave, so that whoever comes next has to wait. */
async function exhaust({ pacer }: ReturnType<typeof start>, lane = LANE) {
  await Promise.all(Array.from({ length: FIRST_WAVE }, () => pacer.take(lane)));
}

describe('a burst of CreateSnapshots', () => {
  for (const [words, everyMs] of [
    ['all the time', 0],
    ['once a second', 1000],
  ] as const) {
    test(`of 200 is never refused by an AWS that refills ${words}, and ends within 1.05 of the ideal 20 seconds`, async () => {
      for (let seed = 1; seed <= 50; seed += 1) {
        const { refused, lastAt } = await burst(200, everyMs, seed);
        expect(refused, `seed ${seed}`).toBe(0);
        expect(lastAt, `seed ${seed}`).toBeLessThanOrEqual(1.05 * 20_000 + LATENCY_MS);
      }
    });
  }

  test('below the limit waits for nothing', async () => {
    const { refused, lastAt } = await burst(90, 0, 3);
    expect(refused).toBe(0);
    expect(lastAt).toBeLessThanOrEqual(100);
  });

  test('of one account leaves another account, another region and another action alone', async () => {
    const started = start();
    await exhaust(started);
    const others = [
      { ...LANE, accountKey: 'lab' },
      { ...LANE, region: 'us-east-1' },
      { ...LANE, action: 'DeleteSnapshot' },
    ];
    for (const lane of others) expect((await started.pacer.take(lane)).waitedMs).toBe(0);
  });
});

describe('calls that have to wait', () => {
  test('are served in the order they came, those with a higher priority first', async () => {
    const started = start();
    await exhaust(started);
    const served: string[] = [];
    const ask = async (name: string, priority: CallPriority) => {
      await started.pacer.take(LANE, { priority });
      served.push(name);
    };
    const all = Promise.all([
      ask('tidy', 'background'),
      ask('backup 1', 'backup'),
      ask('backup 2', 'backup'),
      ask('recovery', 'interactive'),
      ask('frozen', 'scripts'),
      ask('backup 3', 'backup'),
    ]);
    await started.clock.advance(10_000);
    await all;
    expect(served).toEqual(['recovery', 'frozen', 'backup 1', 'backup 2', 'backup 3', 'tidy']);
  });

  test('are told beforehand when the wait is a second or more', async () => {
    const started = start();
    await exhaust(started);
    const told: number[] = [];
    const onWait = ({ expectedMs }: { expectedMs: number }) => told.push(Math.round(expectedMs / 100) * 100);
    const all = Promise.all(Array.from({ length: 10 }, () => started.pacer.take(LANE, { onWait })));
    await started.clock.advance(10_000);
    await all;
    expect(told).toEqual([1100, 1300, 1500, 1700, 1900]);
  });

  test('leave the queue when they are aborted, and nobody behind them loses a turn', async () => {
    const started = start();
    await exhaust(started);
    const abort = new AbortController();
    const first = started.pacer.take(LANE, { signal: abort.signal });
    const second = started.pacer.take(LANE);
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: 'shutting_down' });
    await started.clock.advance(1000);
    expect((await second).waitedMs).toBeLessThanOrEqual(200);
  });

  test('end when the pacer is closed', async () => {
    const started = start();
    await exhaust(started);
    const waiting = started.pacer.take(LANE);
    started.pacer.close();
    await expect(waiting).rejects.toMatchObject({ code: 'shutting_down' });
    await expect(started.pacer.take(LANE)).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('tokens taken in advance', () => {
  test('let the calls of a frozen application go out at once although everyone else waits', async () => {
    const started = start();
    const held = await started.pacer.reserve(LANE, { [LANE.action]: 30 }, { priority: 'scripts' });
    const others = Promise.all(Array.from({ length: 200 }, () => started.pacer.take(LANE)));
    await started.clock.advance(5000);
    const grants = Array.from({ length: 31 }, () => held.takeOne(LANE.action));
    expect(grants.filter((grant) => grant?.waitedMs === 0)).toHaveLength(30);
    expect(grants[30]).toBeNull();
    await started.clock.advance(60_000);
    await others;
  });

  test('never let more out than AWS would take, however long they were held', async () => {
    const started = start();
    const aws = awsBucket(AWS_BUCKET, 0);
    const held = await started.pacer.reserve(LANE, { [LANE.action]: 60 });
    await started.clock.advance(600_000);
    let refused = 0;
    const arrive = () => {
      if (aws.arrive(started.clock.monotonicMs()) === 'refused') refused += 1;
    };
    for (let grant = held.takeOne(LANE.action); grant !== null; grant = held.takeOne(LANE.action)) arrive();
    const others = Promise.all(
      Array.from({ length: 100 }, async () => {
        await started.pacer.take(LANE);
        arrive();
      }),
    );
    await started.clock.advance(60_000);
    await others;
    expect(refused).toBe(0);
  });

  test('are given back when they are released, once', async () => {
    const started = start();
    const held = await started.pacer.reserve(LANE, { [LANE.action]: 50 });
    held.release();
    held.release();
    const grants = await Promise.all(Array.from({ length: FIRST_WAVE }, () => started.pacer.take(LANE)));
    expect(Math.max(...grants.map((grant) => grant.waitedMs))).toBe(0);
    const next = started.pacer.take(LANE);
    await started.clock.advance(1000);
    expect((await next).waitedMs).toBeGreaterThan(0);
  });

  test('are never more than the whole bucket', async () => {
    const { pacer } = start();
    const held = await pacer.reserve(LANE, { [LANE.action]: 1000 });
    const taken = Array.from({ length: 1000 }, () => held.takeOne(LANE.action)).filter((grant) => grant !== null);
    expect(taken).toHaveLength(FIRST_WAVE);
  });
});

describe('tokens taken in advance for calls of several kinds', () => {
  const PLACE = { accountKey: 'shop', region: 'eu-central-1', service: 'ec2' };
  const RDS = { ...PLACE, service: 'rds' };
  const takeAll = (takeOne: () => unknown) => Array.from({ length: 500 }, takeOne).filter((grant) => grant !== null);

  test('serve each kind from its own bucket', async () => {
    const { pacer } = start();
    const held = await pacer.reserve(PLACE, { CreateSnapshots: 3, CreateSnapshot: 2, DeleteSnapshot: 0 });
    expect(takeAll(() => held.takeOne('CreateSnapshots'))).toHaveLength(3);
    expect(takeAll(() => held.takeOne('CreateSnapshot'))).toHaveLength(2);
    expect(held.takeOne('DeleteSnapshot')).toBeNull();
  });

  test('are never more than the bucket that the kinds share, and do not wait for each other', async () => {
    const { pacer } = start();
    const { bucket } = requestLimit(DEFAULT_PACING, 'rds', 'CreateDBSnapshot');
    const held = await pacer.reserve(RDS, { CreateDBSnapshot: 15, CreateDBClusterSnapshot: 15 });
    const first = takeAll(() => held.takeOne('CreateDBSnapshot'));
    expect(first).toHaveLength(Math.floor(bucket.capacity));
    expect(held.takeOne('CreateDBClusterSnapshot')).toBeNull();
  });

  test('are given to one after the other where two want all of two buckets', async () => {
    const { clock, pacer } = start();
    const ends: string[] = [];
    const freeze = async (name: string, calls: Readonly<Record<string, number>>) => {
      const held = await pacer.reserve(PLACE, calls);
      await new Promise<void>((thawed) => clock.after(10_000, thawed));
      held.release();
      ends.push(name);
    };
    void freeze('one', { CreateSnapshots: 95, CreateSnapshot: 95 });
    void freeze('other', { CreateSnapshot: 95, CreateSnapshots: 95 });
    await clock.advance(60_000);
    expect(ends).toEqual(['one', 'other']);
  });

  test('are given back when the wait for the rest of them is ended', async () => {
    const started = start();
    await exhaust(started, { ...LANE, action: 'CreateSnapshots' });
    const stop = new AbortController();
    const waiting = started.pacer.reserve(PLACE, { CreateSnapshot: 90, CreateSnapshots: 90 }, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'shutting_down' });
    const held = await started.pacer.reserve(PLACE, { CreateSnapshot: 90 });
    expect(takeAll(() => held.takeOne('CreateSnapshot'))).toHaveLength(90);
  });
});

describe('a service whose limits AWS does not tell', () => {
  test('has one bucket for all its reads and another for all its writes', async () => {
    const { clock, pacer } = start();
    const lane = (action: string) => ({ ...LANE, service: 'rds', action });
    const reads = Math.floor(requestLimit(DEFAULT_PACING, 'rds', 'DescribeDBSnapshots').bucket.capacity);
    const actions = ['DescribeDBSnapshots', 'DescribeDBInstances', 'DescribeDBClusters'];
    await Promise.all(Array.from({ length: reads }, (_, index) => pacer.take(lane(actions[index % 3] ?? ''))));
    expect((await pacer.take(lane('CreateDBSnapshot'))).waitedMs).toBe(0);
    const next = pacer.take(lane('DescribeDBClusterSnapshots'));
    await clock.advance(5_000);
    expect((await next).waitedMs).toBeGreaterThan(0);
  });

  test('has no part in the buckets of another service', async () => {
    const { pacer } = start();
    const lane = (service: string) => ({ ...LANE, service, action: 'DescribeThings' });
    for (const service of ['rds', 'redshift', 'ssm', 'ec2']) {
      expect((await pacer.take(lane(service))).waitedMs).toBe(0);
    }
  });
});

describe('when AWS refuses calls all the same, because other tools use the limit too', () => {
  test('the lane waits, longer after each refusal in a row and at most half a minute', async () => {
    const { clock, pacer } = start();
    const waits: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      const asked = pacer.take(LANE);
      await clock.advance(60_000);
      const grant = await asked;
      if (count > 0) waits.push(grant.waitedMs);
      pacer.refused(LANE, { ...grant, at: clock.monotonicMs() });
    }
    expect(waits[0]).toBeLessThanOrEqual(500);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });

  test('calls refused together count as one refusal', async () => {
    const { clock, pacer } = start();
    const grants = await Promise.all(Array.from({ length: 50 }, () => pacer.take(LANE)));
    await clock.advance(100);
    for (const grant of grants) pacer.refused(LANE, grant);
    const next = pacer.take(LANE);
    await clock.advance(1000);
    expect((await next).waitedMs).toBeLessThanOrEqual(500);
  });

  test('a call that AWS takes ends the caution', async () => {
    const { clock, pacer } = start();
    for (let count = 0; count < 6; count += 1) {
      const asked = pacer.take(LANE);
      await clock.advance(60_000);
      pacer.refused(LANE, await asked.then((grant) => ({ ...grant, at: clock.monotonicMs() })));
    }
    pacer.accepted(LANE);
    await clock.advance(60_000);
    pacer.refused(LANE, { at: clock.monotonicMs(), waitedMs: 0 });
    const next = pacer.take(LANE);
    await clock.advance(60_000);
    expect((await next).waitedMs).toBeLessThanOrEqual(500);
  });
});

test('starting many instances at once also counts against the limit on instances', async () => {
  const { clock, pacer } = start();
  const lane = { ...LANE, action: 'RunInstances' };
  await pacer.take(lane, {}, 990);
  const next = pacer.take(lane, {}, 20);
  await clock.advance(10_000);
  expect((await next).waitedMs).toBeGreaterThan(4000);
});

test('ten thousand lanes are forgotten again once they are full', async () => {
  const { clock, pacer } = start();
  for (let index = 0; index < 10_000; index += 1) {
    await pacer.take({ ...LANE, accountKey: `account ${index}` });
    if (index % 2_000 === 0) await clock.advance(60_000);
  }
  const started = performance.now();
  await pacer.take({ ...LANE, accountKey: 'account 3' });
  expect(performance.now() - started).toBeLessThan(100);
});
