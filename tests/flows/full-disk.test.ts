import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canMount, mountSmallDisk, type SmallDisk } from '../../packages/server/test-setup/small-disk.ts';
import { addAccount, addPolicy, endOfRecovery, named, resourcesOf, runBackup, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

/** A disk of a size of its own needs a mount, which not everybody may make. */
describe.runIf(canMount)('a server whose disk is nearly full (F18)', () => {
  let disk: SmallDisk;
  let at: TestServer;
  beforeAll(async () => {
    const mounted = mountSmallDisk(1400);
    if (mounted === null) throw new Error('a small disk could not be mounted');
    disk = mounted;
    at = await startTestServer({ config: { dataDir: join(disk.directory, 'data') } });
  });
  afterAll(async () => {
    await at.stop();
    disk.remove();
  });

  /** Waits until the root user is told so of the disk; the severity of a closed alert is that of its last words. */
  const untilTold = (severity: 'warning' | 'error', isOpen: boolean) =>
    at.runUntil(`the disk is told of: ${severity}, ${isOpen ? 'open' : 'closed'}`, async () => {
      const { items } = await at.anna.call('GET /alerts', { query: { state: 'all' } });
      const [newest] = items.filter(({ category }) => category === 'system');
      return newest?.severity === severity && (newest.closedAt === null) === isOpen && newest;
    });

  test('begins no backup and says so, still recovers, and goes on once there is room', async () => {
    const web = await named(at, 'web-1');
    const account = await addAccount(at.anna);
    const policy = await addPolicy(at.anna, { account, targets: [targetOf(web)], retries: 0 });
    const good = await runBackup(at, policy);
    expect(good).toMatchObject({ status: 'successful' });

    disk.fill(500);
    await at.restart();
    await untilTold('warning', true);
    expect(await runBackup(at, policy)).toMatchObject({ status: 'successful' });

    disk.fill(100);
    await at.restart();
    await at.aws.forgetCalls();
    const refused = await runBackup(at, policy);
    expect(refused).toMatchObject({
      status: 'failed',
      isGeneration: false,
      reasons: [expect.stringMatching(/^it was not begun: the disk of this server has \d+ MiB free/)],
    });
    expect((await at.aws.calls()).filter(({ action }) => action.startsWith('CreateSnapshot'))).toEqual([]);
    expect((await untilTold('error', true)).title).toBe('No backup is begun: the disk of this server is full');
    expect(at.log()).toMatch(/The disk of the data directory has \d+ MiB free\. No backup is begun/);
    const [resource] = await resourcesOf(at, good);
    const [snapshot] = resource?.snapshots ?? [];
    const recovery = await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
      params: { backupId: good.id },
      body: { volumes: [{ snapshotId: snapshot?.id ?? '', zone: web.zone ?? '' }] },
    });
    expect(await endOfRecovery(at, recovery)).toMatchObject({ status: 'successful' });

    disk.free();
    await at.restart();
    await untilTold('error', false);
    expect(await runBackup(at, policy)).toMatchObject({ status: 'successful' });
  });
});
