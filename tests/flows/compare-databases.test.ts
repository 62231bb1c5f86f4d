import type { Recovery, RecoveryComparison } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REGION, startDatabaseStage, type DatabaseStage } from './support/database-stage.ts';
import { letAnswer } from './support/stories.ts';
import type { TestServer } from './support/test-server.ts';

let at: TestServer;
let recover: DatabaseStage['recover'];
beforeAll(async () => {
  ({ at, recover } = await startDatabaseStage());
});
afterAll(() => at.stop());

async function compare({ id }: Recovery): Promise<RecoveryComparison['items']> {
  const asked = at.anna.call('GET /recoveries/:recoveryId/comparison', { params: { recoveryId: id } });
  return (await letAnswer(at, asked)).items;
}
const unlike = (items: RecoveryComparison['items']) =>
  items.flatMap(({ fields }) => fields.filter(({ verdict }) => verdict !== 'same'));

test.each([
  ['database', 'acme-billing', 'in one zone'],
  ['database', 'acme-crm', 'in two zones, encrypted, with provisioned IOPS'],
  ['database-cluster', 'acme-shop', 'Aurora with two members'],
  ['redshift-cluster', 'acme-warehouse', 'with two nodes'],
] as const)('a %s that came back is the same in every field: %s, %s', async (...row) => {
  const [kind, name] = row;
  const items = await compare(await recover(kind, name, { id: `${name}-back` }));
  // Members are compared with their cluster.
  expect(items).toMatchObject([{ kind, original: name, recovered: `${name}-back` }]);
  expect(unlike(items)).toEqual([]);
  expect(items[0]?.fields.length).toBeGreaterThan(30);
});

test.each([
  [
    'database',
    'acme-billing',
    { id: 'larger', instanceClass: 'db.t4g.large', sizeGiB: 80, port: 6000, preserveTags: false },
    ['class', 'port', 'size in GiB', 'tags'],
  ],
  ['database', 'acme-crm', { id: 'alone', isMultiAz: false, zone: 'us-east-1b' }, ['Multi-AZ', 'zones']],
  [
    'database-cluster',
    'acme-shop',
    { id: 'small', members: [{ databaseId: 'small-1' }], hasDeletionProtection: true },
    ['Multi-AZ', 'deletion protection', 'members'],
  ],
  ['redshift-cluster', 'acme-warehouse', { id: 'dwh', port: 5450 }, ['port']],
] as const)('of a %s what was asked for is as asked: %s with %j', async (kind, name, wish, expected) => {
  const told = unlike(await compare(await recover(kind, name, wish)));
  expect(told.map(({ field, verdict }) => `${field} ${verdict}`).toSorted()).toEqual(
    expected.map((field) => `${field} as-asked`).toSorted(),
  );
});

test('what somebody changed in it afterwards is different; one that is gone is not compared', async () => {
  const recovery = await recover('database', 'acme-billing', { id: 'changed' });
  const named = { DBInstanceIdentifier: 'changed' };
  const ResourceName = `arn:aws:rds:${REGION}:111122223333:db:changed`;
  await at.aws.act(REGION, 'AddTagsToResource', { ResourceName, Tags: [{ Key: 'Stage', Value: 'test' }] }, 'rds');
  await at.aws.act(REGION, 'ModifyDBInstance', { ...named, DeletionProtection: true, ApplyImmediately: true }, 'rds');
  await at.clock.advance(3_600_000);
  expect(unlike(await compare(recovery)).map(({ field, verdict }) => `${field} ${verdict}`)).toEqual([
    'deletion protection different',
    'tags different',
  ]);
  await at.aws.act(REGION, 'ModifyDBInstance', { ...named, DeletionProtection: false, ApplyImmediately: true }, 'rds');
  await at.aws.act(REGION, 'DeleteDBInstance', { ...named, SkipFinalSnapshot: true }, 'rds');
  await at.clock.advance(3_600_000);
  expect(await compare(recovery)).toEqual([]);
});
