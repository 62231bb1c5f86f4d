import { expect, test } from 'vitest';
import { describeQuotaShortage, type SnapshotDemand, type SnapshotQuota } from './snapshot-quotas.ts';

const region = 'eu-central-1';
const demand = (facts: Partial<SnapshotDemand> = {}): SnapshotDemand => ({
  kind: 'database',
  region,
  targets: 4,
  generations: 30,
  ...facts,
});
const quota = (facts: Partial<SnapshotQuota> = {}): SnapshotQuota => ({
  region,
  service: 'rds',
  used: 37,
  max: 100,
  ofCpm: 0,
  isAssumed: false,
  ...facts,
});

test('a policy whose generations do not fit into the quota is told both figures', () => {
  expect(describeQuotaShortage([demand()], [], [quota()])).toEqual([
    '30 generations × 4 databases = 120 snapshots, 124 while the next is made; the quota of eu-central-1 is 100 manual snapshots, 37 used when last read.',
  ]);
});

test.each<[string, Partial<SnapshotDemand>, Partial<SnapshotQuota>, SnapshotDemand[], boolean]>([
  ['what is needed fits beside what others use', { targets: 2 }, {}, [], false],
  ['it fits to the last one', { targets: 1, generations: 62 }, {}, [], false],
  ['the next one would not fit before the oldest is deleted', { targets: 1, generations: 63 }, {}, [], true],
  ["the used ones are CPM's own", { targets: 3 }, { used: 93, ofCpm: 93 }, [], false],
  ['the used ones are of others', { targets: 3 }, { used: 93, ofCpm: 0 }, [], true],
  ['another policy of the account needs the rest', { targets: 2 }, { used: 0 }, [demand({ targets: 2 })], true],
  [
    'another policy needs its own in another region',
    { targets: 2 },
    { used: 0 },
    [demand({ region: 'eu-west-1' })],
    false,
  ],
  ['the quota of that service is not known', {}, { service: 'redshift' }, [], false],
])('warned or not: %s', (_, own, known, others, warned) => {
  expect(describeQuotaShortage([demand(own)], others, [quota(known)])).toHaveLength(warned ? 1 : 0);
});

test("AWS tells no quota of Redshift: the figure is called AWS's default", () => {
  const known = quota({ service: 'redshift', max: 20, used: 3, isAssumed: true });
  expect(describeQuotaShortage([demand({ kind: 'redshift-cluster', targets: 1 })], [], [known])).toEqual([
    "30 generations × 1 Redshift cluster = 30 snapshots, 31 while the next is made; AWS's default quota in eu-central-1 is 20 manual snapshots, 3 used when last read.",
  ]);
});
