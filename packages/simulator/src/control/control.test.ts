import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../index.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { sdkDriver } from '../testing/sdk-driver.ts';
import { alpha, beta, openStage, spare, stageEstate, web, type Stage } from '../testing/stage.ts';

describe('The simulator is steered over HTTP', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(sdkDriver());
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const fault = (rule: object) => stage.control('POST', 'faults', rule);
  const list = (as: object = {}) => stage.aws('DescribeVolumes', {}, as);
  const snapshot = () => stage.aws('CreateSnapshot', { VolumeId: spare });
  const made = async (): Promise<Shape[]> =>
    (await stage.control('GET', 'inventory?type=snapshot&account=100000000001'))['resources'] as unknown as Shape[];

  it('the clock is read, moved forward and never back', async () => {
    const before = (await stage.control('GET', 'clock'))['epochMs'] as unknown as number;
    const after = await stage.control('POST', 'clock', { advanceSeconds: 90 });
    expect([after['epochMs'], after['mode']]).toEqual([before + 90_000, 'manual']);
    expect((await stage.control('POST', 'clock', { set: '2001-01-01T00:00:00Z' }))['error']).toContain(
      'only moves forward',
    );
    expect((await stage.control('POST', 'clock', { advanceSeconds: 'soon' }))['error']).toContain('must be a number');
  });
  it.each([
    ['error503', {}, 'Unavailable'],
    ['error500', {}, 'InternalError'],
    ['throttle', {}, 'RequestLimitExceeded'],
    ['deny', {}, 'UnauthorizedOperation'],
    ['error', { code: 'InsufficientInstanceCapacity', status: 500 }, 'InsufficientInstanceCapacity'],
    ['region-down', { region: 'us-east-1' }, 'Unavailable'],
  ])('the fault %s answers with its code', async (kind, more, code) => {
    await fault({ kind, ...more });
    expect(await codeOf(list())).toBe(code);
    expect(await codeOf(list({ region: 'eu-west-1' }))).toBe(kind === 'region-down' ? 'accepted' : code);
  });
  it('a fault strikes only the nth call, so often, or of one account', async () => {
    await fault({ kind: 'throttle', match: { action: 'Describe*', account: '100000000001' }, nth: 2 });
    expect([await codeOf(list(beta)), await codeOf(list()), await codeOf(list()), await codeOf(list())]).toEqual([
      'accepted',
      'accepted',
      'RequestLimitExceeded',
      'accepted',
    ]);
    await stage.control('DELETE', 'faults');
    await fault({ kind: 'throttle', count: 1 });
    expect([await codeOf(list()), await codeOf(list())]).toEqual(['RequestLimitExceeded', 'accepted']);
  });
  it('a fault strikes by chance, the same way for the same seed', async () => {
    const outcomes = async (): Promise<string[]> => {
      await stage.reset();
      await fault({ kind: 'throttle', probability: 0.5, seed: 3 });
      const codes: string[] = [];
      for (let at = 0; at < 12; at += 1) codes.push(await codeOf(list()));
      return codes;
    };
    const first = await outcomes();
    expect(new Set(first).size).toBe(2);
    expect(await outcomes()).toEqual(first);
  });
  it('a call cut off before it is carried out leaves nothing behind', async () => {
    await fault({ kind: 'reset-before', action: 'CreateSnapshot' });
    expect(await codeOf(snapshot())).not.toBe('accepted');
    expect(await made()).toHaveLength(0);
  });
  it('a call whose answer is lost has happened all the same', async () => {
    await fault({ kind: 'execute-then-drop', action: 'CreateSnapshot' });
    expect(await codeOf(snapshot())).not.toBe('accepted');
    expect(await made()).toHaveLength(1);
  });
  it('a delay takes its time and a stale read shows the past', async () => {
    await fault({ kind: 'delay', delayMs: 150, action: 'DescribeVolumes' });
    const started = performance.now();
    await list();
    expect(performance.now() - started).toBeGreaterThan(140);
    await fault({ kind: 'stale-read', staleMs: 5_000, action: 'DescribeSnapshots' });
    const id = (await snapshot())['SnapshotId'];
    expect(await codeOf(stage.aws('DescribeSnapshots', { SnapshotIds: [id] }))).toBe('InvalidSnapshot.NotFound');
    stage.advance(6);
    expect(await codeOf(stage.aws('DescribeSnapshots', { SnapshotIds: [id] }))).toBe('accepted');
  });
  it('a fault that makes no sense is refused with the reason', async () => {
    expect((await fault({ kind: 'meteor' }))['error']).toContain('kind must be one of');
    expect((await fault({ kind: 'delay', delayMs: 'long' }))['error']).toContain('delayMs must be a number');
    expect((await fault({ kind: 'delay', delayMs: 1, when: 'later' }))['error']).toContain('before or after');
  });
  it('a fault with a misspelt name is refused instead of hitting every call', async () => {
    expect((await fault({ kind: 'throttle', match: { acton: 'x' } }))['error']).toContain('match has no acton');
    expect((await fault({ kind: 'throttle', acton: 'x' }))['error']).toContain('a fault has no acton');
    expect(await stage.control('GET', 'faults')).toEqual({ faults: [] });
  });
  it.each([
    [{ timing: { snapshotBaseMs: 'x' } }, 'snapshotBaseMs must be a number of 0 or more'],
    [{ timing: { snapshotMs: 1 } }, 'timing has no snapshotMs'],
    [{ consistencyMs: -1 }, 'consistencyMs must be a number of 0 or more'],
    [{ limits: { quotas: 1 } }, 'quotas must be true or false'],
    [{ limits: { buckets: { CopyImage: 3 } } }, 'the bucket of CopyImage must have'],
    [{ speed: 1 }, 'settings have no speed'],
    [[], 'settings must be an object'],
  ])('the setting %j is refused with the reason', async (wish, reason) => {
    expect((await stage.control('POST', 'settings', wish))['error']).toContain(reason);
  });
  it('limits are switched off and on as a whole', async () => {
    expect(await stage.control('POST', 'settings', { limits: 'off' })).toMatchObject({ limits: { quotas: false } });
    expect(await stage.control('POST', 'settings', { limits: 'on' })).toMatchObject({
      limits: { quotas: true, throttling: true },
    });
    await stage.control('POST', 'settings', { limits: { throttling: false } });
  });
  it('while the estate is eventually consistent, a fresh id is unknown at first', async () => {
    await stage.control('POST', 'settings', { consistencyMs: 3_000 });
    const id = (await snapshot())['SnapshotId'];
    expect(await codeOf(stage.aws('CreateTags', { Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] }))).toBe(
      'InvalidSnapshot.NotFound',
    );
    stage.advance(4);
    expect(await codeOf(stage.aws('CreateTags', { Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] }))).toBe(
      'accepted',
    );
  });
  it('the inventory tells what exists, what was deleted, by whom and when', async () => {
    const id = (await snapshot())['SnapshotId'];
    stage.advance(60);
    await stage.aws('DeleteSnapshot', { SnapshotId: id });
    expect(await made()).toMatchObject([
      {
        id,
        state: 'deleted',
        volumeId: spare,
        madeBy: { accessKey: alpha.accessKeyId, action: 'CreateSnapshot' },
        deletedBy: { accessKey: alpha.accessKeyId, action: 'DeleteSnapshot' },
      },
    ]);
    expect((await made())[0]?.['deletedAt']).toMatch(/^\d{4}-/);
  });
  it('calls are counted with their codes and arrival times, and can be forgotten', async () => {
    await stage.control('DELETE', 'calls');
    await list();
    await codeOf(stage.aws('DeleteVolume', { VolumeId: 'vol-0123456789abcdef0' }));
    const report = (await stage.control('GET', 'calls')) as unknown as {
      total: number;
      byAction: Record<string, unknown>;
      calls: { arrivedAtMs: number; code: string }[];
    };
    expect(report.byAction).toMatchObject({
      'ec2:DescribeVolumes': { count: 1, codes: { OK: 1 } },
      'ec2:DeleteVolume': { codes: { 'InvalidVolume.NotFound': 1 } },
    });
    expect(report.calls.map((call) => call.code)).toEqual(['OK', 'InvalidVolume.NotFound']);
    expect((report.calls[1]?.arrivedAtMs ?? 0) - (report.calls[0]?.arrivedAtMs ?? 0)).toBeGreaterThan(0);
    await stage.control('DELETE', 'calls');
    expect((await stage.control('GET', 'calls'))['total']).toBe(0);
  });
  it('a reset brings back the estate as it was', async () => {
    await stage.aws('TerminateInstances', { InstanceIds: [web] });
    await stage.reset();
    const { Reservations } = (await stage.aws('DescribeInstances', { InstanceIds: [web] })) as unknown as {
      Reservations: { Instances: { State: { Name: string } }[] }[];
    };
    expect(Reservations[0]?.Instances[0]?.State.Name).toBe('running');
  });
});

describe('Request tokens', () => {
  it('a bucket empties, refuses with 503 and fills again by the clock, for each account and action apart', async () => {
    let now = Date.now();
    const simulator = await startSimulator({
      estate: stageEstate,
      clock: { now: () => now },
      limits: { buckets: { CreateSnapshot: { capacity: 3, refillPerSecond: 1 } } },
    });
    const driver = sdkDriver();
    const call = (action: string, params: object, who = alpha) =>
      codeOf(driver.call({ url: simulator.url, service: 'ec2', region: 'us-east-1', ...who }, action, params));
    const codes: string[] = [];
    for (let at = 0; at < 4; at += 1) codes.push(await call('CreateSnapshot', { VolumeId: spare, DryRun: true }));
    expect(codes).toEqual(['DryRunOperation', 'DryRunOperation', 'DryRunOperation', 'RequestLimitExceeded']);
    expect(await call('DescribeVolumes', {})).toBe('accepted');
    expect(await call('CreateSnapshot', { VolumeId: spare, DryRun: true }, beta)).not.toBe('RequestLimitExceeded');
    now += 1_000;
    expect([
      await call('CreateSnapshot', { VolumeId: spare, DryRun: true }),
      await call('CreateSnapshot', { VolumeId: spare, DryRun: true }),
    ]).toEqual(['DryRunOperation', 'RequestLimitExceeded']);
    const moved = await fetch(`${simulator.url}/_simulator/clock`, { method: 'POST', body: '{"advanceSeconds":1}' });
    expect(moved.status).toBe(409);
    await driver.close();
    await simulator.stop();
  });
});
