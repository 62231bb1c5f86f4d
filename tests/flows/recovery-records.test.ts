import type { BackedUpResource, Backup, Policy, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addPolicy, endOfRecovery, named, resourcesOf, runBackup, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let policy: Policy;
let backup: Backup;
let web: BackedUpResource;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  policy = await addPolicy(at.anna, { account, targets: [targetOf(await named(at, 'web-1'))] });
  backup = await runBackup(at, policy);
  web = (await resourcesOf(at, backup))[0] ?? web;
});
afterAll(() => at.stop());

const params = () => ({ params: { backupId: backup.id } });
const recoverVolume = async (): Promise<Recovery> => {
  // Of two in the same instant neither is the newer one.
  await at.clock.advance(1000);
  const body = { volumes: [{ snapshotId: web.snapshots[0]?.id ?? '', sizeGiB: 25 }] };
  return at.anna.call('POST /backups/:backupId/recoveries/volumes', { ...params(), body });
};
const shown = (id: string) => at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: id } });
const policyNow = async () => (await at.anna.call('GET /policies', { query: { name: policy.name } })).items[0];

test('a recovery is on record with its inputs, steps, plan, objects and log, without what is secret', async () => {
  const secret = Buffer.from('#!/bin/sh\necho s3cret-of-the-user-data\n').toString('base64');
  const body = { resourceId: web.id, privateIp: null, instanceType: 't3.small', userDataBase64: secret };
  const started = await at.anna.call('POST /backups/:backupId/recoveries/instances', { ...params(), body });
  expect(started.steps.map(({ state }) => state)).toContain('running');
  const recovery = await endOfRecovery(at, started);
  expect(recovery).toMatchObject({
    kind: 'instance',
    status: 'successful',
    policyName: policy.name,
    backupId: backup.id,
    usesOwnCredentials: false,
    inputs: { resourceId: web.id, privateIp: null, instanceType: 't3.small' },
  });
  expect(recovery.steps.map(({ state }) => state)).toEqual(recovery.steps.map(() => 'done'));
  const planned = ['image', 'instance', 'volume', 'volume'].map((kind) => `create ${kind}`);
  expect(recovery.planned.map(({ action, kind }) => `${action} ${kind}`)).toEqual(planned);
  const [image, instance, ...volumes] = recovery.objects.map(({ kind, state }) => `${kind} ${state}`);
  expect([image, instance, ...new Set(volumes)]).toEqual(['image removed', 'instance kept', 'volume kept']);
  const log = await at.anna.call('GET /recoveries/:recoveryId/log', { params: { recoveryId: started.id }, query: {} });
  expect(log.ended).toBe(true);
  for (const { awsId } of recovery.objects) expect(log.items.some(({ text }) => text.includes(awsId ?? ''))).toBe(true);
  const told = JSON.stringify([recovery, log]);
  expect(told).not.toContain(secret);
  expect(told).not.toContain('s3cret');
  expect((await at.anna.call('GET /recoveries', { query: { limit: 1 } })).items).toEqual([recovery]);
});

test('recoveries come newest first, page by page, of one backup or of those that were asked for together', async () => {
  for (let n = 0; n < 4; n += 1) await endOfRecovery(at, await recoverVolume());
  await at.clock.advance(1000);
  const instances = [1, 2].map(() => ({ resourceId: web.id, privateIp: null }));
  const together = await at.anna.call('POST /backups/:backupId/recoveries/several-instances', {
    ...params(),
    body: { instances },
  });
  for (const each of together.items) await endOfRecovery(at, each);
  const groupId = together.items[0]?.groupId ?? '';
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { backupId: backup.id, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await at.anna.call('GET /recoveries', { query });
    expect(page.items.length).toBeLessThanOrEqual(2);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(new Set(ids).size).toBe(7);
  const startedAt = await Promise.all(ids.map(async (id) => (await shown(id)).startedAt));
  expect(startedAt).toEqual(startedAt.toSorted().toReversed());
  const group = await at.anna.call('GET /recoveries', { query: { groupId } });
  expect(group.items.map(({ id }) => id).toSorted()).toEqual(together.items.map(({ id }) => id).toSorted());
  expect((await at.ben.call('GET /recoveries', { query: { groupId } })).items).toEqual([]);
});

test('a policy names its newest recovery, while it runs and when it has ended', async () => {
  const started = await recoverVolume();
  const running = { id: started.id, startedAt: started.startedAt, status: 'in-progress' };
  expect((await policyNow())?.lastRecovery).toMatchObject(running);
  const ended = await endOfRecovery(at, started);
  expect((await policyNow())?.lastRecovery).toEqual({
    id: started.id,
    startedAt: started.startedAt,
    status: ended.status,
    statusText: 'Recovery Successful',
  });
  const other = await addPolicy(at.anna, { account: await addAccount(at.anna) });
  expect(other.lastRecovery).toBeNull();
});
