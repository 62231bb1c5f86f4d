import { describe, expect, test } from 'vitest';
import { targetOf, type DatabaseTarget } from '../policy/targets.ts';
import {
  databaseObstacle,
  planDatabaseSnapshots,
  takesSnapshots,
  willTakeSnapshots,
  type DatabaseKind,
  type InventoryDatabase,
} from './plan-databases.ts';

const region = 'eu-central-1';
const found = (identifier: string, facts: Partial<InventoryDatabase> = {}): InventoryDatabase => ({
  kind: 'database',
  region,
  identifier,
  state: 'available',
  engine: 'postgres',
  clusterId: null,
  sizeGiB: 100,
  tags: [],
  ...facts,
});
const target = (kind: DatabaseKind, identifier: string): DatabaseTarget =>
  targetOf(kind, { region, resourceId: identifier }) as DatabaseTarget;

describe('which databases a backup snapshots', () => {
  test('each kind is snapshotted by its own service, and a database is not taken for a cluster of the same name', () => {
    const plan = planDatabaseSnapshots(
      [target('database', 'orders'), target('database-cluster', 'orders'), target('redshift-cluster', 'sales')],
      [
        found('orders'),
        found('orders', { kind: 'database-cluster', engine: 'aurora-postgresql', sizeGiB: null }),
        found('sales', { kind: 'redshift-cluster', engine: 'redshift', sizeGiB: 320 }),
      ],
    );
    expect(plan.snapshots.map(({ service, sizeGiB }) => [service, sizeGiB])).toEqual([
      ['rds', 100],
      ['rds-cluster', 0],
      ['redshift', 320],
    ]);
    expect(plan.missingTargets).toEqual([]);
  });

  test('identifiers are compared whatever the case AWS shows them in', () => {
    expect(planDatabaseSnapshots([target('database', 'Orders')], [found('ORDERS')]).snapshots).toHaveLength(1);
  });

  test.each([
    ['is not there', [], 'database orders in eu-central-1 does not exist'],
    ['is being deleted', [found('orders', { state: 'deleting' })], 'database orders in eu-central-1 is deleting'],
    [
      'is in another region',
      [found('orders', { region: 'eu-west-1' })],
      'database orders in eu-central-1 does not exist',
    ],
  ])('a target that %s is missing, with the reason', (_, inventory, reason) => {
    const plan = planDatabaseSnapshots([target('database', 'orders')], inventory);
    expect(plan.snapshots).toEqual([]);
    expect(plan.missingTargets.map((each) => each.reason)).toEqual([reason]);
  });

  test('one that is not available now is planned all the same, and the log says what it waits for', () => {
    const plan = planDatabaseSnapshots([target('database', 'orders')], [found('orders', { state: 'modifying' })]);
    expect(plan.snapshots).toHaveLength(1);
    expect(plan.notes).toEqual(['orders is modifying: its snapshot starts when it is available']);
  });

  test('a member of a cluster is a failed part, not a missing target: nothing removes it from the policy', () => {
    const plan = planDatabaseSnapshots([target('database', 'orders-1')], [found('orders-1', { clusterId: 'orders' })]);
    expect(plan.missingTargets).toEqual([]);
    expect(plan.missingParts.map(({ reason }) => reason)).toEqual([
      'database orders-1 in eu-central-1 is a member of the cluster orders: AWS snapshots only the whole cluster, so add that instead',
    ]);
  });

  test.each([
    ['docdb', 'Amazon DocumentDB'],
    ['neptune', 'Amazon Neptune'],
  ])('a cluster of %s shows up among the clusters and is none that CPM backs up', (engine, name) => {
    expect(databaseObstacle(found('graph', { kind: 'database-cluster', engine }))).toContain(name);
  });

  test.each([
    ['available', true, false],
    ['storage-optimization', true, false],
    ['backing-up', false, true],
    ['configuring-enhanced-monitoring', false, true],
    ['resizing', false, true],
    ['stopped', false, false],
    ['paused', false, false],
    ['storage-full', false, false],
  ])('one that is %s takes a snapshot: %s; will by itself: %s', (state, takes, will) => {
    expect([takesSnapshots(state), willTakeSnapshots(state)]).toEqual([takes, will]);
  });
});
