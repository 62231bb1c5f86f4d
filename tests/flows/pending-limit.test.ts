import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Thing } from './support/simulated-aws.ts';
import { addAccount, addPolicy, endOfBackup, logOf, runBackup, snapshotsInAws, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let instances: Thing[];
beforeAll(async () => {
  // AWS's limits on snapshots, not on requests: the clock that is moved by hand leaps over those.
  at = await startTestServer({ estate: 'fleet:44x3', simulator: { limits: { throttling: false, quotas: true } } });
  account = await addAccount(at.anna, { accessKeyId: 'AKIAFLEET00000000001', secretAccessKey: FLEET_SECRET });
  instances = await at.aws.things({ type: 'instance' });
});
afterAll(() => at.stop());

const FLEET_SECRET = 'simulated-secret-of-the-fleet-0000000001';

test('more snapshots than AWS takes pending at once wait in line: none is refused, and the log says so', async () => {
  const policy = await addPolicy(at.anna, { account, targets: instances.map((thing) => targetOf(thing)), retries: 0 });
  const backup = await runBackup(at, policy, { realMs: 60_000 });
  expect(backup).toMatchObject({ status: 'successful', snapshotCount: 132 });
  expect(await snapshotsInAws(at, backup)).toHaveLength(132);
  const refused = (await at.aws.calls({ action: 'CreateSnapshots' })).filter(
    ({ code }) => code !== '' && code !== 'OK',
  );
  expect(refused).toEqual([]);
  const lines = (await logOf(at, backup)).filter((text) => text.includes('snapshots wait in line'));
  expect(lines).toEqual([expect.stringContaining('AWS takes 100 pending at once')]);
});

test('two policies of one volume do not snapshot it within 15 seconds of each other', async () => {
  const targets = [targetOf(instances[0] as Thing)];
  const [first, second] = [
    await addPolicy(at.anna, { account, targets, retries: 0 }),
    await addPolicy(at.anna, { account, targets, retries: 0 }),
  ];
  await at.aws.change({ timing: { snapshotBaseMs: 60_000 } });
  const run = (policy: typeof first) =>
    at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  const one = await run(first);
  await at.runUntil('it waits', async () => {
    const { phase } = await at.anna.call('GET /backups/:backupId', { params: { backupId: one.backupId } });
    return phase === 'waiting';
  });
  const other = await run(second);
  const backups = [await endOfBackup(at, one.backupId), await endOfBackup(at, other.backupId)];
  expect(backups.map(({ status }) => status)).toEqual(['successful', 'successful']);
  const [firstAt = 0, secondAt = 0] = await Promise.all(
    backups.map(async (backup) => Date.parse((await snapshotsInAws(at, backup))[0]?.createdAt ?? '')),
  );
  expect(secondAt - firstAt).toBeGreaterThanOrEqual(15_000);
  expect(await logOf(at, backups[1] ?? { id: '' })).toContainEqual(expect.stringContaining('15 s apart'));
});

test('six policies of one volume at the same moment all succeed, each in its turn', async () => {
  const targets = [targetOf(instances[1] as Thing)];
  const policies = await Promise.all(
    Array.from({ length: 6 }, () => addPolicy(at.anna, { account, targets, retries: 0 })),
  );
  await at.aws.change({ timing: { snapshotBaseMs: 100_000 } });
  const started = await Promise.all(
    policies.map(({ id }) => at.anna.call('POST /policies/:policyId/run', { params: { policyId: id } })),
  );
  const backups = await Promise.all(started.map(({ backupId }) => endOfBackup(at, backupId, { realMs: 50_000 })));
  expect(backups.map(({ status, reasons }) => ({ status, reasons }))).toEqual(
    policies.map(() => ({ status: 'successful', reasons: [] })),
  );
});
