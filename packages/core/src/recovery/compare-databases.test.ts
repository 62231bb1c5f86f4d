import { expect, test } from 'vitest';
import { compareFields, inWords, wishFor, type FieldSpec } from './compare-configurations.ts';
import { compareDatabases } from './compare-databases.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';

const DATABASE: DatabaseConfiguration = {
  engine: 'postgres',
  engineVersion: '16.3',
  awsResourceId: 'db-ONE',
  state: 'available',
  instanceClass: 'db.t4g.medium',
  storageType: 'gp3',
  sizeGiB: 50,
  iops: 3000,
  throughputMiBs: 125,
  databaseName: 'orders',
  masterUsername: 'admin',
  port: 5432,
  zones: ['us-east-1a'],
  isMultiAz: false,
  isPubliclyAccessible: false,
  vpcId: 'vpc-1',
  subnetGroup: 'main',
  securityGroupIds: ['sg-1', 'sg-2'],
  parameterGroups: ['default.postgres16'],
  optionGroup: null,
  isEncrypted: true,
  kmsKeyId: 'key-1',
  hasDeletionProtection: true,
  copiesTagsToSnapshots: true,
  nodeCount: null,
  members: [],
  tags: [{ key: 'Name', value: 'orders' }],
  settings: { backupRetentionDays: 7, host: 'one.example', logExports: ['postgresql'], arn: 'arn:one' },
};
const verdicts = (change: Partial<DatabaseConfiguration>, inputs: Record<string, unknown> = {}) =>
  compareDatabases(DATABASE, { ...DATABASE, ...change }, inputs)
    .filter(({ verdict }) => verdict !== 'same')
    .map(({ field, verdict }) => `${field}: ${verdict}`);

test('a database that is alike is the same in every field; its own names and addresses are none', () => {
  const settings = { ...DATABASE.settings, host: 'two.example', arn: 'arn:two' };
  expect(verdicts({ awsResourceId: 'db-TWO', settings, securityGroupIds: ['sg-2', 'sg-1'] })).toEqual([]);
});

test('tags of CPM and of AWS are not compared', () => {
  const tags = [...DATABASE.tags, { key: 'cpm:recovery', value: '1' }, { key: 'aws:rds:x', value: '2' }];
  expect(verdicts({ tags })).toEqual([]);
});

test.each([
  [{ instanceClass: 'db.m6g.large' }, { instanceClass: 'db.m6g.large' }, ['class: as-asked']],
  [{ instanceClass: 'db.m6g.large' }, {}, ['class: different']],
  [{ instanceClass: 'db.m6g.xlarge' }, { instanceClass: 'db.m6g.large' }, ['class: different']],
  [{}, { port: 5433 }, ['port: different']],
  [
    { isMultiAz: true, zones: ['us-east-1a', 'us-east-1b'] },
    { isMultiAz: true },
    ['Multi-AZ: as-asked', 'zones: as-asked'],
  ],
  [{ isMultiAz: true }, { members: [{ databaseId: 'one' }] }, ['Multi-AZ: as-asked']],
  [{ isMultiAz: true }, {}, ['Multi-AZ: different']],
  [{ parameterGroups: ['other'] }, { parameterGroup: 'other' }, ['parameter groups: as-asked']],
  [{ tags: [] }, { preserveTags: false }, ['tags: as-asked']],
  [{ tags: [] }, {}, ['tags: different']],
  [{ settings: { ...DATABASE.settings, backupRetentionDays: 1 } }, {}, ['backup retention days: different']],
  [{ settings: {} }, {}, ['backup retention days: unknown', 'log exports: unknown']],
  [{ hasDeletionProtection: false }, {}, ['deletion protection: different']],
] as const)('%j, asked for %j: %j', (change, inputs, expected) => {
  expect(verdicts(change, inputs)).toEqual(expected);
});

test('what nobody recorded is unknown, also where it is there now', () => {
  const specs: FieldSpec<{ readonly key: string | null }>[] = [{ field: 'key', of: ({ key }) => key }];
  const verdict = (original: string | null, recovered: string | null) =>
    compareFields(specs, { original: { key: original }, recovered: { key: recovered } }, {})[0]?.verdict;
  expect([verdict(null, 'a'), verdict('a', null), verdict('a', 'a'), verdict('a', 'b')]).toEqual([
    'unknown',
    'unknown',
    'same',
    'different',
  ]);
});

test('settings are told in the words of the field, each once, and what is of one thing alone is left out', () => {
  const settings = {
    maxAllocatedGiB: 5,
    iamRoleArns: [],
    performanceInsightsKmsKeyId: null,
    allocatedGiB: 9,
    restore: null,
  };
  const told = compareDatabases(
    { ...DATABASE, settings },
    { ...DATABASE, settings: { ...settings, restore: 'completed' } },
    {},
  );
  expect(told.slice(-3).map(({ field, verdict }) => `${field}: ${verdict}`)).toEqual([
    'IAM role ARNs: same',
    'max allocated GiB: same',
    'performance insights KMS key id: same',
  ]);
});

test('values are told in words, lists without regard to their order', () => {
  expect([null, '', [], true, false, 3, ['b', 'a'], { b: 1, a: 2 }].map(inWords)).toEqual([
    'none',
    'none',
    'none',
    'yes',
    'no',
    '3',
    'a, b',
    'a 2, b 1',
  ]);
  expect(wishFor('keyName')({ keyName: null })).toBe('none');
  expect(wishFor('keyName')({})).toBeUndefined();
});
