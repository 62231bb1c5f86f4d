import type { Backup, Recovery } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REGION, startDatabaseStage, type DatabaseStage } from './support/database-stage.ts';
import type { TestServer } from './support/test-server.ts';

let at: TestServer;
let backup: Backup;
let recover: DatabaseStage['recover'];
beforeAll(async () => {
  ({ at, backup, recover } = await startDatabaseStage());
});
afterAll(() => at.stop());

async function rollBack({ id, rollBack: { objects } }: Recovery): Promise<Recovery> {
  const of = { recoveryId: id };
  await at.anna.call('POST /recoveries/:recoveryId/roll-back', {
    params: of,
    body: { confirmObjects: objects.length },
  });
  return at.runUntil('it is rolled back', async () => {
    const now = await at.anna.call('GET /recoveries/:recoveryId', { params: of });
    return now.rollBack.state !== 'running' && now;
  });
}
/** Databases and clusters in AWS, deleted ones apart. */
const inAws = async (): Promise<string[]> =>
  (await at.aws.things())
    .filter(({ type }) => ['db-instance', 'db-cluster', 'redshift-cluster'].includes(type))
    .map(({ type, id }) => `${type} ${id}`)
    .toSorted();
const snapshots = async (): Promise<string[]> =>
  (await at.aws.things())
    .filter(({ type, tags }) => type.endsWith('snapshot') && tags['cpm:backup'] === backup.id)
    .map(({ id }) => id)
    .toSorted();

test.each([
  ['database', 'acme-billing', 'billing-back', ['billing-back']],
  ['database', 'acme-crm', 'crm-back', ['crm-back']],
  ['database-cluster', 'acme-shop', 'shop-back', ['shop-back', 'shop-back-1', 'shop-back-2']],
  ['redshift-cluster', 'acme-warehouse', 'warehouse-back', ['warehouse-back']],
] as const)('a recovered %s of %s is deleted, protected or not; original and snapshots stay', async (...row) => {
  const [kind, name, id, made] = row;
  const before = { things: await inAws(), snapshots: await snapshots() };
  const recovery = await recover(kind, name, { id });
  expect(recovery).toMatchObject({ status: 'successful', rollBack: { state: 'offered' } });
  expect(recovery.rollBack.objects.map((each) => each.name)).toEqual(made);
  expect((await inAws()).length).toBe(before.things.length + made.length);
  const done = await rollBack(recovery);
  expect(done.rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
  expect(done.objects.map(({ state }) => state)).toEqual(made.map(() => 'removed'));
  expect(await inAws()).toEqual(before.things);
  expect(await snapshots()).toEqual(before.snapshots);
});

test.each([
  ['database', 'acme-billing', 'DeleteDBInstance', 'rds'],
  ['database-cluster', 'acme-shop', 'DeleteDBCluster', 'rds'],
  ['redshift-cluster', 'acme-warehouse', 'DeleteCluster', 'redshift'],
] as const)('a %s that AWS refuses to delete stays listed, and goes at the next try', async (...row) => {
  const [kind, name, action, service] = row;
  const recovery = await recover(kind, name, { id: 'refused-back' });
  const allow = await at.aws.fault({ kind: 'deny', match: { service, action } });
  const failed = await rollBack(recovery);
  await allow();
  expect(failed.rollBack.state).toBe('failed');
  expect(failed.rollBack.reasons.join()).toContain(`${service}:${action}`);
  expect(failed.rollBack.objects.map((each) => each.name)).toContain('refused-back');
  expect((await rollBack(failed)).rollBack).toEqual({ state: 'done', reasons: [], objects: [] });
});

test('a database of the same name that somebody else made since then is left alone', async () => {
  const recovery = await recover('database', 'acme-billing', { id: 'taken-over' });
  const named = { DBInstanceIdentifier: 'taken-over' };
  await at.aws.act(REGION, 'DeleteDBInstance', { ...named, SkipFinalSnapshot: true }, 'rds');
  await at.clock.advance(3_600_000);
  const own = { Engine: 'mysql', DBInstanceClass: 'db.t3.micro', AllocatedStorage: 20, MasterUsername: 'other' };
  await at.aws.act(REGION, 'CreateDBInstance', { ...named, ...own, MasterUserPassword: 'not-a-secret' }, 'rds');
  await at.clock.advance(3_600_000);
  const failed = await rollBack(recovery);
  expect(failed.rollBack.reasons.join()).toContain('does not bear the tag of this recovery any more: it is left alone');
  expect(await inAws()).toContain('db-instance taken-over');
});
